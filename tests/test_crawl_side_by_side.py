"""A service that waits slows no other one, though all share one crawl."""

from __future__ import annotations

import pytest

from tests.crawling import FAST, VIDEO, Crawl, crawl, together
from tests.simulator import Fault, World
from tests.tiktok import work

WORLD = World(seed=1, creators=3, videos=60)
FAST_LINKS = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(60)]
SLOW_LINKS = [work(0, number) for number in range(12)]
MIXED = " ".join(link for pair in zip(SLOW_LINKS, FAST_LINKS, strict=False) for link in pair)
ALL = f"{' '.join(SLOW_LINKS)} {' '.join(FAST_LINKS)}"
PLATFORM, TIKTOK = "api.bilibili.com", "www.tiktok.com"
ONE_A_SECOND = {"tiktok_web": "pace: {delay_s: 1, concurrency: 1}\n"}
FEW = {"CONCURRENT_REQUESTS": 8}
HYBRID = ("crawl", "hybrid")


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    limited = [Fault(host=TIKTOK, nth=1, do="rate_limit", value="6")]
    return together(
        slow=lambda: crawl(f"url={ALL}", world=WORLD, command=HYBRID, configs=ONE_A_SECOND, settings=FEW),
        limited=lambda: crawl(f"url={ALL}", world=WORLD, command=HYBRID, pace=FAST, faults=limited, settings=FEW),
    )


def sent_before_the_last_fast_one(done: Crawl) -> int:
    """Return how many requests of the slow service were sent before the last one of the fast service."""
    last = max(each.time for each in done.requests if each.host == PLATFORM)
    return sum(each.time < last for each in done.requests if each.host == TIKTOK)


def test_a_slow_service_slows_no_other(crawls: dict[str, Crawl]) -> None:
    done = crawls["slow"]
    assert done.code == 0 and len(done.records) == 72
    assert sent_before_the_last_fast_one(done) < len(SLOW_LINKS), "the fast links do not wait for the slow ones"


def test_a_rate_limit_on_one_service_delays_no_answer_of_another(crawls: dict[str, Crawl]) -> None:
    done = crawls["limited"]
    assert done.code == 0 and len(done.records) == 72
    assert "Rate limited: tiktok_web:default waits" in done.err
    first, *others = [each for each in done.requests if each.host == TIKTOK]
    held_until = min(each.time for each in others if each.time > first.time + 3)
    assert all(each.time < held_until for each in done.requests if each.host == PLATFORM)
    assert VIDEO
