"""Warm pages of one identity: each stands on the platform's own page, whose script signs what it asks."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as PageTimeoutError

from scraper.transports import inpage

logger = logging.getLogger(__name__)

_MOST_USES, _OLDEST_S, _MOST_REFUSALS = 200, 900.0, 2
_CLOSING_S = 5.0
_WATCHER = f"_{secrets.token_hex(6)}"
_FETCHES = ("fetch", "xhr")


class Tab:
    """One page.

    :ivar home: where it stands
    :ivar generation: that of the identity when it was opened: a later one wants it opened anew
    :ivar refusals: how many answers in a row were hollow or refused
    :ivar failure: what the browser said of the last request that got no answer
    """

    def __init__(self, page: Page, home: str, generation: int, clock: Callable[[], float] = time.monotonic):
        self.page, self.home, self.generation = page, home, generation
        self.uses = self.refusals = 0
        self.failure = ""
        self._clock, self._born, self._crashed = clock, clock(), False
        page.on("crash", self._note_crash)
        page.on("requestfailed", self._note_failure)

    def _note_crash(self, page: Page) -> None:
        self._crashed = True

    def _note_failure(self, request: Any) -> None:
        if request.resource_type in _FETCHES:
            self.failure = request.failure or ""

    def is_spent(self, generation: int) -> bool:
        """Say whether it must not be asked any more."""
        worn = self.uses >= _MOST_USES or self._clock() - self._born >= _OLDEST_S
        return worn or self.is_lost() or self.refusals >= _MOST_REFUSALS or self.generation != generation

    def note(self, hollow: bool) -> None:
        """Note whether an answer was hollow, as those are that the platform refuses."""
        self.refusals = self.refusals + 1 if hollow else 0

    def is_lost(self) -> bool:
        """Say whether it is gone."""
        return self._crashed or self.page.is_closed()

    async def run(self, script: str, argument: Any, limit_s: float) -> Any:
        """Return what a script gives in the page. A navigation that takes the page from under it is waited for, once.

        :raises playwright.async_api.Error: where the page is gone
        :raises TimeoutError: where it does not come back
        """
        self.uses, self.failure = self.uses + 1, ""
        try:
            return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)
        except Error as error:
            if self.is_lost() or "navigation" not in error.message:
                raise
            logger.info("A page of %s went elsewhere while it was asked; it is asked once more", self.home)
        await self.is_ready(limit_s)
        return await asyncio.wait_for(self.page.evaluate(script, argument), limit_s)

    async def is_ready(self, limit_s: float) -> bool:
        """Wait for the page's script, and say whether it came: it changes how the page asks."""
        try:
            await self.page.wait_for_function(inpage.READY, arg=_WATCHER, timeout=limit_s * 1000)
        except PageTimeoutError:
            return False
        return True

    async def close(self) -> None:
        await shut(self.page)


async def shut(page: Page) -> None:
    """Close a page; one that was on its way elsewhere may never say that it is closed."""
    with suppress(Error, asyncio.TimeoutError):
        await asyncio.wait_for(page.close(), _CLOSING_S)


async def prepare(page: Page) -> None:
    """Have a page that is new tell when its script is there."""
    await page.add_init_script(f"{inpage.WATCH}({_WATCHER!r})")


class Tabs:
    """The pages of one identity: opened when they are needed, used by one request at a time, and closed when spent.

    :param open: opens one on a page, warm
    :param most: how many there may be at once
    """

    def __init__(self, open: Callable[[str], Awaitable[Tab]], most: int):
        self._open = open
        self._places = asyncio.Semaphore(most)
        self._most = most
        self._idle: list[Tab] = []
        self._busy = 0
        self._first = asyncio.Lock()
        self._is_known = False

    @asynccontextmanager
    async def borrow(self, home: str, generation: int) -> AsyncIterator[Tab]:
        """Give a page that stands on `home`, for one request."""
        async with self._places:
            self._busy += 1
            try:
                tab = await self._take(home, generation)
                try:
                    yield tab
                finally:
                    await self._give_back(tab, generation)
            finally:
                self._busy -= 1

    async def _take(self, home: str, generation: int) -> Tab:
        for tab in [each for each in self._idle if each.is_spent(generation)]:
            self._idle.remove(tab)
            await tab.close()
        fitting = next((each for each in self._idle if each.home == home), None)
        if fitting:
            self._idle.remove(fitting)
            return fitting
        if self._idle and len(self._idle) + self._busy > self._most:
            await self._idle.pop(0).close()
        return await self._opened(home)

    async def _opened(self, home: str) -> Tab:
        """Open a page; the first one alone, so that a new visitor gets its cookies once."""
        if self._is_known:
            return await self._open(home)
        async with self._first:
            tab = await self._open(home)
            self._is_known = True
            return tab

    async def _give_back(self, tab: Tab, generation: int) -> None:
        if tab.is_spent(generation):
            await tab.close()
        else:
            self._idle.append(tab)

    async def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()
