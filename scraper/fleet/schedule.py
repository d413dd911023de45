"""When a target is due again: some time after its last run began, or at the times of a cron expression."""

import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scraper.responses.exceptions import ArgumentError

_FIELDS = 5
_FORM = (
    'give minute, hour, day, month and weekday, and a time zone if it is not the local one: "0 6 * * * Europe/Berlin"'
)
_RANDOM = re.compile(r"\b[rh]\b", re.I)  # croniter would choose other times in each process
_LOCAL_TIME = Path("/etc/localtime")
_ZONES = "zoneinfo/"
_FIRST_RETRY_S, _LONGEST_RETRY_S = 60.0, 6 * 3600.0


class Cron(NamedTuple):
    """A cron expression with its time zone."""

    fields: str
    zone: str

    def __str__(self) -> str:
        return f"{self.fields} {self.zone}"

    @property
    def is_steady(self) -> bool:
        """Whether it names no hours, so that it does not depend on when clocks are changed."""
        return self.fields.split()[1].startswith("*")


def parse_cron(text: str) -> Cron:
    """Return a cron expression with its time zone: this machine's if it has none.

    >>> parse_cron("0 6 * * mon-fri Asia/Shanghai")
    Cron(fields='0 6 * * mon-fri', zone='Asia/Shanghai')

    :raises ArgumentError: shows the right form
    """
    words = text.split()
    if len(words) not in (_FIELDS, _FIELDS + 1):
        raise ArgumentError(f"cron={text}: {_FORM}")
    fields, zone = " ".join(words[:_FIELDS]), words[_FIELDS] if len(words) > _FIELDS else _local_zone()
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise ArgumentError(f"cron={text}: unknown time zone {zone}; give one such as Europe/Berlin or UTC") from None
    cron = Cron(fields, zone)
    try:
        next_time(cron, 0.0)
    except ValueError as error:
        raise ArgumentError(f"cron={text}: {error}; {_FORM}") from None
    return cron


def _local_zone() -> str:
    """Return the name of this machine's time zone.

    :raises ArgumentError: if it cannot be known
    """
    named = os.environ.get("TZ", "").removeprefix(":") or str(_LOCAL_TIME.resolve()).partition(_ZONES)[2]
    if not named and not _LOCAL_TIME.exists():
        named = "UTC"
    try:
        return ZoneInfo(named).key
    except (ValueError, OSError, LookupError):
        raise ArgumentError('cron: name the time zone, as in "0 6 * * * Europe/Berlin"') from None


def next_time(cron: Cron, after: float) -> float:
    """Return the first time of a cron expression after a moment, both in epoch seconds.

    An hour that is named comes once a day: where clocks are put forward over it, when they are; where they are put
    back, the first time. Without one, as in `*/15 * * * *`, the times are as far apart as ever.

    :raises ValueError: if the expression is wrong, or has no time
    """
    zone, best = ZoneInfo(cron.zone), None
    for local in _local_times(cron, after, zone):
        first = _moment(local, zone)
        if best is not None and first >= best:
            return best
        for moment in _moments(local, zone, cron.is_steady):
            if moment > after:
                best = moment if best is None else min(best, moment)
    raise AssertionError("a cron expression has no last time")


def _local_times(cron: Cron, after: float, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the times of an expression as clocks show them, from shortly before the first that may be next."""
    from croniter import croniter  # an extra package, and a crawl does not need it

    if _RANDOM.search(cron.fields):
        raise ValueError("times cannot be random")
    now = datetime.fromtimestamp(after, zone)
    start = now.replace(tzinfo=None)
    later = now.replace(fold=1)
    if not now.fold and (again := _offset(now) - _offset(later)) > timedelta():  # clocks will show this time again
        start -= again
    times = croniter(cron.fields, start)
    while True:
        yield times.get_next(datetime)


def _moments(local: datetime, zone: ZoneInfo, is_steady: bool) -> list[float]:
    """Return the moments at which an expression with a local time is due."""
    first, second = _moment(local, zone), _moment(local, zone, fold=1)
    if first > second:  # clocks never show it
        return [] if is_steady else [_change(second, first, zone)]
    return [first, second] if is_steady else [first]


def _moment(local: datetime, zone: ZoneInfo, fold: int = 0) -> float:
    return local.replace(tzinfo=zone, fold=fold).timestamp()


def _change(before: float, after: float, zone: ZoneInfo) -> float:
    """Return the second at which clocks are changed between two moments."""
    low, high = int(before), int(after)
    offset = _offset(datetime.fromtimestamp(low, zone))
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, zone)) == offset:
            low = middle
        else:
            high = middle
    return float(high)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def first_time(cron: str | None, now: float) -> float:
    """Return when a target is due that was just added.

    :param cron: five fields and a time zone
    """
    return now if cron is None else next_time(Cron(*cron.rsplit(" ", 1)), now)


def regular_time(every: int | None, cron: str | None, started: float, now: float) -> float | None:
    """Return when the next run of a target is due, None if there is none. What was missed is caught up once.

    :param started: when the last run began
    """
    if cron is not None:
        return first_time(cron, now)
    return None if every is None else max(started + every, now)


def retry_time(regular: float | None, attempts: int, now: float, *, is_soon: bool = True) -> float:
    """Return when a run that was not complete is continued: soon, then less often, but not after the next regular one.

    >>> retry_time(None, 1, 0.0), retry_time(None, 3, 0.0), retry_time(None, 99, 0.0)
    (60.0, 240.0, 21600.0)
    >>> retry_time(100.0, 3, 0.0), retry_time(0.0, 3, 0.0)
    (100.0, 240.0)
    >>> retry_time(86_400.0, 1, 0.0, is_soon=False), retry_time(None, 1, 0.0, is_soon=False)
    (86400.0, 21600.0)

    :param attempts: in a row that were not complete, with this one
    :param is_soon: False if that helps only once its owner has changed something: then at the next regular time
    """
    pause = min(_FIRST_RETRY_S * 2.0 ** min(attempts - 1, 20), _LONGEST_RETRY_S) if is_soon else _LONGEST_RETRY_S
    is_regular = regular is not None and now < regular and (regular < now + pause or not is_soon)
    return regular if regular is not None and is_regular else now + pause
