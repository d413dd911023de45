"""How pages of items get from a crawl to its caller, and how a slow caller slows the crawl down."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

_MOST_PAGES = 4


class Inbox:
    """A short queue of pages. The crawl waits when it is full."""

    def __init__(self) -> None:
        self._pages: deque[list[Any]] = deque()
        self._is_closed = False
        self._changed = asyncio.Condition()

    async def put(self, page: list[Any]) -> None:
        """Add a page, once there is room. After `close`, the page is dropped."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_closed or len(self._pages) < _MOST_PAGES)
            if not self._is_closed:
                self._pages.append(page)
            self._changed.notify_all()

    async def get(self) -> list[Any] | None:
        """Return the next page, or None when no more will come."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_closed or bool(self._pages))
            page = self._pages.popleft() if self._pages else None
            self._changed.notify_all()
        return page

    async def close(self, *, discard: bool = False) -> None:
        """Take no further pages.

        :param discard: whether to drop those that nobody has taken yet
        """
        async with self._changed:
            self._is_closed = True
            if discard:
                self._pages.clear()
            self._changed.notify_all()


class InboxSink:
    """The last sink of a crawl: hands every page to the caller, as the pipelines left it."""

    inbox: Inbox

    async def open(self) -> None:
        """Open nothing: the caller waits already."""

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Hand over a page, and return when there was room for it."""
        await self.inbox.put(list(items))
        return {}

    async def close(self) -> None:
        """Close nothing: the inbox is closed when the crawl has ended."""


def sink_for(inbox: Inbox) -> type[InboxSink]:
    """Return an item pipeline for ITEM_PIPELINES: settings can hold a class, and no object."""
    return type("InboxSink", (InboxSink,), {"inbox": inbox, "__module__": __name__})
