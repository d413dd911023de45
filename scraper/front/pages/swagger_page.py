"""`/docs`: the calls in Swagger UI, whose scripts a CDN has. It says so, and where to go without them."""

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, Response

from scraper.front.pages import words

router = APIRouter(include_in_schema=False)
_PLACE = '<div id="swagger-ui">'
"""The scripts replace what is in it."""


@router.get("/docs")
async def show(request: Request) -> Response:
    language, _ = words.language_of(request)
    title = words.text(language, "calls_title")
    made = get_swagger_ui_html(openapi_url="/openapi.json", title=title, swagger_favicon_url="/icon.svg")
    hint = words.text(language, "needs_scripts", link='<a href="/calls">/calls</a>')
    return HTMLResponse(bytes(made.body).decode().replace(_PLACE, f"{_PLACE}<p>{hint}</p>", 1))
