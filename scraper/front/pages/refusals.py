"""Answer a refused call: with a page if a browser shows it, with an envelope otherwise."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scraper.front.pages import words
from scraper.front.pages.rendering import page
from scraper.front.pages.views import Problem
from scraper.front.replies import REFUSALS, Refusal, refused

LOGIN = "/login"
_CALLS = ("/api/", "/healthz", "/readyz", "/metrics", "/openapi.json")


def answered(request: Request, refusal: Refusal) -> Response:
    """Return the answer of a call that is refused."""
    path = request.url.path
    if path.startswith(_CALLS) or "text/html" not in request.headers.get("accept", ""):
        return refused(refusal, path)
    if refusal.status == REFUSALS["UNAUTHORIZED"]:
        place = {"next": f"{path}?{request.url.query}".rstrip("?")} if request.method == "GET" else {}
        return RedirectResponse(f"{LOGIN}?{urlencode(place)}".rstrip("?"), 303)
    needs_cookie = refusal.name in words.NEEDS_COOKIE
    problem = Problem(refusal.name, refusal.message, refusal.remedy, refusal.given, refusal.retry_after)
    response = page(request, "failure", refusal.status, problem=problem, text=refusal.given, needs_cookie=needs_cookie)
    response.headers.update(refusal.headers)
    return response
