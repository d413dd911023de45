"""Every use of a part of another library that is not public, with the reason.

Such a part may change in any release: the libraries are pinned exactly in requirements.txt, and
tests/test_private_apis.py fails when a part is gone. Nothing else here reaches into another library.
"""

from collections.abc import Mapping
from typing import IO, Any, NamedTuple
from urllib import request

from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import FeedSlot
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface

_NO_LIMIT = 1_000_000


class PrivateApi(NamedTuple):
    """
    :param path: `module:attribute.attribute`
    :param why: what it is needed for, and why nothing public does it
    """

    path: str
    why: str


_CURL_HANDLER = "scrapy_download_handlers_incubator.handlers.curl_cffi:CurlCffiDownloadHandler"

OVERRIDDEN = (
    PrivateApi(
        "scrapy.extensions.throttle:AutoThrottle._get_slot",
        "PaceThrottle gives each slot its own minimum delay; AutoThrottle knows one for all slots",
    ),
    PrivateApi(
        "scrapy.extensions.throttle:AutoThrottle._spider_opened",
        "AutoThrottle would start every slot, also those with a pace of their own, at AUTOTHROTTLE_START_DELAY",
    ),
    PrivateApi("scrapy.extensions.throttle:AutoThrottle._min_delay", "PaceThrottle starts as AutoThrottle does"),
    PrivateApi("scrapy.extensions.throttle:AutoThrottle._max_delay", "PaceThrottle starts as AutoThrottle does"),
    PrivateApi(
        "scrapy.downloadermiddlewares.httpproxy:HttpProxyMiddleware._get_proxy",
        "a proxy without a scheme is an HTTP proxy; Scrapy gives it the scheme of the request",
    ),
    PrivateApi("curl_cffi:AsyncSession._parse_response", "a head that cannot be read hides the error of curl itself"),
    PrivateApi(
        f"{_CURL_HANDLER}._make_session", "sessions without redirects or cookies of their own, with our CA file"
    ),
    PrivateApi(f"{_CURL_HANDLER}._get_session", "one session for each browser: a connection shows whose it is"),
    PrivateApi(f"{_CURL_HANDLER}._extract_proxy_url_with_creds", "it leaves a slash in a password as it is"),
    PrivateApi(f"{_CURL_HANDLER}._extract_proxy", "called by our `_extract_proxy_url_with_creds`"),
    PrivateApi(f"{_CURL_HANDLER}._cancel_maxsize", "an answer that is too large is an error of its own"),
    PrivateApi(f"{_CURL_HANDLER}._is_dataloss_exception", "our transport translates the errors of curl in one place"),
)
"""Methods that a class of ours overrides, or calls on itself."""


def is_closing(crawler: Crawler) -> bool:
    """Say whether the crawl is being stopped. Nothing public says that a stop was asked for: `spider_closed` and
    `engine_stopped` come only after all requests ended, and these wait for the answer.
    """
    engine = crawler.engine  # `crawler.crawling` is never set in a shell
    slot = engine._slot if engine and engine.running else None
    return slot is None or slot.closing is not None


def replace_downloader_interface(queue: DownloaderAwarePriorityQueue, interface: DownloaderInterface) -> None:
    """Have Scrapy's scheduler queue ask another object which slots there are and what they hold.

    Otherwise all of `pop` would have to be repeated, which also keeps the queue's files on disk in order.
    """
    queue._downloader_interface = interface


def disable_resend(session: Any) -> None:
    """Keep an aiohttp session from sending a GET again by itself when a kept connection breaks.

    Two sends would be counted as one; the public `ClientSession` has no option for it.
    """
    session._retry_connection = False


async def launch_playwright(handler: Any) -> None:
    """Start the browser of scrapy-playwright's download handler.

    It would do so when the engine starts; ours is made by the first request that needs a browser, long after that.
    """
    await handler._launch()
    await handler._maybe_launch_browser()


def configure_playwright(handler: Any, launch_options: Mapping[str, Any], cdp_url: str | None) -> None:
    """Give scrapy-playwright's handler options that are known only when the browser starts; it reads settings earlier.

    `PagePool` limits the pages. The handler's own limit would wait for pages that never say that they closed.
    """
    handler.config.launch_options = launch_options
    handler.config.cdp_url, handler.config.connect_url = cdp_url, None
    handler.config.max_pages_per_context = _NO_LIMIT


def playwright_context(handler: Any, name: str) -> Any:
    """Return a browser context of scrapy-playwright's handler, or None. By itself it closes them only all at once."""
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
    """Say whether `no_proxy` exempts a host.

    :param proxies: the proxies of the environment by scheme, with `no` for the exemptions
    """
    return bool(request.proxy_bypass_environment(host, dict(proxies)))  # type: ignore[attr-defined]


def make_feed_exporter(slot: FeedSlot, file: IO[bytes], format: str, **options: Any) -> Any:
    """Return the exporter that a feed will use, made in advance: an option that it refuses is found at the start."""
    return slot._get_exporter(file, format, **options)
