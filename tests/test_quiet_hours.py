"""`pace.quiet_hours`: what the clock on the wall shows while something may be sent. The wall is `zoneinfo`'s."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scraper.identities.quiet_hours import QuietHours

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
PERIODS = ["23:00-07:00", "01:30-02:30", "02:15-03:00", "12:00-13:00", "00:00-06:00", "22:00-00:00", "00:30-00:00"]


@pytest.fixture(params=["UTC", "Europe/Berlin", "America/St_Johns"])
def local(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    """A machine in another zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def is_quiet_on_the_wall(period: str, wall: datetime) -> bool:
    start, end, shown = period[:5], period[6:11], f"{wall:%H:%M}"
    return start <= shown < end if start < end else shown >= start or shown < end


def year() -> Iterator[float]:
    """Times all over a year, closer around both changes of the clock in Berlin, New York and on Lord Howe."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment.year == 2026:
        yield moment.timestamp()
        near = moment.month in (3, 4, 10, 11) and (moment.day < 9 or moment.day > 24)
        moment += timedelta(minutes=37 if near else 1511)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("period", PERIODS)
def test_nothing_is_sent_while_the_wall_shows_a_quiet_time(period: str, zone: str) -> None:
    quiet, there = QuietHours([f"{period} {zone}"]), ZoneInfo(zone)
    for now in year():
        allowed = quiet.next_allowed(now)
        assert not is_quiet_on_the_wall(period, datetime.fromtimestamp(allowed, there))
        if is_quiet_on_the_wall(period, datetime.fromtimestamp(now, there)):
            assert allowed > now
            steps = range(int(now), int(allowed), 900)
            shown = [is_quiet_on_the_wall(period, datetime.fromtimestamp(second, there)) for second in steps]
            assert shown.count(False) <= 4, "at most the hour that comes twice, or not at all, is added"


def test_without_a_zone_it_is_local_time(local: ZoneInfo) -> None:
    quiet = QuietHours(["23:00-07:00", "12:00-12:30"])
    for now in year():
        wall = datetime.fromtimestamp(quiet.next_allowed(now), local)
        assert not any(is_quiet_on_the_wall(period, wall) for period in ("23:00-07:00", "12:00-12:30"))
    assert quiet.next_allowed(at("2026-07-01T12:10", local.key)) == at("2026-07-01T12:30", local.key)
    assert quiet.next_allowed(noon := at("2026-07-01T13:10", local.key)) == noon


@pytest.mark.parametrize(
    "now, end",
    [("2026-03-28T23:30", "2026-03-29T02:30"), ("2026-10-25T00:30", "2026-10-25T02:30"),
     ("2026-06-01T22:59", "2026-06-01T22:59"), ("2026-06-01T23:00", "2026-06-02T02:30"),
     ("2026-06-02T02:30", "2026-06-02T02:30")],
)  # fmt: skip
def test_it_crosses_midnight_and_changes_of_the_clock(now: str, end: str) -> None:
    zone = "Europe/Berlin"
    allowed = QuietHours([f"23:00-02:30 {zone}"]).next_allowed(at(now, zone))
    late = 1 if end.startswith("2026-10") else 0  # 02:30 comes twice that night
    assert allowed == datetime.fromisoformat(end).replace(tzinfo=ZoneInfo(zone), fold=late).timestamp()


def test_periods_may_meet_and_overlap() -> None:
    quiet = QuietHours(["22:00-01:00 UTC", "00:30-03:00 UTC", "03:00-04:00 UTC"])
    assert quiet.next_allowed(at("2026-01-01T23:00")) == at("2026-01-02T04:00")
    assert QuietHours().next_allowed(7.0) == 7.0


def test_work_takes_as_long_as_it_does_plus_the_quiet_hours_on_the_way() -> None:
    quiet, start = QuietHours(["23:00-07:00 UTC"]), at("2026-01-01T20:00")
    assert quiet.after(start, 3600) == at("2026-01-01T21:00")
    assert quiet.after(start, 4 * 3600) == at("2026-01-02T08:00")
    assert quiet.after(start, 20 * 3600) == at("2026-01-03T08:00")
    assert quiet.after(at("2026-01-02T01:00"), 60) == at("2026-01-02T07:01")
    assert QuietHours().after(5, 10) == 15


@pytest.mark.parametrize(
    "text", ["", "23-7", "23:00", "24:00-07:00", "23:00-07:60", "9:00-10:00", "23:00-07:00 Nowhere/At_All",
             "23:00-07:00  UTC", "08:00-08:00", "23:00-07:00 ../etc", "23:00-07:00 Europe"],
)  # fmt: skip
def test_a_wrong_period_is_quoted_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="23:00-07:00 Asia/Shanghai") as error:
        QuietHours([text])
    assert repr(text) in str(error.value)


def test_a_day_without_an_hour_to_send_in_is_refused() -> None:
    with pytest.raises(ValueError, match="no time of the day"):
        QuietHours(["00:00-12:00", "12:00-00:00"])
