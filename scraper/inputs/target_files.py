"""Read the targets of a file: lines with optional comments, or a table with a header."""

import csv
import os
import re
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Generator, Iterable, Iterator
from functools import partial
from io import BufferedReader, TextIOWrapper, UnsupportedOperation
from itertools import chain
from pathlib import Path
from typing import cast

from scraper.inputs.standard_input import NotYet
from scraper.responses.catch_all import attempt

STANDARD_INPUT = "-"
_LINKS = ("url", "link", "share_url", "webpage_url", "video_url", "href", "链接", "网址")
_IDS = ("video_id", "item_id", "sec_uid", "id", "target", "input")
_HANDLES = ("unique_id", "username", "handle")
_HANDLE_WORDS = {name.replace("_", "") for name in _HANDLES}
_COMMENT = re.compile(r"^(\S{1,2000})\s+#\s.*$")
_DELIMITERS = "\t;,"
_LONGEST_HEADER = 10_000
_MOST_LINES = 50  # that one row of a table may span


class TargetLines:
    """The targets of a file as text, one at a time.

    :param lines: yields them, and NOT_YET if none has arrived
    """

    def __init__(self, lines: Generator[str | NotYet, None, None]):
        self._lines = lines
        self._current = ""

    def __iter__(self) -> Iterator[str | NotYet]:
        """Yield the targets, and NOT_YET if none has arrived.

        :raises OSError: the file cannot be read
        """
        for line in self._lines:
            if isinstance(line, str):
                self._current = line
            yield line

    def rest(self) -> Iterator[str]:
        """Yield the latest target, which may not be understood completely yet, and those after it that have arrived."""
        if self._current:
            yield self._current
        while isinstance(line := attempt(partial(next, self._lines, None)), str):
            yield line

    def close(self) -> None:
        self._lines.close()


def targets_in(lines: Iterable[str], id_names: Collection[str] = ()) -> Generator[str, None, None]:
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
        yield from _rows(_table(rest, delimiter), _cells(first, delimiter), column_names)
    else:
        yield from (_COMMENT.sub(r"\1", line) for line in chain([first], rest))


def lines_of(name: str) -> Iterator[str]:
    """Yield the lines of a file, decoded as UTF-16 if it starts with a byte order mark, else as UTF-8.

    Empty lines and those that start with # are left out.

    :param name: a path, or - for standard input
    :raises OSError: it cannot be read
    """
    with _standard_input() if name == STANDARD_INPUT else Path(name).open("rb") as source:
        encoding = "utf-16" if source.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) else "utf-8"
        with TextIOWrapper(source, encoding, "replace") as text:
            for raw in text:
                line = raw.removeprefix("\ufeff").strip()
                if line and not line.startswith("#"):
                    yield line


def _standard_input() -> BufferedReader:
    """Return another object for standard input: the interpreter cannot end while a thread waits in its own."""
    try:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    except UnsupportedOperation:  # it was replaced by something in memory
        return cast(BufferedReader, sys.stdin.buffer)


def _table(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the rows of a table. A quote that is never closed costs no row after it.

    >>> list(_table(['1,"a', 'b"', '2,"c', "3,d"], ","))
    [['1', 'a\\nb'], ['2', 'c'], ['3', 'd']]
    """
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) == _MOST_LINES or not "".join(held).count('"') % 2:
            yield from _parsed(held, delimiter)
            held = []
    yield from _parsed(held, delimiter)


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the row that some lines make, or if they make none, a row for each of them."""
    if "".join(lines).count('"') % 2 == 0:
        try:
            rows = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter))
        except csv.Error:
            rows = []
        if len(rows) == 1 or not lines:
            return rows
    if len(lines) > 1:
        return [row for line in lines for row in _parsed([line], delimiter)]
    return [[cell.strip('"') for cell in lines[0].split(delimiter)]]


def _delimiter(line: str, known: Collection[str]) -> str:
    """Return the delimiter of a header line, "" if the line is not a header."""
    if len(line) > _LONGEST_HEADER:  # which the parser of tables refuses
        return ""
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
        row_target = next((f"{mark}{cell.removeprefix(mark)}" for cell, mark in named if cell), "")
        if row_target or any(row):
            yield row_target or ", ".join(row)
