"""`/login`: a browser's session in place of the token in a header."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from scraper.front.front import FrontOf
from scraper.front.pages import words
from scraper.front.pages.forms import form_of
from scraper.front.pages.refusals import LOGIN
from scraper.front.pages.rendering import page
from scraper.front.sessions import COOKIE, session_of

router = APIRouter(include_in_schema=False)


@router.get(LOGIN)
async def show(request: Request) -> Response:
    return page(request, "login", next=request.query_params.get("next", "/"), problem="")


@router.post(LOGIN)
async def log_in(request: Request, front: FrontOf) -> Response:
    form = await form_of(request)
    sent, place = form.get("token", "").encode(), _own(form.get("next", ""))
    right = [hmac.compare_digest(sent, token.encode()) for token in front.access.tokens]  # always all of them
    if not any(right) and front.access.tokens:
        problem = words.text(words.language_of(request)[0], "wrong_token")
        return page(request, "login", 401, next=place, problem=problem)
    response = RedirectResponse(place, 303)
    if any(right):
        value, is_secure = session_of(front.access.tokens[right.index(True)]), request.url.scheme == "https"
        response.set_cookie(COOKIE, value, httponly=True, samesite="strict", secure=is_secure)
    return response


@router.post("/logout")
async def log_out() -> Response:
    response = RedirectResponse(LOGIN, 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _own(place: str) -> str:
    """Return a path of this server: what a link could put there never leads to another one.

    >>> _own("/runs?lang=zh"), _own("//evil.test"), _own("/\\\\evil.test"), _own("https://evil.test")
    ('/runs?lang=zh', '/', '/', '/')
    """
    is_own = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if is_own else "/"
