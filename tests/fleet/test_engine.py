"""The engine over a real PostgreSQL: each job is done, whatever happens to workers and to the database."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest

from scraper.fleet import engine as engine_module
from scraper.fleet import engine_connection, engine_jobs
from scraper.fleet.engine import Engine, Work
from scraper.fleet.engine_jobs import ATTEMPTS
from scraper.fleet.jobs import retry
from scraper.responses.exceptions import ArgumentError
from tests import postgres as servers
from tests.crawling import ROOT
from tests.fleet.rows import Rows, rows_of
from tests.postgres import Server

WORKER = """
import asyncio, sys
from scraper.fleet.engine import Engine

async def work(target):
    print(target, flush=True)
    await asyncio.sleep(3600)

async def main():
    engine = Engine(sys.argv[1], work)
    await engine.open()
    await engine.run(2)

asyncio.run(main())
"""
PATIENCE_S = 60
DIE = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'"
LOSE = "UPDATE procrastinate_jobs SET status = 'doing'"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Look for jobs often: none of these tests is about how long that takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "_POLL_S", 0.05)
        patch.setattr(engine_module, "_SWEEP_S", 0.05)
        patch.setattr(engine_module, "_RESTART_S", 0.05)
        patch.setattr(engine_connection, "_TIMEOUT_S", 0.5)
        patch.setattr(engine_module, "TRIED", engine_jobs.TRIED.replace(f"'{engine_jobs.RETRY_S} s'", "'0 s'"))
        yield


@pytest.fixture(scope="module")
def database(postgres: Server) -> Iterator[Rows]:
    with rows_of(postgres.new_database()) as rows:
        asyncio.run(made(rows.url))
        yield rows


@pytest.fixture
def rows(database: Rows) -> Rows:
    database.clear()
    database.sql("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    return database


@pytest.fixture(scope="module")
def server(postgres: Server) -> Iterator[Server]:
    """A server that a test may stop."""
    with servers.running() as own:
        yield own


async def made(url: str) -> None:
    async with opened(url):
        pass


@asynccontextmanager
async def opened(url: str, work: Work | None = None) -> AsyncIterator[Engine]:
    engine = Engine(url, work)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def running(engine: Engine, concurrency: int = 2) -> AsyncIterator[None]:
    task = asyncio.create_task(engine.run(concurrency))
    try:
        yield
    finally:
        engine.stop()
        await task


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


def statuses(rows: Rows) -> dict[str, int]:
    return dict(Counter(row.status for row in rows.sql("SELECT status::text FROM procrastinate_jobs")))


async def settle(rows: Rows, **wanted: int) -> None:
    """Wait until there are so many jobs of each status."""
    await until(lambda: statuses(rows) == wanted)


class Noting:
    """Does nothing but note the targets."""

    def __init__(self) -> None:
        self.done: list[int] = []

    async def __call__(self, target: int) -> None:
        self.done.append(target)


def test_two_workers_share_the_jobs(rows: Rows) -> None:
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as one, opened(rows.url, work) as two:
            assert await one.defer([(number, 0) for number in range(20)]) == 20
            assert await two.defer([(number, 0) for number in range(10, 25)]) == 5
            assert await two.defer([]) == await two.defer([(3, 0)]) == 0
            async with running(one), running(two):
                await settle(rows)

    asyncio.run(main())
    assert sorted(work.done) == list(range(25))


def test_workers_that_start_at_once_make_the_tables_once(postgres: Server) -> None:
    url = postgres.new_database()

    async def main() -> None:
        engines = [Engine(url) for _ in range(4)]
        await asyncio.gather(*(engine.open() for engine in engines))
        assert sum(await asyncio.gather(*(engine.defer([(1, 0), (2, 0)]) for engine in engines))) == 2
        for engine in engines:
            await engine.close()

    asyncio.run(main())
    with rows_of(url) as rows:
        assert statuses(rows) == {"todo": 2}
        rows.sql("DROP FUNCTION procrastinate_retry_job_v2")
    with pytest.raises(ArgumentError, match="apply its migrations"):
        asyncio.run(made(url))


def test_the_highest_priority_comes_first(rows: Rows) -> None:
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as engine:
            await engine.defer([(1, 0), (2, 5), (3, 0), (4, 9)])
            async with running(engine, 1):
                await settle(rows)

    asyncio.run(main())
    assert work.done == [4, 2, 1, 3]


def test_a_job_wakes_a_worker(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has nothing to do looks for jobs again only after ten minutes."""
    monkeypatch.setattr(engine_module, "_POLL_S", 600.0)
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as engine, running(engine):
            await until(lambda: bool(rows.sql("SELECT FROM procrastinate_workers")))
            await asyncio.sleep(0.5)  # in which it finds nothing
            async with asyncio.timeout(PATIENCE_S):
                for target in count(1):
                    await engine.defer([(target, 0)])
                    await asyncio.sleep(0.1)
                    if work.done:
                        break

    asyncio.run(main())


def test_a_job_that_errors_end_too_often_fails_and_can_be_retried(rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    tries: list[int] = []

    async def work(target: int) -> None:
        tries.append(target)
        if len(tries) <= ATTEMPTS:
            raise OSError("the database stays away")

    async def main() -> None:
        target = rows.target()
        async with opened(rows.url, work) as engine, running(engine):
            await engine.defer([(target, 0)])
            await settle(rows, failed=1)
            assert len(tries) == ATTEMPTS
            assert rows.run(retry, [target]).due == [target]
            await settle(rows)

    asyncio.run(main())
    assert len(tries) == ATTEMPTS + 1
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in errors] == ["Target 1 was not crawled"] * ATTEMPTS
    assert all(record.exc_info for record in errors)


def test_a_failed_job_is_gone_when_a_later_one_of_its_target_succeeds(rows: Rows) -> None:
    rows.sql("""INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)
        VALUES ('fleet', 'fleet:crawl', 'fleet-7', '{"target"\\:7}', 'failed'),
               ('fleet', 'fleet:crawl', 'fleet-8', '{"target"\\:8}', 'failed')""")

    async def main() -> None:
        async with opened(rows.url, Noting()) as engine, running(engine):
            await engine.defer([(7, 0)])
            await settle(rows, failed=1)

    asyncio.run(main())
    assert [row.queueing_lock for row in rows.sql("SELECT queueing_lock FROM procrastinate_jobs")] == ["fleet-8"]


def test_a_worker_that_stops_puts_its_jobs_back(rows: Rows) -> None:
    started: list[int] = []
    ended: list[int] = []

    async def work(target: int) -> None:
        started.append(target)
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)  # a run that ends in order
            ended.append(target)
            raise

    async def main() -> None:
        async with opened(rows.url, work) as engine:
            await engine.defer([(number, 0) for number in range(3)])
            async with running(engine):
                await until(lambda: len(started) == 2)
        assert ended == started

    asyncio.run(main())
    assert statuses(rows) == {"todo": 3}
    assert {row.attempts for row in rows.sql("SELECT attempts FROM procrastinate_jobs")} == {0}
    assert rows.sql("SELECT FROM procrastinate_workers") == []


def test_the_outcome_of_a_job_that_another_worker_has_changes_nothing(rows: Rows) -> None:
    """A worker that was suspended for a while ends a job that was given to another one meanwhile."""
    started: list[str] = []
    may_end = {"one": asyncio.Event(), "two": asyncio.Event()}

    def work(name: str) -> Work:
        async def hold(target: int) -> None:
            started.append(name)
            await may_end[name].wait()

        return hold

    async def main() -> None:
        async with opened(rows.url, work("one")) as one, opened(rows.url, work("two")) as two, running(one, 1):
            await one.defer([(7, 0)])
            await until(lambda: started == ["one"])
            rows.sql(DIE)
            async with running(two):
                await until(lambda: started == ["one", "two"])
                may_end["one"].set()
                await until(lambda: not one._jobs.under_way)
                assert statuses(rows) == {"doing": 1}
                may_end["two"].set()
                await settle(rows)

    asyncio.run(main())


def test_a_lost_job_whose_target_is_queued_again_is_dropped(rows: Rows) -> None:
    async def main() -> None:
        async with opened(rows.url) as engine:
            for _ in range(2):
                await engine.defer([(7, 0), (8, 0)])
                rows.sql(LOSE)
            await engine.defer([(7, 0)])
            assert statuses(rows) == {"doing": 4, "todo": 1}
            assert await engine.give_back() == 1  # of target 8, and of 7 there is one

    asyncio.run(main())
    waiting = rows.sql("SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY queueing_lock")
    assert [tuple(row) for row in waiting] == [("fleet-7", "todo"), ("fleet-8", "todo")]


def test_a_job_whose_delivery_was_lost_comes_back(rows: Rows) -> None:
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as engine, running(engine):
            await engine.defer([(1, 0)])
            await until(lambda: work.done == [1])
            rows.sql("""INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, worker_id)
                SELECT 'fleet', 'fleet:crawl', 'fleet-2', '{"target"\\:2}', 'doing', id FROM procrastinate_workers""")
            await settle(rows)

    asyncio.run(main())
    assert work.done == [1, 2]


def test_a_worker_whose_row_was_removed_gets_another(rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
    """Another program with the same engine removes the rows of workers that were suspended."""
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as engine, running(engine):
            await engine.defer([(1, 0)])
            await settle(rows)
            rows.sql("DELETE FROM procrastinate_workers")
            await engine.defer([(2, 0)])
            await settle(rows)

    asyncio.run(main())
    assert work.done == [1, 2]
    assert "is started again" in caplog.text


def test_what_a_killed_process_had_is_done_by_another(rows: Rows) -> None:
    work = Noting()

    async def main() -> None:
        async with opened(rows.url, work) as engine:
            await engine.defer([(1, 0), (2, 0)])
            process = subprocess.Popen(
                [sys.executable, "-c", WORKER, rows.url], stdout=subprocess.PIPE, text=True, cwd=ROOT
            )
            assert process.stdout
            assert sorted([process.stdout.readline(), process.stdout.readline()]) == ["1\n", "2\n"]
            process.kill()
            process.communicate()
            async with running(engine):
                await asyncio.sleep(0.2)
                assert work.done == []  # it may be alive
                rows.sql(f"{DIE} WHERE id = (SELECT min(id) FROM procrastinate_workers)")
                await settle(rows)

    asyncio.run(main())
    assert sorted(work.done) == [1, 2]


def test_a_database_that_restarts_ends_no_worker(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    began: list[int] = []
    may_end = asyncio.Event()

    async def work(target: int) -> None:
        began.append(target)
        await may_end.wait()
        done.append(target)

    async def main() -> None:
        url = server.new_database()
        async with opened(url, work) as engine, running(engine):
            await engine.defer([(number, 0) for number in range(4)])
            await until(lambda: len(began) == 2)
            server.stop()
            may_end.set()
            await until(lambda: len(done) == 2)
            server.start()
            await until(lambda: len(done) == 4)
            server.cut(url.rpartition("/")[2])
            await engine.defer([(9, 0)])
            await until(lambda: len(done) == 5)
            with rows_of(url) as rows:
                await settle(rows)

    asyncio.run(main())
    assert Counter(done) == Counter([0, 1, 2, 3, 9])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_worker_stops_while_the_database_is_away(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    began: list[int] = []
    ended: list[Any] = []

    async def work(target: int) -> None:
        began.append(target)
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(target)

    async def main() -> None:
        async with opened(server.new_database(), work) as engine:
            async with running(engine):
                await engine.defer([(1, 0)])
                await until(lambda: began == [1])
                server.stop()
            server.start()

    asyncio.run(main())
    assert ended == [1]
    assert "were not put back" in caplog.text


def test_several_hosts_may_have_the_database(rows: Rows) -> None:
    """The first one answers at no port, as a standby that is down."""
    account, _, place = rows.url.rpartition("@")
    host, _, database = place.partition("/")
    engine = Engine(f"{account}@/{database}?host=127.0.0.1:1&host={host}&target_session_attrs=read-write")

    async def work() -> None:
        await engine.open()
        await engine.close()

    asyncio.run(work())
