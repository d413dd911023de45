"""A service that waits slows no other one, though all share one crawl."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.crawling import Crawl, crawl, together
from tests.parts import IS_NIGHTLY
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=60)
FAST = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(60 if IS_NIGHTLY else 40)]
SLOW_LINKS = 60 if IS_NIGHTLY else 16
SLOW = [f"https://www.tiktok.com/@_/video/{WORLD.tiktok.video(0, number).id}" for number in range(SLOW_LINKS)]
BILIBILI, TIKTOK = "api.bilibili.com", "www.tiktok.com"
ONE_A_SECOND = {"tiktok_web": "pace: {delay_s: 1, concurrency: 1}\n"}
RETRY_AFTER_S = 25 if IS_NIGHTLY else 8
LIMITED = SLOW[: 20 if IS_NIGHTLY else 6]  # with the wait, more of them take longer than a test may


def mixed(slow: list[str], **more: object) -> Crawl:
    """Crawl the links of both, the slow ones first, with fewer requests at once than there are slow ones."""
    links = f"url={' '.join((*slow, *FAST))}"
    return crawl(links, world=WORLD, command=("crawl", "hybrid"), settings={"CONCURRENT_REQUESTS": 8}, **more)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    limited = Fault(host=TIKTOK, nth=1, do="rate_limit", status=429, retry_after=RETRY_AFTER_S)
    return together(
        slow=lambda: mixed(SLOW, configs=ONE_A_SECOND),
        limited=lambda: mixed(LIMITED, configs=ONE_A_SECOND, faults=[limited]),
    )


def fast_ones_ended(done: Crawl) -> float:
    """Return when the last request of the fast service was sent."""
    return max(request.time for request in done.requests if request.host == BILIBILI)


def test_a_slow_service_slows_no_other(crawls: dict[str, Crawl]) -> None:
    done = crawls["slow"]
    assert done.code == 0 and len(done.records) == len(FAST) + len(SLOW)
    before = [request for request in done.requests if request.host == TIKTOK and request.time < fast_ones_ended(done)]
    assert len(before) < 0.6 * len(SLOW), "the fast links do not wait until most slow ones were sent"


def test_a_rate_limit_on_one_service_delays_no_answer_of_another(crawls: dict[str, Crawl]) -> None:
    done = crawls["limited"]
    assert done.code == 0 and len(done.records) == len(FAST) + len(LIMITED)
    assert f"Rate limited: tiktok_web:default waits {RETRY_AFTER_S}" in done.err
    times = sorted(request.time for request in done.requests if request.host == BILIBILI)
    assert max(after - before for before, after in pairwise(times)) < RETRY_AFTER_S / 2
