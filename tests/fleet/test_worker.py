"""Workers: real processes over a real PostgreSQL server, before the simulator."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.fleet.processes import fleet
from tests.simulator import World

WORLD = World(seed=5, creators=6, videos=70)
PAGES = 3  # 30 videos a page


def bvids(creators: int = 6) -> set[str]:
    return {bvid for creator in range(creators) for bvid in WORLD.bvids(creator)}


@pytest.mark.nightly
def test_two_workers_crawl_a_watch_list(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD) as made:
        ids = made.add(range(6))
        one, two = made.start(), made.start()
        made.until(lambda: made.done(ids))
        assert (one.end(), two.end()) == (0, 0), made.logs()
        assert dict.fromkeys(bvids(), 1) == made.videos()
        assert {*made.pages().values()} == {1} and made.pages().total() == 6 * PAGES
        assert made.rows.sql("SELECT count(*) FROM fleet_worker WHERE ended_time IS NULL")[0][0] == 0


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD, pace_s=0.2) as made:
        ids = made.add(range(6))
        one = made.start()
        made.until(lambda: len(made.pages()) >= 4)
        one.send(signal.SIGKILL)
        two = made.start()
        made.until(lambda: made.done(ids))
        assert two.end() == 0, made.logs()
        assert dict.fromkeys(bvids(), 1) == made.videos()
        assert max(made.pages().values()) <= 2 and made.pages().total() <= 6 * PAGES + 2


@pytest.mark.nightly
def test_a_target_whose_spider_this_worker_lacks_is_left_to_others(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD) as made:
        [known], other = made.add([0]), made.rows.target(9, spider="mine")
        worker = made.start()
        made.until(lambda: made.done([known]) and made.rows.get(other).attempts == 1)
        assert worker.end() == 0, made.logs()
        row = made.rows.get(other)
        assert row.holder is None and row.due_time and row.error.startswith("unknown spider mine; spiders are")
