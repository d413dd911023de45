"""One run of one client, in a process of its own: `python -m tests.bench.clients NAME WORK OUT CORES`."""

import gc
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from tests.bench import raw
from tests.bench.spiders import Bare, Stock, StockItems
from tests.bench.work import Work

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
    _crawl(Bare, work, settings)


def stock(work: Work, out: Path) -> None:
    """R2, fetching only."""
    _crawl(Stock, work, Settings(_STOCK))


def stock_items(work: Work, out: Path) -> None:
    """R2 with items and a feed."""
    _crawl(StockItems, work, Settings({**_STOCK, "FEEDS": {str(out): {"format": "jsonlines"}}}))


def _crawl(spider: Any, work: Work, settings: Settings) -> None:
    process = CrawlerProcess(settings)
    process.crawl(spider, work=work)
    logging.getLogger("scrapy").setLevel(LEVEL)  # this and the next as the project's command does
    gc.freeze()
    process.start()


CLIENTS = {
    "ours": subject,
    "ours again": subject,
    "R1 bare": bare,
    "R2 stock": stock,
    "R2 stock items": stock_items,
    "R3 raw loop": raw.raw,
    "R4 CPU alone": raw.limit,
}


def main(arguments: list[str]) -> None:
    """Run one client."""
    name, work, out, cores = arguments
    if cores := json.loads(cores):
        os.sched_setaffinity(0, cores)
    CLIENTS[name](Work.load(Path(work)), Path(out))


if __name__ == "__main__":
    main(sys.argv[1:])
