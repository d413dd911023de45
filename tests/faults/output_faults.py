"""Faults of outputs: what takes no more bytes, is not there, goes away, or is locked; and exporters that raise."""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from scrapy.extensions import feedexport

from scraper.ledger import backends, store
from tests import in_process
from tests.faults.cell import Cell, Fault, at_request

_EMPTY = 60  # pages of a database with all its tables and no row, more or less
_RAISING = """
from scraper.output.exporters import JsonLinesExporter
from scraper.output.record_table import TableExporter

class OfRow:
    number = 0

    def export_item(self, item):
        OfRow.number += 1
        if {when}:
            raise ArithmeticError("a fault of an exporter")
        super().export_item(item)

class OfPage(OfRow):
    def export_page(self, items):
        if len(items) > 1:
            raise NotImplementedError
        super().export_page(items)

class AtEnd:
    def finish_exporting(self):
        raise ArithmeticError("a fault of an exporter")

class Table({lines}, TableExporter): pass
class Lines({lines}, JsonLinesExporter): pass
"""


_LOCKING = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60)
connection.execute("BEGIN EXCLUSIVE")
connection.execute("CREATE TABLE mine (a)")
print("locked", flush=True)
sys.stdin.read()
"""


class _Full(io.FileIO):
    """A file on a disk that has room for so many bytes."""

    def __init__(self, path: str, mode: str, room: int):
        super().__init__(path, mode)
        self._room = room

    def write(self, data: Any) -> int:
        """Take what there is room for, as a full disk does."""
        self._room -= len(data)
        if self._room < 0 and stat.S_ISREG(os.fstat(self.fileno()).st_mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data) or 0


class _Temporary(_Full):
    def close(self) -> None:
        """Close and remove it."""
        if not self.closed:
            super().close()
            Path(str(self.name)).unlink(missing_ok=True)


class _Refusing(io.BytesIO):
    """A standard output that takes no more after so many bytes."""

    def __init__(self, room: int, error: int):
        super().__init__()
        self._room, self._error = room, error

    def write(self, data: Any) -> int:
        """Take what there is room for."""
        if len(self.getvalue()) + len(data) > self._room:
            raise OSError(self._error, os.strerror(self._error))
        return super().write(data)


@contextmanager
def _standard_output(room: int, error: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_process, "new_stdout", partial(_Refusing, room, error))
        yield


@contextmanager
def _disk_full(cell: Cell) -> Iterator[None]:
    room = cell.given.room

    def opened(storage: Any, spider: object) -> Any:
        return io.BufferedWriter(_Full(storage.path, "wb", room))

    def temporary(*args: object, **named: object) -> Any:
        number, path = tempfile.mkstemp()
        os.close(number)
        return io.BufferedWriter(_Temporary(path, "wb", max(room, 5_000)))  # the trial before the crawl fits in

    def connect(*args: Any, **named: Any) -> sqlite3.Connection:
        connection = sqlite3_connect(*args, **named)
        connection.execute(f"PRAGMA max_page_count = {_EMPTY + room // 4096}")
        return connection

    sqlite3_connect = sqlite3.connect
    if cell.place.name == "stdout":
        with _standard_output(room, errno.ENOSPC):
            yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feedexport.FileFeedStorage, "open", opened)
        patch.setattr(feedexport, "NamedTemporaryFile", temporary)
        if cell.place.name == "sqlite":
            patch.setattr(sqlite3, "connect", connect)
        yield


@contextmanager
def _file_size_limit(cell: Cell) -> Iterator[None]:
    """Refuse to write more than that to any file. Standard output is none here: its reader goes away instead."""
    if cell.place.name == "stdout":
        with _standard_output(cell.given.room, errno.EPIPE):
            yield
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(cell.given.room, 5_000), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def _no_place(cell: Cell) -> Iterator[None]:
    if cell.place.name == "stdout":
        with _standard_output(0, errno.EBADF):
            yield
        return
    if cell.place.name == "s3" and cell.store:
        cell.store.remove(cell.place.bucket)
    else:
        _replace(cell.place.folder)
    yield


def _replace(folder: Path) -> None:
    """Put a file in the place of a folder."""
    shutil.rmtree(folder)
    folder.write_text("a file where a folder has to be")


def _place_goes(cell: Cell, instead: Callable[[Path], None]) -> None:
    if cell.place.name == "s3" and cell.store:
        cell.store.remove(cell.place.bucket)
    elif cell.place.name != "stdout":
        instead(cell.place.folder)


def _database(cell: Cell) -> Path:
    """The database of a cell: its output, or one beside its feed."""
    return cell.place.path if cell.place.name == "sqlite" else cell.folder / "beside.db"


def _beside(cell: Cell) -> Mapping[str, object]:
    return {} if cell.place.name == "sqlite" else {"DATABASE_URL": f"sqlite:///{_database(cell)}"}


@contextmanager
def _locked(cell: Cell) -> Iterator[None]:
    with _impatient(cell), _other_program(cell):
        yield


@contextmanager
def _impatient(cell: Cell) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "LOCK_TIMEOUT_S", 0.02)
        patch.setattr(store, "_TRIES", 2)
        yield


@contextmanager
def _other_program(cell: Cell) -> Iterator[None]:
    """Have another process lock the database."""
    words = [sys.executable, "-c", _LOCKING, str(_database(cell))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline() == b"locked\n"
        yield
        other.communicate()


@contextmanager
def _locked_later(cell: Cell) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(_impatient(cell))
        stack.enter_context(at_request(1, lambda cell: stack.enter_context(_other_program(cell)))(cell))
        yield


@contextmanager
def _no_database(cell: Cell) -> Iterator[None]:
    _database(cell).write_bytes(b"this is no database" * 100)
    yield


@contextmanager
def _strict_table(cell: Cell) -> Iterator[None]:
    with closing(sqlite3.connect(_database(cell))) as connection:
        connection.execute("CREATE TABLE video (key TEXT PRIMARY KEY, mine TEXT NOT NULL)")
    yield


def _drop_table(cell: Cell) -> None:
    with closing(sqlite3.connect(_database(cell), timeout=60)) as other:
        other.execute("DROP TABLE video")


def _exporter(when: str = "False", lines: str = "OfPage", mend: Callable[[Cell], object] = lambda cell: None) -> Fault:
    def written(cell: Cell) -> Mapping[str, object]:
        _write_exporters(cell, when, lines)
        names = {"table": "raising.Table", **dict.fromkeys(("jsonl", "jsonlines"), "raising.Lines")}
        return {"FEED_EXPORTERS": json.dumps(names)}

    return Fault(codes={1, 7}, settings=written, mend=mend)


def _write_exporters(cell: Cell, when: str = "False", lines: str = "OfPage") -> None:
    (cell.folder / "raising.py").write_text(_RAISING.format(when=when, lines=lines))


def _deleted(folder: Path) -> None:
    shutil.rmtree(folder)


def _goes(request: int, instead: Callable[[Path], None]) -> Fault:
    return Fault(codes={7}, around=at_request(request, lambda cell: _place_goes(cell, instead)), below="out")


FAULTS: Mapping[str, Fault] = {
    "disk full": Fault(codes={7}, around=_disk_full),
    "file size limit": Fault(codes={7}, around=_file_size_limit, may_leave=True),  # the ledger may not fit
    "unwritable at start": Fault(codes={7}, around=_no_place, below="out"),
    "unwritable in mid crawl": _goes(1, _replace),
    "output removed before its first row": _goes(1, _deleted),
    "output removed in mid crawl": _goes(5, _deleted),
    "database locked": Fault(codes={7}, around=_locked, settings=_beside),
    "database locked in mid crawl": Fault(codes={7}, around=_locked_later, settings=_beside),
    "no database": Fault(codes={7}, around=_no_database, settings=_beside, is_refused=True),
    "a table with a strange column": Fault(
        codes={7}, around=_strict_table, settings=_beside, mend=_drop_table, is_refused=True
    ),
    "table dropped in mid crawl": Fault(codes={7}, around=at_request(1, _drop_table), settings=_beside),
    "exporter raises on the first row": _exporter("OfRow.number == 1"),
    "exporter raises on one row": _exporter("OfRow.number == 7"),
    "exporter raises on each row": _exporter("True", mend=_write_exporters),
    "exporter raises at its end": _exporter(lines="AtEnd"),
}
