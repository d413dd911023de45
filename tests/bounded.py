"""A bound on what a call may use of the processor."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def bounded(most: float) -> Iterator[None]:
    """Stop what uses more of the processor than it may: a pattern that never ends could not be timed.

    :param most: seconds
    :raises TimeoutError: if it was stopped
    """

    def stop(*args: Any) -> None:
        raise TimeoutError(f"not done after {most:g} s of the processor")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, most)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
