"""Pages through Scrapy's real engine with the project's settings, in this process and without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, ClassVar

import scrapy
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from scrapy.settings import default_settings
from scrapy.utils.project import get_project_settings

from scraper.output.envelope import Envelope, EnvelopePage

_DATA = {
    "data": "scrapy.core.downloader.handlers.datauri.DataURIDownloadHandler",
    "http": None,  # Scrapy's own opens a session at once, and leaves it open if the crawl does not begin
    "https": None,
}


class Pages(scrapy.Spider):
    """Gets an answer for each page. What is a list of envelopes comes as a page, anything else item by item."""

    name = "pages"
    pages: ClassVar[Sequence[Sequence[Any]]] = ()

    async def start(self) -> AsyncIterator[Any]:
        for number in range(len(self.pages)):
            yield scrapy.Request(f"data:,{number}", priority=-number)

    def parse(self, response: Response) -> Iterator[Any]:
        page = list(self.pages[int(response.body)])
        if all(isinstance(entry, Envelope) for entry in page):
            yield EnvelopePage(page, response=response)
        else:
            yield from page


def run(
    pages: Sequence[Sequence[Any]], prepare: Callable[[Crawler], object] | None = None, **settings: Any
) -> dict[str, Any]:
    """Crawl pages to the end, and return the stats.

    :param prepare: gets the crawler before it starts
    """
    project = get_project_settings()
    extensions = {**project["EXTENSIONS"], "scraper.network.autothrottle.PaceThrottle": None}
    own = {"TWISTED_REACTOR_ENABLED": False, "LOG_ENABLED": False, "DOWNLOAD_HANDLERS": _DATA}
    middlewares = default_settings.DOWNLOADER_MIDDLEWARES_BASE
    own |= {
        "DOWNLOADER_MIDDLEWARES_BASE": middlewares,
        "REQUEST_FINGERPRINTER_CLASS": "scrapy.utils.request.RequestFingerprinter",
    }
    own |= {"EXTENSIONS": {**extensions, **settings.pop("EXTENSIONS", {})}, "CONCURRENT_REQUESTS": 1}
    project.setdict({**own, **settings}, priority="cmdline")

    async def crawl() -> dict[str, Any]:
        runner = AsyncCrawlerRunner(project)
        crawler = runner.create_crawler(type("Spider", (Pages,), {"pages": pages}))
        if prepare:
            prepare(crawler)
        await runner.crawl(crawler)
        return crawler.stats.get_stats()

    return asyncio.run(crawl())
