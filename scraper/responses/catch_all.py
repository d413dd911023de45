"""The one place that catches every exception, so that an error in this program costs one input and not the crawl."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


class StrayCancellationError(RuntimeError):
    """Code raised `asyncio.CancelledError`, though nothing cancelled its task."""

    def __init__(self) -> None:
        super().__init__("it raised CancelledError, though nothing was cancelled")


def attempt(call: Callable[..., T], *args: Any) -> T | Exception:
    """Return the result of a call, or the exception it raised, including RecursionError and MemoryError."""
    try:
        return call(*args)
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error
    except asyncio.CancelledError:  # code that does not wait cannot be cancelled
        return StrayCancellationError()


async def attempt_async(awaitable: Awaitable[T]) -> T | Exception:
    """Return the result of an awaitable, or the exception it raised. A cancellation passes through."""
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return StrayCancellationError()
