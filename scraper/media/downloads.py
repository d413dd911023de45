"""The downloads of a crawl: some at a time, next to its requests, until none is owed."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from scraper.media.owed import Owed, OwedDownloads
from scraper.media.plan import Plan
from scraper.responses.catch_all import attempt_async

logger = logging.getLogger(__name__)


class Downloads:
    """
    :param handle: makes a download, and returns when its record is written
    :param is_idle: called when none is left
    """

    def __init__(
        self,
        owed: OwedDownloads,
        handle: Callable[[Owed], Awaitable[None]],
        is_idle: Callable[[], None],
        workers: int,
    ):
        self._owed, self._handle, self._is_idle, self._number = owed, handle, is_idle, workers
        self._left = 0
        self._ready: deque[Owed] = deque()
        self._under_way: dict[str, asyncio.Event] = {}
        self._taking = asyncio.Lock()
        self._news = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []

    @property
    def left(self) -> int:
        """How many are not made yet."""
        return self._left

    def start(self, left: int) -> None:
        """Begin, with what an earlier start of the run left."""
        self._left += left
        self._news.set()
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._number)]

    async def add(self, plans: Sequence[Plan]) -> None:
        """Owe downloads."""
        await self._owed.add(plans)
        self.expect(len(plans))

    def expect(self, number: int) -> None:
        """Make some downloads that are owed already."""
        self._left += number
        self._news.set()

    async def stop(self) -> None:
        """Break off those under way. What they have stays, and a resumed run continues them."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            owed = await self._next()
            while (before := self._under_way.get(owed.plan.key)) is not None:
                await before.wait()
            done = self._under_way[owed.plan.key] = asyncio.Event()
            try:
                if isinstance(error := await attempt_async(self._handle(owed)), Exception):
                    logger.error("BUG in the download of %s", owed.plan.key, exc_info=error)
            finally:
                done.set()
                self._under_way.pop(owed.plan.key, None)
            self._left -= 1
            if not self._left:
                self._is_idle()

    async def _next(self) -> Owed:
        async with self._taking:
            while not self._ready:
                await self._news.wait()
                self._news.clear()
                self._ready.extend(await self._owed.take())
                if self._ready:
                    self._news.set()  # there may be more
            return self._ready.popleft()
