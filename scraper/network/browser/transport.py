"""Transport that makes requests from the platform's own page, whose script signs them like its own.

`launch_options` finds the browser; scrapy-playwright starts it and opens pages. No code here computes a signature or
solves a challenge: a page that shows one ends in a CHALLENGE.
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
from scraper.network.browser.session_limit import BrowserSessions
from scraper.network.private_apis import is_closing
from scraper.responses.exceptions import Closing

if TYPE_CHECKING:
    from playwright.async_api import Request as PageRequest

_SKIPPED_TYPES = ("image", "media", "font")
_DENIED = (401, 403)
_MARGIN_S = 5.0
_POLL_S, _STOPPING_S = 0.25, 2.0
_MAX_OPENING = 4  # pages of all identities that load at once: more would all be too late
_SETTLING_S = 3.0  # the script of a page that was just opened may still be loading


def is_skipped(request: "PageRequest") -> bool:
    """Return whether to abort a page's request, for images and other resources that only a viewer needs."""
    return request.resource_type in _SKIPPED_TYPES


class Browser(BaseDownloadHandler):
    """Make requests from warm pages, with one browser per crawl and one context per identity."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        settings = crawler.settings
        self._limit_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._warm_s = settings.getfloat("PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT") / 1000
        self._largest = settings.getint("DOWNLOAD_MAXSIZE")
        self._max_pages = settings.getint("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT")
        self._launcher = BrowserLauncher(crawler)
        self._sessions = BrowserSessions(settings.getint("PLAYWRIGHT_MAX_CONTEXTS"))
        self._scriptless: set[str] = set()
        self._opening = asyncio.Semaphore(_MAX_OPENING)
        for pool in pools_of(crawler).pools.values():
            pool.holding.closers.add(self._sessions.close_obsolete)
        atlas = pools_of(crawler).atlas
        assert atlas is not None, "only platform spiders have requests for this transport"
        self._atlas = atlas

    async def download_request(self, request: Request) -> Response:
        dispatch = dispatch_of(request)
        pool = pools_of(self.crawler).pools[dispatch.service]
        identity = pool.get(dispatch.identity)
        handler = await self._launcher.handler()
        started = time.monotonic()
        try:
            new_session = self._new(handler, identity, pool)
            response = await self._until_stopped(self._fetch(new_session, identity, request))
        except (PageTimeoutError, TimeoutError):
            raise DownloadTimeoutError("no answer from the page in time") from None
        except Error as error:
            raise page_scripts.to_exception(error.message) from None
        request.meta["download_latency"] = time.monotonic() - started
        return response

    async def _until_stopped(self, work: Coroutine[Any, Any, Response]) -> Response:
        """Await `work`. If the crawl is being stopped, wait only briefly, because a page may take long.

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

    async def _fetch(self, new_session: Callable[[], BrowserSession], identity: Identity, request: Request) -> Response:
        async with self._sessions.borrow(identity, new_session) as session:
            home = _home(request.url, session.pool.service.home)
            async with session.pages.borrow(home, lambda: identity.generation) as page:
                await session.give_cookies(page.page)
                response = await self._fetch_in(page, request)
                if not page.is_lost():
                    await session.take_cookies(page.page)
        return response

    async def _fetch_in(self, page: WarmPage, request: Request) -> Response:
        argument = page_scripts.fetch_argument(request, self._limit_s, self._largest)
        response = await self._run(page, request, argument)
        if page.is_unproven() and _is_empty_or_denied(response):  # another script may have replaced `fetch`
            await asyncio.sleep(_SETTLING_S)
            response = await self._run(page, request, argument)
        page.note(_is_empty_or_denied(response))
        return response

    async def _run(self, page: WarmPage, request: Request, argument: dict[str, Any]) -> Response:
        result = await page.run(page_scripts.FETCH, argument, self._limit_s + _MARGIN_S)
        return page_scripts.to_response(request, result, self._limit_s, page.failure)

    def _new(
        self, handler: ScrapyPlaywrightDownloadHandler, identity: Identity, pool: Pool
    ) -> Callable[[], BrowserSession]:
        """Return a function that creates the session of an identity."""
        verdicts, budget = self._atlas.verdicts_of(identity.service), pools_of(self.crawler).budget
        shared = (self._scriptless, self._opening, budget)
        return lambda: BrowserSession(handler, identity, pool, verdicts, self._warm_s, self._max_pages, *shared)

    async def close(self) -> None:
        for pool in pools_of(self.crawler).pools.values():
            pool.holding.closers.discard(self._sessions.close_obsolete)
        await self._launcher.close()


def _is_empty_or_denied(response: Response) -> bool:
    """Return whether an answer looks like the one to an unsigned request."""
    return not response.body.strip() or response.status in _DENIED


def _home(url: str, home: str) -> str:
    """Return a page with the same origin as a URL, from which it may be fetched."""
    parts = urlsplit(url)
    return home if home and urlsplit(home).netloc == parts.netloc else f"https://{parts.netloc}/"
