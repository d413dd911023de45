"""The targets in a file as people keep them: lines with comments behind them, or a table with a header. Pure."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain

_LINKS = ("url", "link", "share_url", "webpage_url", "video_url", "href", "链接", "网址")
_IDS = ("video_id", "aweme_id", "item_id", "bvid", "bv_id", "sec_uid", "sec_user_id", "id", "target", "input")
_HANDLES = ("unique_id", "uniqueid", "username", "handle")
_KNOWN = (*_LINKS, *_IDS, *_HANDLES)
_COMMENT = re.compile(r"^(\S{1,2000})\s+#\s.*$")
_DELIMITERS = "\t;,"


def targets_in(lines: Iterable[str]) -> Iterator[str]:
    """Yield the targets of a file, one for each line or row.

    >>> list(targets_in(["BV1L9Uoa9EUx # my note", "看 https://b23.tv/AbCd123 #tag"]))
    ['BV1L9Uoa9EUx', '看 https://b23.tv/AbCd123 #tag']
    >>> list(targets_in(['title;"url"', '"a; b";https://b23.tv/AbCd123']))
    ['https://b23.tv/AbCd123']
    >>> list(targets_in(["unique_id,note", "sample.user,x"]))
    ['@sample.user']
    """
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        return
    if delimiter := _delimiter(first):
        yield from _rows(csv.reader(rest, delimiter=delimiter), _cells(first, delimiter))
    else:
        yield from (_COMMENT.sub(r"\1", line) for line in chain([first], rest))


def _delimiter(line: str) -> str:
    """Return what separates the cells of a header, "" if the line is none."""
    for delimiter in (each for each in _DELIMITERS if each in line):
        if set(_cells(line, delimiter)) & set(_KNOWN):
            return delimiter
    return "," if _cells(line, ",") in [[name] for name in _KNOWN] else ""


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _rows(rows: Iterable[list[str]], header: list[str]) -> Iterator[str]:
    """Yield of each row what names its target: a link, else an id, else a handle, else all of it."""
    places = [(header.index(name), "@" if name in _HANDLES else "") for name in _KNOWN if name in header]
    for row in rows:
        named = ((row[place].strip(), mark) for place, mark in places if place < len(row))
        found = next((f"{mark}{cell.removeprefix(mark)}" for cell, mark in named if cell), "")
        if found or any(row):
            yield found or ", ".join(row)
