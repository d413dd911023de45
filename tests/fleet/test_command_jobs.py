"""`scrapy jobs`: what stalled and failed, and how it is retried, in a real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from scraper.fleet.engine import Engine
from tests import in_process
from tests.fleet.rows import Rows
from tests.in_process import Result
from tests.postgres import Server

JOB = """INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)
    VALUES ('fleet', 'fleet:crawl', 'fleet-' || :target, jsonb_build_object('target', (:target)::bigint),
            (:status)::procrastinate_job_status)"""


@pytest.fixture
def with_engine(rows: Rows) -> Rows:
    """The same after a worker started once."""

    async def make() -> None:
        engine = Engine(rows.url)
        await engine.open()
        await engine.close()

    asyncio.run(make())
    rows.sql("TRUNCATE procrastinate_jobs CASCADE")
    return rows


def jobs(rows: Rows | str, *words: str) -> Result:
    url = rows if isinstance(rows, str) else rows.url
    return in_process.run(["jobs", *words], env={**os.environ, "DATABASE_URL": url})


def listed(rows: Rows, *words: str) -> Any:
    result = jobs(rows, *words, "--json")
    assert result.code == 0, result.err
    return json.loads(result.out)


def test_jobs_are_counted_by_state(rows: Rows) -> None:
    rows.worker("alive"), rows.worker("dead", lasts_s=-1)
    for number, values in enumerate(
        [{"queued_time": 1.0}, {"queued_time": 1.0}, {"holder": "alive"}, {"holder": "dead"}, {}]
    ):
        rows.target(number, **values)
    rows.target(9, attempts=2, due_s=60)
    rows.target(10, attempts=2, queued_time=1.0)  # it is tried again
    assert listed(rows) == {"waiting": 3, "running": 1, "stalled": 1, "failed": 1}
    lines = [line.split() for line in jobs(rows).out.splitlines()]
    assert lines[2:] == [["waiting", "3"], ["running", "1"], ["stalled", "1"], ["failed", "1"]]


def test_what_failed_is_listed_with_its_reason(with_engine: Rows) -> None:
    rows = with_engine
    rows.target(1, attempts=3, due_s=60, error="RATE_LIMITED: the platform asks to wait", link="https://site.test/a")
    ended = rows.target(2, queued_time=1.0)
    rows.sql(JOB, target=ended, status="failed")
    rows.target(3)
    first, second = listed(rows, "--failed")
    assert (first["target_id"], first["attempts"], first["retry"]) == (1, 3, "scrapy jobs --retry 1")
    assert first["error"].startswith("RATE_LIMITED") and first["due_time"] > rows.now
    assert second["target_id"] == ended and "errors ended it" in second["error"]
    assert second["retry"] == f"scrapy jobs --retry {ended}", "it is due, but nothing crawls it"
    shown = jobs(rows, "--failed").out
    assert "https://site.test/a" in shown and "scrapy jobs --retry 1" in shown and "RATE_LIMITED" in shown


def test_what_stalled_is_listed(with_engine: Rows) -> None:
    rows = with_engine
    rows.worker("alive"), rows.worker("dead", lasts_s=-1)
    rows.target(1, holder="alive")
    lost = [rows.target(2, holder="dead"), rows.target(3, queued_time=1.0)]
    rows.sql(JOB, target=lost[1], status="doing")
    rows.sql(JOB, target=1, status="todo")
    stalled = listed(rows, "--stalled")
    assert [(target["target_id"], target["retry"]) for target in stalled] == [(target, None) for target in lost]
    assert "within a minute" in jobs(rows, "--stalled").out


def test_nothing_to_list(rows: Rows) -> None:
    assert jobs(rows, "--failed").out == "no target failed\n"
    assert jobs(rows, "--stalled").out == "no target stalled\n"


def test_all_that_failed_is_retried(with_engine: Rows) -> None:
    rows = with_engine
    failed, ended, other = rows.target(1, due_s=9_000, attempts=3), rows.target(2, due_s=None), rows.target(3, due_s=60)
    rows.sql(JOB, target=ended, status="failed")
    assert listed(rows, "--retry") == {
        "due": [failed, ended],
        "running": [],
        "stalled": [],
        "paused": [],
        "unknown": [],
    }
    assert rows.get(failed).due_time <= rows.now and rows.get(ended).due_time <= rows.now < rows.get(other).due_time
    assert [tuple(row) for row in rows.sql("SELECT status::text, attempts FROM procrastinate_jobs")] == [("todo", 0)]


def test_named_targets_are_retried_and_the_others_are_explained(rows: Rows) -> None:
    rows.worker("one"), rows.worker("dead", lasts_s=-1)
    due = rows.target(1, due_s=None)
    running, paused = rows.target(2, holder="one"), rows.target(3, paused_time=1.0, due_s=None)
    stalled, waiting = rows.target(4, holder="dead"), rows.target(5, due_s=-600)
    since = rows.get(waiting).due_time
    result = jobs(rows, "--retry", *map(str, (due, running, paused, stalled, waiting, 99)))
    assert result.code == 1
    assert result.out.splitlines() == [
        "2 due now",
        f"target {running}: it is being crawled now",
        f"target {stalled}: its worker is gone; a running one takes it over within a minute",
        f"target {paused}: paused; scrapy watch resume starts it again",
        "target 99: not in the watch list",
    ]
    assert rows.get(due).due_time <= rows.now and rows.get(paused).due_time is None
    assert rows.get(waiting).due_time == since, "it keeps its place in the queue"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "the fleet needs a PostgreSQL server"),
        ("sqlite:///crawl.db", "the fleet needs a PostgreSQL server"),
        ("postgresql://me:secret-word@127.0.0.1:1/none", "127.0.0.1:1/none: connection failed"),
    ],
)
def test_a_database_that_is_no_fleet_is_refused(url: str, sentence: str) -> None:
    result = jobs(url)
    assert result.code == 2 and sentence in result.err and "secret-word" not in result.err


def test_a_database_without_a_watch_list_is_refused(postgres: Server) -> None:
    result = jobs(postgres.new_database())
    assert result.code == 2 and "no watch list" in result.err


@pytest.mark.parametrize("words", [("now",), ("--failed", "--stalled"), ("--retry", "a-link")])
def test_wrong_usage(rows: Rows, words: tuple[str, ...]) -> None:
    assert jobs(rows, *words).code == 2
