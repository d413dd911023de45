"""Every use of a part of another library that is not public, with the reason.

Such a part may change in any release: the libraries are pinned exactly in requirements.txt, and
tests/test_private_apis.py fails when a part is gone. Nothing else here reaches into another library.
"""

from typing import Any, NamedTuple

from scrapy.crawler import Crawler
from scrapy.pqueues import DownloaderAwarePriorityQueue, DownloaderInterface


class PrivateApi(NamedTuple):
    """
    :param path: `module:attribute.attribute`
    :param why: what it is needed for, and why nothing public does it
    """

    path: str
    why: str


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
)
"""Methods that a class of ours overrides."""


def is_closing(crawler: Crawler) -> bool:
    """Say whether the crawl is being stopped. Nothing public says that a stop was asked for: `spider_closed` and
    `engine_stopped` come only after all requests ended, and these wait for the answer.
    """
    slot = crawler.engine._slot if crawler.engine else None
    return not crawler.crawling or slot is None or slot.closing is not None


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
