"""Which transport a request goes by, and that none is started or closed but what was needed."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scraper.network.download_handler import Downloader


class Fake(BaseDownloadHandler):
    """A transport that counts what becomes of it."""

    events: list[str]

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.events.append(f"start {type(self).__name__}")

    async def download_request(self, request: Request) -> Response:
        self.events.append(f"ask {type(self).__name__}")
        return Response(request.url)

    async def close(self) -> None:
        self.events.append(f"close {type(self).__name__}")


class Plain(Fake):
    pass


class Alike(Fake):
    pass


class Page(Fake):
    pass


@pytest.fixture
def downloader() -> Downloader:
    Fake.events = []
    paths = {"direct": "Plain", "impersonate": "Alike", "browser": "Page", "gone": "Gone"}
    transports = {name: f"{__name__}.{path}" for name, path in paths.items()}
    return Downloader(get_crawler(settings_dict={"TRANSPORTS": transports}))


@pytest.mark.parametrize(
    "meta, impersonate, expected",
    [
        ({"transport": ""}, False, Plain),
        ({}, False, Plain),
        ({"transport": ""}, True, Alike),
        ({}, True, Alike),
        ({"transport": "browser"}, False, Page),
        ({"transport": "browser"}, True, Page),
        ({"transport": "direct"}, True, Plain),
    ],
)
def test_the_route_chooses_and_else_the_service(
    downloader: Downloader, meta: dict[str, str], impersonate: bool, expected: type
) -> None:
    request, pool = Request("https://site.test/", meta=meta), SimpleNamespace(impersonate=impersonate)
    chosen = downloader.transport(request, pool)
    assert type(chosen) is expected and downloader.transport(request, pool) is chosen
    assert Fake.events == [f"start {expected.__name__}"]
    asyncio.run(downloader.close())
    assert Fake.events == [f"start {expected.__name__}", f"close {expected.__name__}"]


def test_what_was_never_asked_for_is_neither_started_nor_closed(downloader: Downloader) -> None:
    asyncio.run(downloader.close())
    assert Fake.events == []
