"""Put the HTTP front together."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from scraper import __version__
from scraper.crawling.long_lived import CrawlerStoppedError
from scraper.front import (
    batch_route,
    cookie_route,
    download_route,
    endpoint_routes,
    fleet_routes,
    health,
    hybrid_route,
    job_routes,
    many_route,
)
from scraper.front.front import Front
from scraper.front.gate import Gate
from scraper.front.pages import (
    call_pages,
    cookie_pages,
    fleet_pages,
    login_pages,
    lookup_pages,
    picture_route,
    run_pages,
    swagger_page,
)
from scraper.front.pages.refusals import answered, is_for_page, no_page
from scraper.front.replies import REFUSALS, Refusal, bad_input, bug, stopping
from scraper.front.wrong_form import in_words_of_http, problems_of
from scraper.inputs import router_names
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

ROUTERS = (
    health.router,
    hybrid_route.router,
    cookie_route.router,
    batch_route.router,
    job_routes.router,
    download_route.router,
    fleet_routes.router,
    lookup_pages.router,
    picture_route.router,
    cookie_pages.router,
    run_pages.router,
    fleet_pages.router,
    call_pages.router,
    swagger_page.router,
    login_pages.router,
)
_FORM = "see /docs for the form of this call"
_AS_JSON = "send it with the header `Content-Type: application/json`"
_UNPARSABLE = "There was an error parsing the body"  # FastAPI's words for JSON that is nested too deeply, or not UTF-8
_NOT_OFFERED = {"shortcut": f"there is no shortcut for phones: send links to {hybrid_route.PATH}"}


def build_app(front: Front) -> FastAPI:
    """Return the application of a front, whose crawler is started and stopped by the caller."""
    app = FastAPI(title="Short video scraper", version=__version__, docs_url=None, redoc_url=None)
    app.state.front = front
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(endpoint_routes.routes_of(front.atlas))
    app.include_router(many_route.many_routes(front.atlas))
    app.add_exception_handler(Exception, _bug)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(ArgumentError, _wrong_argument)
    app.add_exception_handler(CrawlerStoppedError, _stopped)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_middleware(Gate, front=front)
    return app


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return answered(request, error)


async def _wrong_argument(request: Request, error: Exception) -> Response:
    return answered(request, bad_input(in_words_of_http(str(error))))


async def _stopped(request: Request, error: Exception) -> Response:
    return answered(request, stopping(error))


async def _unreadable(request: Request, error: Exception) -> Response:
    """Answer a body or parameter of the wrong form."""
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    if any(problem["loc"][0] == "body" for problem in problems) and not _is_json(request):
        return answered(request, bad_input("the body was not sent as JSON", remedy=_AS_JSON))
    if any(problem["type"] == "json_invalid" for problem in problems):
        place = problems[0]["loc"][-1]
        return answered(request, bad_input(f"the body is not JSON: error at character {place}", remedy=_FORM))
    form = many_route.FORM if many_route.is_path(request.url.path) else problems_of(problems)
    return answered(request, bad_input(form, remedy=_FORM))


def _is_json(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "").lower()


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path, remedy = request.url.path, "see /docs for all calls"
    if isinstance(error.__cause__, Refusal):  # of a body that is too large
        refusal = error.__cause__
    elif error.status_code == 404:
        refusal = no_page(f"there is no page {path}") if is_for_page(request) else _missing(path, remedy)
    elif error.status_code == 405:
        message = f"{path} does not take {request.method}"
        refusal = Refusal(405, "NOT_ALLOWED", message, remedy, headers=error.headers)
    elif error.detail == _UNPARSABLE:
        refusal = bad_input("the body is not JSON in UTF-8, or is nested too deeply", remedy=_FORM)
    else:
        refusal = bad_input(f"{request.method} {path}: {error.detail}", remedy=remedy)
    return answered(request, refusal)


def _missing(path: str, remedy: str) -> Refusal:
    """Return the refusal of a path that no call has."""
    name = path.rpartition("/")[2]
    instead = router_names.COMPUTED if name.startswith(router_names.SIGNERS) else _NOT_OFFERED.get(name)
    if instead:
        return Refusal(REFUSALS["NOT_OFFERED"], "NOT_OFFERED", f"{path}: {instead}", remedy)
    return Refusal(404, Outcome.NOT_FOUND.name, f"there is no call {path}", remedy)


async def _left(request: Request, error: Exception) -> Response:
    """Answer a client that went away, which gets nothing of it."""
    return Response(status_code=499)


async def _bug(request: Request, error: Exception) -> Response:
    """Answer an error in this program. Starlette logs its traceback, and raises it again, which ends the connection."""
    answer = answered(request, bug(error))
    answer.headers["Connection"] = "close"
    return answer
