"""What a CDN answers: whether it is the file, which part of it, and how large the whole is."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from scraper.media.part_file import Origin
from scraper.media.plan import MediaError
from scraper.responses.outcomes import Outcome

_RANGE = re.compile(r"bytes (?:(\d{1,18})-\d{1,18}|\*)/(\d{1,18}|\*)")
_EXPIRED = (401, 403, 410)
_GONE = (404, 451)
_BUSY = (408, 425, 429)
_PAGES = ("text/", "application/json", "application/xml", "application/xhtml")


class BrokenError(MediaError):
    """The download broke off. The same URL may give the rest."""

    def __init__(self, message: str, retry_after_s: float | None = None):
        super().__init__(Outcome.UPSTREAM, message)
        self.retry_after_s = retry_after_s


class Beginning(NamedTuple):
    """How an answer begins.

    :ivar start: the place in the file, 0 for its beginning; None if the rest of what there is would be empty
    :ivar encoding: how it is compressed, "" if it is not
    """

    start: int | None
    origin: Origin
    encoding: str = ""


def beginning(status: int, headers: Mapping[str, str], have: int) -> Beginning:
    """Return how an answer begins.

    :param have: the size of what there is already
    :raises MediaError: if it is not the file
    """
    if status == 416 and have:
        _, total = _range_of(headers)
        return Beginning(None if total == have else 0, Origin(total))
    if status not in (200, 206):
        raise _refused(status, headers)
    kind = headers.get("Content-Type", "").lower()
    if kind.startswith(_PAGES):
        raise MediaError(Outcome.UPSTREAM, f"it served {kind.partition(';')[0]} in place of the file")
    encoding = headers.get("Content-Encoding", "").lower().replace("identity", "")
    if status == 206:
        start, total = _range_of(headers)
        return Beginning(start or 0, Origin(total, _validator(headers)), encoding)
    length = headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() and not encoding else None
    return Beginning(0, Origin(total, "" if encoding else _validator(headers)), encoding)


def range_headers(have: int, origin: Origin) -> dict[str, str]:
    """Return the headers that ask for the rest of a file, if it did not change."""
    if not have:
        return {}
    condition = {"If-Range": origin.validator} if origin.validator else {}
    return {"Range": f"bytes={have}-", **condition}


def _range_of(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return where the part begins that an answer has, and the size of the whole."""
    match = _RANGE.match(headers.get("Content-Range", ""))
    if not match:
        return None, None
    return int(match[1]) if match[1] else None, int(match[2]) if match[2] != "*" else None


def _validator(headers: Mapping[str, str]) -> str:
    """Return what identifies the version of a file: only a strong ETag may be compared, else its date."""
    tag = headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")


def _refused(status: int, headers: Mapping[str, str]) -> MediaError:
    if status in _EXPIRED:
        return MediaError(Outcome.MEDIA_EXPIRED, f"HTTP {status}")
    if status in _GONE:
        return MediaError(Outcome.NOT_FOUND, f"HTTP {status}")
    if status in _BUSY or status >= 500:
        after = headers.get("Retry-After", "")
        return BrokenError(f"HTTP {status}", float(after) if after.isdecimal() else None)
    return MediaError(Outcome.UPSTREAM, f"HTTP {status}")
