"""The part of a file that a request asks for: its headers Range and If-Range (RFC 9110)."""

import re
from typing import NamedTuple

_RANGE = re.compile(r"bytes=[ \t]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))[ \t]*", re.ASCII | re.IGNORECASE)


class ByteRange(NamedTuple):
    """
    :ivar end: one more than the last byte
    :ivar is_part: whether the answer is 206, not 200
    """

    start: int
    end: int
    is_part: bool


class UnsatisfiableError(Exception):
    """A range begins behind the end of the file: the answer is 416."""


def asked_range(header: str | None, condition: str | None, size: int, tag: str) -> ByteRange:
    """Return which bytes to send.

    What is malformed, or asks for several ranges, gets the whole file, as the standard allows.

    :param header: Range, None if there is none
    :param condition: If-Range, None if there is none
    :param tag: the ETag of the file, with its quotes
    :raises UnsatisfiableError: if no byte of the file is in the range

    >>> asked_range("bytes=2-4", None, 10, '"a"'), asked_range("bytes=-3", '"b"', 10, '"a"')
    (ByteRange(start=2, end=5, is_part=True), ByteRange(start=0, end=10, is_part=False))
    """
    whole = ByteRange(0, size, is_part=False)
    match = _RANGE.fullmatch(header or "")
    if match is None or (condition is not None and condition.strip() != tag):
        return whole
    first, last, suffix = match.groups()
    if suffix is not None:
        if not int(suffix) or not size:
            raise UnsatisfiableError
        return ByteRange(max(0, size - int(suffix)), size, is_part=True)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return whole
    if start >= size:
        raise UnsatisfiableError
    return ByteRange(start, end, is_part=True)
