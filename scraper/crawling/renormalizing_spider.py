"""The spider of `scrapy renormalize`: pages of captures, which pass pipelines and sinks like those of a crawl."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import scrapy

from scraper.captures.renormalizing import Renormalizing
from scraper.output.envelope import page_processed

_PAGES_AHEAD = 20  # that wait for the sinks


class RenormalizingSpider(scrapy.Spider):
    """Yields the pages of captures. It makes no request."""

    name = "renormalize"

    def __init__(self, name: str | None = None, *, runs: Renormalizing, **arguments: Any):
        super().__init__(name, **arguments)
        self._runs = runs

    async def start(self) -> AsyncIterator[Any]:
        slot = self.crawler.engine.scraper.slot
        for page in self._runs.pages():
            yield page
            await asyncio.sleep(0)
            while slot and slot.itemproc_size >= _PAGES_AHEAD:
                await self.crawler.signals.wait_for(page_processed)
