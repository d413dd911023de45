"""Starting the browser of a crawl, and saying what keeps it from starting."""

import asyncio
import logging
from typing import Any

from playwright.async_api import Error
from scrapy.crawler import Crawler
from scrapy.exceptions import NotSupported
from scrapy.utils.misc import build_from_crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from scraper.network.browser.launch_options import launch_options, running_browser, unusable
from scraper.network.private_apis import configure_playwright, launch_playwright
from scraper.responses import Verdict
from scraper.responses.exceptions import ArgumentError, MissingBrowserError, Refused
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)

_CLOSING_S = 2.0


class BrowserLauncher:
    """One browser a crawl, started by the first request that wants it."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._once = asyncio.Lock()
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._unavailable: Verdict | None = None

    async def handler(self) -> ScrapyPlaywrightDownloadHandler:
        """Return what opens pages. What keeps the browser from starting is believed, and said once.

        :raises Refused: where there is none
        """
        async with self._once:
            if self._unavailable:
                raise Refused(self._unavailable)
            if self._handler is None:
                try:
                    self._handler = await self._started()
                except (MissingBrowserError, ArgumentError) as error:
                    logger.warning("No browser: %s", error)
                    self._unavailable = Verdict(Outcome.SIGNATURE_REJECTED, str(error), final=True, unavailable=True)
                    raise Refused(self._unavailable) from None
            return self._handler

    async def _started(self) -> ScrapyPlaywrightDownloadHandler:
        """Start it.

        :raises MissingBrowserError: where none is found, or it does not start
        :raises ArgumentError: where a setting is ill-formed
        """
        settings = self._crawler.settings
        if not settings.getbool("TWISTED_REACTOR_ENABLED"):  # scrapy-playwright cannot do without
            raise MissingBrowserError("this needs a browser, which only the `scrapy crawl` command starts: use that")
        running = settings["PLAYWRIGHT_CDP_URL"]
        options = await asyncio.to_thread(launch_options, settings) if not running else {}
        address = await asyncio.to_thread(running_browser, running) if running else None
        # At INFO it writes the address of a running browser, which may hold a password, at DEBUG all that pages ask.
        logging.getLogger("scrapy-playwright").setLevel(logging.WARNING)
        logging.getLogger("playwright").setLevel(logging.CRITICAL)  # a browser that dies is told by what it was asked
        handler = self._made(options, address)
        try:
            await launch_playwright(handler)
        except (Error, OSError, TypeError) as error:  # the last, where an option is none
            await _closed(handler)
            raise MissingBrowserError(unusable(str(error), running, options)) from None
        return handler

    def _made(self, options: dict[str, Any], address: str | None) -> ScrapyPlaywrightDownloadHandler:
        try:
            handler = build_from_crawler(ScrapyPlaywrightDownloadHandler, self._crawler)
        except (NotSupported, ValueError) as error:
            raise ArgumentError(
                "a setting that starts with PLAYWRIGHT_ is ill-formed, or contradicts another"
            ) from error
        configure_playwright(handler, options, address)
        return handler

    async def close(self) -> None:
        if self._handler is not None:
            await _closed(self._handler)


async def _closed(handler: ScrapyPlaywrightDownloadHandler) -> None:
    """Close a browser, where that takes no longer than is worth while: what drives it ends it when it ends itself."""
    try:
        await asyncio.wait_for(handler.close(), _CLOSING_S)
    except (Error, TimeoutError) as error:
        logger.warning("The browser did not close cleanly: %s", type(error).__name__)
