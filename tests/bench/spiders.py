"""The references that are Scrapy: each makes the same requests as the crawl that is measured."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from scraper.identities.service_pools import pools_of
from scraper.jobs.dispatch import KEY, Dispatch
from scraper.platform.platform import Platform
from tests.bench.pages import at, embedded
from tests.bench.subjects import SUBJECTS
from tests.bench.work import Chain, Work
from tests.cases import PLATFORMS


class Bare(scrapy.Spider):
    """The project's settings, identity, signature and transport; the answers are dropped."""

    name = "bare"
    platforms: ClassVar[Sequence[Platform]] = PLATFORMS

    def __init__(self, work: Work):
        super().__init__()
        self._work = work
        self._services = {platform.name: platform.service.name for platform in PLATFORMS}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.pools = pools_of(crawler).pools
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for chain in self._work.chains:
            yield self.ask(chain, 0)

    def ask(self, chain: Chain, place: int) -> Request:
        """Return the request at a place of a chain."""
        ask, service = chain.asks[place], self._services[SUBJECTS[chain.subject].platform]
        identity = self.pools[service].assign(chain.id)
        dispatch = Dispatch(service=service, identity=identity.credentials.name, signed=ask.signed, referer=ask.referer)
        meta = {KEY: dispatch, "download_slot": identity.slot}
        return Request(ask.url, meta=meta, cb_kwargs={"chain": chain, "place": place}, priority=place)

    def refused(self, request: Request) -> None:
        """Nothing is refused here."""

    def parse(self, response: Response, chain: Chain, place: int) -> Iterator[Any]:
        self.read(response)
        yield from self.items(response, chain)
        if place + 1 < len(chain.asks):
            yield self.ask(chain, place + 1)

    def read(self, response: Response) -> None:
        """Note that an answer was read, so that the next request may go out."""
        self.pools[response.request.meta[KEY].service].leave(response.request)

    def items(self, response: Response, chain: Chain) -> Iterator[Any]:
        """Yield the items of a page."""
        return iter(())


class StockItems(Bare):
    """What Scrapy does when nothing is set, as a first spider uses it: a small dict an item, and Scrapy's own feed."""

    name = "stock_items"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        return super(Bare, cls).from_crawler(crawler, *args, **kwargs)

    def ask(self, chain: Chain, place: int) -> Request:
        return Request(chain.asks[place].url, cb_kwargs={"chain": chain, "place": place}, priority=place)

    def read(self, response: Response) -> None:
        """Nobody waits for it."""

    def items(self, response: Response, chain: Chain) -> Iterator[Any]:
        subject = SUBJECTS[chain.subject]
        try:
            raw_items = at(json.loads(embedded(response.body)), subject.items)
        except KeyError:  # the answer to a lookup
            return
        for raw in raw_items:
            yield _ITEM[subject.platform](raw)


def _douyin(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "aweme_id": raw["aweme_id"],
        "desc": raw["desc"],
        "create_time": raw["create_time"],
        "duration": raw["duration"],
        "author": {name: raw["author"][name] for name in ("uid", "sec_uid", "nickname")},
        "statistics": raw["statistics"],
        "cover": raw["video"]["cover"]["url_list"][0],
        "play": raw["video"]["play_addr"]["url_list"][0],
    }


def _tiktok(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": raw["id"],
        "desc": raw["desc"],
        "create_time": raw["createTime"],
        "duration": raw["video"]["duration"],
        "author": {name: raw["author"][name] for name in ("id", "uniqueId", "nickname")},
        "statistics": raw["stats"],
        "cover": raw["video"]["cover"],
        "play": raw["video"]["playAddr"],
    }


def _bilibili(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "bvid": raw["bvid"],
        "desc": raw["description"],
        "create_time": raw["created"],
        "duration": raw["length"],
        "author": {name: raw[name] for name in ("mid", "author")},
        "statistics": {name: raw[name] for name in ("play", "comment", "video_review")},
        "cover": raw["pic"],
    }


_ITEM = {"douyin": _douyin, "tiktok": _tiktok, "bilibili": _bilibili}
