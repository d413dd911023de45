"""How a CDN serves files: whole or in part, with what tells whether the file is still the same."""

from __future__ import annotations

import re
from email.utils import formatdate
from hashlib import sha256

from tests.simulator import media_files
from tests.simulator.media_files import PICTURES, MediaFile
from tests.simulator.messages import Answer, Request, html_answer
from tests.simulator.randomness import mix
from tests.simulator.worlds.realm import Realm

RANGE = re.compile(r"bytes=(\d*)-(\d*)")
MADE = 1_780_000_000
YEAR_S = 31_536_000
BEFORE = 1_000_000  # by how much the number of a piece of music is smaller than that of its work


def serve(request: Request, file: MediaFile | None) -> Answer:
    """The file, or the part that is asked for; without a file, 404."""
    if file is None:
        return html_answer("404 Not Found", 404)
    body = media_files.content(file)
    digest = media_files.digest(file)
    if request.change is not None:
        body = request.change(file, body)
        digest = sha256(body).hexdigest()
    tag, date = f'"{digest[:32]}"', formatdate(MADE + mix(0, int(digest[:8], 16)) % YEAR_S, usegmt=True)
    headers = [("Accept-Ranges", "bytes"), ("ETag", tag), ("Last-Modified", date)]
    part = asked(request, len(body), (tag, date))
    if part is None:
        return Answer(body, kind=file.type, headers=headers)
    start, end = part
    if start >= end:
        return Answer(b"", 416, file.type, [*headers, ("Content-Range", f"bytes */{len(body)}")])
    headers.append(("Content-Range", f"bytes {start}-{end - 1}/{len(body)}"))
    return Answer(body[start:end], 206, file.type, headers)


def asked(request: Request, size: int, marks: tuple[str, str]) -> tuple[int, int] | None:
    """The bytes that are asked for, as start and end; None for the whole file, an empty part if there is no such one.

    :param marks: one of which a condition must name: what stands for the file, and its date
    """
    match = RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or match[0] == "bytes=-" or request.headers.get("if-range", marks[0]) not in marks:
        return None
    if not match[1]:
        return max(0, size - int(match[2])), size
    return int(match[1]), min(int(match[2]) + 1, size) if match[2] else size


def picture(path: str) -> MediaFile:
    """Return the picture at a URL, in the format that the last suffix names."""
    kind = re.split("[.:]", path)[-1]
    return MediaFile(path, kind if kind in PICTURES else "jpeg")


def music(realm: Realm, path: str) -> MediaFile | None:
    """The music of a work, or the sound of an image post, by the number in its address."""
    digits = path.rpartition("/")[2].removesuffix(".mp3")
    work = realm.work_of(digits) or (realm.work_of(str(int(digits) + BEFORE)) if digits.isdecimal() else None)
    return MediaFile(path, "mp3", 1000 * (5 + work.hash % 55), sound="mp3") if work else None
