"""Which targets are due, and who holds them, in a real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scraper.fleet.due import RunResult, give_back, lease, note_run, number_queued, requeue_lost, settle, take_due
from tests.bench.scale import fill, milliseconds
from tests.fleet.rows import Rows, rows_of

DONE = RunResult(exit_code=0, stopped="end", collected=5, declared=6)
HOUR, DAY = 3_600, 86_400


def ids(rows: Rows, *values: Any) -> list[int]:
    return [target.target_id for target in rows.run(take_due, *values)]


def held(rows: Rows, worker: str = "one", **values: Any) -> tuple[int, int]:
    """Add a target that a worker holds. Return its id, and the number of the lease."""
    target = rows.target(**values)
    return target, rows.run(lease, target, worker).lease


def test_the_highest_priority_is_first_then_the_oldest(rows: Rows) -> None:
    late, old = rows.target(1, -10), rows.target(2, -20)
    urgent, low, _ = rows.target(3, -1, priority=7), rows.target(4, -99, priority=-3), rows.target(5, 60, priority=9)
    assert ids(rows, 2) == [urgent, old]
    assert ids(rows, 9) == [late, low]
    assert ids(rows) == []


@pytest.mark.parametrize("state", [{"due_s": None}, {"due_s": 5.0}, {"paused_time": 1.0}, {"queued_time": 9e12}])
def test_what_is_not_due_is_not_taken(rows: Rows, state: dict[str, Any]) -> None:
    rows.target(**state)
    assert ids(rows) == []


def test_dispatchers_share_what_is_due(rows: Rows) -> None:
    targets = [rows.target(number, -number, priority=number % 3) for number in range(60)]
    with rows_of(rows.url) as other, rows.connection.begin():
        first = [target.target_id for target in take_due(rows.connection, 25)]
        second = ids(other, 25)  # while the first is not committed
        assert len(first) == len(second) == 25
        assert not set(first) & set(second)
    assert sorted([*first, *second, *ids(rows)]) == sorted(targets)


@pytest.mark.nightly
def test_a_thousand_of_a_million_are_taken_within_a_second(rows: Rows) -> None:
    fill(rows, 1_000_000)
    taken: list[int] = []
    assert milliseconds(lambda: taken.extend(ids(rows))) <= 1_000
    assert len({*taken}) == 1_000


def test_one_worker_gets_the_lease(rows: Rows) -> None:
    rows.worker("one"), rows.worker("two")
    target = rows.target(link="a link", arguments='{"url":"a link","since":"last"}', priority=4)
    leased = rows.run(lease, target, "one")
    assert (leased.spider, leased.link, leased.arguments) == ("toys", "a link", {"url": "a link", "since": "last"})
    assert (leased.lease, leased.run_id, leased.priority) == (1, None, 4)
    assert rows.run(lease, target, "two") is None
    assert rows.run(lease, target, "one").lease == 2  # whose connection may have been lost before it knew of the first
    assert not rows.run(give_back, target, 1)
    assert ids(rows) == []


def test_of_many_at_once_one_gets_it(rows: Rows) -> None:
    for number in range(6):
        rows.worker(f"w{number}")
    targets = [rows.target(number) for number in range(20)]

    def take_all(number: int) -> list[int]:
        with rows_of(rows.url) as own:
            return [target for target in targets if own.run(lease, target, f"w{number}")]

    with ThreadPoolExecutor(6) as pool:
        taken = [target for part in pool.map(take_all, range(6)) for target in part]
    assert sorted(taken) == sorted(targets)
    assert all(rows.get(target).lease == 1 for target in targets)


@pytest.mark.parametrize("state", [{"due_s": None}, {"due_s": 5.0}, {"paused_time": 1.0}])
def test_what_is_not_due_is_not_leased(rows: Rows, state: dict[str, Any]) -> None:
    rows.worker()
    assert rows.run(lease, rows.target(**state), "one") is None


def test_a_dead_worker_gets_no_lease(rows: Rows) -> None:
    rows.worker("late", lasts_s=-1)
    target = rows.target()
    assert rows.run(lease, target, "late") is rows.run(lease, target, "unknown") is None


def test_a_locked_target_is_not_waited_for(rows: Rows) -> None:
    rows.worker()
    target = rows.target()
    with rows_of(rows.url) as other, other.connection.begin():
        other.connection.exec_driver_sql("SELECT FROM fleet_target FOR SHARE")
        assert rows.run(lease, target, "one") is None


def test_a_dead_holder_loses_it_and_writes_nothing(rows: Rows) -> None:
    rows.worker("one"), rows.worker("two")
    target, old = held(rows)
    assert rows.run(note_run, target, old, "run-1")
    rows.bury("one")
    leased = rows.run(lease, target, "two")
    assert (leased.lease, leased.run_id) == (old + 1, "run-1")
    before = rows.get(target)
    assert not rows.run(settle, target, old, DONE)
    assert not rows.run(give_back, target, old)
    assert not rows.run(note_run, target, old, "run-2")
    assert rows.get(target) == before
    assert rows.run(settle, target, leased.lease, DONE)


def test_what_a_dead_worker_held_is_due_again(rows: Rows) -> None:
    rows.worker("one"), rows.worker("two")
    target, old = held(rows)
    kept, _ = held(rows, "two", number=2)
    assert rows.run(requeue_lost) == 0
    rows.bury("one")
    assert rows.run(requeue_lost) == 1
    assert rows.get(target).lease == old + 1
    assert not rows.run(settle, target, old, DONE)  # nobody has it yet, and still it is not the old one's
    assert ids(rows) == [target]
    assert rows.get(kept).holder == "two"


def test_a_job_that_waits_for_long_is_queued_again_before_others(rows: Rows) -> None:
    rows.worker()
    lost, fresh = rows.target(1), rows.target(2)
    assert ids(rows) == [lost, fresh]
    held(rows, number=3, queued_time=1.0)  # waited long, but a worker has it
    late = rows.target(4)
    assert rows.run(number_queued) == 2
    rows.sql("UPDATE fleet_target SET queued_time = queued_time - 301 WHERE target_id = :id", id=lost)
    assert rows.run(number_queued) == 1
    assert ids(rows, 1) == [lost]
    assert rows.run(number_queued) == 2
    assert ids(rows) == [late]
    assert (rows.run(number_queued), rows.run(number_queued, 2)) == (3, 2)


def test_a_job_that_was_delayed_leases_what_is_due(rows: Rows) -> None:
    rows.worker()
    target = rows.target()
    assert rows.run(lease, target, "one")  # nobody queued it since it was requeued
    assert ids(rows) == []


def test_an_orderly_stop_leaves_it_due(rows: Rows) -> None:
    rows.worker("one"), rows.worker("two")
    target, number = held(rows, every=DAY)
    started = rows.get(target).last_started_time
    rows.run(note_run, target, number, "run-1")
    assert rows.run(give_back, target, number)
    assert not rows.run(give_back, target, number)
    assert ids(rows) == [target]
    assert rows.run(lease, target, "two").run_id == "run-1"
    assert rows.get(target).last_started_time == started  # the run began then, whoever resumes it


def test_a_complete_run(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, every=DAY, attempts=3, due_s=-500.0)
    rows.run(note_run, target, number, "run-1")
    assert rows.run(settle, target, number, DONE)
    row = rows.get(target)
    assert row.due_time == row.last_started_time + DAY == row.completed_time + DAY
    assert (row.holder, row.queued_time, row.run_id, row.last_run_id) == (None, None, None, "run-1")
    assert (row.attempts, row.stopped, row.exit_code, row.collected, row.declared) == (0, "end", 0, 5, 6)
    assert not rows.run(settle, target, number, DONE)


def test_a_target_without_a_schedule_is_crawled_once(rows: Rows) -> None:
    rows.worker()
    for number, code in enumerate((0, 2)):  # complete; wrong
        target, taken = held(rows, number=number)
        rows.run(settle, target, taken, RunResult(exit_code=code))
        assert rows.get(target).due_time is None
        assert rows.run(lease, target, "one") is None


def test_a_run_that_took_long_is_caught_up_once(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, every=HOUR)
    rows.sql("UPDATE fleet_target SET last_started_time = last_started_time - 7 * 3600")
    rows.run(settle, target, number, DONE)
    assert ids(rows) == [target]
    again = rows.run(lease, target, "one")
    rows.run(settle, target, again.lease, DONE)
    assert ids(rows) == []
    row = rows.get(target)
    assert row.due_time == row.last_started_time + HOUR


def test_an_incomplete_run_is_continued_soon_then_less_often(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, every=DAY)
    rows.run(note_run, target, number, "run-1")
    pauses = []
    for attempt in range(1, 12):
        rows.run(settle, target, number, RunResult(exit_code=3, is_unfinished=True, error="challenge"))
        row = rows.get(target)
        pauses.append(round(row.due_time - row.last_ended_time))
        assert (row.attempts, row.run_id, row.completed_time, row.error) == (attempt, "run-1", None, "challenge")
        rows.sql("UPDATE fleet_target SET due_time = last_ended_time - 1")
        number = rows.run(lease, target, "one").lease
    assert pauses == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]


def test_a_retry_is_not_later_than_the_next_regular_run(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, every=HOUR, attempts=8)
    rows.run(settle, target, number, RunResult(exit_code=4))
    row = rows.get(target)
    assert row.due_time == row.last_started_time + HOUR
    assert (row.run_id, row.attempts) == (None, 9)


def test_a_run_whose_regular_time_has_passed_waits_before_it_is_tried_again(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, every=HOUR)
    rows.sql("UPDATE fleet_target SET last_started_time = last_started_time - 7200")
    rows.run(settle, target, number, RunResult(exit_code=4, is_unfinished=True))
    row = rows.get(target)
    assert row.due_time == row.last_ended_time + 60


def test_a_target_once_that_failed_is_tried_again(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows)
    rows.run(settle, target, number, RunResult(exit_code=5))
    row = rows.get(target)
    assert row.due_time == row.last_ended_time + 60


def test_cron_is_caught_up_once(rows: Rows) -> None:
    rows.worker()
    target, number = held(rows, cron="0 * * * * UTC", due_s=-9 * HOUR)
    rows.run(settle, target, number, DONE)
    row = rows.get(target)
    assert row.due_time == row.last_ended_time // HOUR * HOUR + HOUR


def test_a_run_that_requested_nothing_makes_no_pause_longer(rows: Rows) -> None:
    rows.worker("one")
    target = rows.target()
    for attempts, has_requested in ((1, False), (1, False), (2, True), (2, False), (3, True)):
        leased = rows.run(lease, target, "one")
        result = RunResult(exit_code=4, is_unfinished=True, has_requested=has_requested)
        assert rows.run(settle, target, leased.lease, result) and rows.get(target).attempts == attempts
        rows.sql("UPDATE fleet_target SET due_time = 0")
