"""Asks in the platform's own page, in a browser: the page's script signs the request as it signs its own.

What a browser has to be, and how it is found, is in `scraper.browsers`; scrapy-playwright starts it and opens pages.
Nothing here computes a signature, and nothing solves a check: a page that shows one ends in a CHALLENGE.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as PageTimeoutError
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Request, Response
from scrapy.utils.misc import build_from_crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from scraper.browsers import context_proxy, launch_options, running_browser
from scraper.faults import MissingBrowserError, Refused
from scraper.identity import Identity
from scraper.middlewares import answer_of
from scraper.outcomes import Outcome
from scraper.pool import Pool
from scraper.transports import inpage
from scraper.transports.tab import Tab, prepare, shut
from scraper.transports.tabs import Tabs
from scraper.verdicts import Verdict

if TYPE_CHECKING:
    from playwright.async_api import Request as PageRequest

logger = logging.getLogger(__name__)

_UNSEEN = ("image", "media", "font")
_HOLLOW = (401, 403)
_MARGIN_S = 5.0


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
        self._starting = asyncio.Lock()
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._unavailable: Verdict | None = None
        self._tabs: dict[str, Tabs] = {}
        self._given: dict[str, int] = {}

    async def download_request(self, request: Request) -> Response:
        pool: Pool = self.crawler.spider.pools[request.meta["service"]]
        identity = pool.get(request.meta["identity"])
        await self._start()
        name = f"{identity.slot}:{identity.serial}"  # one that was configured anew is another one
        tabs = self._tabs_of(name, identity, pool)
        started = time.monotonic()
        try:
            async with tabs.borrow(_home(request.url, pool.service.home), lambda: identity.generation) as tab:
                await self._give_cookies(tab.page, name, identity)
                response = await self._ask(tab, request)
                if not tab.is_lost():
                    await self._take_cookies(tab.page, name, identity)
        except (PageTimeoutError, TimeoutError):
            raise DownloadTimeoutError(f"the page gave no answer in {self._limit_s:.0f} s") from None
        except Error as error:
            raise inpage.translated(error.message) from None
        request.meta["download_latency"] = time.monotonic() - started
        return response

    async def _ask(self, tab: Tab, request: Request) -> Response:
        argument = inpage.asked(request, self._limit_s, self._largest)
        found = await tab.run(inpage.FETCH, argument, self._limit_s + _MARGIN_S)
        response = inpage.answered(request, found, self._limit_s, tab.failure)
        tab.note(not response.body.strip() or response.status in _HOLLOW)
        return response

    async def _start(self) -> None:
        """Start the browser, once. What keeps it from starting is believed, and said once.

        :raises Refused: where there is none
        """
        async with self._starting:
            if self._unavailable:
                raise Refused(self._unavailable)
            if self._handler is None:
                try:
                    self._handler = await self._launched()
                except (MissingBrowserError, Error) as error:
                    said = str(error).strip().splitlines()[0]
                    logger.warning("No browser: %s", said)
                    self._unavailable = Verdict(Outcome.SIGNATURE_REJECTED, said, final=True, unavailable=True)
                    raise Refused(self._unavailable) from None

    async def _launched(self) -> ScrapyPlaywrightDownloadHandler:
        settings = self.crawler.settings
        running = settings["PLAYWRIGHT_CDP_URL"]
        remote = await asyncio.to_thread(running_browser, running) if running else settings["PLAYWRIGHT_CONNECT_URL"]
        options = {} if remote else await asyncio.to_thread(launch_options, settings)
        handler = build_from_crawler(ScrapyPlaywrightDownloadHandler, self.crawler)
        handler.config.launch_options = options
        handler.config.cdp_url = remote if running else None
        try:
            await handler._launch()  # it would do so by itself when the engine starts, which it has long done
            await handler._maybe_launch_browser()
        except Error:
            await handler.close()
            raise
        return handler

    def _tabs_of(self, name: str, identity: Identity, pool: Pool) -> Tabs:
        """Return the pages of an identity."""
        if name not in self._tabs:

            async def open_tab(home: str) -> Tab:
                return await self._open(home, name, identity, pool)

            self._tabs[name] = Tabs(open_tab, self._most)
        return self._tabs[name]

    async def _open(self, home: str, name: str, identity: Identity, pool: Pool) -> Tab:
        """Return a page that stands on `home`, with its script ready.

        :raises Refused: where the platform shows something else
        """

        async def made(page: Page, request: Request) -> None:
            await prepare(page)
            await page.context.add_cookies(identity.jar.all())

        meta = {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_context": name,
            "playwright_context_kwargs": self._context(home, identity, pool),
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_init_callback": made,
        }
        request = Request(home, meta=meta, dont_filter=True)
        try:
            response = await self._handler.download_request(request)
            tab = Tab(request.meta["playwright_page"], home, identity.generation)
            if not await tab.is_ready(self._warm_s):
                await self._refuse(tab, response, identity)
        except (Error, Refused):
            if page := request.meta.get("playwright_page"):
                await shut(page)
            raise
        return tab

    async def _refuse(self, tab: Tab, response: Response, identity: Identity) -> None:
        """Say what came instead of a page that signs, where that is known; else it is asked as it is.

        :raises Refused: where it is a check for people, or a login
        """
        shown = response.replace(body=(await tab.page.content()).encode(), url=tab.page.url)
        verdicts = self.crawler.spider.atlas.verdicts_of(identity.service)
        if refused := verdicts.of_page(answer_of(shown, login_cookie=identity.login_cookie), tab.home, shown.url):
            raise Refused(refused)
        logger.warning("The script of %s did not come in %.0f s; it is asked without", tab.home, self._warm_s)

    def _context(self, home: str, identity: Identity, pool: Pool) -> dict[str, Any]:
        """Return what makes a context that of an identity."""
        language = pool.headers.get("Accept-Language", "").partition(",")[0].strip()
        found = {
            "user_agent": identity.credentials.user_agent or None,
            "locale": language or None,
            "proxy": context_proxy(identity.credentials.proxy, urlsplit(home).netloc),
            "service_workers": "block",
        }
        return {name: value for name, value in found.items() if value is not None}

    async def _give_cookies(self, page: Page, name: str, identity: Identity) -> None:
        """Give the context the cookies that came by other routes since."""
        if self._given.get(name) != identity.jar.changes:
            await page.context.add_cookies(identity.jar.all())
            self._given[name] = identity.jar.changes

    async def _take_cookies(self, page: Page, name: str, identity: Identity) -> None:
        """Give the identity the cookies that the page was given."""
        identity.jar.absorb(await page.context.cookies())
        self._given[name] = identity.jar.changes

    async def close(self) -> None:
        if self._handler is not None:
            await self._handler.close()


def _home(url: str, home: str) -> str:
    """Return the page that may ask for a URL: one of its own origin."""
    parts = urlsplit(url)
    return home if home and urlsplit(home).netloc == parts.netloc else f"https://{parts.netloc}/"
