"""Who gets the files of Douyin."""

from __future__ import annotations

from tests.simulator import files
from tests.simulator.messages import Answer, Request, html_answer, redirect_answer, whole
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.douyin import DouyinWorld

STREAM_HOSTS = ("*.douyinvod.com",)
PICTURE_HOSTS = ("*.douyinpic.com", "*.byteimg.com")
SOUND_HOSTS = ("*.douyinstatic.com",)
LIVE_HOSTS = ("*.douyincdn.com",)
PLAY = ("/aweme/v1/play/", "/aweme/v1/playwm/")


def play(world: DouyinWorld, request: Request) -> Answer:
    """The redirector; a name that was never given to a file leads nowhere."""
    uri = request.query.get("video_id", "")
    if not uri.startswith("v0300fg10000"):
        return html_answer("404 Not Found", 404)
    expires = int(world.now()) + 3600
    mark = "&watermark=1" if request.path == PLAY[1] else ""
    ratio = request.query.get("ratio", "default")
    path = f"{hex_of(uri, ratio)}/{expires:08x}/video/tos/cn/tos-cn-ve-15/{hex_of(uri)[:24]}/"
    return redirect_answer(f"https://v26-web.douyinvod.com/{path}?a=6383&ratio={ratio}{mark}")


def stream(world: DouyinWorld, request: Request) -> Answer:
    """A stream; it wants a referer and an address that has not expired."""
    parts = request.path.strip("/").split("/")
    try:
        deadline = int(parts[1], 16)
    except (IndexError, ValueError):
        deadline = 0
    own = "douyin.com" in request.headers.get("referer", "")
    if deadline < world.now() or (world.strict and not own):
        return html_answer("403 Forbidden", 403)
    return files.ranged(request, "video/mp4")


def picture(world: DouyinWorld, request: Request) -> Answer:
    """A picture, until its address expires."""
    expires = whole(request.query.get("x-expires"))
    if expires is not None and expires < world.now():
        return html_answer("403 Forbidden", 403)
    return files.picture(request)
