"""A crawl in the event loop that runs it: start it, read its pages, stop it."""

import asyncio
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner

from scraper.output.exit_code import incomplete
from scraper.output.sinks import OUTPUT_FAILURES
from scraper.output.statistics import counts
from scraper.python_api.inbox import Inbox, sink_for
from scraper.python_api.prepared import Prepared
from scraper.responses.exceptions import ArgumentError

_LAST = 1_000_000  # after every other sink, so that the caller only sees items that were written
_PAUSE_S = 0.01


class CrawlError(RuntimeError):
    """A crawl failed. The message says what happened and what to do.

    :ivar envelope: the failure, if an input failed and `errors="raise"`; else None
    """

    def __init__(self, message: str, envelope: Any = None):
        super().__init__(message)
        self.envelope = envelope


class RunningCrawl:
    """A crawl in progress. All methods run in its own loop."""

    def __init__(self, prepared: Prepared):
        self._inbox = Inbox()
        settings = prepared.settings.copy()
        pipelines = {**settings.getdict("ITEM_PIPELINES"), sink_for(self._inbox): _LAST}
        settings.set("ITEM_PIPELINES", pipelines, priority="cmdline")
        runner = AsyncCrawlerRunner(settings)
        self._crawler = runner.create_crawler(prepared.spider)
        self._task = runner.crawl(self._crawler, **prepared.arguments)
        self._closing = asyncio.create_task(self._close_inbox())

    async def _close_inbox(self) -> None:
        await asyncio.wait([self._task])
        await self._inbox.close()

    async def next_page(self) -> list[Any] | None:
        """Return the next page of items, or None at the end.

        :raises CrawlError: if the crawl could not be started, was stopped by a setting, left inputs unanswered, or
            one of its outputs or pipelines failed
        :raises ArgumentError: if the input contains no link or id
        """
        page = await self._inbox.get()
        if page is None:
            await self._conclude()
        return page

    async def _conclude(self) -> None:
        await self._task  # raises if the crawl could not start
        stats = self._crawler.stats.get_stats()
        if failures := stats.get(OUTPUT_FAILURES):
            raise CrawlError("; ".join(failures))
        if reason := incomplete(stats):
            raise CrawlError(f"{reason}; the log says more")
        if not counts(stats):
            raise ArgumentError("no link or id found in the input: give links, ids or share texts")

    async def stop(self) -> None:
        """Stop the crawl, and return when its connections and outputs are closed."""
        await self._inbox.close(discard=True)
        while not self._task.done() and not self._is_running():
            await asyncio.sleep(_PAUSE_S)
        if not self._task.done():
            await self._crawler.stop_async()
        await asyncio.wait([self._task, self._closing])
        if not self._task.cancelled():
            self._task.exception()  # asyncio would report it if it were never retrieved

    def _is_running(self) -> bool:
        return self._crawler.spider is not None and self._crawler.engine.running
