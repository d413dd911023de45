"""The pool of one identity's warm pages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from scraper.network.browser.page import WarmPage


class PagePool:
    """The pages of one identity: opened on demand, used by one request at a time, and closed when spent.

    :param open: opens a warm page on a URL
    :param max_pages: maximum number of open pages
    """

    def __init__(self, open: Callable[[str], Awaitable[WarmPage]], max_pages: int):
        self._open = open
        self._places = asyncio.Semaphore(max_pages)
        self._max_pages = max_pages
        self._idle: list[WarmPage] = []
        self._busy = 0
        self._first = asyncio.Lock()
        self._has_opened = False

    @asynccontextmanager
    async def borrow(self, home: str, generation: Callable[[], int]) -> AsyncIterator[WarmPage]:
        """Lend a page on `home` for one request.

        :param generation: returns the identity's current generation
        """
        async with self._places:
            self._busy += 1
            try:
                async with self._checked_out(home, generation) as page:
                    yield page
            finally:
                self._busy -= 1

    @asynccontextmanager
    async def _checked_out(self, home: str, generation: Callable[[], int]) -> AsyncIterator[WarmPage]:
        page = await self._take(home, generation())
        try:
            yield page
        finally:
            if page.is_spent(generation()):
                await page.close()
            else:
                self._idle.append(page)

    async def _take(self, home: str, generation: int) -> WarmPage:
        spent = [page for page in self._idle if page.is_spent(generation)]
        self._idle = [page for page in self._idle if page not in spent]  # before the first await: others borrow too
        for page in spent:
            await page.close()
        reusable = next((page for page in self._idle if page.home == home), None)
        if reusable:
            self._idle.remove(reusable)
            return reusable
        if self._idle and len(self._idle) + self._busy > self._max_pages:
            await self._idle.pop(0).close()
        return await self._open_page(home)

    async def _open_page(self, home: str) -> WarmPage:
        """Open a page. The identity's first page is opened alone, so that a new visitor gets its cookies once."""
        if not self._has_opened:
            async with self._first:
                if not self._has_opened:
                    page = await self._open(home)
                    self._has_opened = True
                    return page
        return await self._open(home)

    async def close(self) -> None:
        """Close all idle pages."""
        while self._idle:
            await self._idle.pop().close()
