"""Write rows that were split by record type, in the format that the ending of a file's name says."""

import asyncio
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.misc import load_object

from scraper.conversion.sql_types import quoted, sql_columns
from scraper.ledger.database_url import sqlite_url
from scraper.ledger.schema import layout
from scraper.ledger.store import Store
from scraper.output.envelope import Failure
from scraper.output.record_table import TableExporter
from scraper.output.record_types import FAILURE, uri_of
from scraper.output.sinks import OutputError, Prepared, Sink
from scraper.output.workbook import write_workbook
from scraper.records import RECORDS
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

_SINK = "pipelines.database.Database"
_PAGE = 500  # rows that are in memory at once
_LARGEST_OBJECT = 1 << 24  # DuckDB's default, in bytes


class UnreadableError(Exception):
    """A database cannot take a row, such as one with a number of more than 64 bits."""


class Part(NamedTuple):
    """The rows of one record type: JSON lines of records; of failures, with code and router.

    :param longest: size of the longest row in bytes
    """

    record_type: str
    path: Path
    rows: int
    longest: int

    @property
    def columns(self) -> Mapping[str, str]:
        """The types of the columns."""
        if self.record_type == FAILURE:
            return {"code": "BIGINT", "router": "VARCHAR", **sql_columns(Failure)}
        return sql_columns(RECORDS[self.record_type])


Parts = Sequence[Part]
DATABASE = ".db"


def write_parquet(parts: Parts, target: Path) -> list[Path]:
    """Write a Parquet file for each record type, and return their paths."""
    paths = []
    with _duckdb().connect() as database:
        for part in parts:
            paths.append(Path(uri_of(str(target), part.record_type)))
            _run(database, f"COPY (SELECT * FROM {_source(part)}) TO {_text(paths[-1])} (FORMAT parquet)")
    return paths


def write_duckdb(parts: Parts, target: Path) -> list[Path]:
    """Write a database of DuckDB with a table for each record type, and return its path."""
    with _duckdb().connect(target) as database:
        for part in parts:
            _run(database, f"CREATE TABLE {quoted(part.record_type)} AS SELECT * FROM {_source(part)}")
    return [target]


def write_csv(parts: Parts, target: Path) -> list[Path]:
    """Write a CSV file for each record type, as a crawl does, and return their paths."""
    paths = []
    for part in parts:
        paths.append(Path(uri_of(str(target), part.record_type)))
        with paths[-1].open("wb") as file:
            exporter = TableExporter(file, part.record_type)
            items = _items(part)
            while page := [*islice(items, _PAGE)]:
                exporter.export_page(page)
            exporter.finish_exporting()
    return paths


def write_xlsx(parts: Parts, target: Path) -> list[Path]:
    """Write an Excel file with a sheet for each record type, as a crawl does, and return its path."""
    write_workbook((item for part in parts for item in _items(part)), target)
    return [target]


def write_sqlite(parts: Parts, target: Path) -> list[Path]:
    """Write a SQLite database with the tables that DATABASE_URL makes, which have no failures, and return its path."""
    store = Store(sqlite_url(target.absolute()))
    crawler = Crawler(Spider, {"LOG_ENABLED": False})
    sink: Sink = load_object(_SINK)(store, MemoryStatsCollector(crawler))
    try:
        asyncio.run(
            _fill(store, sink, (item for part in parts if part.record_type != FAILURE for item in _items(part)))
        )
    except OutputError as error:
        raise OSError(str(error)) from error
    return [target]


async def _fill(store: Store, sink: Sink, items: Iterator[dict[str, Any]]) -> None:
    own = [sink.prepare] if isinstance(sink, Prepared) else []
    await store.open([lambda connection: layout(connection.dialect.name).prepare(connection), *own])
    try:
        await sink.open()
        while page := [*islice(items, _PAGE)]:
            for error in (await sink.write_page(page)).values():
                raise UnreadableError(f"a record cannot be stored: {error}") from error
            await store.commit()
        await sink.close()
    finally:
        store.close()


WRITERS: Mapping[str, Callable[[Parts, Path], list[Path]]] = {
    ".parquet": write_parquet,
    ".csv": write_csv,
    ".xlsx": write_xlsx,
    ".duckdb": write_duckdb,
    DATABASE: write_sqlite,
}
"""By the ending of the file's name."""
SPLIT = (".parquet", ".csv")
"""The endings of which each record type has a file of its own."""
LOGS = {DATABASE: ("-wal", "-shm"), ".duckdb": (".wal",)}
"""What is added to the name of a database for the files next to it."""


def _items(part: Part) -> Iterator[dict[str, Any]]:
    """Yield rows as plain envelopes."""
    with part.path.open("rb") as lines:
        for line in lines:
            data = msgspec.json.decode(line)
            code, router = data.pop("code", Outcome.OK.value), data.pop("router", "")
            if part.record_type != FAILURE:
                data["meta"]["record_type"] = part.record_type  # which DROP may have removed
            yield {"code": code, "router": router, "data": data}


def _source(part: Part) -> str:
    columns = ", ".join(f"{_text(name)}: {_text(of)}" for name, of in part.columns.items())
    largest = max(_LARGEST_OBJECT, part.longest + 1)
    return (
        f"read_json({_text(part.path)}, format = 'newline_delimited', columns = {{{columns}}}, "
        f"maximum_object_size = {largest})"
    )


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _duckdb() -> Any:
    """Return the module of an optional library.

    :raises ArgumentError: if it is missing
    """
    try:
        return importlib.import_module("duckdb")
    except ImportError:
        raise ArgumentError("a library is missing: pip install duckdb") from None


def _run(database: Any, statement: str) -> None:
    """
    :raises UnreadableError: if a row cannot be read
    :raises OSError: if a file cannot be written
    """
    errors = _duckdb()
    try:
        database.execute(statement)
    except (errors.DataError, errors.InvalidInputException) as error:
        raise UnreadableError(str(error)) from error
    except errors.Error as error:
        raise OSError(str(error)) from error
