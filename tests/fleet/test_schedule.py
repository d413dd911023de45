"""When a target is due again: compared with clocks that are read minute by minute."""

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scraper.fleet.schedule import next_time, parse_cron, regular_time, retry_time
from scraper.responses.exceptions import ArgumentError
from tests.every import every
from tests.parts import EXAMPLES

HOUR, DAY = 3_600, 86_400
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "UTC", "America/St_Johns")
BERLIN_FORTH = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()
BERLIN_BACK = datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()
CHANGES = [
    BERLIN_FORTH,
    BERLIN_BACK,
    datetime(2026, 3, 8, 7, tzinfo=UTC).timestamp(),  # New York
    datetime(2026, 11, 1, 6, tzinfo=UTC).timestamp(),
    datetime(2026, 4, 4, 15, tzinfo=UTC).timestamp(),  # Lord Howe, by half an hour
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC).timestamp(),
]


class Clock(NamedTuple):
    """A cron expression by its values: an empty set stands for *."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    weekdays: frozenset[int]

    def text(self, zone: str) -> str:
        fields = (self.minutes, self.hours, self.days, frozenset[int](), self.weekdays)
        return " ".join([*(",".join(map(str, sorted(values))) or "*" for values in fields), zone])

    def shows(self, local: datetime) -> bool:
        if (self.minutes and local.minute not in self.minutes) or (self.hours and local.hour not in self.hours):
            return False
        days = [local.day in self.days] if self.days else []
        days += [(local.weekday() + 1) % 7 in self.weekdays] if self.weekdays else []
        return any(days) or not days


def read(clock: Clock, zone: ZoneInfo, after: float) -> float:
    """Return the next time of a clock, by looking at it every minute."""
    for number in count(int(after // 60) + 1):
        moment, before = (datetime.fromtimestamp(60 * minute, zone) for minute in (number, number - 1))
        was, local = before.replace(tzinfo=None), moment.replace(tzinfo=None)
        skipped = [was + timedelta(minutes=late) for late in range(1, int((local - was) / timedelta(minutes=1)))]
        if clock.hours and (any(map(clock.shows, skipped)) or (clock.shows(local) and not moment.fold)):
            return 60.0 * number
        if not clock.hours and clock.shows(local):
            return 60.0 * number
    raise AssertionError


def some(most: int, least: int = 0) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(least, most), max_size=3)


CLOCKS = st.builds(Clock, some(59), some(23), st.just(frozenset[int]()), some(6))
NEAR = st.builds(lambda change, late: change + late, st.sampled_from(CHANGES), st.integers(-5 * HOUR, 3 * HOUR))


@settings(max_examples=5 * EXAMPLES)
@given(CLOCKS, st.sampled_from(ZONES), NEAR)
@example(Clock(frozenset({30}), frozenset({2}), frozenset(), frozenset()), "Europe/Berlin", BERLIN_FORTH - 1)
@example(Clock(frozenset({30}), frozenset({2}), frozenset(), frozenset()), "Europe/Berlin", BERLIN_BACK - 1)
@example(Clock(frozenset({30}), frozenset(), frozenset(), frozenset()), "Europe/Berlin", BERLIN_BACK - 1)
@example(Clock(frozenset({15}), frozenset({2}), frozenset({4}), frozenset()), "Australia/Lord_Howe", CHANGES[5])
def test_the_next_time_is_what_a_clock_shows(clock: Clock, zone: str, after: float) -> None:
    assert next_time(parse_cron(clock.text(zone)), after) == read(clock, ZoneInfo(zone), after)


BERLIN = "Europe/Berlin"


def shown(text: str, zone: str, after: datetime, number: int) -> list[str]:
    """Return the next times of an expression, as clocks show them."""
    moment, times = after.replace(tzinfo=ZoneInfo(zone)).timestamp(), []
    for _ in range(number):
        moment = next_time(parse_cron(f"{text} {zone}"), moment)
        times.append(f"{datetime.fromtimestamp(moment, ZoneInfo(zone)):%d %H:%M%z}")
    return times


def test_an_hour_that_clocks_skip() -> None:
    times = shown("30 2 * * *", BERLIN, datetime(2026, 3, 27, 12), 3)
    assert times == ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]


def test_an_hour_that_clocks_repeat() -> None:
    times = shown("30 2 * * *", BERLIN, datetime(2026, 10, 24, 1), 3)
    assert times == ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]


def test_a_step_stays_the_same_when_clocks_change() -> None:
    for night in (datetime(2026, 10, 24, 12), datetime(2026, 3, 28, 12)):
        moment, times = night.replace(tzinfo=ZoneInfo(BERLIN)).timestamp(), []
        for _ in range(100):
            moment = next_time(parse_cron(f"*/15 * * * * {BERLIN}"), moment)
            times.append(moment)
        assert {late - early for early, late in pairwise(times)} == {900.0}


def test_days_and_weekdays() -> None:
    assert shown("0 6 * * mon-fri", "UTC", datetime(2026, 5, 1, 7), 2) == ["04 06:00+0000", "05 06:00+0000"]
    assert shown("0 6 13 * 5", "UTC", datetime(2026, 5, 9), 2) == ["13 06:00+0000", "15 06:00+0000"]
    assert shown("0 0 29 2 *", "UTC", datetime(2026, 5, 9), 1) == ["29 00:00+0000"]


@every(
    [
        ("0 6 * *", "give minute, hour, day"),
        ("0 6 * * * * Europe/Berlin", "give minute, hour, day"),
        ("61 6 * * *", "out of range"),
        ("0 6 * * * Europe/Berlim", "unknown time zone Europe/Berlim"),
        ("0 6 * * * ../../etc/passwd", "unknown time zone"),
        ("0 0 30 2 * UTC", "next date"),
        ("R 6 * * * UTC", "cannot be random"),
        ("H 6 * * * UTC", "cannot be random"),
        ("tomorrow", "give minute, hour, day"),
        ("", "give minute, hour, day"),
    ],
    str,
)
def test_a_wrong_expression_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ArgumentError, match=problem) as raised:
        parse_cron(text)
    assert str(raised.value).startswith(f"cron={text}: ")


@pytest.mark.parametrize("name", ["TZ", ":TZ"])
def test_the_zone_of_the_machine_is_written_down(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", name.replace("TZ", "Asia/Tokyo"))
    assert parse_cron("0 6 * * *").zone == "Asia/Tokyo"


def test_a_machine_without_a_named_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    with pytest.raises(ArgumentError, match="name the time zone"):
        parse_cron("0 6 * * *")


@given(st.integers(60, 90 * DAY), st.floats(0, 1e6), st.floats(0, 1e7))
def test_every_counts_from_the_start_and_catches_up_once(seconds: int, started: float, later: float) -> None:
    due = regular_time(seconds, None, started, started + later)
    assert due is not None
    assert due >= started + later  # never in the past: what was missed is not made up for
    assert due == started + seconds or later > seconds


@given(st.one_of(st.none(), st.floats(0, 1e6)), st.integers(1, 10_000), st.floats(0, 1e6))
def test_a_retry_is_soon_and_no_later_than_the_regular_run(regular: float | None, attempts: int, now: float) -> None:
    due = retry_time(regular, attempts, now)
    assert now < due <= now + 6 * HOUR
    assert regular is None or regular <= now or due <= regular
    assert due == regular or due >= now + 59


def test_once_is_never_again() -> None:
    assert regular_time(None, None, 5.0, 9.0) is None
