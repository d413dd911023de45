"""Hours of the day in which nothing is sent (`pace.quiet_hours`), such as `23:00-07:00 Asia/Shanghai`."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)(?: ([A-Za-z0-9/_+-]+))?", re.ASCII)
_EXAMPLE = 'must have the form "23:00-07:00", or "23:00-07:00 Asia/Shanghai" if it is not local time'
_MOST_JOINED = 100  # periods that follow each other without a gap
_MOST_DAYS = 1000  # that `after` looks ahead
_LONGEST_S = 36 * 3600.0


class _Period(NamedTuple):
    """A period of each day. It crosses midnight if its end is not after its start.

    :param zone: None for local time
    """

    start: time
    end: time
    zone: ZoneInfo | None

    def around(self, now: float) -> Iterator[tuple[float, float]]:
        """Yield its start and end on the days around a time, in epoch seconds.

        A wall-clock time that comes twice when clocks change, or not at all, is taken so that the period is longer.
        """
        today = datetime.fromtimestamp(now, self.zone).date()
        nights = 0 if self.start < self.end else 1
        for day in (today + timedelta(days) for days in (-1, 0, 1)):
            yield min(self._instants(day, self.start)), max(self._instants(day + timedelta(nights), self.end))

    def _instants(self, day: date, wall: time) -> list[float]:
        return [datetime.combine(day, wall, self.zone).replace(fold=fold).timestamp() for fold in (0, 1)]


class QuietHours:
    """The quiet hours of a service. Times are epoch seconds.

    :param texts: periods such as `23:00-07:00` (local time) or `23:00-07:00 Asia/Shanghai`
    :raises ValueError: quotes the wrong text and shows the right form
    """

    def __init__(self, texts: Sequence[str] = ()):
        self._periods = [_parsed(text) for text in texts]
        now = datetime.now().timestamp()
        if self.next_allowed(now) - now > _LONGEST_S:
            raise ValueError("leaves no time of the day to send anything")

    def next_allowed(self, now: float) -> float:
        """Return when a request may be sent: `now`, or the end of the quiet period that contains it."""
        if not self._periods:
            return now
        for _ in range(_MOST_JOINED):
            ends = [end for start, end in self._around(now) if start <= now < end]
            if not ends:
                break
            now = max(ends)
        return now

    def after(self, now: float, seconds: float) -> float:
        """Return when a number of seconds outside of quiet hours will have passed."""
        for _ in range(_MOST_DAYS if self._periods else 0):
            now = self.next_allowed(now)
            until_next = min(start for start, _ in self._around(now) if start > now) - now
            if seconds <= until_next:
                break
            now, seconds = now + until_next, seconds - until_next
        return now + seconds

    def _around(self, now: float) -> Iterator[tuple[float, float]]:
        for period in self._periods:
            yield from period.around(now)


def _parsed(text: str) -> _Period:
    parts = _FORM.fullmatch(text.strip())
    if not parts:
        raise ValueError(f"{text!r} {_EXAMPLE}")
    try:
        zone = ZoneInfo(parts[5]) if parts[5] else None
    except (LookupError, ValueError, OSError):  # a folder of the database raises an OSError
        raise ValueError(f"{text!r} names an unknown time zone; {_EXAMPLE}") from None
    start, end = time(int(parts[1]), int(parts[2])), time(int(parts[3]), int(parts[4]))
    if start == end:
        raise ValueError(f"{text!r} covers the whole day; {_EXAMPLE}")
    return _Period(start, end, zone)
