"""What the fleet page shows, from the rows of a real database."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from scraper.fleet import overview as module
from scraper.fleet.counts import ANSWER, LINE, RUN, Tally
from scraper.fleet.database import FleetDatabase
from scraper.fleet.overview import Overview, overview
from scraper.identities.masking import SECRETS
from scraper.ledger.progress import Progress
from tests.fleet.filled import Fleet, empty_fleet
from tests.postgres import Server


@pytest.fixture
def fleet(postgres: Server) -> Fleet:
    return empty_fleet()


def seen(fleet: Fleet) -> Overview:
    known = fleet.database.do(overview)
    assert known is not None
    return known


def test_a_database_without_a_fleet_has_no_overview(postgres: Server) -> None:
    assert FleetDatabase(postgres.new_database()).do(overview) is None


def test_an_empty_fleet(fleet: Fleet) -> None:
    view = seen(fleet)
    assert view.targets.all == view.targets.due == view.targets.longest_due_s == 0
    assert view.workers == view.identities == view.latest == view.alarms == []
    assert view.hour.requests == 0 and view.evaluated_time is None
    assert [part.number for part in view.freshness.parts] == [0] * 6


def test_targets_are_counted_by_their_states(fleet: Fleet) -> None:
    fleet.worker("a")
    fleet.worker("dead", expires_time=-10)
    fleet.target(due_time=-100)
    fleet.target(due_time=-700)
    fleet.target(due_time=-700, queued_time=-5)
    fleet.target(due_time=-700, queued_time=-5, holder="a", run_id="r1")
    fleet.target(due_time=-700, queued_time=-5, holder="dead", run_id="r2")
    fleet.target(run_id="r3", attempts=2)
    fleet.target(expected_time=-1)
    fleet.target(due_time=-900, expected_time=-1, paused_time=-5)
    targets = seen(fleet).targets
    assert (targets.all, targets.due, targets.queued, targets.running) == (8, 2, 1, 1)
    assert (targets.left, targets.failing, targets.paused, targets.late) == (2, 1, 1, 1)
    assert targets.at_least == [] and not targets.is_estimate and targets.longest_due_s == pytest.approx(700, abs=60)


def test_many_targets_are_counted_up_to_a_limit_and_sampled(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    names = "spider, link, arguments, priority, added_time, due_time, expected_time, completed_time, lease, attempts"
    fleet.target(due_time=-1, expected_time=-1, completed_time=-3601)
    many = f"INSERT INTO fleet_target (key, {names}) SELECT -n, {names} FROM fleet_target, generate_series(1, 4999) n"
    fleet.database.do(lambda connection: connection.execute(text(many)))
    fleet.database.do(lambda connection: connection.execute(text("ANALYZE fleet_target")))
    monkeypatch.setattr(module, "MOST", 1000)
    monkeypatch.setattr(module, "_SAMPLE", 1000)
    view = seen(fleet)
    assert view.targets.all == 5000 and view.targets.is_estimate
    assert view.targets.due == view.targets.late == 1000 and view.targets.at_least == ["due", "late"]
    assert 0 < view.freshness.sampled < 5000 and view.freshness.is_estimate
    assert view.freshness.parts[1].number == 5000, "all are a little more than one interval old"
    assert len(view.latest) == 20


def test_freshness_and_completeness_show_the_worst_first(fleet: Fleet) -> None:
    old = fleet.target(completed_time=-8 * 3600, expected_time=-7 * 3600, collected=10, declared=10)
    late = fleet.target(completed_time=-3660, expected_time=-60, collected=95, declared=100)
    fleet.target(collected=40, declared=100)
    new = fleet.target(completed_time=None, expected_time=-30)
    fleet.target(every=None, due_time=None, expected_time=None, collected=7, declared=0)
    view = seen(fleet)
    assert [target.link for target in view.latest] == [old, late, new]
    assert view.latest[0].late_s == pytest.approx(7 * 3600, abs=60)
    assert [(part.up_to, part.number) for part in view.freshness.parts] == [
        (1.0, 1), (1.5, 1), (2.0, 0), (5.0, 0), (10.0, 1), (None, 0),
    ]  # fmt: skip
    assert view.freshness.never == 1
    assert [target.collected for target in view.shortest] == [40, 95]
    assert [part.number for part in view.completeness.parts] == [1, 0, 1, 2] and view.completeness.never == 0


def test_workers_and_identities_have_their_states(fleet: Fleet) -> None:
    fleet.worker("alive", running=2)
    fleet.worker("gone", expires_time=-1)
    fleet.worker("ended", expires_time=-1, ended_time=-2)
    fleet.worker("buried", expires_time=-9, ended_time=-2)
    fleet.worker("long-ago", expires_time=-90_000, ended_time=-90_000)
    fleet.identity("used", holder="alive", next_time=3)
    fleet.identity("of-gone", holder="gone")
    fleet.identity("tired", holder="alive", stopped="CHALLENGE", message="captcha", rested_time=60, stops=1)
    fleet.identity("tried-again", stopped="CHALLENGE", rested_time=-60, cookie_expires_time=86_400)
    view = seen(fleet)
    assert {worker.worker: worker.state for worker in view.workers} == {
        "alive": "alive", "gone": "gone", "ended": "stopped", "buried": "gone",
    }  # fmt: skip
    states = {identity.name: identity.state for identity in view.identities}
    assert states == {"used": "held", "of-gone": "free", "tired": "resting", "tried-again": "free"}


def test_failures_name_the_command_that_retries_them_and_show_no_secret(fleet: Fleet) -> None:
    SECRETS.keep("hunter22secret")
    link = fleet.target(
        attempts=3, run_id="20260101T000000-a", error="no answer from http://me:hunter22secret@proxy.test"
    )
    [failing] = seen(fleet).failing
    assert failing.link == link and failing.retry == f"scrapy jobs --retry {failing.target_id}"
    assert failing.run_id == "20260101T000000-a" and "hunter22" not in (failing.error or "")


def test_the_command_is_offered_where_it_does_something(fleet: Fleet) -> None:
    fleet.worker("a"), fleet.worker("dead", expires_time=-10)
    late = {"expected_time": -60, "completed_time": None, "attempts": 1}
    later, never = fleet.target(**late, due_time=60), fleet.target(**late, due_time=None)
    fleet.target(**late, due_time=-60)  # a worker takes it next
    for holder in ("a", "dead"):
        fleet.target(**late, due_time=-60, queued_time=-9, holder=holder, run_id="r1")
    fleet.target(**late | {"expected_time": 60}, due_time=60, paused_time=-5)
    view = seen(fleet)
    assert {target.link for target in view.latest if target.retry} == {later, never} and len(view.latest) == 5
    assert {target.link for target in view.failing if target.retry} == {later, never} and len(view.failing) == 6


def test_throughput_and_outcomes_are_summed_over_workers(fleet: Fleet) -> None:
    for worker in ("a", "b"):
        fleet.counted(RUN, "bilibili", 1500, worker, starts=30, complete=20, requests=300, records=900)
        fleet.counted(RUN, "bilibili", 20 * 3600, worker, starts=1, complete=1, requests=1, records=1)
        fleet.counted(LINE, "/api/x", 1500, worker, OK=5)
        fleet.counted(ANSWER, "bilibili_web", 1500, worker, sent=7, ok=6, CHALLENGE=1)
    view = seen(fleet)
    assert 600 < view.hour.requests <= 600 * 60 / 49 and view.hour.runs == pytest.approx(view.hour.requests / 10)
    assert view.day.complete == pytest.approx(42 / 20, rel=0.02), "the fleet began twenty hours ago"
    assert [msgspec.to_builtins(row) for row in view.outcomes] == [{"router": "/api/x", "outcome": "OK", "number": 10}]
    assert {row.answer: row.number for row in view.answers} == {"sent": 14, "ok": 12, "CHALLENGE": 2}


def progress(sent: int, videos: int, gone: int) -> Progress:
    counts = {"records/video": videos, "envelopes//api/x/OK": videos, "envelopes//api/x/NOT_FOUND": gone}
    return Progress(sent=sent, counts=counts)


def test_a_tally_counts_what_is_new_and_loses_nothing(fleet: Fleet) -> None:
    tally, stats = Tally(), {"identities/bilibili_web/h1/sent": 4, "identities/bilibili_web/h2/sent": 3, "items": 9}

    async def work() -> None:
        with tally.counting("bilibili", progress(10, 50, 0), lambda: progress(14, 70, 1)):
            tally.see_runs()
        with tally.counting("bilibili", Progress(), lambda: progress(2, 5, 0)):
            tally.add_complete("bilibili")
        with tally.counting("bilibili", progress(9, 9, 9), lambda: None):
            tally.see_runs()
        tally.see_answers(stats)
        fleet.database.do(lambda connection: connection.execute(text("ALTER TABLE fleet_count RENAME TO away")))
        with pytest.raises(Exception, match="fleet_count"):
            await tally.write(fleet.database, "a")
        fleet.database.do(lambda connection: connection.execute(text("ALTER TABLE away RENAME TO fleet_count")))
        fleet.counted(LINE, "/api/old", 3 * 86_400, OK=5)
        await tally.write(fleet.database, "a")
        tally.see_answers({**stats, "identities/bilibili_web/h1/sent": 5})
        assert tally.sent == 8
        await tally.write(fleet.database, "a")
        await tally.write(fleet.database, "a")

    asyncio.run(work())
    names = "SELECT part, source, name, sum(number)::int FROM fleet_count GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    rows = fleet.database.do(lambda connection: [tuple(row) for row in connection.execute(text(names))])
    assert rows == [
        ("answer", "bilibili_web", "sent", 8), ("line", "/api/x", "NOT_FOUND", 1), ("line", "/api/x", "OK", 25),
        ("run", "bilibili", "complete", 1), ("run", "bilibili", "records", 25), ("run", "bilibili", "requests", 6),
        ("run", "bilibili", "starts", 3),
    ]  # fmt: skip
