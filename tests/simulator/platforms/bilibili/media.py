"""Who gets the files behind stream and picture addresses."""

from __future__ import annotations

import time

from tests.simulator import cdn
from tests.simulator.messages import Answer, Request, html_answer, whole
from tests.simulator.platforms.bilibili import stream_files
from tests.simulator.world import World

STREAM_HOSTS = ("*.bilivideo.com", "*.bilivideo.cn", "upos-hz-mirrorakam.akamaized.net")
PICTURE_HOSTS = ("i?.hdslb.com", "archive.biliimg.com")


def picture(request: Request) -> Answer:
    """A picture; foreign pages may not show it."""
    referer = request.headers.get("referer", "")
    if referer and "bilibili.com" not in referer:
        return html_answer("403 Forbidden", 403)
    return cdn.serve(request, cdn.picture(request.path))


def stream(world: World, request: Request) -> Answer:
    """A stream; it wants a referer (but for html5), a browser and an address that has not expired."""
    deadline = whole(request.query.get("deadline")) or 0
    own = "bilibili.com" in request.headers.get("referer", "") or request.query.get("platform") == "html5"
    browser = request.headers.get("user-agent", "").startswith("Mozilla/5.0")
    if deadline < time.time() or (world.strict and not (own and browser)):
        return html_answer("403 Forbidden", 403)
    return cdn.serve(request, stream_files.file_at(world, request.path))
