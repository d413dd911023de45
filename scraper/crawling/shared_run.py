"""A run in the process of a long-lived crawler: it has the crawler's identities, and its own ledger and feed.

Since it is begun as `scrapy resume` continues a run, one that was killed continues in the same way.
"""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.addons import AddonManager
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import is_reactor_installed

from scraper import __version__
from scraper.crawling.spider import PlatformSpider
from scraper.identities.masking import mask
from scraper.identities.service_pools import share_pools
from scraper.inputs.arguments import OURS, parse, writable
from scraper.ledger.feed_cutting import feeds_to_go_on
from scraper.ledger.ledger import ledger_of
from scraper.ledger.progress import FeedPosition, Progress
from scraper.ledger.run import Run
from scraper.ledger.run_lock import hold, release
from scraper.ledger.store import Lease, store_of
from scraper.output.emitter import new_run_id
from scraper.output.sinks import OUTPUT_FAILURES
from scraper.platform.registry import spiders_of
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

_NEEDS_COMMAND = ("file", "due", "dry_run")
_TAKEN = ("spider", *(name for name in OURS if name not in _NEEDS_COMMAND))
_POLL_S = 0.02
_FEED: Mapping[str, Any] = {"format": "jsonlines", "store_empty": False, "overwrite": False}
_OVERRIDES: Mapping[str, Any] = {"SUMMARY": "off"}


def new_run(settings: Settings, spider: str, arguments: Mapping[str, str]) -> Run:
    """Return a run that was not begun. It writes to a feed in OUTPUT_DIR.

    :raises ArgumentError: names the wrong spider, argument or setting, and shows the right form
    """
    if not settings.getbool("LEDGER_ENABLED"):
        raise ArgumentError("LEDGER_ENABLED=0: jobs are rows of the ledger; leave out LEDGER_ENABLED")
    for name in _NEEDS_COMMAND:
        if name in arguments:
            raise ArgumentError(f"{name} is for crawls from the command line: leave it out, and name targets in url")
    given, kind = writable(arguments), spider_named(settings, spider)
    parse(given, kind.build_atlas(), kind.router or "", ours=_TAKEN)
    run_id = new_run_id()
    folder = Path(settings["OUTPUT_DIR"], spider).absolute()
    feed = str(folder / f"{run_id}.jsonl")
    return Run(
        run_id=run_id,
        spider=spider,
        arguments=given,
        folder=str(Path.cwd()),
        feeds={feed: {**_FEED}},
        code_version=__version__,
        started_time=int(time.time()),
        report=str(folder / f"{run_id}.run.json"),
        progress=Progress(feeds={feed: FeedPosition(feed, start=0, size=0, items=0, file=(0, 0))}),
    )


class TakenError(Exception):
    """Another process continues a run."""


class SharedRun:
    """One start of a run.

    :param owner: the crawl whose identities it uses
    :param url: of the database that holds its ledger
    :param lease: see `Store`; None for a run that a lock file protects
    :ivar report: what RUN_WEBHOOK is to get once it has ended, None for nothing
    """

    def __init__(self, run: Run, settings: Settings, owner: Crawler, url: str, lease: Lease | None = None):
        self._run, self._settings, self._owner, self._url = run, settings.copy(), owner, url
        self._lease = lease
        self.report: bytes | None = None
        self._crawler: Crawler | None = None
        self._has_started = False
        self._stopping: asyncio.Task[None] | None = None
        self._is_stopped = False

    @property
    def spider(self) -> str:
        """The name of its spider."""
        return self._run.spider

    @property
    def committed(self) -> Progress | None:
        """The requests and the counts of the run that are committed, None until it has begun."""
        ledger = ledger_of(self._crawler) if self._crawler else None
        return ledger.committed if ledger else None

    async def finish(self) -> str | None:
        """Run it to its end, and return what failed in it, None if nothing did.

        :raises TakenError: if another process continues it
        :raises ArgumentError: if its feed was changed, or its arguments are wrong
        :raises OSError: if its lock cannot be written
        """
        if self._lease:
            return await self._finish()
        folder, run_id = self._settings["STATE_DIR"], self._run.run_id
        if not await asyncio.to_thread(hold, folder, run_id, self._url):
            raise TakenError(f"run {run_id} is under way in another process")
        try:
            return await self._finish()
        finally:
            release(folder, run_id, is_finished=False)

    async def _finish(self) -> str | None:
        feeds = await asyncio.to_thread(feeds_to_go_on, self._run)
        self._settings.setdict({"FEEDS": feeds, "RESUME_RUN": self._run.run_id}, priority="cmdline")
        own = {**_OVERRIDES, "TWISTED_REACTOR_ENABLED": is_reactor_installed()}
        self._settings.setdict(own, priority="project")  # they are not of the run, if a command continues it
        AddonManager.load_pre_crawler_settings(self._settings)
        crawler = Crawler(spider_named(self._settings, self._run.spider), self._settings)
        share_pools(crawler, self._owner)
        if self._lease:
            made = store_of(crawler)
            assert made, "a run of the ledger has a store"
            made.lease = self._lease
        self._crawler = crawler
        crawler.signals.connect(self._note_start, signals.engine_started)
        await crawler.crawl_async(**self._run.arguments)
        if self._stopping is not None:
            await self._stopping
        spider = crawler.spider
        if isinstance(spider, PlatformSpider) and spider.report:
            self.report = spider.report.sent
        failures = crawler.stats.get_value(OUTPUT_FAILURES) if crawler.stats else None
        return mask("; ".join(failures)) if failures else None

    def _note_start(self) -> None:
        self._has_started = True
        if self._is_stopped:
            self.stop()

    def stop(self) -> None:
        """Stop it. It can be continued."""
        self._is_stopped = True
        if self._crawler and self._has_started and self._stopping is None:
            self._stopping = asyncio.create_task(_stop(self._crawler))


async def _stop(crawler: Crawler) -> None:
    """Stop a crawl that starts. If its engine does not run yet, Scrapy would never end it."""
    while crawler.crawling and not crawler.engine.running:
        await asyncio.sleep(_POLL_S)
    await crawler.stop_async()


def spider_named(settings: Settings, name: str) -> type[PlatformSpider]:
    """Return a spider by its name.

    :raises ArgumentError: if there is no such spider
    """
    loader = spiders_of(settings)
    kind = loader.load(name) if name in loader.list() else None
    if kind is None or not issubclass(kind, PlatformSpider):
        raise ArgumentError(unknown("spider", name, loader.list()))
    return kind
