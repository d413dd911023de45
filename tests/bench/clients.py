"""One run of one client, in a process of its own: `python -m tests.bench.clients NAME WORK OUT CORES`."""

import gc
import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

from scrapy import Spider
from scrapy.cmdline import execute
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from tests.bench import raw
from tests.bench.spiders import Bare, Stock, StockItems
from tests.bench.work import Work

OURS, AGAIN = "ours", "ours again"
BARE, STOCK, STOCK_ITEMS = "R1 bare Scrapy", "R2 stock Scrapy, fetch", "R2 stock Scrapy, items"
RAW, LIMIT = "R3 raw aiohttp loop", "R4 CPU alone"
LEVEL = "WARNING"
_MEASURED = {"EXTENSIONS": {"tests.bench.meter.Meter": 1000}, "LOG_LEVEL": LEVEL, "TELNETCONSOLE_ENABLED": False}
_STOCK = {**_MEASURED, "CONCURRENT_REQUESTS_PER_DOMAIN": raw.CONCURRENCY}  # else it would have half of the others'


def subject(work: Work, out: Path) -> None:
    """The crawl as a user starts it."""
    targets = out.with_suffix(".txt")
    targets.write_text("\n".join(chain.target for chain in work.chains), "utf-8")
    given = ["-a", f"file={targets}", "-O", f"{out}:jsonlines", "-s", f"LOG_LEVEL={LEVEL}"]
    execute(["scrapy", "crawl", "bilibili", *given])


def bare(work: Work, out: Path) -> None:
    """R1."""
    settings = get_project_settings()
    settings.set("LOG_LEVEL", LEVEL)
    process = CrawlerProcess(settings)
    process.crawl(Bare, work=work)
    logging.getLogger("scrapy").setLevel(LEVEL)  # this and the next as the project's command does
    gc.freeze()
    process.start()


def stock(work: Work, out: Path) -> None:
    """R2, fetching only."""
    _stock(Stock, work)


def stock_items(work: Work, out: Path) -> None:
    """R2 with items and a feed."""
    _stock(StockItems, work, FEEDS={str(out): {"format": "jsonlines"}})


def _stock(spider: type[Spider], work: Work, **settings: Any) -> None:
    process = CrawlerProcess(Settings({**_STOCK, **settings}))
    process.crawl(spider, work=work)
    process.start()


CLIENTS = {
    OURS: subject,
    AGAIN: subject,
    BARE: bare,
    STOCK: stock,
    STOCK_ITEMS: stock_items,
    RAW: raw.raw,
    LIMIT: raw.limit,
}
DROPPING = (BARE, STOCK)  # these write nothing


def main(arguments: list[str]) -> None:
    """Run one client, as long as its parent lives."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    name, work, out, cores = arguments
    if cores := json.loads(cores):
        os.sched_setaffinity(0, cores)
    CLIENTS[name](Work.load(Path(work)), Path(out))


def _end_with_parent() -> None:
    """End the process when standard input ends, which the parent holds open."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
