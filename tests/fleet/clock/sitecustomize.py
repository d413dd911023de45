"""Gives a Python process a wrong clock: Python imports it first, if its folder is in PYTHONPATH."""

import datetime
import os
import time
from typing import Self

SHIFT_S = float(os.environ["CLOCK_SHIFT_S"])
_time, _time_ns = time.time, time.time_ns


class _Shifted(type(datetime.datetime)):  # type: ignore[misc]
    """Lets plain datetimes be instances of `Moment`."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _plain)


_plain = datetime.datetime


class Moment(datetime.datetime, metaclass=_Shifted):
    """A datetime whose present is wrong."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Self:
        return cls.fromtimestamp(_time() + SHIFT_S, tz)

    @classmethod
    def utcnow(cls) -> Self:
        return cls.now(datetime.UTC).replace(tzinfo=None)


time.time = lambda: _time() + SHIFT_S
time.time_ns = lambda: _time_ns() + int(SHIFT_S * 1e9)
datetime.datetime = Moment  # type: ignore[misc]
