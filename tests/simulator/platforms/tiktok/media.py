"""Who gets the files of TikTok."""

from __future__ import annotations

from tests.simulator import cdn, media_files
from tests.simulator.messages import Answer, Request, html_answer, whole
from tests.simulator.platforms.tiktok import subtitles
from tests.simulator.worlds.tiktok import TiktokWorld

WEB_HOSTS = ("v16-webapp*.tiktok.com", "v19-webapp*.tiktok.com")
CDN_HOSTS = ("*.tiktokcdn.com", "*.tiktokcdn-us.com", "*.tiktokcdn-eu.com")


def stream(world: TiktokWorld, request: Request) -> Answer:
    """A stream of the web: it wants a referer, the cookie of the page, and time left."""
    deadline = whole(request.query.get("expire")) or _path_end(request)
    if deadline < world.now():
        return _forbidden()
    if subtitles.FOLDER in request.path:
        return subtitles.file(request)
    own = "tiktok.com" in request.headers.get("referer", "")
    token = request.cookies.get("tt_chain_token", "")
    known = world.is_chain_token(token) and (not world.files.binds_tokens or _is_of_page(world, token, request))
    browser = request.headers.get("user-agent", "").startswith("Mozilla/5.0")
    if world.strict and "tk" in request.query and not (own and known and browser):
        return _forbidden()
    return cdn.serve(request, media_files.named(request.path.strip("/").rpartition("/")[2]))


def file(world: TiktokWorld, request: Request) -> Answer:
    """A picture, a sound, or a stream of the app; it needs nothing but to be in time."""
    if request.host.startswith("p"):
        deadline = whole(request.query.get("x-expires"))
        return (
            _forbidden()
            if deadline is not None and deadline < world.now()
            else cdn.serve(request, cdn.picture(request.path))
        )
    if "/video/tos/" in request.path and _path_end(request) < world.now():
        return _forbidden()
    if "/video/tos/" in request.path:
        return cdn.serve(request, media_files.named(request.path.split("/")[1]))
    return cdn.serve(request, cdn.music(world, request.path))


def _is_of_page(world: TiktokWorld, token: str, request: Request) -> bool:
    """Whether a token was set by the page that named the address, or sent to it."""
    return world.chain_token(int(request.query.get("signature", "")[-4:] or "0", 16)) == token


def _path_end(request: Request) -> int:
    try:
        return int(request.path.split("/")[2], 16)
    except (IndexError, ValueError):
        return 0


def _forbidden() -> Answer:
    return html_answer("403 Forbidden", 403)
