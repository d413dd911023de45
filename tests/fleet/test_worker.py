"""Workers: real processes over a real PostgreSQL server, before the simulator."""

from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.fleet.processes import Fleet, clock, fleet
from tests.simulator import World

WORLD = World(seed=5, creators=6, videos=70)
PAGES = 3  # 30 videos a page
AGAIN = """INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
    SELECT 'fleet', 'fleet:crawl', 'again-' || target_id || '-' || number, jsonb_build_object('target', target_id)
    FROM fleet_target, generate_series(1, 4) AS number"""
TIMES = """SELECT unnest(ARRAY[last_started_time, last_ended_time, completed_time]) FROM fleet_target
    UNION ALL SELECT unnest(ARRAY[started_time, seen_time, ended_time]) FROM fleet_worker
    UNION ALL SELECT next_time FROM fleet_identity WHERE sent > 0
    UNION ALL SELECT unnest(ARRAY[started_time, ended_time]) FROM run"""
"""The times that a worker leaves of a target that it crawled."""


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


def counted(made: Fleet, part: str, name: str) -> int:
    query = "SELECT coalesce(sum(number), 0)::int FROM fleet_count WHERE part = :part AND name = :name"
    return int(made.sql(query, part=part, name=name)[0][0])


def stored(made: Fleet) -> int:
    """The number of records that the runs committed."""
    is_there = made.sql("SELECT to_regclass('video') IS NOT NULL")[0][0]
    return int(made.sql("SELECT count(*) FROM video")[0][0]) if is_there else 0


def test_a_worker_counts_what_is_committed_before_a_run_ends(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD, identities=1, pace_s=1.5) as made:
        ids = made.add(range(3))
        one = made.start()
        made.until(lambda: counted(made, "line", "OK") > 0)
        assert counted(made, "run", "starts") == 3 and counted(made, "run", "complete") == 0, "all are under way"
        assert one.end() == 0, made.logs()
        assert counted(made, "line", "OK") == counted(made, "run", "records") == stored(made) < 3 * 70
        two = made.start()
        made.until(lambda: made.done(ids))
        assert two.end() == 0, made.logs()
        assert counted(made, "line", "OK") == counted(made, "run", "records") == stored(made) == 3 * 70
        assert counted(made, "run", "starts") == 6 and counted(made, "run", "complete") == 3
        assert counted(made, "run", "requests") == len(made.sim.requests)


@pytest.mark.nightly
def test_a_killed_worker_loses_the_counts_of_some_seconds(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD, identities=1, pace_s=1.5) as made:
        ids = made.add(range(6))
        one = made.start("--concurrency", "6")
        made.until(lambda: stored(made) > 30)
        earlier = stored(made)
        time.sleep(8)
        one.send(signal.SIGKILL)
        one.process.wait()
        kept = counted(made, "line", "OK")
        assert earlier <= kept <= stored(made)
        lost = stored(made) - kept
        two = made.start()
        made.until(lambda: made.done(ids))
        assert two.end() == 0, made.logs()
        assert counted(made, "line", "OK") == stored(made) - lost


def are_no_jobs_left(made: Fleet) -> bool:
    return not made.rows.sql("SELECT FROM procrastinate_jobs")


@pytest.mark.nightly
def test_what_the_engine_delivers_again_changes_nothing(tmp_path: Path) -> None:
    """Each target has four more jobs while it is crawled, for its own worker and for another, and four after it."""
    with fleet(tmp_path, WORLD, pace_s=0.3) as made:
        ids = made.add(range(6))
        workers = made.start("--concurrency", "16"), made.start("--concurrency", "16")
        made.until(lambda: bool(made.pages()))
        made.rows.sql(AGAIN)
        made.until(lambda: are_no_jobs_left(made))
        assert made.done(ids)
        made.rows.sql(AGAIN)
        made.until(lambda: are_no_jobs_left(made))
        assert [worker.end() for worker in workers] == [0, 0], made.logs()
        assert {*made.pages().values()} == {1} and dict.fromkeys(bvids(), 1) == made.videos()
        assert {made.rows.get(target).lease for target in ids} == {1}


@pytest.mark.nightly
def test_a_worker_crawls_so_many_targets_at_a_time(tmp_path: Path) -> None:
    numbers = set()

    def is_done(made: Fleet) -> bool:
        numbers.add(made.sql("SELECT count(*) FROM fleet_target WHERE holder IS NOT NULL")[0][0])
        return made.done(ids)

    with fleet(tmp_path, WORLD, pace_s=0.2) as made:
        ids = made.add(range(6))
        made.start("--concurrency", "2")
        made.until(lambda: is_done(made))
    assert max(numbers) == 2


@pytest.mark.nightly
@pytest.mark.parametrize("shift_s", [7_200, -3_600])
def test_a_wrong_clock_changes_no_time(tmp_path: Path, shift_s: int) -> None:
    with fleet(tmp_path, WORLD) as made:
        [target] = made.add([0], every=3_600)
        began = made.rows.now
        worker = made.start(env=clock(shift_s))
        made.until(lambda: made.done([target]))
        assert worker.end() == 0, made.logs()
        assert f"The clock of this machine is {abs(shift_s)} s" in worker.log.read_text("utf-8")
        times = [row[0] for row in made.rows.sql(TIMES)]
        assert len(times) >= 9 and None not in times
        assert began - 1 <= min(times) and max(times) <= made.rows.now + 1
        row = made.rows.get(target)
        assert row.due_time == row.last_started_time + 3_600


@pytest.mark.nightly
def test_a_target_whose_spider_this_worker_lacks_is_left_to_others(tmp_path: Path) -> None:
    with fleet(tmp_path, WORLD) as made:
        [known], other = made.add([0]), made.rows.target(9, spider="mine")
        worker = made.start()
        made.until(lambda: made.done([known]) and made.rows.get(other).attempts == 1)
        assert worker.end() == 0, made.logs()
        row = made.rows.get(other)
        assert row.holder is None and row.due_time and row.error.startswith("unknown spider mine; spiders are")


@pytest.mark.nightly
def test_targets_in_quiet_hours_leave_their_place_to_others(tmp_path: Path) -> None:
    user = f"https://www.douyin.com/user/{WORLD.douyin.creator(0).sec_uid}"
    with fleet(tmp_path, WORLD, pace_s=0.5) as made:
        quiet = made.add(range(2))
        worker = made.start("--concurrency", "1")
        made.until(lambda: bool(made.pages()))
        path = tmp_path / "machine1" / "config" / "bilibili_web" / "config.yaml"
        before, now = path.read_text("utf-8"), datetime.now(UTC)
        hours = "-".join(f"{now + timedelta(hours=number):%H:%M}" for number in (-1, 1))
        path.write_text(before.replace('"delay_s"', f'"quiet_hours": "{hours} UTC", "delay_s"'), "utf-8")
        other = made.rows.target(9, spider="douyin", link=user, arguments='{"max_items": "5"}')
        made.until(lambda: made.done([other]))
        for row in map(made.rows.get, quiet):
            assert (row.holder, row.attempts) == (None, 0) and row.due_time > now.timestamp() + 3000, made.logs()
        path.write_text(before, "utf-8")
        made.sql("UPDATE fleet_target SET due_time = 0 WHERE completed_time IS NULL RETURNING 1")
        made.until(lambda: made.done(quiet))
        assert worker.end() == 0, made.logs()
        assert bvids(2) <= made.videos().keys() and {*made.videos().values()} == {1}
        assert max(made.pages().values()) == 1, "what was stopped continues"
