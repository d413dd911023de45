"""Engines in processes of their own, with the times that workers really wait: nightly only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres as servers
from tests.bench.engines import AT_ONCE, Trial, trial
from tests.postgres import Server

pytestmark = pytest.mark.nightly
JOBS = range(120)


@pytest.fixture(scope="module")
def server(postgres: Server) -> Iterator[Server]:
    """A server that a test may stop."""
    with servers.running() as own:
        yield own


def begin(run: Trial) -> None:
    run.defer(JOBS)
    while len(run.events("ends")) < len(JOBS) / 6:
        time.sleep(0.05)


def again(run: Trial) -> int:
    """Return how many jobs began again."""
    return sum(number - 1 for number in run.events("begins").values())


def test_the_jobs_of_a_killed_worker_are_done_by_the_other(server: Server, tmp_path: Path) -> None:
    with trial("fleet", server, tmp_path, 2, 0.4) as run:
        begin(run)
        run.workers[0].kill()
        assert run.wait(JOBS) < 60, "what the killed one had stalled"
        assert set(run.events("ends")) == set(JOBS)
        assert again(run) <= AT_ONCE


@pytest.mark.parametrize("away_s", [1, 45])
def test_a_server_that_is_away_ends_no_worker(server: Server, tmp_path: Path, away_s: float) -> None:
    with trial("fleet", server, tmp_path, 2, 0.4) as run:
        begin(run)
        server.stop()
        time.sleep(away_s)
        server.start()
        run.wait(JOBS)
        assert set(run.events("ends")) == set(JOBS)
        assert run.left == 2
        assert again(run) <= 2 * AT_ONCE  # what was handed out as the server stopped


def test_connections_that_are_cut_again_and_again_end_no_worker(server: Server, tmp_path: Path) -> None:
    with trial("fleet", server, tmp_path, 2, 0.4) as run:
        begin(run)
        for _ in range(20):
            server.cut(run.url.rpartition("/")[2])
            time.sleep(0.2)
        run.wait(JOBS)
        assert set(run.events("ends")) == set(JOBS)
        assert run.left == 2
