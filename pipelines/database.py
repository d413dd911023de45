"""One table a record type in SQLite, one row a key: what is newer wins, but null never overwrites what is known."""

import logging
import sqlite3
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.statscollectors import StatsCollector

from pipelines.tables import Table, tables
from scraper.crawling.settings_check import sqlite_path
from scraper.output.envelope import Batch

logger = logging.getLogger(__name__)


class Database:
    """Writes a page in one transaction. Failures are envelopes of the feed, and have no table."""

    def __init__(self, url: str, stats: StatsCollector):
        self._path = sqlite_path(url)
        self._stats = stats
        self._tables: dict[str, Table] = tables()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings["DATABASE_URL"]:
            raise NotConfigured
        return cls(crawler.settings["DATABASE_URL"], crawler.stats)

    def open_spider(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(self._path, timeout=30)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._connection:
            for table in self._tables.values():
                table.create(self._connection)

    def process_item(self, item: Batch) -> Batch:
        rows: dict[str, list[tuple[object, ...]]] = {}
        for envelope in item:
            if not envelope.failed:
                table = self._tables[envelope.data.record_type]
                rows.setdefault(table.name, []).append(table.row(envelope.data))
        try:
            with self._connection:
                for name, of_table in rows.items():
                    self._connection.executemany(self._tables[name].upsert, of_table)
        except sqlite3.Error as error:
            # the page still goes to the feed: raising here would lose it there as well
            logger.error("A page was not stored in %s: %s", self._path, error)
            self._stats.inc_value("database/failed_pages")
        else:
            self._stats.inc_value("database/rows", sum(map(len, rows.values())))
        return item

    def close_spider(self) -> None:
        self._connection.close()
