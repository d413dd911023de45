"""The smallest spider: what Scrapy needs to its first request. Run by `scrapy runspider`, outside the project."""

from collections.abc import AsyncIterator

import scrapy


class Minimal(scrapy.Spider):
    name = "minimal"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield scrapy.Request(self.url)
