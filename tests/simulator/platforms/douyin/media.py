"""Who gets the files of Douyin."""

from __future__ import annotations

from tests.simulator import cdn, media_files
from tests.simulator.messages import Answer, Request, html_answer, redirect_answer, whole
from tests.simulator.platforms.douyin.streams import URI
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
    file = media_files.named(uri.removeprefix(URI)) if uri.startswith(URI) else None
    if file is None:
        return html_answer("404 Not Found", 404)
    expires = int(world.now()) + 3600
    mark = "&watermark=1" if request.path == PLAY[1] else ""
    ratio = request.query.get("ratio", "default")
    name = media_files.token(file._replace(name=f"{uri}{ratio}{mark}"), 24)
    path = f"{hex_of(uri, ratio)}/{expires:08x}/video/tos/cn/tos-cn-ve-15/{name}/"
    return redirect_answer(f"https://v26-web.douyinvod.com/{path}?a=6383&ratio={ratio}{mark}")


def stream(world: DouyinWorld, request: Request) -> Answer:
    """A stream; it wants a referer and an address that has not expired."""
    parts = request.path.strip("/").split("/")
    try:
        deadline = int(parts[1], 16)
    except (IndexError, ValueError):
        deadline = 0
    own = "douyin.com" in request.headers.get("referer", "")
    browser = request.headers.get("user-agent", "").startswith("Mozilla/5.0")
    if deadline < world.now() or (world.strict and not (own and browser)):
        return html_answer("403 Forbidden", 403)
    return cdn.serve(request, media_files.named(parts[-1]))


def picture(world: DouyinWorld, request: Request) -> Answer:
    """A picture, until its address expires."""
    expires = whole(request.query.get("x-expires"))
    if expires is not None and expires < world.now():
        return html_answer("403 Forbidden", 403)
    return cdn.serve(request, cdn.picture(request.path))


def sound(world: DouyinWorld, request: Request) -> Answer:
    """The music of a work, or the sound of an image post; nobody is refused."""
    return cdn.serve(request, cdn.music(world, request.path))
