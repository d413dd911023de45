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
from spiders.bilibili.spider import BILIBILI
from tests.bench.work import Chain, Work


class Bare(scrapy.Spider):
    """R1: the project's settings, identity, signature and transport; the answers are dropped."""

    name = "bare"
    platforms: ClassVar[Sequence[Platform]] = (BILIBILI,)

    def __init__(self, work: Work):
        super().__init__()
        self._work = work

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
        ask = chain.asks[place]
        identity = self.pools[BILIBILI.service.name].assign(chain.id)
        how = {"service": BILIBILI.service.name, "signed": ask.signed, "referer": ask.referer}
        dispatch = Dispatch(identity=identity.credentials.name, **how)
        meta = {KEY: dispatch, "download_slot": identity.slot}
        return Request(ask.url, meta=meta, cb_kwargs={"chain": chain, "place": place}, priority=place)

    def refused(self, request: Request) -> None:
        """Nothing is refused here."""

    def parse(self, response: Response, chain: Chain, place: int) -> Iterator[Any]:
        self.read(response)
        yield from self.held(response)
        if place + 1 < len(chain.asks):
            yield self.ask(chain, place + 1)

    def read(self, response: Response) -> None:
        """Note that an answer was read, so that the next request may go out."""
        self.pools[BILIBILI.service.name].leave(response.request)

    def held(self, response: Response) -> Iterator[Any]:
        """Yield the items of a page."""
        return iter(())


class Stock(Bare):
    """R2: what Scrapy does when nothing is set, fetching only."""

    name = "stock"

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        return super(Bare, cls).from_crawler(crawler, *args, **kwargs)

    def ask(self, chain: Chain, place: int) -> Request:
        return Request(chain.asks[place].url, cb_kwargs={"chain": chain, "place": place}, priority=place)

    def read(self, response: Response) -> None:
        """Nobody waits for it."""


class StockItems(Stock):
    """R2 with what a first spider does: a small dict an item, and Scrapy's own feed."""

    name = "stock_items"

    def held(self, response: Response) -> Iterator[Any]:
        for raw in json.loads(response.body)["data"]["list"]["vlist"]:
            yield {
                "code": 200,
                "router": "/api/bilibili/web/fetch_user_post_videos",
                "data": {
                    "video_id": raw["bvid"],
                    "aid": raw["aid"],
                    "title": raw["title"],
                    "desc": raw["description"],
                    "create_time": raw["created"],
                    "length": raw["length"],
                    "author": {"uid": raw["mid"], "nickname": raw["author"]},
                    "statistics": {
                        "play_count": raw["play"],
                        "comment_count": raw["comment"],
                        "danmaku_count": raw["video_review"],
                    },
                    "type_id": raw["typeid"],
                    "cover": raw["pic"],
                },
            }
