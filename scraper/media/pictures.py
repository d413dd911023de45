"""Whether a picture is complete, by what its format has at the end. A server may serve half of one as the whole."""

import mmap
from collections.abc import Callable
from pathlib import Path

from scraper.media.containers import missing_bytes

_JPEG_SCAN, _JPEG_END = 0xDA, b"\xff\xd9"
_PNG_END = b"IEND\xaeB`\x82"
_RIFF_HEAD = 8


def is_cut_off(path: Path, ext: str) -> bool:
    """Return whether a picture lacks its end; False for a format without one.

    :param ext: the usual ending of its format
    """
    if ext in ("avif", "heic"):
        return missing_bytes(path) > 0
    if ext not in _LACKS_END or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        return _LACKS_END[ext](body)


def _jpeg(body: mmap.mmap) -> bool:
    """Return whether no end follows the picture's data. A preview in the header has an end, too."""
    place = 2
    while place + 4 <= len(body) and body[place] == 0xFF:
        if body[place + 1] == _JPEG_SCAN:
            return body.find(_JPEG_END, place) < 0
        if body[place + 1] == 0xFF:  # bytes that fill
            place += 1
        else:
            place += 2 + int.from_bytes(body[place + 2 : place + 4])
    return True


def _webp(body: mmap.mmap) -> bool:
    return int.from_bytes(body[4:_RIFF_HEAD], "little") + _RIFF_HEAD > len(body)


_LACKS_END: dict[str, Callable[[mmap.mmap], bool]] = {
    "jpg": _jpeg,
    "png": lambda body: body.find(_PNG_END) < 0,
    "gif": lambda body: not body[-1024:].rstrip(b"\0").endswith(b";"),
    "webp": _webp,
}
