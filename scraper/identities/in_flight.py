"""Limit the requests of one identity that are under way: sent, but their answers not processed yet."""

import asyncio
from contextlib import suppress
from typing import Any
from weakref import finalize


class InFlight:
    """Lets a request out only after an earlier answer was processed, since that answer may stop the identity.

    A request that never gets an answer is dropped when it is no longer referenced, for example because a user's
    middleware replaced it.
    """

    def __init__(self) -> None:
        self._inside: dict[int, Any] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._inside)

    def admits(self, request: object, places: int) -> bool:
        """Return whether a request may be under way: it is already, or fewer than the maximum number are."""
        return id(request) in self._inside or len(self._inside) < places

    def enter(self, request: object) -> None:
        """Note that a request is under way. Calling it twice does no harm."""
        if id(request) in self._inside:
            return
        watch = finalize(request, self._remove, id(request))
        watch.atexit = False
        self._inside[id(request)] = watch

    def leave(self, request: object) -> None:
        """Note that the answer to a request was processed. Calling it twice does no harm."""
        if watch := self._inside.get(id(request)):
            watch.detach()
            self._remove(id(request))

    async def wait(self, seconds: float) -> None:
        """Wait until a request leaves, or a number of seconds has passed."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _remove(self, key: int) -> None:
        self._inside.pop(key, None)
        self._changed.set()
