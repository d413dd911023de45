"""One test of many quick checks: a test of its own costs more than most checks do."""

from collections.abc import Callable, Sequence
from typing import Any


def every(rows: Sequence[Any], name: Callable[[Any], object]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make a test that checks all rows. If a check fails, a note names its row.

    :param rows: tuples of the check's arguments, or the only argument of each
    :param name: from the last argument to what the note says
    """

    def decorate(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            assert rows, "nothing to check"
            for row in rows:
                values = row if isinstance(row, tuple) else (row,)
                try:
                    check(*values)
                except Exception as error:
                    error.add_note(f"{check.__name__}: {name(values[-1])}")
                    raise

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__qualname__, check.__doc__
        test.__module__ = check.__module__
        return test

    return decorate
