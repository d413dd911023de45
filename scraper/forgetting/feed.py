"""Remove a person from a feed on this machine: the rest stays as it is, byte by byte."""

import csv
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from scraper.forgetting.person import POINTERS, Person
from scraper.ledger.compression import COMPRESSIONS, decompressed
from scraper.ledger.files import sync_folder
from scraper.output.encoding import to_lines

LINES, TABLES = ("jsonlines", "jsonl", "jl"), ("csv", "table")
_POINTING = tuple(f'"{name}"' for name in POINTERS)
_KEY = re.compile(r'"key":"([^"\\]+)"')
Rewrite = Callable[[str], str | None]
"""Returns a line in its new form, None if it is removed."""


class Changes(NamedTuple):
    """What became of a place: the numbers of what was removed and of what was changed."""

    removed: int = 0
    changed: int = 0


class _Unit(NamedTuple):
    """A part of a file with whole lines: its bytes, and its text."""

    data: bytes
    text: str


class FeedFile:
    """
    :param format_: of the feed
    :ivar new: the new file
    :ivar moved: the new places of marked places in the file, once it is rewritten
    :ivar removed: how many lines were removed before them
    """

    def __init__(self, path: Path, format_: str):
        self.path, self._format = path, format_
        self.new = path.with_name(f".{path.name}.forget")
        self.moved: dict[int, int] = {}
        self.removed: dict[int, int] = {}
        self._is_table = format_ in TABLES
        self._header: list[str] | None = None

    @staticmethod
    def is_readable(options: Mapping[str, Any]) -> bool:
        """Return whether feeds with these options can be rewritten."""
        return not options.get("postprocessing") and options.get("format") in (*LINES, *TABLES, *COMPRESSIONS)

    def learn(self, person: Person) -> bool:
        """Take further ids of a person, and the keys of its records. Return whether there were further ids.

        :raises DamagedError: if it is compressed, and cannot be read
        """
        is_new, self._header = False, None
        for unit in self._units():
            for line in _split(unit.text, is_table=self._is_table):
                if not self._is_header(line) and person.names(line) and (record := self._record(line)) is not None:
                    is_new |= person.learn(record)
        return is_new

    def rewrite(self, person: Person, marks: Sequence[int]) -> Changes:
        """Write the file without a person next to itself, and return what that changes.

        :param marks: places between whole lines whose new places are asked for
        :raises OSError: if it cannot be written
        """
        removed = changed = old = new = 0
        waiting, self._header = sorted({*marks}), None
        with self.new.open("wb") as file:
            for unit in self._units():
                while waiting and waiting[0] <= old:
                    self.removed[waiting[0]] = removed
                    self.moved[waiting.pop(0)] = new
                before = _split(unit.text, is_table=self._is_table)
                after = [line if self._is_header(line) else self._without(line, person) for line in before]
                removed += after.count(None)
                changed += sum(now not in (None, then) for then, now in zip(before, after, strict=True))
                new += file.write(unit.data if after == before else self._packed("".join(filter(None, after))))
                old += len(unit.data)
            self.moved.update(dict.fromkeys(waiting, new))
            self.removed.update(dict.fromkeys(waiting, removed))
            file.flush()
            os.fsync(file.fileno())
        if not removed and not changed:
            self.discard()
        return Changes(removed, changed)

    def replace(self) -> None:
        """Put the new file in place of the old one."""
        self.new.chmod(self.path.stat().st_mode & 0o7777)
        self.new.replace(self.path)
        sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove the new file."""
        self.new.unlink(missing_ok=True)

    def _is_header(self, line: str) -> bool:
        """Return whether a line is the header of a table, which comes first."""
        if not self._is_table or self._header is not None:
            return False
        self._header = _cells(line)
        return True

    def _without(self, line: str, person: Person) -> str | None:
        """Return a line without a person, None if nothing is left."""
        if not self._may_concern(line, person):
            return line
        record = self._record(line)
        if record is None:
            return person.redacted_text(line)
        if person.is_to_go(record):
            return None
        if self._is_table:
            redacted = [_redacted_cell(person, cell) for cell in _cells(line)]
            return line if redacted == _cells(line) else _row(redacted, line)
        item = msgspec.json.decode(line)
        after = person.redacted(item)
        return line if after == item else to_lines([after]).decode()

    def _may_concern(self, line: str, person: Person) -> bool:
        """Return whether a line must be read: most need not be."""
        if self._is_table and person.keys:
            return True
        is_pointing = any(mark in line for mark in _POINTING)
        is_own = any(key in person.keys for key in _KEY.findall(line))
        return is_pointing or is_own or person.names(line) or any(name in line for name in person.nicknames)

    def _record(self, line: str) -> dict[str, Any] | None:
        """Return the record or failure in a line, None if there is none."""
        if self._header is not None:
            return _nested(dict(zip(self._header, map(_value, _cells(line)), strict=False)))
        try:
            data = msgspec.json.decode(line)["data"]
        except (msgspec.DecodeError, UnicodeEncodeError, KeyError, TypeError):
            return None
        return data if isinstance(data, dict) else None

    def _units(self) -> Iterator[_Unit]:
        with self.path.open("rb") as file:
            if self._format not in COMPRESSIONS:
                for lines in _whole_lines(file, is_table=self._is_table):
                    yield _Unit(lines, lines.decode("utf-8", "surrogateescape"))
                return
            data, begin = b"", 0
            for piece in decompressed(file, self._format):
                data += piece.data
                if piece.whole > begin:
                    place = file.tell()
                    file.seek(begin)
                    raw = file.read(piece.whole - begin)
                    file.seek(place)
                    yield _Unit(raw, data.decode("utf-8", "surrogateescape"))
                    data, begin = b"", piece.whole
            file.seek(begin)
            if rest := file.read():  # what a kill left
                yield _Unit(rest, data.decode("utf-8", "surrogateescape"))

    def _packed(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogateescape")
        if self._format in COMPRESSIONS:
            return COMPRESSIONS[self._format].compressor()(data) if data else b""
        return data


def _whole_lines(file: Any, *, is_table: bool) -> Iterator[bytes]:
    """Yield lines, or rows of a table, which may have line ends in quotes."""
    row = b""
    for line in file:
        row += line
        if not is_table or row.count(b'"') % 2 == 0:
            yield row
            row = b""
    if row:
        yield row


def _split(text: str, *, is_table: bool) -> list[str]:
    return [text] if is_table else [*io.StringIO(text, newline="\n")]


def _cells(line: str) -> list[str]:
    return next(csv.reader(io.StringIO(line, newline="")), [])


def _row(cells: Sequence[str], like: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n" if like.endswith("\r\n") else "\n").writerow(cells)
    return text.getvalue()


def _value(cell: str) -> Any:
    """Return what a cell shows: a list or an object is JSON."""
    if not cell.startswith(("[", "{")):
        return cell
    try:
        return msgspec.json.decode(cell)
    except msgspec.DecodeError:
        return cell


def _redacted_cell(person: Person, cell: str) -> str:
    value = _value(cell)
    after = person.redacted(value)
    if after == value:
        return cell
    return after if isinstance(after, str) else msgspec.json.encode(after).decode()


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object of values by dotted names.

    >>> _nested({"author.uid": "7", "title": "x"})
    {'author': {'uid': '7'}, 'title': 'x'}
    """
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *objects, name = path.split(".")
        place = nested
        for part in objects:
            place = place.setdefault(part, {})
        place[name] = value
    return nested
