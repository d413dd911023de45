"""Ask for posts again, for fresh addresses of their files: through the same crawl, but nothing of it is written."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import Protocol

from scrapy.crawler import Crawler
from scrapy.http import Request

from scraper.crawling.callback_guard import Output
from scraper.crawling.page_handler import PageHandler
from scraper.inputs.ask import Ask
from scraper.inputs.share_text import target_of
from scraper.jobs.job import Job
from scraper.output.envelope import Envelope
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.records import Meta

_NUMBERS = count(-1, -1)  # those of callers' asks are not negative


class RefetchingSpider(Protocol):
    """The parts of a spider that ask for a post."""

    crawler: Crawler
    atlas: Atlas
    page_handler: PageHandler

    def unknown_job(self, ask: Ask, target: Target, number: int = 0) -> Job: ...

    def ask(self, ask: Ask, target: Target, others: Sequence[str], number: int) -> Output: ...


class _Answer:
    """Receives the envelopes of one ask."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.is_complete = asyncio.Event()

    def receive(self, envelopes: Sequence[Envelope]) -> None:
        self.envelopes.extend(envelopes)

    def finish(self, complete: bool) -> None:
        self.is_complete.set()


class Refetcher:
    """Asks for posts again."""

    def __init__(self, spider: RefetchingSpider):
        self._spider = spider

    async def fetch(self, meta: Meta, url: str | None) -> Sequence[Envelope]:
        """Return the envelopes of a new answer about a post; [] if nothing is known that could be asked.

        :param meta: of its record
        :param url: its page
        """
        router, target = self._question(meta, url)
        if target is None:
            return []
        spider, ask = self._spider, Ask(id=next(_NUMBERS), routers=(router,) if router else (), is_internal=True)
        answer, job = _Answer(), spider.unknown_job(ask, target)
        asks = spider.page_handler.asks
        asks.open(ask, answer).pending += 1  # until its requests are sent
        outputs = spider.page_handler.guard.guard(job, spider.ask(ask, target, (), 0))
        for output in spider.page_handler.journal.of_internal(job, outputs):
            assert isinstance(output, Request)
            spider.crawler.engine.crawl(output)
        asks.ended(job)
        await answer.is_complete.wait()
        return answer.envelopes

    def _question(self, meta: Meta, url: str | None) -> tuple[str, Target | None]:
        """Return the router and the target that give a record again: those that gave it, else the page of the post."""
        endpoint = self._spider.atlas.endpoints.get(meta.router or "")
        if endpoint and endpoint.pagination is None and meta.target and meta.target_kind == endpoint.kind:
            target = target_of(meta.target, self._spider.atlas)
            if target and target.kind == endpoint.kind:
                return endpoint.router, target
        return "", target_of(url, self._spider.atlas) if url else None
