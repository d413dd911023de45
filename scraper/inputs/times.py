"""Parse dates, times and periods that a user wrote. Without a zone they are local; results are epoch seconds."""

import re
from datetime import datetime, timedelta
from typing import Literal

from scraper.responses.exceptions import ArgumentError

LAST: Literal["last"] = "last"
_PERIOD = re.compile(r"([1-9]\d{0,4})([mhdw])", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(rf"{_DATE.pattern}[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_FORMS = "a date (2026-01-31), a time (2026-01-31T10:00 or 2026-01-31T10:00+08:00), a period before now (7d, 12h, 30m)"


def since(text: str, now: float) -> int | Literal["last"]:
    """Return the first second of a `since`, or LAST.

    >>> since("2026-01-31T10:00+08:00", 0), since("2d", 259_200), since("last", 0)
    (1769824800, 86400, 'last')

    :param now: the time that periods count back from
    :raises ArgumentError: shows the right forms
    """
    if text == LAST:
        return LAST
    if (moment := _moment(text, now)) is None:
        raise ArgumentError(f"since={text}: must be {_FORMS} or last")
    return moment


def until(text: str, now: float) -> int:
    """Return the first second after an `until`: a date includes its whole day, a time ends at that second.

    >>> until("2026-01-31T10:00Z", 0)
    1769853600
    >>> until("2026-01-31", 0) - since("2026-01-31", 0)
    86400

    :param now: the time that periods count back from
    :raises ArgumentError: shows the right forms
    """
    moment = _moment(text, now, days=1)
    if moment is None:
        raise ArgumentError(f"until={text}: must be {_FORMS}")
    return moment


def every(text: str) -> int:
    """Return the seconds between two runs.

    >>> every("6h"), every("30m"), every("1d")
    (21600, 1800, 86400)

    :raises ArgumentError: shows the right forms
    """
    seconds = _period(text)
    if seconds is None:
        raise ArgumentError(f"every={text}: must be a number with m, h, d or w, such as 30m, 6h or 1d")
    return seconds


def period(seconds: int) -> str:
    """Return seconds as `every` reads them.

    >>> period(21600), period(5400), period(1209600)
    ('6h', '90m', '2w')
    """
    unit = next(unit for unit in reversed(_SECONDS) if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def _period(text: str) -> int | None:
    parts = _PERIOD.fullmatch(text.lower())
    return int(parts[1]) * _SECONDS[parts[2]] if parts else None


def _moment(text: str, now: float, days: int = 0) -> int | None:
    """Return a moment in epoch seconds, None if the text is not one.

    :param days: to add to a date without a time
    """
    seconds = _period(text)
    if seconds is not None:
        return max(0, int(now) - seconds)
    try:
        if _DATE.fullmatch(text):  # days differ in length where clocks change
            return int((datetime.fromisoformat(text) + timedelta(days=days)).timestamp())
        if _TIME.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):  # no such day, or one that clocks cannot show
        return None
    return None
