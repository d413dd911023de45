"""One crawl in the event loop that runs it: start it, take its pages, stop it."""

import asyncio
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner

from scraper.output.sinks import OUTPUT_FAILURES
from scraper.output.statistics import counts
from scraper.python_api.inbox import Inbox, sink_for
from scraper.python_api.prepared import Prepared
from scraper.responses.exceptions import ArgumentError

_LAST = 1_000_000  # after every other sink, so that the caller never sees what could not be written
_PAUSE_S = 0.01


class CrawlError(RuntimeError):
    """A crawl did not do what it was asked for. The message says what happened and what to do.

    :ivar envelope: the failure, if one input failed and `errors="raise"` was given
    """

    def __init__(self, message: str, envelope: Any = None):
        super().__init__(message)
        self.envelope = envelope


class RunningCrawl:
    """A crawl under way. All methods run in its own loop."""

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

        :raises CrawlError: the crawl could not be started, or an output of it failed
        :raises ArgumentError: nothing in the input names a target
        """
        page = await self._inbox.get()
        if page is None:
            await self._conclude()
        return page

    async def _conclude(self) -> None:
        await self._task  # raises what kept the crawl from starting
        stats = self._crawler.stats.get_stats()
        if failures := stats.get(OUTPUT_FAILURES):
            raise CrawlError("; ".join(failures))
        if stats.get("finish_reason") == "finished" and not counts(stats):
            raise ArgumentError("no link or id in the input: give links, ids or share texts")

    async def stop(self) -> None:
        """End the crawl, and return when its connections and outputs are closed."""
        await self._inbox.close(discard=True)
        while not self._task.done() and not self._is_running():
            await asyncio.sleep(_PAUSE_S)
        if not self._task.done():
            await self._crawler.stop_async()
        await asyncio.wait([self._task, self._closing])
        if not self._task.cancelled():
            self._task.exception()  # it was told by next_page, or nobody waits for it any more

    def _is_running(self) -> bool:
        return self._crawler.spider is not None and self._crawler.engine.running
