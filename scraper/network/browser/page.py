"""A warm page: a browser tab with the platform's own page, whose script signs the requests made in it."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as PageTimeoutError

from scraper.identities.holding import check_sender
from scraper.network.browser import page_scripts

logger = logging.getLogger(__name__)

_MAX_USES, _MAX_AGE_S, _MAX_REFUSALS = 200, 900.0, 2
_CLOSING_S = 5.0
_WATCHER = f"_{secrets.token_hex(6)}"
_FETCHES = ("fetch", "xhr")


class WarmPage:
    """One open page.

    :ivar home: the URL that it was opened with
    :ivar generation: the identity's generation when it was opened; a newer one makes the page obsolete
    :ivar refusals: number of empty or denied answers in a row
    :ivar failure: the browser's error text for the last request without an answer
    """

    def __init__(self, page: Page, home: str, generation: int, clock: Callable[[], float] = time.monotonic):
        self.page, self.home, self.generation = page, home, generation
        self.uses = self.refusals = self.successes = 0
        self.failure = ""
        self._clock, self._born, self._broken = clock, clock(), False
        page.on("crash", self._note_crash)
        page.on("requestfailed", self._note_failure)

    def _note_crash(self, page: Page) -> None:
        self._broken = True

    def _note_failure(self, request: Any) -> None:
        if request.resource_type in _FETCHES:
            self.failure = request.failure or ""

    def is_spent(self, generation: int) -> bool:
        """Return whether the page must not be used any more."""
        worn = self.uses >= _MAX_USES or self._clock() - self._born >= _MAX_AGE_S
        return worn or self.is_lost() or self.refusals >= _MAX_REFUSALS or self.generation < generation

    def note(self, empty_or_denied: bool) -> None:
        """Count an answer; platforms refuse with empty or denied ones."""
        self.refusals = self.refusals + 1 if empty_or_denied else 0
        self.successes += not empty_or_denied

    def is_unproven(self) -> bool:
        """Return whether the page has had no answer yet, good or bad."""
        return not self.successes and not self.refusals

    def is_lost(self) -> bool:
        """Return whether the page crashed, closed or stopped responding."""
        return self._broken or self.page.is_closed()

    async def run(self, script: str, argument: Any, limit_s: float) -> Any:
        """Run a script in the page and return its result. If the page navigates meanwhile, try once more.

        After any other error the page counts as lost: `page_scripts.FETCH` reports failed requests as results.

        :raises playwright.async_api.Error: if the page is gone
        :raises TimeoutError: if the script does not return in time
        :raises NotHeldError: if the identity is not held any more, so that the script was not run
        """
        self.uses, self.failure = self.uses + 1, ""
        try:
            return await self._run(script, argument, limit_s)
        except (Error, TimeoutError):
            self._broken = True
            raise

    async def _run(self, script: str, argument: Any, limit_s: float) -> Any:
        check_sender()
        try:
            return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)
        except Error as error:
            if self.is_lost() or "navigation" not in error.message:
                raise
            logger.info("A page of %s navigated away during a request; trying once more", self.home)
        await self.is_ready(limit_s)
        check_sender()
        return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)

    async def is_ready(self, limit_s: float) -> bool:
        """Wait for the page's signing script, and return whether it loaded. It replaces the page's `fetch`."""
        try:
            await self.page.wait_for_function(page_scripts.READY, arg=_WATCHER, timeout=limit_s * 1000)
        except PageTimeoutError:
            return False
        return True

    async def close(self) -> None:
        await shut(self.page)


async def shut(page: Page) -> None:
    """Close a page, but wait only briefly: a page that is navigating may never report that it closed."""
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(page.close(), _CLOSING_S)


async def prepare(page: Page) -> None:
    """Set up a new page: detect when its script has loaded, and close pop-ups."""
    page.on("popup", shut)
    await page.add_init_script(f"{page_scripts.WATCH}({_WATCHER!r})")
