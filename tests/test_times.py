"""Dates, times and periods of users, in zones whose clocks change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.inputs import times
from scraper.responses.exceptions import ArgumentError

NOW = 1_790_000_000.0
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"]


@pytest.fixture(scope="module", params=ZONES)
def zone(request: pytest.FixtureRequest) -> Iterator[ZoneInfo]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield ZoneInfo(request.param)
    time.tzset()


@settings(max_examples=60)
@given(moment=st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31)))
def test_a_time_without_a_zone_is_local(zone: ZoneInfo, moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    local = int(moment.replace(tzinfo=zone).timestamp())
    assert times.since(f"{moment:%Y-%m-%dT%H:%M}", NOW) == times.until(f"{moment:%Y-%m-%d %H:%M:%S}", NOW) == local
    assert (
        times.since(f"{moment:%Y-%m-%dT%H:%M}+08:00", NOW)
        == int(moment.replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
        or moment.year < 1992
    )


@settings(max_examples=60)
@given(day=st.dates(datetime(1971, 1, 1).date(), datetime(2037, 12, 31).date()))
def test_until_a_date_includes_its_day(zone: ZoneInfo, day: datetime) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    assert times.since(str(day), NOW) == int(midnight.timestamp())
    assert times.until(str(day), NOW) == int((midnight + timedelta(days=1)).timestamp())


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1_800), ("6h", 21_600), ("7d", 604_800), ("2w", 1_209_600), ("1D", 86_400)]
)
def test_a_period_counts_back_from_now(text: str, seconds: int) -> None:
    assert times.since(text, NOW) == times.until(text, NOW) == NOW - seconds
    assert times.every(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "7", "0d", "-1d", "1.5h", "7 d", "7y", "1790000000", "2026-02-30", "2026-1-3", "20260131",
     "2026-W05-1", "2026-01-31T25:00", "2026-01-31T10:00+8", "31.01.2026", "last week", "２d", "0001-01-01"],
)  # fmt: skip
def test_another_text_is_refused_with_the_right_forms(text: str) -> None:
    for parse in (times.since, times.until):
        if text != "0001-01-01":
            with pytest.raises(ArgumentError, match=r"2026-01-31T10:00\+08:00"):
                parse(text, NOW)
    with pytest.raises(ArgumentError, match="30m, 6h or 1d"):
        times.every(text)
