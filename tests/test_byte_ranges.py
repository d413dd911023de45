"""Which part of a file a Range header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import pytest

from scraper.front.byte_ranges import ByteRange, UnsatisfiableError, asked_range

SIZE = 100
WHOLE = ByteRange(0, SIZE, is_part=False)


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, SIZE),
        ("bytes=10-19", 10, 20),
        ("bytes=10-1000", 10, SIZE),
        ("bytes=99-99", 99, SIZE),
        ("bytes=-1", 99, SIZE),
        ("bytes=-1000", 0, SIZE),
        ("Bytes= 5-6 ", 5, 7),
    ],
)
def test_a_part(header: str, start: int, end: int) -> None:
    assert asked_range(header, None, SIZE, '"a"') == (start, end, True)
    assert asked_range(header, '"a"', SIZE, '"a"') == (start, end, True)
    assert asked_range(header, '"b"', SIZE, '"a"') == asked_range(header, 'W/"a"', SIZE, '"a"') == WHOLE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=٣-٤",
        "0-1",
    ],
)
def test_what_is_malformed_or_has_several_parts_gets_the_whole(header: str | None) -> None:
    assert asked_range(header, None, SIZE, '"a"') == WHOLE


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=999999999999999999-"])
def test_a_part_beyond_the_end(header: str) -> None:
    with pytest.raises(UnsatisfiableError):
        asked_range(header, None, SIZE, '"a"')
