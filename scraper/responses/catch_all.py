"""The one place that catches every exception, so that an error in this program costs one input and not the crawl."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def attempt(call: Callable[[], T]) -> T | Exception:
    """Return the result of a call, or the exception it raised, including RecursionError and MemoryError."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error


async def attempt_async(awaitable: Awaitable[T]) -> T | Exception:
    """Return the result of an awaitable, or the exception it raised. A cancellation passes through."""
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error
