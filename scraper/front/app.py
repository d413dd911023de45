"""Put the HTTP front together."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from scraper import __version__
from scraper.crawling.long_lived import CrawlerStoppedError
from scraper.front import cookie_route, endpoint_routes, health, hybrid_route
from scraper.front.front import Front
from scraper.front.gate import Gate
from scraper.front.replies import Refusal, bad_input, refused
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

ROUTERS = (health.router, hybrid_route.router, cookie_route.router)


def build_app(front: Front) -> FastAPI:
    """Return the application of a front, whose crawler is started and stopped by the caller."""
    app = FastAPI(title="Short video scraper", version=__version__, redoc_url=None)
    app.state.front = front
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(endpoint_routes.routes_of(front.atlas))
    app.add_exception_handler(Exception, _bug)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(ArgumentError, _wrong_argument)
    app.add_exception_handler(CrawlerStoppedError, _stopped)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_middleware(Gate, access=front.access)
    return app


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return refused(error, request.url.path)


def _wrong_argument(request: Request, error: Exception) -> Response:
    return refused(bad_input(str(error)), request.url.path)


def _stopped(request: Request, error: Exception) -> Response:
    remedy = "send the call again when the server has started again"
    return refused(Refusal(503, "STOPPING", str(error), remedy, retry_after=5), request.url.path)


def _unreadable(request: Request, error: Exception) -> Response:
    """Answer a body or parameter of the wrong form."""
    assert isinstance(error, RequestValidationError)
    problems = [f"{'.'.join(map(str, problem['loc'][1:])) or 'body'}: {problem['msg']}" for problem in error.errors()]
    return refused(bad_input("; ".join(problems), remedy="see /docs for the form of this call"), request.url.path)


def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    remedy = "see /docs for all calls"
    if error.status_code == 404:
        refusal = Refusal(404, Outcome.NOT_FOUND.name, f"there is no call {request.url.path}", remedy)
    else:
        name, message = Outcome.BAD_INPUT.name, f"{request.method} {request.url.path}: {error.detail}"
        refusal = Refusal(error.status_code, name, message, remedy, headers=error.headers)
    return refused(refusal, request.url.path)


def _bug(request: Request, error: Exception) -> Response:
    """Answer an error in this program. Starlette logs its traceback."""
    outcome, message = Outcome.BUG, f"an error in this program: {type(error).__name__}"
    return refused(Refusal(500, outcome.name, message, outcome.advice("")), request.url.path)
