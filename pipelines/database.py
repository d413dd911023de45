"""Store records in a database: a table per record type, a row per key. Newer values win; null overwrites nothing."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

import msgspec
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.statscollectors import StatsCollector
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pipelines.schema import Row, schema_of
from pipelines.tables import RecordTable
from scraper.ledger.store import STORE_ERRORS, Store, reason_of, store_of
from scraper.output.encoding import is_clean, plain
from scraper.output.envelope import Envelope
from scraper.output.sinks import OutputError, shown
from scraper.output.statistics import DATABASE_ROWS
from scraper.records import RECORDS, Record
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted, enumerated

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Database:
    """A sink that writes pages in the transaction of the crawl's store. Failures are only in feeds, not here."""

    absent: ClassVar[msgspec.UnsetType | None] = None

    def __init__(self, store: Store, stats: StatsCollector):
        self._store, self._stats = store, stats
        self._written = self._committed = 0
        self._left_out: Counter[str] = Counter()  # number of items that are no envelopes, by type

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        store = store_of(crawler) if crawler.settings["DATABASE_URL"] else None
        if store is None:
            raise NotConfigured
        return cls(store, crawler.stats)

    async def open(self) -> None:
        """See `scraper.output.sinks.Sink`. Its tables are there: see `prepare`."""

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """See `scraper.output.sinks.Sink`. Only records are written; the item processor commits them."""
        lost: dict[int, Exception] = {}
        rows = self._rows_of(items, lost)
        if rows:
            refused = await self._write(rows)
            lost |= refused
            self._written += len(rows) - len(refused)
            self._stats.inc_value(DATABASE_ROWS, len(rows) - len(refused))
        return lost

    async def close(self) -> None:
        """See `scraper.output.sinks.Sink`."""
        if self._committed != self._written:  # after a failure
            self._stats.inc_value(DATABASE_ROWS, self._committed - self._written)
        self._warn_of_left_out()

    async def _run(self, work: Callable[[Connection], T], then: Callable[[T], object] | None = None) -> T:
        """Do some work in the transaction.

        :raises OutputError: if it fails
        """
        try:
            return await self._store.run(work, then)
        except STORE_ERRORS as error:
            raise OutputError(self._store.url, reason_of(error)) from error

    def prepare(self, connection: Connection) -> None:
        """See `scraper.output.sinks.Prepared`."""
        self._schema = schema_of(connection.dialect)
        self._schema.prepare(connection)

    def _warn_of_left_out(self) -> None:
        """Log how many items could not be stored, because they are no records."""
        if total := self._left_out.total():
            self._stats.set_value("database/left_out", total)
            logger.warning(
                "%s lacks %s without `code` and `data` (%s): if a pipeline made them of records, keep these two keys",
                shown(self._store.url),
                counted(total, "item"),
                enumerated(sorted(self._left_out)),
            )

    def _rows_of(self, items: Sequence[Any], lost: dict[int, Exception]) -> list[Row]:
        """Return the rows of all records in a page, each with the index of its item."""
        rows, clean = [], is_clean(items)
        for number, item in enumerate(items):
            if not _is_envelope(item):
                self._left_out[type(item).__name__] += 1
                continue
            try:
                if (record := _record_of(item, clean)) is not None:
                    if record.meta.key is None:
                        raise ValueError("a record without meta.key has no row")
                    table = self._schema.records[record.record_type]
                    rows.append(Row(number, table, _values(table, record), _time_of(record)))
            except (msgspec.ValidationError, AttributeError, KeyError, TypeError, ValueError) as error:
                lost[number] = error  # an earlier pipeline broke the record
        return rows

    async def _write(self, rows: Sequence[Row]) -> dict[int, Exception]:
        """Write rows. Return the exceptions of those that the database cannot store, by item index."""

        def count(lost: dict[int, Exception]) -> None:
            self._committed += len(rows) - len(lost)

        try:
            return await self._store.run(lambda connection: self._write_all(connection, rows), count)
        except (*STORE_ERRORS, OverflowError) as error:
            if self._store.is_of_values(error):
                return await self._run(lambda connection: self._write_each(connection, rows), count)
            raise OutputError(self._store.url, reason_of(error)) from error

    def _write_all(self, connection: Connection, rows: Sequence[Row]) -> dict[int, Exception]:
        """Write rows at once."""
        self._schema.write(connection, rows)
        return {}

    def _write_each(self, connection: Connection, rows: Sequence[Row]) -> dict[int, Exception]:
        """Write rows one by one."""
        lost: dict[int, Exception] = {}
        for row in rows:
            try:
                with connection.begin_nested():
                    self._schema.write(connection, [row])
            except (SQLAlchemyError, OverflowError) as error:
                if not self._store.is_of_values(error):
                    raise
                lost[row.number] = reason_of(error)
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


def _values(table: RecordTable, record: Record) -> tuple[Any, ...]:
    """Return the values of a row, even if a pipeline replaced a nested object by a dict."""
    try:
        return table.row(record)
    except AttributeError:
        return table.row(_read(record))


def _time_of(record: Record) -> int:
    """Return when a record was fetched, in epoch seconds."""
    stamp = record.meta.fetched_at
    return int(datetime.fromisoformat(stamp).timestamp() if stamp else time.time())  # it may be of a user's spider


def _read(data: Any) -> Record:
    values = plain(data)
    return msgspec.convert(values, RECORDS[values["meta"]["record_type"]], strict=False)
