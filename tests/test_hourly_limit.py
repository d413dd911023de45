"""`pace.per_hour`: what no 60 minutes may hold more of, counted by hand. The test tells the time."""

import random
from bisect import bisect_left
from itertools import pairwise

import pytest

from scraper.identities.hourly_limit import HourlyLimit

HOUR = 3600.0


def sent(per_hour: int, requests: int, delay_s: float = 0.0, pauses: random.Random | None = None) -> list[float]:
    """The times of requests, each sent as soon as it may be: by the limit, and a delay after the one before."""
    limit, now, times = HourlyLimit(per_hour), 1_700_000_000.0, []
    for _ in range(requests):
        now += pauses.choice((0, 0, 0, 1, 40, 900, 5000)) if pauses else 0
        now = limit.next_allowed(now)
        assert limit.next_allowed(now) == now, "a time that is allowed is allowed when it comes"
        limit.note_sent(now)
        times.append(now)
        now += delay_s
    return times


def most_in_an_hour(times: list[float]) -> int:
    """The largest number of times in any 60 minutes, which begin with one of them."""
    return max(bisect_left(times, start + HOUR - 1e-3) - number for number, start in enumerate(times))


@pytest.mark.parametrize("per_hour", [1, 2, 3, 7, 60, 1000])
@pytest.mark.parametrize("delay_s", [0, 1.5, 61])
def test_no_hour_holds_more_and_a_long_crawl_uses_most_of_each(per_hour: int, delay_s: float) -> None:
    times = sent(per_hour, 5 * per_hour + 3, delay_s)
    assert most_in_an_hour(times) <= per_hour
    hours = (times[-1] - times[0]) / HOUR
    assert hours <= max(5.1 + 3 / per_hour, len(times) * delay_s / HOUR), "it waits no longer than it must"


def test_no_hour_holds_more_whatever_the_pauses() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        assert most_in_an_hour(sent(per_hour := chance.randint(1, 40), 150, chance.choice((0, 2)), chance)) <= per_hour


def test_half_comes_at_once_and_the_rest_is_spread() -> None:
    times = sent(60, 61)
    assert times[29] == times[0] < times[30]
    gaps = [after - before for before, after in pairwise(times[29:])]
    assert len(gaps) == 31 and max(gaps) - min(gaps) < 1e-3 and sum(gaps) == pytest.approx(HOUR)


def test_a_small_crawl_waits_for_nothing() -> None:
    assert len(set(sent(100, 50))) == 1


def test_no_limit_is_none_and_a_lower_one_counts_what_was_sent() -> None:
    limit = HourlyLimit()
    limit.note_sent(5.0)
    assert limit.next_allowed(5.0) == 5.0
    limit.per_hour = 10
    for second in range(10):
        limit.note_sent(second)
    limit.per_hour = 3
    assert limit.next_allowed(20.0) == 7 + HOUR
    limit.per_hour = None
    assert limit.next_allowed(20.0) == 20.0
