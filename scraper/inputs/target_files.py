"""The targets in a file as people keep them: lines with comments behind them, or a table with a header. Pure."""

import csv
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import chain

_LINKS = ("url", "link", "share_url", "webpage_url", "video_url", "href", "链接", "网址")
_IDS = ("video_id", "item_id", "sec_uid", "id", "target", "input")
_HANDLES = ("unique_id", "username", "handle")
_HANDLE_WORDS = {name.replace("_", "") for name in _HANDLES}
_COMMENT = re.compile(r"^(\S{1,2000})\s+#\s.*$")
_DELIMITERS = "\t;,"


def targets_in(lines: Iterable[str], id_names: Collection[str] = ()) -> Iterator[str]:
    """Yield the targets of a file, one for each line or row.

    :param id_names: the platforms' own names of ids, which may head a column

    >>> list(targets_in(["abc123 # my note", "look https://site.test/AbCd123 #tag"]))
    ['abc123', 'look https://site.test/AbCd123 #tag']
    >>> list(targets_in(['title;"url"', '"a; b";https://site.test/AbCd123']))
    ['https://site.test/AbCd123']
    >>> list(targets_in(["unique_id,note", "sample.user,x"]))
    ['@sample.user']
    """
    known = list(dict.fromkeys((*_LINKS, *_IDS, *(name.lower() for name in id_names), *_HANDLES)))
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        return
    if delimiter := _delimiter(first, known):
        yield from _rows(csv.reader(rest, delimiter=delimiter), _cells(first, delimiter), known)
    else:
        yield from (_COMMENT.sub(r"\1", line) for line in chain([first], rest))


def _delimiter(line: str, known: Collection[str]) -> str:
    """Return what separates the cells of a header, "" if the line is none."""
    for delimiter in (each for each in _DELIMITERS if each in line):
        if set(_cells(line, delimiter)) & set(known):
            return delimiter
    return "," if _cells(line, ",") in [[name] for name in known] else ""


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _rows(rows: Iterable[list[str]], header: list[str], known: Iterable[str]) -> Iterator[str]:
    """Yield of each row what names its target: a link, else an id, else a handle, else all of it."""
    places = [
        (header.index(name), "@" if name.replace("_", "") in _HANDLE_WORDS else "") for name in known if name in header
    ]
    for row in rows:
        named = ((row[place].strip(), mark) for place, mark in places if place < len(row))
        found = next((f"{mark}{cell.removeprefix(mark)}" for cell, mark in named if cell), "")
        if found or any(row):
            yield found or ", ".join(row)
