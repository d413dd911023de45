"""The files behind stream and picture addresses: a few kilobytes that depend on the path alone."""

from __future__ import annotations

import hashlib
import re

from tests.simulator.messages import Answer, Request

SIZE = 16384
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def ranged(request: Request, kind: str, size: int = SIZE) -> Answer:
    """The file of the path, or the part of it that is asked for."""
    body = content(request.path, size)
    match = RANGE.fullmatch(request.headers.get("range", ""))
    headers = [("Accept-Ranges", "bytes")]
    if match is None:
        return Answer(body, kind=kind, headers=headers)
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if start > end:
        return Answer(b"", 416, kind, [("Content-Range", f"bytes */{size}")])
    headers.append(("Content-Range", f"bytes {start}-{end}/{size}"))
    return Answer(body[start : end + 1], 206, kind, headers)


def picture(request: Request) -> Answer:
    """Something that begins like a JPEG."""
    return Answer(b"\xff\xd8\xff\xe0" + content(request.path, 2044), kind="image/jpeg")


def content(path: str, size: int) -> bytes:
    """`size` bytes that depend on the path."""
    return (hashlib.sha256(path.encode()).digest() * (size // 32 + 1))[:size]
