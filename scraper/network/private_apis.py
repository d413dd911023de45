"""Every use of a private part of another library, with the reason.

Private parts may change in any release: requirements.txt pins these libraries exactly, and
tests/test_private_apis.py fails if a part is missing. No other module uses private parts.
"""

import asyncio
from collections.abc import Mapping
from typing import IO, Any, NamedTuple
from urllib import request

from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedSlot
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

_NO_LIMIT = 1_000_000
_AGAIN_S = 0.05


class PrivateApi(NamedTuple):
    """
    :param path: `module:attribute.attribute`
    :param why: why it is needed, and why no public API will do
    """

    path: str
    why: str


_CURL_HANDLER = "scrapy_download_handlers_incubator.handlers.curl_cffi:CurlCffiDownloadHandler"

OVERRIDDEN = (
    PrivateApi(
        "scrapy.extensions.throttle:AutoThrottle._get_slot",
        "PaceThrottle gives each slot its own minimum delay; AutoThrottle has one for all slots",
    ),
    PrivateApi(
        "scrapy.extensions.throttle:AutoThrottle._spider_opened",
        "AutoThrottle would start every slot at AUTOTHROTTLE_START_DELAY, including those with their own pace",
    ),
    PrivateApi("scrapy.extensions.throttle:AutoThrottle._min_delay", "PaceThrottle starts as AutoThrottle does"),
    PrivateApi("scrapy.extensions.throttle:AutoThrottle._max_delay", "PaceThrottle starts as AutoThrottle does"),
    PrivateApi(
        "scrapy.downloadermiddlewares.httpproxy:HttpProxyMiddleware._get_proxy",
        "a proxy without a scheme is an HTTP proxy; Scrapy gives it the scheme of the request",
    ),
    PrivateApi(
        "scrapy.downloadermiddlewares.httpproxy:HttpProxyMiddleware._set_proxy_and_creds",
        "Scrapy reads the whole environment for each request, to find out whether `no_proxy` exempts its host",
    ),
    PrivateApi("curl_cffi:AsyncSession._parse_response", "an unreadable response head hides curl's own error"),
    PrivateApi(
        f"{_CURL_HANDLER}._make_session", "sessions without redirects or cookies of their own, with our CA file"
    ),
    PrivateApi(f"{_CURL_HANDLER}._get_session", "one session per browser: a connection's handshake identifies it"),
    PrivateApi(f"{_CURL_HANDLER}._extract_proxy_url_with_creds", "it does not quote a slash in a password"),
    PrivateApi(f"{_CURL_HANDLER}._extract_proxy", "called by our `_extract_proxy_url_with_creds`"),
    PrivateApi(f"{_CURL_HANDLER}._cancel_maxsize", "a response that is too large is reported as a separate error"),
    PrivateApi(f"{_CURL_HANDLER}._is_dataloss_exception", "our transport translates all curl errors in one place"),
)
"""Methods that our subclasses override or call."""


def is_closing(crawler: Crawler) -> bool:
    """Return whether the crawl is being stopped.

    No public API tells: `spider_closed` and `engine_stopped` come only after all requests have ended, and the requests
    that wait need to know earlier.
    """
    engine = crawler.engine  # `crawler.crawling` is never set in a shell
    slot = engine._slot if engine and engine.running else None
    return slot is None or slot.closing is not None


def end_if_idle(crawler: Crawler) -> None:
    """Let a crawl that is being stopped end, once its last item is processed.

    Scrapy looks for that after the items of an answer, but not after those of `Spider.start()`.
    """
    slot = crawler.engine.scraper.slot if crawler.engine else None
    if slot is None or slot.closing is None or slot.closing.called:
        return
    if slot.is_idle():
        assert crawler.spider
        slot.closing.callback(crawler.spider)
    else:
        asyncio.get_running_loop().call_later(_AGAIN_S, end_if_idle, crawler)


def look_for_idle(crawler: Crawler) -> None:
    """Let a crawl end, if nothing is left to do. By itself, Scrapy looks only every five seconds.

    `ExecutionEngine` has no public method for it: after `DontCloseSpider`, it waits for a request or for its heartbeat.
    """
    engine = crawler.engine
    if engine and engine._slot is not None:
        engine._slot.nextcall.schedule()


def replace_downloader_interface(queue: DownloaderAwarePriorityQueue, interface: DownloaderInterface) -> None:
    """Replace the object that Scrapy's scheduler queue asks about the download slots.

    The alternative is a copy of `pop`, which also keeps the queue's files on disk consistent.
    """
    queue._downloader_interface = interface


def disable_resend(session: Any) -> None:
    """Stop an aiohttp session from silently repeating a GET when a kept-alive connection breaks.

    Two sends would be counted as one. `ClientSession` has no public option for it.
    """
    session._retry_connection = False


async def launch_playwright(handler: Any) -> None:
    """Start the browser of scrapy-playwright's download handler.

    It normally starts with the engine. We create the handler at the first request that needs a browser, much later.
    """
    await handler._launch()
    await handler._maybe_launch_browser()


def configure_playwright(handler: Any, launch_options: Mapping[str, Any], cdp_url: str | None) -> None:
    """Set options of scrapy-playwright's handler that are known only when the browser starts.

    The handler reads its settings earlier. `PagePool` limits the number of pages, because the handler's own limit
    would wait for pages that never report that they closed.
    """
    handler.config.launch_options = launch_options
    handler.config.cdp_url, handler.config.connect_url = cdp_url, None
    handler.config.max_pages_per_context = _NO_LIMIT


def playwright_context(handler: Any, name: str) -> Any:
    """Return a browser context of scrapy-playwright's handler, or None. The handler can only close all of them."""
    wrapper = handler.context_wrappers.get(name)
    return wrapper.context if wrapper else None


def curl_ffi() -> Any:
    """Return the cffi object of curl_cffi. Its public API takes no callback for CURLOPT_PREREQFUNCTION."""
    from curl_cffi._wrapper import ffi

    return ffi


def set_curl_pointer(curl: Any, option: int, pointer: Any) -> None:
    """Set an option of curl to a callback or to the data that the callback gets; see `curl_ffi`."""
    from curl_cffi._wrapper import lib

    lib._curl_easy_setopt(curl._curl, option, pointer)


def is_proxy_bypassed(host: str, proxies: Mapping[str, str]) -> bool:
    """Return whether `no_proxy` exempts a host.

    :param proxies: the environment's proxies by scheme; `no` lists the exempt hosts
    """
    return bool(request.proxy_bypass_environment(host, dict(proxies)))  # type: ignore[attr-defined]


def make_feed_exporter(slot: FeedSlot, file: IO[bytes], format: str, **options: Any) -> Any:
    """Return the exporter that a feed will use, so that invalid options are found before the crawl starts."""
    return slot._get_exporter(file, format, **options)
