"""Answer a call that fails: with a page if a browser shows it, with an envelope otherwise."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scraper.front.pages import words
from scraper.front.pages.rendering import page
from scraper.front.pages.views import Problem, problem_of
from scraper.front.replies import REFUSALS, Refusal, refused, reply
from scraper.output.envelope import Envelope, Failure

LOGIN = "/login"
_CALLS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")
_FILES = "/api/download"  # a button of a page leads there


def answered(request: Request, refusal: Refusal) -> Response:
    """Return the answer of a call that is refused."""
    path = request.url.path
    if not is_for_page(request):
        return refused(refusal, path)
    if refusal.status == REFUSALS["UNAUTHORIZED"]:
        place = {"next": f"{path}?{request.url.query}".rstrip("?")} if request.method == "GET" else {}
        return RedirectResponse(f"{LOGIN}?{urlencode(place)}".rstrip("?"), 303)
    problem = Problem(refusal.name, refusal.message, refusal.remedy, refusal.given, refusal.retry_after)
    return _page(request, problem, refusal.status, refusal.given, refusal.headers)


def no_page(message: str) -> Refusal:
    """Return the refusal of a page that does not exist."""
    return Refusal(REFUSALS["NO_PAGE"], "NO_PAGE", message, "start from the page at /")


def failed(request: Request, envelope: Envelope) -> Response:
    """Return the answer of a call whose post could not be fetched."""
    return failed_page(request, envelope, "") if is_for_page(request) else reply(envelope)


def failed_page(request: Request, envelope: Envelope, text: str) -> Response:
    """Return the page of a failure.

    :param text: what was looked up, if it is more than the input that failed
    """
    assert isinstance(envelope.data, Failure)
    error = envelope.data.error
    return _page(request, problem_of(error), envelope.code, text or error.input)


def is_for_page(request: Request) -> bool:
    """Return whether a browser shows the answer of a call."""
    path = request.url.path
    is_call = path.startswith(_CALLS) and path != _FILES
    return not is_call and "text/html" in request.headers.get("accept", "")


def _page(
    request: Request, problem: Problem, status: int, text: str, headers: Mapping[str, str] | None = None
) -> Response:
    needs_cookie = problem.name in words.NEEDS_COOKIE
    response = page(request, "failure", status, problem=problem, text=text, needs_cookie=needs_cookie)
    response.headers.update(headers or {})
    return response
