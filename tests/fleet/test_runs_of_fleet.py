"""`scrapy runs`, `resume`, and KEEP_RUNS, with runs of a fleet in the same database."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.fleet.due import lease
from scraper.fleet.target_run import begin_run
from scraper.fleet.watch_list import Selected, remove
from scraper.ledger.pruning import remove_old_runs
from scraper.ledger.run import Run, add_run, forget_run
from scraper.ledger.watched import Claim, claim
from tests import in_process
from tests.fleet.rows import Rows, rows_of
from tests.in_process import Result
from tests.postgres import Server


@pytest.fixture
def rows(postgres: Server) -> Iterator[Rows]:
    with rows_of(postgres.new_database()) as made:
        yield made


def begun(rows: Rows) -> str:
    """Have a worker begin the run of a target, and return the run's id."""
    target = rows.run(lease, target_id=rows.target(), worker=rows.worker())
    assert target
    return str(rows.run(begin_run, target=target).run_id)


def test_commands_leave_a_run_to_its_workers(rows: Rows, tmp_path: Path) -> None:
    run_id = begun(rows)
    rows.sql("UPDATE run SET state = 'running'")
    env = {**os.environ, "DATABASE_URL": rows.url, "STATE_DIR": str(tmp_path)}

    def scrapy(*words: str) -> Result:
        return in_process.run([*words], env=env)

    [row] = json.loads(scrapy("runs", "--json").out)
    assert (row["state"], row["command"]) == ("alive", None)
    for words in (("resume", run_id), ("runs", "--forget", run_id)):
        refused = scrapy(*words)
        assert refused.code == 2 and "crawls a target of the watch list" in refused.err
    assert rows.sql("SELECT run_id FROM run") == [(run_id,)]
    rows.run(remove, Selected(ids=[1]))
    assert scrapy("runs", "--forget", run_id).code == 0
    assert rows.sql("SELECT run_id FROM run") == []


def test_runs_of_a_fleet_push_out_no_other(rows: Rows) -> None:
    own = begun(rows)
    for number in range(3):
        run = Run(run_id=f"crawl{number}", spider="toys", arguments={}, started_time=number)
        rows.run(add_run, run)
    rows.sql("""UPDATE run SET state = 'finished', progress = '{"sent": 1}'""")
    remove_old_runs(rows.url, 2)
    assert {row[0] for row in rows.sql("SELECT run_id FROM run")} == {own, "crawl1", "crawl2"}
    rows.run(remove, Selected(ids=[1]))
    remove_old_runs(rows.url, 2)
    assert {row[0] for row in rows.sql("SELECT run_id FROM run")} == {own, "crawl2"}


def test_others_may_walk_the_lists_of_a_run_that_is_given_up(rows: Rows) -> None:
    def walk(run_id: str) -> str:
        wanted = Claim(7, "/api/x", "1", None, goes_on=False, needs="nothing")
        return str(rows.run(claim, wanted, run_id, 0, lambda run_id: False).refusal)

    run_id = begun(rows)
    assert walk(run_id) == "" and walk("2") == f"run {run_id} walks it"
    rows.run(remove, Selected(ids=[1]))
    assert walk("2") == "" and walk("3") == "run 2 walks it"
    rows.run(forget_run, "2")
    assert walk("3") == ""
