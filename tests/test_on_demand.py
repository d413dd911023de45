"""What few crawls need is imported when it is needed, and works as Scrapy's users expect."""

import asyncio
from types import SimpleNamespace

import pytest
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import DownloadFailedError, NotConfigured
from scrapy.http import Request
from scrapy.settings import Settings
from scrapy.utils.misc import load_object
from scrapy.utils.project import get_project_settings

from scraper.network.on_demand import Cookies, RemoteControl, ScrapyHandler
from tests.crawling import crawl

HEAVY = ("tldextract", "scrapy.core.downloader.contextfactory", "aiohttp.web", "procrastinate", "croniter", "psycopg")


def test_a_crawl_imports_none_of_it() -> None:
    done = crawl("url=BV1xx411c7mD", process=True, env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "aiohttp" in imported
    assert not imported & set(HEAVY)


class Refusing(BaseDownloadHandler):
    lazy = True

    async def download_request(self, request: Request) -> None:
        raise TunnelError("Could not open CONNECT tunnel with proxy")


def test_a_refused_tunnel_is_tried_again() -> None:
    handler = ScrapyHandler(SimpleNamespace(settings={"DOWNLOAD_HANDLERS_BASE": {"https": Refusing}}))
    with pytest.raises(DownloadFailedError, match="CONNECT tunnel"):
        asyncio.run(handler.download_request(Request("https://site.test/")))
    retried = get_project_settings()["RETRY_EXCEPTIONS"]
    assert DownloadFailedError in [load_object(error) if isinstance(error, str) else error for error in retried]


@pytest.mark.parametrize(
    ("component", "off"), [(Cookies, {"COOKIES_ENABLED": False}), (RemoteControl, {"REMOTE_CONTROL_ENABLED": False})]
)
def test_what_is_off_is_left_out(component: type, off: dict[str, bool]) -> None:
    with pytest.raises(NotConfigured):
        component.from_crawler(SimpleNamespace(settings=Settings(off)))
