"""One run of one client, in a process of its own: `python -m tests.bench.clients NAME WORK OUT CORES`."""

import gc
import json
import logging
import os
import sys
import threading
from pathlib import Path

from scrapy.cmdline import execute
from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from tests.bench import plain
from tests.bench.spiders import Bare, StockItems
from tests.bench.subjects import SUBJECTS
from tests.bench.work import Work

OURS, AGAIN, WITHOUT_LEDGER = "ours", "ours again", "ours, no ledger"
CAPTURING, RENORMALIZE, CAPTURED = "ours, raw capture", "renormalize", "captured.jsonl"
BARE, STOCK, LOOP = "bare Scrapy", "stock Scrapy", "plain loop"
FETCH, LIMIT = "plain loop, fetching only", "CPU alone, typed"
LEVEL = "WARNING"
_STOCK = {
    "EXTENSIONS": {"tests.bench.meter.Meter": 1000},
    "LOG_LEVEL": LEVEL,
    "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": plain.CONCURRENCY,  # else it would have half of the others'
}


def subject(work: Work, out: Path) -> None:
    """The crawl as a user starts it."""
    execute(command(work, out))


def without_ledger(work: Work, out: Path) -> None:
    """The same crawl, which cannot be resumed."""
    execute([*command(work, out), "-s", "LEDGER_ENABLED=0"])


def capturing(work: Work, out: Path) -> None:
    """The same crawl, which keeps every answer."""
    execute([*command(work, out), "-s", "RAW_CAPTURE=1"])


def renormalize(work: Work, out: Path) -> None:
    """Read the answers again that a crawl has kept, and compare the records with those of its feed."""
    folder = out.parent
    feeds = ["--compare", str(folder / CAPTURED), "-O", f"{out}:jsonlines"]
    execute(["scrapy", "renormalize", str(folder / "output"), *feeds, "-s", f"LOG_LEVEL={LEVEL}"])


def command(work: Work, out: Path) -> list[str]:
    """Return the command that crawls all targets of some work, which it writes to a file."""
    targets = out.with_suffix(".txt")
    targets.write_text("\n".join(chain.link for chain in work.chains), "utf-8")
    arguments = ["-a", f"file={targets}", "-O", f"{out}:jsonlines", "-s", f"LOG_LEVEL={LEVEL}"]
    if work.spider != "hybrid":
        arguments += ["-a", f"router={SUBJECTS[work.subjects[0]].router}"]
    return ["scrapy", "crawl", work.spider, *arguments]


def bare(work: Work, out: Path) -> None:
    """Scrapy with the project's settings, which only fetches."""
    settings = get_project_settings()
    settings.set("LOG_LEVEL", LEVEL)
    process = CrawlerProcess(settings)
    process.crawl(Bare, work=work)
    logging.getLogger("scrapy").setLevel(LEVEL)  # this and the next as the project's command does
    gc.freeze()
    process.start()


def stock(work: Work, out: Path) -> None:
    """Scrapy with its own settings, with items and a feed."""
    process = CrawlerProcess(Settings({**_STOCK, "FEEDS": {str(out): {"format": "jsonlines"}}}))
    process.crawl(StockItems, work=work)
    process.start()


CLIENTS = {
    OURS: subject,
    AGAIN: subject,
    WITHOUT_LEDGER: without_ledger,
    CAPTURING: capturing,
    RENORMALIZE: renormalize,
    BARE: bare,
    STOCK: stock,
    FETCH: plain.drop,
    LOOP: plain.loop,
    LIMIT: plain.limit,
}
DROPPING = (BARE, FETCH)  # these write nothing


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
