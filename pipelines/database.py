"""Store records in SQLite: a table per record type, a row per key. Newer values win, but null overwrites nothing."""

import asyncio
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

import msgspec
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.statscollectors import StatsCollector

from pipelines.upserts import Table, tables
from scraper.output.database_url import sqlite_path
from scraper.output.encoding import is_clean, plain
from scraper.output.envelope import Envelope
from scraper.output.feed_storage import same_file
from scraper.output.sinks import OutputError, shown
from scraper.records import RECORDS, Record
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted, enumerated

logger = logging.getLogger(__name__)
_LOCK_TIMEOUT_S, _TRIES = 20.0, 6  # another program may hold the lock for 6 × 20 s
_ROW_ERRORS = (OverflowError, sqlite3.InterfaceError, sqlite3.DataError, sqlite3.ProgrammingError)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_T = TypeVar("_T")
Row = tuple[int, Table, tuple[object, ...]]


class Database:
    """A sink that writes each page in one transaction, in a separate thread. Failures are only in feeds, not here."""

    def __init__(self, url: str, stats: StatsCollector):
        self._url, self._path, self._stats = url, sqlite_path(url), stats
        self._tables: dict[str, Table] = tables()
        self._thread = ThreadPoolExecutor(1, "database")
        self._rows = 0
        self._left_out: Counter[str] = Counter()  # number of items that are no envelopes, by type

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings["DATABASE_URL"]:
            raise NotConfigured
        return cls(crawler.settings["DATABASE_URL"], crawler.stats)

    async def open(self) -> None:
        """See `scraper.output.sinks.Sink`."""
        try:
            await self._in_thread(self._connect)
        except OutputError:
            self._thread.shutdown()
            raise

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """See `scraper.output.sinks.Sink`. Only records are written."""
        lost: dict[int, Exception] = {}
        rows = self._rows_of(items, lost)
        if rows:
            lost |= await self._in_thread(lambda: self._stored(rows))
            self._rows += len(rows) - len(lost)
            self._stats.inc_value("database/rows", len(rows) - len(lost))
        return lost

    async def close(self) -> None:
        """See `scraper.output.sinks.Sink`."""
        self._warn_of_left_out()
        try:
            await self._in_thread(self._end)
        finally:
            self._thread.shutdown()

    def _warn_of_left_out(self) -> None:
        """Log how many items could not be stored, because they are no records."""
        if total := self._left_out.total():
            self._stats.set_value("database/left_out", total)
            logger.warning(
                "%s lacks %s without `code` and `data` (%s): if a pipeline made them of records, keep these two keys",
                shown(self._url),
                counted(total, "item"),
                enumerated(sorted(self._left_out)),
            )

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        """Run `work`, which may wait for the disk or a lock, without blocking the event loop.

        :raises OutputError: if it fails
        """
        loop = asyncio.get_running_loop()
        for trial in range(1, _TRIES + 1):
            try:
                return await loop.run_in_executor(self._thread, work)
            except (sqlite3.Error, OSError) as error:
                if trial == _TRIES or getattr(error, "sqlite_errorcode", None) not in _LOCKED:
                    raise OutputError(self._url, error, self._rows or None) from error
                logger.warning("%s is locked by another program; waiting", self._path)
        raise AssertionError

    def _connect(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path, timeout=_LOCK_TIMEOUT_S)
        try:
            self._prepare()
        except sqlite3.Error:
            self._connection.close()
            raise
        self._file = self._path.stat()

    def _end(self) -> None:
        self._connection.close()
        same_file(self._path, self._file)

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")  # fails now if the file is read-only
            for table in self._tables.values():
                table.create(self._connection)

    def _stored(self, rows: Sequence[Row]) -> dict[int, Exception]:
        """Write rows to the file that is at the path.

        :raises OSError: if it was removed or replaced, so that they would go to a file without a name
        """
        lost = self._store(rows)
        same_file(self._path, self._file)
        return lost

    def _rows_of(self, items: Sequence[Any], lost: dict[int, Exception]) -> list[Row]:
        """Return the rows of all records in a page, each with the index of its item."""
        rows, clean = [], is_clean(items)
        for number, item in enumerate(items):
            if not _is_envelope(item):
                self._left_out[type(item).__name__] += 1
                continue
            try:
                if (record := _record_of(item, clean)) is not None:
                    table = self._tables[record.record_type]
                    rows.append((number, table, _values(table, record)))
            except (msgspec.ValidationError, AttributeError, KeyError, TypeError) as error:
                lost[number] = error  # an earlier pipeline broke the record
        return rows

    def _store(self, rows: Sequence[Row]) -> dict[int, Exception]:
        """Write rows in one transaction. Return the exceptions of rows that SQLite cannot store, by item index."""
        by_table: dict[str, list[tuple[object, ...]]] = {}
        for _, table, values in rows:
            by_table.setdefault(table.upsert, []).append(values)
        try:
            with self._connection:
                for upsert, table_rows in by_table.items():
                    self._connection.executemany(upsert, table_rows)
        except _ROW_ERRORS:
            return self._store_each(rows)
        return {}

    def _store_each(self, rows: Sequence[Row]) -> dict[int, Exception]:
        lost: dict[int, Exception] = {}
        with self._connection:
            for number, table, values in rows:
                try:
                    self._connection.execute(table.upsert, values)
                except _ROW_ERRORS as error:
                    lost[number] = error
        return lost


def _is_envelope(item: Any) -> bool:
    """Return whether an item is an envelope, even if a pipeline converted it to a dict."""
    return isinstance(item, Envelope) or (isinstance(item, Mapping) and "code" in item and "data" in item)


def _record_of(item: Any, clean: bool) -> Record | None:
    """Return the record of an envelope; None for a failure."""
    code, data = (item.code, item.data) if isinstance(item, Envelope) else (item["code"], item["data"])
    if code != Outcome.OK:
        return None
    return data if clean and isinstance(data, Record) else _read(data)


def _values(table: Table, record: Record) -> tuple[object, ...]:
    """Return the values of a row, even if a pipeline replaced a nested object by a dict."""
    try:
        return table.row(record)
    except AttributeError:
        return table.row(_read(record))


def _read(data: Any) -> Record:
    values = plain(data)
    return msgspec.convert(values, RECORDS[values["meta"]["record_type"]], strict=False)
