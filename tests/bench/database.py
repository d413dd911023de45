"""What a page costs in a database, next to `executemany` of the same rows: see docs/performance.md.

Ours is what a crawl does with a page: the rows are made of the records, compared with the last snapshots, and committed
in one transaction with the ledger. The bare driver writes finished rows, in a transaction a page.
"""

import asyncio
import copy
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler
from sqlalchemy import bindparam

from pipelines.database import Database
from pipelines.schema import Schema
from scraper.inputs.duplicates import ListId
from scraper.ledger.backends import backend_of
from scraper.ledger.ledger import Ledger
from scraper.ledger.run import Run
from scraper.ledger.step import ListChange, Step
from scraper.ledger.store import Statement, Store, insert_for
from scraper.output.envelope import Envelope
from scraper.records import Video
from scraper.responses.outcomes import Outcome
from tests import postgres
from tests.bench.report import Ratio, Report, at_most
from tests.cases import CASES, read_page

_PAGES, _SIZE, MOST = 100, 20, 1.5
_WALK = ListId(0, 1, "/api/a/web/b", "user:1")
Page = list[Envelope]


def pages_of(run_id: str) -> list[Page]:
    """Return pages of different posts of all platforms."""
    read = [read_page(case) for case in CASES if "response" in case.files]
    records = [
        record
        for verdict, page in read
        if page and verdict.outcome is Outcome.OK
        for record in page.records
        if isinstance(record, Video)
    ]
    pages = []
    for number in range(_PAGES):
        page = [copy.deepcopy(records[(number * _SIZE + place) % len(records)]) for place in range(_SIZE)]
        for place, record in enumerate(page):
            record.meta.key, record.meta.run_id = f"toy:video:{run_id}-{number}-{place}", run_id
            record.meta.fetched_at, record.meta.router = "2026-01-01T00:00:00Z", "/api/a/web/b"
        pages.append([Envelope(200, "/api/a/web/b", record) for record in page])
    return pages


def write(url: str, pages: Sequence[Page], folder: str, run_id: str = "r") -> float:
    """Write pages as a crawl does. Return the CPU seconds that it took."""

    async def write_all() -> float:
        store = Store(url)
        ledger = Ledger(store, Run(run_id=run_id, spider="a", arguments={}), folder)
        database = Database(store, StatsCollector(get_crawler()))
        await store.open([database.prepare, ledger.prepare])
        await ledger.begin()
        started = time.process_time()
        for number, page in enumerate(pages):

            async def written(page: Page = page) -> bool:
                return not await database.write_page(page)

            keys = range(number * _SIZE, (number + 1) * _SIZE)
            step = Step(lists=[ListChange(_WALK, b"x" * 80, keys, str(number))], counts={"envelopes": _SIZE})
            await ledger.write(step, written)
            await ledger.drained()
        used = time.process_time() - started
        store.close()
        return used

    return asyncio.run(write_all())


def _bare(url: str, pages: Sequence[Page]) -> float:
    """Return the CPU seconds of the driver's own `executemany` with the rows of records and snapshots."""
    connection = backend_of(url).connect(writes=True)
    schema = Schema(connection.dialect)
    connection.begin()
    schema.prepare(connection)
    connection.commit()
    table, snapshots = schema.records["video"], schema.tables.tables["snapshot"]
    rows = [[table.row(envelope.data) for envelope in page] for page in pages]  # type: ignore[arg-type]
    counted = [[(row[table.key], 1_767_225_600, "r", '{"play_count": 1}') for row in page] for page in rows]
    of_records = _upsert(connection, table.table, table.names, ["key"])
    of_snapshots = _upsert(connection, snapshots, ["key", "time", "run_id", "counts"], ["key", "time"])
    driver = connection.connection.driver_connection
    assert driver
    cursor = driver.cursor()
    started = time.process_time()
    for page, others in zip(rows, counted, strict=True):
        if url.startswith("sqlite"):
            cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(of_records, page)
        cursor.executemany(of_snapshots, others)
        driver.commit()
    used = time.process_time() - started
    connection.close()
    return used


def _upsert(connection: Any, table: Any, names: list[str], key: list[str]) -> str:
    added = insert_for(connection.dialect)(table).values({name: bindparam(name) for name in names})
    newer = {name: added.excluded[name] for name in names if name not in key}
    statement = Statement(added.on_conflict_do_update(index_elements=key, set_=newer), names, connection.dialect)
    return statement._text


@contextmanager
def _sqlite() -> Iterator[Callable[[], str]]:
    with TemporaryDirectory() as folder:
        numbers = iter(range(1_000_000))
        yield lambda: f"sqlite:///{Path(folder, f'{next(numbers)}.db')}"


@contextmanager
def _postgresql() -> Iterator[Callable[[], str]]:
    with postgres.running() as server:
        yield server.new_database


@dataclass(frozen=True)
class DatabaseCost:
    """CPU a page of 20 posts, in both databases."""

    id: str = "database"

    def run(self, rounds: int) -> Report:
        """Write the same pages in both ways, alternately, into new databases."""
        lines, bars = [f"database: CPU of a page of {_SIZE} posts"], []
        for name, databases in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
            with databases() as new, TemporaryDirectory() as folder:
                pages = pages_of("r")
                pairs = [(write(new(), pages, folder), _bare(new(), pages)) for _ in range(rounds + 1)][1:]
            ratio = Ratio.of([ours / bare for ours, bare in pairs])
            ours, bare = (min(way) / _PAGES * 1000 for way in zip(*pairs, strict=True))
            lines.append(f"  {name:<12} {ours:.2f} ms, bare executemany {bare:.2f} ms, {ratio}")
            bars.append(at_most(f"{name}: CPU a page, ours to executemany", MOST, ratio.median, ratio))
        return Report(lines, bars)


DATABASE = DatabaseCost()
