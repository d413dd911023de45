"""Start a crawl's browser, or report why it cannot start."""

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
    """One browser per crawl, started by the first request that needs it."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        self._once = asyncio.Lock()
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._unavailable: Verdict | None = None

    async def handler(self) -> ScrapyPlaywrightDownloadHandler:
        """Return the handler that opens pages. A failed start is logged once and not repeated.

        :raises Refused: if the browser cannot be started
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
        """Start the browser.

        :raises MissingBrowserError: if none is found, or it does not start
        :raises ArgumentError: if a setting is invalid
        """
        settings = self._crawler.settings
        if not settings.getbool("TWISTED_REACTOR_ENABLED"):  # scrapy-playwright needs it
            raise MissingBrowserError("this needs a browser, which only the `scrapy crawl` command can start: use that")
        running = settings["PLAYWRIGHT_CDP_URL"]
        options = await asyncio.to_thread(launch_options, settings) if not running else {}
        address = await asyncio.to_thread(running_browser, running) if running else None
        # INFO logs the address of a running browser, which may contain a password, and DEBUG every request of a page.
        logging.getLogger("scrapy-playwright").setLevel(logging.WARNING)
        logging.getLogger("playwright").setLevel(logging.CRITICAL)  # requests report a crash themselves
        handler = self._create(options, address)
        try:
            await launch_playwright(handler)
        except (Error, OSError, TypeError) as error:  # TypeError: an option that Playwright does not know
            await _close(handler)
            raise MissingBrowserError(unusable(str(error), running, options)) from None
        return handler

    def _create(self, options: dict[str, Any], address: str | None) -> ScrapyPlaywrightDownloadHandler:
        try:
            handler = build_from_crawler(ScrapyPlaywrightDownloadHandler, self._crawler)
        except (NotSupported, ValueError) as error:
            raise ArgumentError("a PLAYWRIGHT_… setting is invalid, or contradicts another one") from error
        configure_playwright(handler, options, address)
        return handler

    async def close(self) -> None:
        if self._handler is not None:
            await _close(self._handler)


async def _close(handler: ScrapyPlaywrightDownloadHandler) -> None:
    """Close the browser, but wait only briefly: Playwright's driver ends it when the driver itself exits."""
    try:
        await asyncio.wait_for(handler.close(), _CLOSING_S)
    except (Error, TimeoutError) as error:
        logger.warning("The browser did not close cleanly: %s", type(error).__name__)
