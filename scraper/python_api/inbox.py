"""Pass pages of items from a crawl to its caller. A slow caller slows the crawl down."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import UnsetType

_MAX_PAGES = 4


class Inbox:
    """A bounded queue of pages. The crawl waits while it is full."""

    def __init__(self) -> None:
        self._pages: deque[list[Any]] = deque()
        self._is_closed = False
        self._changed = asyncio.Condition()

    async def put(self, page: list[Any]) -> None:
        """Wait for room and add a page. After `close`, pages are dropped."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_closed or len(self._pages) < _MAX_PAGES)
            if not self._is_closed:
                self._pages.append(page)
            self._changed.notify_all()

    async def get(self) -> list[Any] | None:
        """Wait for the next page and return it, or None if there are no more."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_closed or bool(self._pages))
            page = self._pages.popleft() if self._pages else None
            self._changed.notify_all()
        return page

    async def close(self, *, discard: bool = False) -> None:
        """Accept no further pages.

        :param discard: whether to drop the pages that are still queued
        """
        async with self._changed:
            self._is_closed = True
            if discard:
                self._pages.clear()
            self._changed.notify_all()


class InboxSink:
    """The last sink of a crawl: passes every page to the caller, as the pipelines left it."""

    inbox: Inbox
    absent: ClassVar[UnsetType | None] = None

    async def open(self) -> None:
        """Do nothing: the caller is already waiting."""

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Put a page into the inbox, waiting for room."""
        await self.inbox.put(list(items))
        return {}

    async def close(self) -> None:
        """Do nothing: `RunningCrawl` closes the inbox when the crawl has ended."""


def sink_for(inbox: Inbox) -> type[InboxSink]:
    """Return a pipeline class bound to an inbox: ITEM_PIPELINES takes classes, not objects."""
    return type("InboxSink", (InboxSink,), {"inbox": inbox, "__module__": __name__})
