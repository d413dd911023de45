"""Asks in the platform's own page, in a browser: the page's script signs the request as it signs its own.

`launch_options` finds the browser; scrapy-playwright starts it and opens pages.
Nothing here computes a signature, and nothing solves a check: a page that shows one ends in a CHALLENGE.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PageTimeoutError
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.jobs.dispatch import dispatch_of
from scraper.network.browser import page_scripts
from scraper.network.browser.launcher import BrowserLauncher
from scraper.network.browser.page import WarmPage
from scraper.network.browser.session import BrowserSession
from scraper.network.browser.sessions import BrowserSessions
from scraper.network.private_apis import is_closing
from scraper.responses.exceptions import Closing

if TYPE_CHECKING:
    from playwright.async_api import Request as PageRequest

_UNSEEN = ("image", "media", "font")
_DENIED = (401, 403)
_MARGIN_S = 5.0
_POLL_S, _STOPPING_S = 0.25, 2.0
_MOST_OPENING = 4  # pages that load at once, of all identities: more would all be too late
_SETTLING_S = 3.0  # in which the script of a page that has just been opened may still come


def is_unseen(request: "PageRequest") -> bool:
    """Say whether a page can do without what it asks for: nobody looks at it."""
    return request.resource_type in _UNSEEN


class Browser(BaseDownloadHandler):
    """Has requests made by warm pages: one browser a crawl, one context an identity."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        settings = crawler.settings
        self._limit_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._warm_s = settings.getfloat("PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT") / 1000
        self._largest = settings.getint("DOWNLOAD_MAXSIZE")
        self._most = settings.getint("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT")
        self._starting = BrowserLauncher(crawler)
        self._sessions = BrowserSessions(settings.getint("PLAYWRIGHT_MAX_CONTEXTS"))
        self._scriptless: set[str] = set()
        self._opening = asyncio.Semaphore(_MOST_OPENING)
        atlas = pools_of(crawler).atlas
        assert atlas is not None, "a spider that is not ours has no requests for a browser of ours"
        self._atlas = atlas

    async def download_request(self, request: Request) -> Response:
        dispatch = dispatch_of(request)
        pool = pools_of(self.crawler).pools[dispatch.service]
        identity = pool.get(dispatch.identity)
        handler = await self._starting.handler()
        started = time.monotonic()
        try:
            response = await self._until_stopped(self._asked(self._new(handler, identity, pool), identity, request))
        except (PageTimeoutError, TimeoutError):
            raise DownloadTimeoutError("no answer from the page in time") from None
        except Error as error:
            raise page_scripts.translated(error.message) from None
        request.meta["download_latency"] = time.monotonic() - started
        return response

    async def _until_stopped(self, work: Coroutine[Any, Any, Response]) -> Response:
        """Return what it gives. A stop of the crawl waits for it only a little, since a page may take long.

        :raises Closing: if the crawl is being stopped
        """
        task = asyncio.ensure_future(work)
        try:
            while not is_closing(self.crawler):
                await asyncio.wait({task}, timeout=_POLL_S)
                if task.done():
                    return task.result()
            await asyncio.wait({task}, timeout=_STOPPING_S)
            if task.done():
                return task.result()
            raise Closing("the crawl is being stopped")
        finally:
            task.cancel()

    async def _asked(self, new: Callable[[], BrowserSession], identity: Identity, request: Request) -> Response:
        async with self._sessions.borrow(identity, new) as session:
            home = _home(request.url, session.pool.service.home)
            async with session.tabs.borrow(home, lambda: identity.generation) as tab:
                await session.give_cookies(tab.page)
                response = await self._ask(tab, request)
                if not tab.is_lost():
                    await session.take_cookies(tab.page)
        return response

    async def _ask(self, tab: WarmPage, request: Request) -> Response:
        argument = page_scripts.asked(request, self._limit_s, self._largest)
        response = await self._run(tab, request, argument)
        if tab.is_unproven() and _is_empty_or_denied(response):  # what changed how it asks may not have been what signs
            await asyncio.sleep(_SETTLING_S)
            response = await self._run(tab, request, argument)
        tab.note(_is_empty_or_denied(response))
        return response

    async def _run(self, tab: WarmPage, request: Request, argument: dict[str, Any]) -> Response:
        found = await tab.run(page_scripts.FETCH, argument, self._limit_s + _MARGIN_S)
        return page_scripts.answered(request, found, self._limit_s, tab.failure)

    def _new(
        self, handler: ScrapyPlaywrightDownloadHandler, identity: Identity, pool: Pool
    ) -> Callable[[], BrowserSession]:
        """Return what makes the session of an identity."""
        verdicts, shared = self._atlas.verdicts_of(identity.service), (self._scriptless, self._opening)
        return lambda: BrowserSession(handler, identity, pool, verdicts, self._warm_s, self._most, *shared)

    async def close(self) -> None:
        await self._starting.close()


def _is_empty_or_denied(response: Response) -> bool:
    """Say whether an answer is of the kind that what is unsigned gets."""
    return not response.body.strip() or response.status in _DENIED


def _home(url: str, home: str) -> str:
    """Return the page that may ask for a URL: one of its own origin."""
    parts = urlsplit(url)
    return home if home and urlsplit(home).netloc == parts.netloc else f"https://{parts.netloc}/"
