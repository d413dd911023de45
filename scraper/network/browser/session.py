"""The place of one identity in a browser: a context of its own, whose pages ask for it."""

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

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.network.answer import answer_of
from scraper.network.browser.cookie_sync import CookieSync
from scraper.network.browser.launch_options import context_proxy
from scraper.network.browser.page import WarmPage, prepare, shut
from scraper.network.browser.page_pool import PagePool
from scraper.network.private_apis import playwright_context
from scraper.responses import Verdict, Verdicts
from scraper.responses.exceptions import Refused

logger = logging.getLogger(__name__)

_SOON_S = 5.0
_BARRED_S = 6.0
_AGAIN_S = 0.5
_NUMBERS = count()  # a context that is being closed still has its name


class BrowserSession:
    """
    :param handler: opens pages
    :param verdicts: how the platform says what it shows
    :param warm_s: in which a page must be there, and as long again until its script is
    :param most: how many pages there may be at once
    :param scriptless: the home pages whose script did not come, of all identities of the crawl
    :param opening: limits the pages that load at once, of all identities of the crawl
    :ivar tabs: its pages
    :ivar users: how many requests use it or wait for one of its pages
    """

    def __init__(
        self,
        handler: ScrapyPlaywrightDownloadHandler,
        identity: Identity,
        pool: Pool,
        verdicts: Verdicts,
        warm_s: float,
        most: int,
        scriptless: set[str],
        opening: asyncio.Semaphore,
    ):
        self.identity, self.pool = identity, pool
        self.users = 0
        self.tabs = PagePool(self._open, most)
        self._name = f"{identity.slot}:{next(_NUMBERS)}"
        self._handler, self._verdicts, self._warm_s = handler, verdicts, warm_s
        self._scriptless, self._opening = scriptless, opening
        self._cookies = CookieSync(identity.jar)

    def is_left(self) -> bool:
        """Say whether its identity was configured anew or is no more, and none of its pages is wanted."""
        return self.identity not in self.pool.identities and not self.users

    async def give_cookies(self, page: Page) -> None:
        """Give the page the cookies that came by other routes since.

        :raises TimeoutError: where the browser gives no sign
        """
        if self._cookies.is_due(page.context):
            await asyncio.wait_for(self._cookies.run(page.context), _SOON_S)

    async def take_cookies(self, page: Page) -> None:
        """Give the identity the cookies that the page was given; an answer is not lost where that cannot be done."""
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(self._cookies.run(page.context), _SOON_S)

    async def close(self) -> None:
        """Close the context, and with it all pages and cookies in it."""
        if context := playwright_context(self._handler, self._name):
            with suppress(Error, TimeoutError):
                await asyncio.wait_for(context.close(), _SOON_S)

    async def _open(self, home: str) -> WarmPage:
        """Return a page that stands on `home`, with its script ready.

        :raises Refused: where the platform shows something else
        :raises TimeoutError: where the browser gives no sign
        """
        generation, is_warm = self.identity.generation, False
        request = Request(home, meta=self._meta(home), dont_filter=True)
        try:
            async with self._opening, asyncio.timeout(2 * self._warm_s + _SOON_S):
                response = await self._handler.download_request(request)
                tab = WarmPage(request.meta["playwright_page"], home, generation)
                if await tab.is_ready(await self._patience(tab, response)):
                    self._scriptless.discard(home)
                else:
                    await self._refuse(tab, response)
                    self._scriptless.add(home)
            is_warm = True
        finally:
            if not is_warm and (page := request.meta.get("playwright_page")):
                await shut(page)
        return tab

    async def _patience(self, tab: WarmPage, response: Response) -> float:
        """Return how long a page's script is waited for: less where it shows a check, which some browsers pass.

        A page may never say that it is whole, and yet have its script. A home page that had none in all that time is
        not waited for again in the same crawl.
        """
        if tab.home in self._scriptless:
            return _AGAIN_S
        with suppress(PageTimeoutError):
            await tab.page.wait_for_load_state("domcontentloaded", timeout=min(self._warm_s, _BARRED_S) * 1000)
        return self._warm_s if await self._shown(tab, response) is None else min(self._warm_s, _BARRED_S)

    async def _shown(self, tab: WarmPage, response: Response) -> Verdict | None:
        """Return what a page shows for people, None where that is nothing that is known."""
        content = (await tab.page.content()).encode()
        shown = response.replace(body=content, url=tab.page.url)
        answer = answer_of(shown, login_cookie=self.identity.login_cookie)
        return self._verdicts.of_page(answer, tab.home, shown.url)

    def _meta(self, home: str) -> dict[str, Any]:
        async def made(page: Page, request: Request) -> None:
            await prepare(page)
            await self.give_cookies(page)

        return {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": self._name,
            "playwright_context_kwargs": self._context(home),
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_page_init_callback": made,
        }

    async def _refuse(self, tab: WarmPage, response: Response) -> None:
        """Say what came instead of a page that signs, where that is known; else it is asked as it is.

        :raises Refused: where it is a check for people, or a login
        """
        if refused := await self._shown(tab, response):
            raise Refused(refused)
        logger.warning("The script of %s did not load in %.0f s; continuing without it", tab.home, self._warm_s)

    def _context(self, home: str) -> dict[str, Any]:
        """Return what makes a context that of the identity."""
        credentials = self.identity.credentials
        language = self.pool.headers.get("Accept-Language", "").partition(",")[0].strip()
        found = {
            "user_agent": credentials.user_agent or None,
            "locale": language or None,
            "proxy": context_proxy(credentials.proxy, urlsplit(home).netloc),
            "service_workers": "block",
        }
        return {name: value for name, value in found.items() if value is not None}
