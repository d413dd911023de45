"""Which transport a request goes by, and that none is started or closed but what was needed."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scraper.jobs.dispatch import Dispatch
from scraper.network.download_handler import DownloadHandler
from scraper.network.transports.direct import Direct


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
def downloader() -> DownloadHandler:
    Fake.events = []
    paths = {"direct": "Plain", "impersonate": "Alike", "browser": "Page", "gone": "Gone"}
    transports = {name: f"{__name__}.{path}" for name, path in paths.items()}
    return DownloadHandler(get_crawler(settings_dict={"TRANSPORTS": transports}))


@pytest.mark.parametrize(
    "transport, impersonate, expected",
    [
        ("", False, Plain),
        ("", True, Alike),
        ("browser", False, Page),
        ("browser", True, Page),
        ("direct", True, Plain),
    ],
)
def test_the_route_chooses_and_else_the_service(
    downloader: DownloadHandler, transport: str, impersonate: bool, expected: type
) -> None:
    dispatch = Dispatch(service="site", identity="default", transport=transport)
    pool = SimpleNamespace(impersonate=impersonate)
    chosen = downloader.transport(dispatch, pool)
    assert type(chosen) is expected and downloader.transport(dispatch, pool) is chosen
    assert Fake.events == [f"start {expected.__name__}"]
    asyncio.run(downloader.close())
    assert Fake.events == [f"start {expected.__name__}", f"close {expected.__name__}"]


def test_what_was_never_asked_for_is_neither_started_nor_closed(downloader: DownloadHandler) -> None:
    asyncio.run(downloader.close())
    assert Fake.events == []


async def _latin_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    await writer.drain()
    writer.close()


def test_header_bytes_that_are_not_utf8_are_kept() -> None:
    async def fetched() -> Response:
        server = await asyncio.start_server(_latin_server, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        handler = Direct(get_crawler(settings_dict={"DOWNLOAD_TIMEOUT": 10}))
        try:
            return await handler.download_request(Request(f"http://127.0.0.1:{port}/"))
        finally:
            await handler.close()
            server.close()

    response = asyncio.run(fetched())
    assert response.status == 200 and response.headers["X-Name"] == b"caf\xe9"
