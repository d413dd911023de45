"""The pace of an identity is a floor, whatever else is set and whatever goes wrong."""

from __future__ import annotations

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=40, page_latency=(0.05, 0.04))
LONG = World(seed=1, creators=3, videos=120, page_latency=(0.1, 0.0))
LINKS = " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(2))
DELAY = 0.2
HASTE = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 64, "CONCURRENT_REQUESTS_PER_DOMAIN": 64}
FAULTS = [Fault(nth=4, do="status"), Fault(nth=6, do="rate_limit"), Fault(nth=8, do="reset")]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    slow, two = {"delay_s": DELAY, "concurrency": 1}, {"delay_s": 0, "concurrency": 2}
    b23 = f"https://b23.tv/{WORLD.special['b23_video']}"
    users = " ".join(f"https://space.bilibili.com/{LONG.creator(number).mid}" for number in range(3))
    return together(
        slow=lambda: crawl(f"url={b23} {LINKS}", world=WORLD, pace=slow, settings=HASTE, faults=FAULTS),
        calm=lambda: crawl(f"url={LINKS}", world=WORLD, pace=slow, settings={**HASTE, "AUTOTHROTTLE_ENABLED": False}),
        two=lambda: crawl(f"url={users}", world=LONG, pace=two, settings={**HASTE, "DOWNLOAD_DELAY": 600}),
    )


@pytest.mark.parametrize("name", ["slow", "calm"])
def test_requests_of_an_identity_keep_their_distance(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    times = [request.time for request in done.requests]
    # One that reaches the simulator late shortens the gap to the next, so that each is measured over several.
    gaps = [after - before for before, after in zip(times, times[4:], strict=False)]
    assert len(gaps) >= 2
    assert min(gaps) >= 3 * DELAY, gaps
    assert {request.under_way for request in done.requests} == {1}
    assert done.code == 0


def test_every_host_and_every_fault_counts(crawls: dict[str, Crawl]) -> None:
    done = crawls["slow"]
    assert {request.host for request in done.requests} == {"b23.tv", "api.bilibili.com"}
    assert {request.fault for request in done.requests} == {None, "status", "rate_limit", "reset"}


def test_no_more_are_under_way_than_the_pace_allows_and_it_wins_over_a_delay(crawls: dict[str, Crawl]) -> None:
    done = crawls["two"]
    assert max(request.under_way for request in done.requests) == 2
    assert done.code == 0 and len(done.records) == 3 * 120
