"""The one place that catches every exception, so that an error in this program costs one input and not the crawl."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")
_NOT_CANCELLED = ", though nothing was cancelled"


class StrayExitError(RuntimeError):
    """Code raised SystemExit, GeneratorExit, the panic of a Rust library, or anything else outside `Exception`."""

    def __init__(self, error: BaseException, remark: str = ""):
        super().__init__(f"it raised {type(error).__name__}{remark}{f': {error}' if str(error) else ''}")
        self.__traceback__ = error.__traceback__


def attempt(call: Callable[..., T], *args: Any) -> T | Exception:
    """Return the result of a call, or the exception it raised, including RecursionError and MemoryError.

    Only KeyboardInterrupt passes through.
    """
    try:
        return call(*args)
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error
    except asyncio.CancelledError as error:  # code that does not wait cannot be cancelled
        return StrayExitError(error, _NOT_CANCELLED)
    except BaseException as error:  # noqa: BLE001
        return _stray(error)


async def attempt_async(awaitable: Awaitable[T]) -> T | Exception:
    """Return the result of an awaitable, or the exception it raised.

    A cancellation passes through, KeyboardInterrupt, and GeneratorExit if the event loop has ended.
    """
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001  the purpose of this module
        return error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return StrayExitError(error, _NOT_CANCELLED)
    except BaseException as error:
        if isinstance(error, GeneratorExit) and _current_task() is None:
            raise
        return _stray(error)


def _stray(error: BaseException) -> StrayExitError:
    """Return an exception in place of one that would end the program.

    :raises KeyboardInterrupt: if it is one
    """
    if isinstance(error, KeyboardInterrupt):
        raise error
    return StrayExitError(error)


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # there is no event loop
        return None
