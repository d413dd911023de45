"""The browser session of one identity: its own browser context and pages."""

import asyncio
import logging
from contextlib import suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as PageTimeoutError
from scrapy.http import Request, Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from scraper.identities.holding import check_sender
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.request_budget import RequestBudget
from scraper.network.answer import answer_of
from scraper.network.browser.cookie_sync import CookieSync
from scraper.network.browser.launch_options import context_proxy
from scraper.network.browser.page import WarmPage, prepare, shut
from scraper.network.browser.page_pool import PagePool
from scraper.network.private_apis import playwright_context
from scraper.responses import Verdict, Verdicts
from scraper.responses.exceptions import Refused

logger = logging.getLogger(__name__)

_QUICK_S = 5.0  # for operations that need no network
_CHALLENGED_S = 6.0
_SCRIPTLESS_S = 0.5
_NUMBERS = count()  # a context that is being closed still has its name


class BrowserSession:
    """The browser context of one identity, with a pool of warm pages.

    :param handler: opens pages
    :param verdicts: classifies what a page shows
    :param warm_s: time limit for loading a page, and again for its script
    :param max_pages: maximum number of open pages
    :param scriptless: home pages whose script did not load, shared by all sessions of the crawl
    :param opening: limits how many pages load at once, shared by all sessions of the crawl
    :param budget: of the crawl
    :ivar users: number of requests that use the session or wait for one of its pages
    """

    def __init__(
        self,
        handler: ScrapyPlaywrightDownloadHandler,
        identity: Identity,
        pool: Pool,
        verdicts: Verdicts,
        warm_s: float,
        max_pages: int,
        scriptless: set[str],
        opening: asyncio.Semaphore,
        budget: RequestBudget,
    ):
        self.identity, self.pool = identity, pool
        self.users = 0
        self.pages = PagePool(self._open, max_pages)
        self._name = f"{identity.slot}:{next(_NUMBERS)}"
        self._handler, self._verdicts, self._warm_s = handler, verdicts, warm_s
        self._scriptless, self._opening = scriptless, opening
        self._cookies, self._budget = CookieSync(identity.jar), budget

    def is_obsolete(self) -> bool:
        """Return whether the identity was removed, reconfigured or lost, and no request uses a page any more."""
        is_lost = self.identity not in self.pool.identities or not self.pool.holding.is_held(self.identity)
        return is_lost and not self.users

    async def give_cookies(self, page: Page) -> None:
        """Copy to the page cookies that other routes received since the last sync.

        :raises TimeoutError: if the browser does not respond
        """
        if self._cookies.is_due(page.context):
            await asyncio.wait_for(self._cookies.run(page.context), _QUICK_S)

    async def take_cookies(self, page: Page) -> None:
        """Copy the page's cookies to the identity. Errors are ignored, because the answer is already there."""
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(self._cookies.run(page.context), _QUICK_S)

    async def close(self) -> None:
        """Close the context with all its pages and cookies."""
        if context := playwright_context(self._handler, self._name):
            with suppress(Error, TimeoutError):
                await asyncio.wait_for(context.close(), _QUICK_S)

    async def _open(self, home: str) -> WarmPage:
        """Open a page on `home` and wait for its script.

        A page counts as one request, whatever it loads.

        :raises Refused: if the platform shows a challenge or a login instead
        :raises Closing: if the budget of the crawl is used up
        :raises TimeoutError: if the browser does not respond
        :raises NotHeldError: if the identity is not held any more
        """
        generation, is_warm = self.identity.generation, False
        request = Request(home, meta=self._meta(home), dont_filter=True)
        try:
            async with self._opening, asyncio.timeout(2 * self._warm_s + _QUICK_S):
                await self.pool.holding.reserve(self.identity, self.pool.pace)  # the next request waits longer
                check_sender()
                self.pool.take(self.identity, self._budget)
                response = await self._handler.download_request(request)
                warm_page = WarmPage(request.meta["playwright_page"], home, generation)
                if await warm_page.is_ready(await self._script_limit_s(warm_page, response)):
                    self._scriptless.discard(home)
                else:
                    await self._check_content(warm_page, response)
                    self._scriptless.add(home)
            is_warm = True
        finally:
            if not is_warm and (page := request.meta.get("playwright_page")):
                await shut(page)
        return warm_page

    async def _script_limit_s(self, warm_page: WarmPage, response: Response) -> float:
        """Return how many seconds to wait for a page's script: fewer if it shows a challenge, which some browsers pass.

        A page may have its script without ever finishing to load. If a home page did not load its script once, the
        crawl does not wait for it again.
        """
        if warm_page.home in self._scriptless:
            return _SCRIPTLESS_S
        with suppress(PageTimeoutError):
            limit_ms = min(self._warm_s, _CHALLENGED_S) * 1000
            await warm_page.page.wait_for_load_state("domcontentloaded", timeout=limit_ms)
        verdict = await self._content_verdict(warm_page, response)
        return self._warm_s if verdict is None else min(self._warm_s, _CHALLENGED_S)

    async def _content_verdict(self, warm_page: WarmPage, response: Response) -> Verdict | None:
        """Return the verdict on what a page shows, or None if it is no known challenge or login page."""
        content = (await warm_page.page.content()).encode()
        current = response.replace(body=content, url=warm_page.page.url)
        answer = answer_of(current, login_cookie=self.identity.login_cookie)
        return self._verdicts.of_page(answer, warm_page.home, current.url)

    def _meta(self, home: str) -> dict[str, Any]:
        async def on_page_created(page: Page, request: Request) -> None:
            await prepare(page)
            await self.give_cookies(page)

        return {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": self._name,
            "playwright_context_kwargs": self._context_options(home),
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_page_init_callback": on_page_created,
        }

    async def _check_content(self, warm_page: WarmPage, response: Response) -> None:
        """Check why a page has no signing script. If the reason is unknown, the page is used without it.

        :raises Refused: if the page shows a challenge or a login
        """
        if verdict := await self._content_verdict(warm_page, response):
            raise Refused(verdict)
        logger.warning("The script of %s did not load in %.0f s; continuing without it", warm_page.home, self._warm_s)

    def _context_options(self, home: str) -> dict[str, Any]:
        """Return the options of the identity's browser context."""
        credentials = self.identity.credentials
        language = self.pool.headers.get("Accept-Language", "").partition(",")[0].strip()
        options = {
            "user_agent": credentials.user_agent or None,
            "locale": language or None,
            "proxy": context_proxy(credentials.proxy, urlsplit(home).netloc),
            "service_workers": "block",
        }
        return {name: value for name, value in options.items() if value is not None}
