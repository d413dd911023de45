"""Parts of Scrapy that few crawls need, imported when they are needed: their imports take half as long as Scrapy's own.

Platform spiders send HTTPS requests with cookies of their own. These parts are for other requests, and for settings
that are off by default. Scrapy imports all that its settings name, so `scraper.settings` does not name them.
"""

from collections.abc import Mapping
from typing import Any, Self

from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, NotConfigured
from scrapy.http import Request, Response
from scrapy.utils.misc import build_from_crawler, load_object

COOKIES = "scrapy.downloadermiddlewares.cookies.CookiesMiddleware"
REMOTE_CONTROL = "scrapy.extensions.remote_control.RemoteControl"
TUNNEL_ERROR = "scrapy.core.downloader.handlers.http11.TunnelError"


def replaced(components: Mapping[str, int]) -> dict[str, int]:
    """Return Scrapy's components with those of this module in place of the ones that they import.

    >>> replaced({"scrapy.extensions.remote_control.RemoteControl": 0, "scrapy.extensions.logstats.LogStats": 0})
    {'scraper.network.on_demand.RemoteControl': 0, 'scrapy.extensions.logstats.LogStats': 0}
    """
    own = {COOKIES: f"{__name__}.Cookies", REMOTE_CONTROL: f"{__name__}.RemoteControl"}
    return {own.get(path, path): place for path, place in components.items()}


class ScrapyHandler(BaseDownloadHandler):
    """Scrapy's own handler of HTTP and HTTPS."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        path = crawler.settings["DOWNLOAD_HANDLERS_BASE"]["https"]
        self._handler: BaseDownloadHandler = build_from_crawler(load_object(path), crawler)
        self._tunnel_error: type[Exception] = load_object(TUNNEL_ERROR)

    async def download_request(self, request: Request) -> Response:
        """Send a request.

        :raises DownloadFailedError: if a proxy refuses it, which Scrapy's retry middleware tries again
        """
        try:
            return await self._handler.download_request(request)
        except self._tunnel_error as error:
            raise DownloadFailedError(str(error)) from error

    async def close(self) -> None:
        await self._handler.close()


class Cookies:
    """Scrapy's cookie middleware."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._made: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("COOKIES_ENABLED"):
            raise NotConfigured
        return cls(crawler)

    def process_request(self, request: Request) -> Request | Response | None:
        return None if _is_left_alone(request) else self._middleware().process_request(request)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        return response if _is_left_alone(request) else self._middleware().process_response(request, response)

    def _middleware(self) -> Any:
        self._made = self._made or build_from_crawler(load_object(COOKIES), self._crawler)
        return self._made


def _is_left_alone(request: Request) -> bool:
    return bool(request.meta.get("dont_merge_cookies"))


class RemoteControl:
    """Scrapy's remote control, a server that executes commands."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        if not crawler.settings.getbool("REMOTE_CONTROL_ENABLED"):
            raise NotConfigured
        return build_from_crawler(load_object(REMOTE_CONTROL), crawler)
