"""Warm pages of one identity."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from scraper.network.browser.page import WarmPage


class PagePool:
    """The pages of one identity: opened when they are needed, used by one request at a time, and closed when spent.

    :param open: opens one on a page, warm
    :param most: how many there may be at once
    """

    def __init__(self, open: Callable[[str], Awaitable[WarmPage]], most: int):
        self._open = open
        self._places = asyncio.Semaphore(most)
        self._most = most
        self._idle: list[WarmPage] = []
        self._busy = 0
        self._first = asyncio.Lock()
        self._is_known = False

    @asynccontextmanager
    async def borrow(self, home: str, generation: Callable[[], int]) -> AsyncIterator[WarmPage]:
        """Give a page that stands on `home`, for one request.

        :param generation: which one the identity has at the moment
        """
        async with self._places:
            self._busy += 1
            try:
                async with self._taken(home, generation) as tab:
                    yield tab
            finally:
                self._busy -= 1

    @asynccontextmanager
    async def _taken(self, home: str, generation: Callable[[], int]) -> AsyncIterator[WarmPage]:
        tab = await self._take(home, generation())
        try:
            yield tab
        finally:
            if tab.is_spent(generation()):
                await tab.close()
            else:
                self._idle.append(tab)

    async def _take(self, home: str, generation: int) -> WarmPage:
        spent = [each for each in self._idle if each.is_spent(generation)]
        self._idle = [each for each in self._idle if each not in spent]  # at once, since others come while these close
        for tab in spent:
            await tab.close()
        fitting = next((each for each in self._idle if each.home == home), None)
        if fitting:
            self._idle.remove(fitting)
            return fitting
        if self._idle and len(self._idle) + self._busy > self._most:
            await self._idle.pop(0).close()
        return await self._opened(home)

    async def _opened(self, home: str) -> WarmPage:
        """Open a page; the first one alone, so that a new visitor gets its cookies once."""
        if not self._is_known:
            async with self._first:
                if not self._is_known:
                    tab = await self._open(home)
                    self._is_known = True
                    return tab
        return await self._open(home)

    async def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            await self._idle.pop().close()
