"""Read the targets of a file: lines with optional comments, or a table with a header. Pure."""

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

    :param id_names: the platforms' names of ids, which are recognised as column names

    >>> list(targets_in(["abc123 # my note", "look https://site.test/AbCd123 #tag"]))
    ['abc123', 'look https://site.test/AbCd123 #tag']
    >>> list(targets_in(['title;"url"', '"a; b";https://site.test/AbCd123']))
    ['https://site.test/AbCd123']
    >>> list(targets_in(["unique_id,note", "sample.user,x"]))
    ['@sample.user']
    """
    column_names = list(dict.fromkeys((*_LINKS, *_IDS, *(name.lower() for name in id_names), *_HANDLES)))
    rest = iter(lines)
    first = next(rest, None)
    if first is None:
        return
    if delimiter := _delimiter(first, column_names):
        yield from _rows(csv.reader(rest, delimiter=delimiter), _cells(first, delimiter), column_names)
    else:
        yield from (_COMMENT.sub(r"\1", line) for line in chain([first], rest))


def _delimiter(line: str, known: Collection[str]) -> str:
    """Return the delimiter of a header line, "" if the line is not a header."""
    for delimiter in (delimiter for delimiter in _DELIMITERS if delimiter in line):
        if set(_cells(line, delimiter)) & set(known):
            return delimiter
    return "," if _cells(line, ",") in [[name] for name in known] else ""


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _rows(rows: Iterable[list[str]], header: list[str], known: Iterable[str]) -> Iterator[str]:
    """Yield the target of each row: its link, else its id, else its handle, else the whole row."""
    places = [
        (header.index(name), "@" if name.replace("_", "") in _HANDLE_WORDS else "") for name in known if name in header
    ]
    for row in rows:
        named = ((row[place].strip(), mark) for place, mark in places if place < len(row))
        found = next((f"{mark}{cell.removeprefix(mark)}" for cell, mark in named if cell), "")
        if found or any(row):
            yield found or ", ".join(row)
