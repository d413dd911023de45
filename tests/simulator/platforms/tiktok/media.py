"""Who gets the files of TikTok."""

from __future__ import annotations

from tests.simulator import files
from tests.simulator.messages import Answer, Request, html_answer, whole
from tests.simulator.worlds.tiktok import TiktokWorld

WEB_HOSTS = ("v16-webapp*.tiktok.com", "v19-webapp*.tiktok.com")
CDN_HOSTS = ("*.tiktokcdn.com", "*.tiktokcdn-us.com", "*.tiktokcdn-eu.com")


def web(world: TiktokWorld, request: Request) -> Answer:
    """A stream of the web: it wants a referer, the cookie of the page, and time left."""
    deadline = whole(request.query.get("expire")) or _path_end(request)
    if deadline < world.now():
        return _forbidden()
    own = "tiktok.com" in request.headers.get("referer", "")
    token = world.is_chain_token(request.cookies.get("tt_chain_token", ""))
    if world.strict and "tk" in request.query and not (own and token):
        return _forbidden()
    audio = request.query.get("mime_type", "").startswith("audio")
    return files.ranged(request, "audio/mpeg" if audio else "video/mp4")


def cdn(world: TiktokWorld, request: Request) -> Answer:
    """A picture, a sound, or a stream of the app; nothing but time is wanted."""
    if request.host.startswith("p"):
        deadline = whole(request.query.get("x-expires"))
        return _forbidden() if deadline is not None and deadline < world.now() else files.picture(request)
    if "/video/tos/" in request.path and _path_end(request) < world.now():
        return _forbidden()
    return files.ranged(request, "video/mp4" if "/video/tos/" in request.path else "audio/mpeg")


def _path_end(request: Request) -> int:
    try:
        return int(request.path.split("/")[2], 16)
    except (IndexError, ValueError):
        return 0


def _forbidden() -> Answer:
    return html_answer("403 Forbidden", 403)
