"""A warm page: it stands on the platform's own page, whose script signs what it asks."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as PageTimeoutError

from scraper.network.browser import page_scripts

logger = logging.getLogger(__name__)

_MOST_USES, _OLDEST_S, _MAX_REFUSALS = 200, 900.0, 2
_CLOSING_S = 5.0
_WATCHER = f"_{secrets.token_hex(6)}"
_FETCHES = ("fetch", "xhr")


class WarmPage:
    """One page.

    :ivar home: where it stands
    :ivar generation: that of the identity when it was opened: a later one wants it opened anew
    :ivar refusals: how many answers in a row were hollow or refused
    :ivar failure: what the browser said of the last request that got no answer
    """

    def __init__(self, page: Page, home: str, generation: int, clock: Callable[[], float] = time.monotonic):
        self.page, self.home, self.generation = page, home, generation
        self.uses = self.refusals = self.served = 0
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
        """Say whether it must not be asked any more."""
        worn = self.uses >= _MOST_USES or self._clock() - self._born >= _OLDEST_S
        return worn or self.is_lost() or self.refusals >= _MAX_REFUSALS or self.generation < generation

    def note(self, empty_or_denied: bool) -> None:
        """Note whether an answer was hollow, as those are that the platform refuses."""
        self.refusals = self.refusals + 1 if empty_or_denied else 0
        self.served += not empty_or_denied

    def is_unproven(self) -> bool:
        """Say whether nothing but its first answer tells how it is served."""
        return not self.served and not self.refusals

    def is_lost(self) -> bool:
        """Say whether it is gone, or gives no sign any more."""
        return self._broken or self.page.is_closed()

    async def run(self, script: str, argument: Any, limit_s: float) -> Any:
        """Return what a script gives in the page. A navigation that takes the page from under it is waited for, once.

        A page that gives nothing else either is not asked again: `page_scripts.FETCH` reports a failed request.

        :raises playwright.async_api.Error: where the page is gone
        :raises TimeoutError: where it does not come back
        """
        self.uses, self.failure = self.uses + 1, ""
        try:
            return await self._run(script, argument, limit_s)
        except (Error, TimeoutError):
            self._broken = True
            raise

    async def _run(self, script: str, argument: Any, limit_s: float) -> Any:
        try:
            return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)
        except Error as error:
            if self.is_lost() or "navigation" not in error.message:
                raise
            logger.info("A page of %s navigated away during a request; trying once more", self.home)
        await self.is_ready(limit_s)
        return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)

    async def is_ready(self, limit_s: float) -> bool:
        """Wait for the page's script, and say whether it came: it changes how the page asks."""
        try:
            await self.page.wait_for_function(page_scripts.READY, arg=_WATCHER, timeout=limit_s * 1000)
        except PageTimeoutError:
            return False
        return True

    async def close(self) -> None:
        await shut(self.page)


async def shut(page: Page) -> None:
    """Close a page; one that was on its way elsewhere may never say that it is closed."""
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(page.close(), _CLOSING_S)


async def prepare(page: Page) -> None:
    """Have a page that is new tell when its script is there, and close what it opens beside itself."""
    page.on("popup", shut)
    await page.add_init_script(f"{page_scripts.WATCH}({_WATCHER!r})")
