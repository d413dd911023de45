"""Repair feeds that a killed crawl left with an incomplete last item, before another crawl appends to them."""

import csv
import logging
import marshal
import os
import pickletools
from collections.abc import Callable
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from scraper.ledger.compression import COMPRESSIONS, DamagedError, whole_frames
from scraper.output.feed_version import other_version
from scraper.responses.catch_all import attempt

logger = logging.getLogger(__name__)
JSON_LINES = ("jsonl", "jsonlines", "jl")
_HALF_LINE = b'{"code":'
_LARGEST_TAIL = 64 * 1024 * 1024
_STEP = 1 << 16
_QUOTE, _LINE_END = b'"', b"\n"
_TABLES = ("csv", "table")
_CLOSED = {"xlsx": "an Excel", "json": "a JSON", "xml": "an XML"}


def mend(path: Path, format_: str, options: dict[str, Any]) -> None:
    """Make a feed ready for more items, and log what was removed from its end.

    :param options: the exporter's options, such as those of Python's csv writer
    """
    if not _has_content(path):
        return
    if format_ in JSON_LINES:
        cut = mend_lines(path)
    elif format_ in _TABLES:
        cut = mend_table(path, _has_own_form(options), is_ours=format_ == "table")
    elif format_ in COMPRESSIONS:
        cut = mend_frames(path, format_)
    else:
        cut = end_line(path) if format_ == "pprint" else 0
    if cut:
        logger.warning("%s ended in an incomplete row: its %d bytes were removed", path, cut)


def problem(path: Path, format_: str) -> str:
    """Return why nothing can be appended to a feed, "" if it can.

    It has an end, its last item is incomplete and cannot be removed, or its records have another schema version.
    """
    if not _has_content(path):
        return ""
    if format_ in COMPRESSIONS:
        return _damage(path, format_) or other_version(path, format_)
    if format_ in JSON_LINES:
        return other_version(path, format_)
    if format_ in _CLOSED:
        return f"nothing can be appended to {_CLOSED[format_]} file: give a new file, or overwrite it (-O)"
    whole = _is_read_to_its_end(path, _READERS[format_]) if format_ in _READERS else True
    return "" if whole else "its last item is incomplete, as a killed crawl leaves it: give a new file, or overwrite it"


def mend_lines(path: Path) -> int:
    """Remove an incomplete last line from a file of JSON lines, and return its size in bytes.

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "a.jsonl"); _ = path.write_bytes(b'{"code":200}\\n{"code":2')
    >>> mend_lines(path), path.read_bytes()
    (9, b'{"code":200}\\n')
    """
    with path.open("r+b") as file:
        tail = _after_last_line_end(file)
        return _drop(file, len(tail)) if _is_half_line(tail) else _end_line(file)


def mend_table(path: Path, own_form: bool = False, is_ours: bool = False) -> int:
    """Remove an incomplete last row from a CSV file, and return its size in bytes.

    A row that may be complete is kept: the next one starts on a line of its own.

    :param own_form: whether the user chose other quotes or line ends, so that rows cannot be recognised
    :param is_ours: whether each row ends in CR LF, so that one without is incomplete

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "a.csv"); _ = path.write_bytes(b'a,b\\r\\n1,"x\\n2"\\r\\n2,"half\\n')
    >>> mend_table(path), path.read_bytes()
    (8, b'a,b\\r\\n1,"x\\n2"\\r\\n')
    """
    with path.open("r+b") as file:
        tail = b"" if own_form else _after_last_row(file)
        is_short = tail.count(_QUOTE) % 2 == 1 or len(_row(tail)) < len(_row(_first_line(file)))
        is_half = bool(tail) and (is_short or (is_ours and not tail.endswith(b"\r")))
        return _drop(file, len(tail)) if is_half else _end_line(file, b"\r\n")


def mend_frames(path: Path, format_: str) -> int:
    """Remove an incomplete last page from compressed JSON lines, and return its size in bytes."""
    whole = whole_frames(path, format_)
    with path.open("r+b") as file:
        return _drop(file, path.stat().st_size - whole)


def end_line(path: Path) -> int:
    """Have the next text start on a line of its own. Nothing is removed: the result is always 0."""
    with path.open("r+b") as file:
        return _end_line(file)


def existing_header(file: Any, **form: str) -> list[str]:
    """Return the header of the CSV file that is appended to; empty for a new file, and for one that is not local.

    :param form: its delimiter and its quotes, if they are not the usual ones
    """
    if not isinstance(getattr(file, "name", None), str) or not file.seekable() or not file.tell():
        return []
    with Path(file.name).open("rb") as source:
        return _row(_first_line(source), **form)


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _damage(path: Path, format_: str) -> str:
    try:
        whole_frames(path, format_)
    except DamagedError as error:
        return f"{error}; give a new file, or overwrite it"
    return ""


def _has_own_form(options: dict[str, Any]) -> bool:
    return bool(options.keys() & {"quotechar", "quoting", "escapechar", "doublequote", "lineterminator", "dialect"})


def _drop(file: BinaryIO, size: int) -> int:
    file.truncate(file.seek(0, os.SEEK_END) - size)
    return size


def _end_line(file: BinaryIO, end: bytes = _LINE_END) -> int:
    file.seek(-1, os.SEEK_END)
    if file.read(1) != _LINE_END:
        file.write(end)
    return 0


def _after_last_line_end(file: BinaryIO) -> bytes:
    """Return the bytes after the last line end."""
    size, tail = file.seek(0, os.SEEK_END), b""
    while len(tail) < min(size, _LARGEST_TAIL) and _LINE_END not in tail:
        start = max(0, size - len(tail) - _STEP)
        file.seek(start)
        tail = file.read(size - len(tail) - start) + tail
    return tail[tail.rfind(_LINE_END) + 1 :]


def _is_half_line(tail: bytes) -> bool:
    """Return whether a last line is a truncated line of a feed."""
    if not tail:
        return False
    try:
        msgspec.json.decode(tail)
    except msgspec.DecodeError:
        return tail.startswith(_HALF_LINE) or _HALF_LINE.startswith(tail)
    return False


def _after_last_row(file: BinaryIO) -> bytes:
    """Return the bytes after the last line end outside of quotes. The file is read once, from its beginning."""
    place = end = quotes = 0
    file.seek(0)
    while chunk := file.read(_STEP):
        for part in chunk.split(_QUOTE):
            if quotes % 2 == 0 and (line_end := part.rfind(_LINE_END)) >= 0:
                end = place + line_end + 1
            place += len(part) + 1
            quotes += 1
        place, quotes = place - 1, quotes - 1  # there is one quote less than parts
    file.seek(end)
    return file.read()


def _first_line(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.readline(_STEP)


def _row(line: bytes, **form: Any) -> list[str]:
    return next(csv.reader(StringIO(line.decode("utf-8", "replace")), **form), [])


def _is_read_to_its_end(path: Path, read: Callable[[BinaryIO], object]) -> bool:
    """Return whether a file consists of complete items."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            if isinstance(attempt(partial(read, file)), Exception):
                return False
    return True


def _read_pickle(file: BinaryIO) -> None:
    for _ in pickletools.genops(file):  # without making any object of it
        pass


_READERS: dict[str, Callable[[BinaryIO], object]] = {"pickle": _read_pickle, "marshal": marshal.load}
