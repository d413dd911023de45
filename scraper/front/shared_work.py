"""Work that several callers wait for: it is done once, and stops when none of them waits any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedWork(Generic[T]):
    """
    :param work: begins at once
    """

    def __init__(self, work: Coroutine[Any, Any, T]):
        self._task = asyncio.create_task(work)
        self._waiting = 0

    @property
    def is_lost(self) -> bool:
        """Whether it failed or was stopped, so that there is no result to share."""
        return self._task.done() and (self._task.cancelled() or self._task.exception() is not None)

    @property
    def is_done(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waited for it any more."""
        return bool(self._task.cancelling()) or self._task.cancelled()

    async def result(self) -> T:
        """Return the result of the work. Cancelling this call stops the work if no other one waits.

        :raises Exception: what the work raised
        """
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.stop()

    def stop(self) -> None:
        """Stop the work. Nothing happens to its result if it is done."""
        self._task.cancel()
