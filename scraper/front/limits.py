"""How many calls are answered at a time, of one caller and of all, and how many of one caller in a minute."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from scrapy.settings import BaseSettings

from scraper.front.replies import Refusal
from scraper.responses.outcomes import Outcome

_MOST_KNOWN = 10_000  # callers whose allowance is remembered
_BUSY_S = 1.0
_REMEDY = "wait for retry_after seconds; the limits are settings of the server: see docs/http.md"


class _Allowance(NamedTuple):
    """How many calls a caller had left at a time."""

    calls: float
    at: float


class Limits:
    """
    :param at_once: of all callers together
    :param at_once_each: of one caller
    :param per_minute: of one caller; 0 for any number
    """

    def __init__(self, at_once: int, at_once_each: int, per_minute: int, clock: Callable[[], float] = time.monotonic):
        self._at_once, self._each, self._per_minute, self._clock = at_once, at_once_each, per_minute, clock
        self._open: Counter[str] = Counter()
        self._allowances: dict[str, _Allowance] = {}

    @property
    def open_calls(self) -> int:
        """The number of calls that are being answered."""
        return self._open.total()

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """Hold a place for a call.

        :raises Refusal: if there is none
        """
        if self.open_calls >= self._at_once:
            raise _too_many(f"{self._at_once} calls are being answered", _BUSY_S)
        if self._open[caller] >= self._each:
            raise _too_many(f"{self._each} calls of yours are being answered", _BUSY_S)
        self._take(caller)
        self._open[caller] += 1
        try:
            yield
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

    def _take(self, caller: str) -> None:
        """Take one call from the allowance of a caller, which grows steadily up to one minute's calls."""
        if not self._per_minute:
            return
        now, most = self._clock(), float(self._per_minute)
        known = self._allowances.pop(caller, _Allowance(most, now))
        calls = min(most, known.calls + (now - known.at) * most / 60)
        self._allowances[caller] = _Allowance(max(calls - 1, 0) if calls >= 1 else calls, now)
        if len(self._allowances) > _MOST_KNOWN:
            del self._allowances[next(iter(self._allowances))]  # who called least recently
        if calls < 1:
            raise _too_many(f"you sent {self._per_minute} calls in a minute", (1 - calls) * 60 / most)


def _too_many(problem: str, seconds: float) -> Refusal:
    outcome = Outcome.RATE_LIMITED
    return Refusal(outcome.value, outcome.name, f"{problem}, which is the limit", _REMEDY, retry_after=seconds)


def limits_of(settings: BaseSettings) -> Limits:
    """Read the settings."""
    at_once, each_caller = settings.getint("SERVE_MAX_CALLS"), settings.getint("SERVE_MAX_CALLS_EACH")
    return Limits(at_once, each_caller, settings.getint("SERVE_CALLS_PER_MINUTE"))
