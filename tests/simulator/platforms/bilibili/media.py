"""The files behind stream and picture addresses: a few kilobytes that depend on the path alone."""

from __future__ import annotations

import hashlib
import re
import time

from tests.simulator.messages import Answer, Request, html_answer, whole
from tests.simulator.world import World

STREAM_HOSTS = ("*.bilivideo.com", "*.bilivideo.cn", "upos-hz-mirrorakam.akamaized.net")
PICTURE_HOSTS = ("i?.hdslb.com", "archive.biliimg.com")
SIZE = 16384
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def picture(request: Request) -> Answer:
    """A picture; foreign pages may not show it."""
    referer = request.headers.get("referer", "")
    if referer and "bilibili.com" not in referer:
        return html_answer("403 Forbidden", 403)
    return Answer(b"\xff\xd8\xff\xe0" + _bytes(request.path, 2044), kind="image/jpeg")


def stream(world: World, request: Request) -> Answer:
    """A stream; it wants a referer (but for html5), a browser and an address that has not expired."""
    deadline = whole(request.query.get("deadline")) or 0
    own = "bilibili.com" in request.headers.get("referer", "") or request.query.get("platform") == "html5"
    browser = request.headers.get("user-agent", "").startswith("Mozilla/5.0")
    if deadline < time.time() or (world.strict and not (own and browser)):
        return html_answer("403 Forbidden", 403)
    body = _bytes(request.path, SIZE)
    kind = "audio/mp4" if re.search(r"-302\d\d\.m4s$", request.path) else "video/mp4"
    match = RANGE.fullmatch(request.headers.get("range", ""))
    headers = [("Accept-Ranges", "bytes")]
    if match is None:
        return Answer(body, kind=kind, headers=headers)
    start, end = int(match[1]), min(int(match[2] or SIZE - 1), SIZE - 1)
    if start > end:
        return Answer(b"", 416, kind, [("Content-Range", f"bytes */{SIZE}")])
    headers.append(("Content-Range", f"bytes {start}-{end}/{SIZE}"))
    return Answer(body[start : end + 1], 206, kind, headers)


def _bytes(path: str, size: int) -> bytes:
    return (hashlib.sha256(path.encode()).digest() * (size // 32 + 1))[:size]
