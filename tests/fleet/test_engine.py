"""The engine over a real PostgreSQL: each job is done, whatever happens to workers and to the database."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from scraper.fleet import engine as engine_module
from scraper.fleet import schema
from scraper.fleet.database import FleetDatabase
from scraper.fleet.engine import Engine, TryAgain, Work
from scraper.fleet.engine_jobs import ATTEMPTS, STATES, JobRow, State, counts, job_rows, retry
from scraper.responses.exceptions import ArgumentError
from tests import postgres as servers
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
OLD = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'"
NONE = dict.fromkeys(STATES, 0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for jobs often: none of these tests is about how long that takes."""
    monkeypatch.setattr(engine_module, "_POLL_S", 0.05)
    monkeypatch.setattr(engine_module, "_SWEEP_S", 0.05)


@pytest.fixture
def url(postgres: Server) -> str:
    url = postgres.new_database()
    do(url, lambda connection: schema.layout("postgresql").prepare(connection))
    return url


def do(url: str, work: Callable[[Connection], Any]) -> Any:
    async def run() -> Any:
        database = FleetDatabase(url)
        try:
            return await database.run(work)
        finally:
            await database.close()

    return asyncio.run(run())


def execute(url: str, statement: str) -> None:
    do(url, lambda connection: connection.exec_driver_sql(statement))


def states(url: str) -> dict[State, int]:
    return {state: number for state, number in do(url, counts).items() if number}


def rows(url: str) -> list[JobRow]:
    return do(url, lambda connection: job_rows(connection, STATES))


@asynccontextmanager
async def opened(url: str, work: Work | None = None) -> AsyncIterator[Engine]:
    engine = Engine(url, work)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


async def until(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    while True:
        result = holds()
        if result if isinstance(result, bool) else await result:
            return
        await asyncio.sleep(0.02)


async def settle(url: str, **wanted: int) -> None:
    """Wait until there are so many jobs in each state."""
    database = FleetDatabase(url)

    async def is_so() -> bool:
        return await database.run(counts) == NONE | wanted

    await until(is_so)
    await database.close()


@asynccontextmanager
async def running(engine: Engine, concurrency: int = 2) -> AsyncIterator[None]:
    task = asyncio.create_task(engine.run(concurrency))
    try:
        yield
    finally:
        engine.stop()
        await task


def test_two_workers_share_the_jobs(url: str) -> None:
    done: list[int] = []

    async def work(target: int) -> None:
        done.append(target)

    async def main() -> None:
        async with opened(url, work) as one, opened(url, work) as two:
            assert await one.defer([(number, 0) for number in range(20)]) == 20
            assert await two.defer([(number, 0) for number in range(10, 25)]) == 5
            assert await two.defer([]) == 0
            async with running(one), running(two):
                await settle(url)

    asyncio.run(main())
    assert sorted(done) == list(range(25))


def test_workers_that_start_at_once_make_the_tables_once(url: str) -> None:
    async def main() -> None:
        engines = [Engine(url) for _ in range(4)]
        await asyncio.gather(*(engine.open() for engine in engines))
        assert sum(await asyncio.gather(*(engine.defer([(1, 0), (2, 0)]) for engine in engines))) == 2
        for engine in engines:
            await engine.close()

    asyncio.run(main())
    assert states(url) == {"waiting": 2}


def test_tables_of_an_older_procrastinate_are_refused(url: str) -> None:
    async def main() -> None:
        async with opened(url):
            pass
        database = FleetDatabase(url)
        await database.run(lambda connection: connection.exec_driver_sql("DROP FUNCTION procrastinate_retry_job_v2"))
        await database.close()
        with pytest.raises(ArgumentError, match="apply its migrations"):
            await Engine(url).open()

    asyncio.run(main())


def test_the_highest_priority_comes_first(url: str) -> None:
    done: list[int] = []

    async def work(target: int) -> None:
        done.append(target)

    async def main() -> None:
        async with opened(url, work) as engine:
            await engine.defer([(1, 0), (2, 5), (3, 0), (4, 9)])
            async with running(engine, 1):
                await settle(url)

    asyncio.run(main())
    assert done == [4, 2, 1, 3]


def test_a_job_that_is_tried_too_often_fails_and_can_be_retried(url: str) -> None:
    tries: list[int] = []

    async def work(target: int) -> None:
        tries.append(target)
        if len(tries) <= ATTEMPTS:
            raise TryAgain(0, "the platform asks to wait")

    async def main() -> None:
        async with opened(url, work) as engine:
            await engine.defer([(7, 0)])
            async with running(engine):
                await settle(url, failed=1)
                database = FleetDatabase(url)
                (row,) = await database.run(lambda connection: job_rows(connection, ["failed"]))
                assert (row.target, row.attempts, row.link) == (7, ATTEMPTS, None)
                assert await database.run(lambda connection: retry(connection, [row.job + 1])) == []
                assert await database.run(lambda connection: retry(connection, [row.job])) == [row.job]
                await database.close()
                await settle(url)

    asyncio.run(main())
    assert tries == [7] * (ATTEMPTS + 1)


def test_a_failed_job_is_gone_when_a_later_one_of_its_target_succeeds(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [RuntimeError("a fault in this program")]

    async def work(target: int) -> None:
        if faults:
            raise faults.pop()

    async def main() -> None:
        async with opened(url, work) as engine, running(engine):
            await engine.defer([(7, 0)])
            await settle(url, failed=1)
            await engine.defer([(7, 0)])
            await settle(url)

    asyncio.run(main())
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage() == "Target 7 failed" and record.exc_info


def test_a_retried_job_whose_target_is_queued_is_dropped(url: str) -> None:
    async def work(target: int) -> None:
        raise RuntimeError

    async def main() -> None:
        async with opened(url, work) as engine:
            await engine.defer([(7, 0)])
            async with running(engine):
                await settle(url, failed=1)
            await engine.defer([(7, 0)])

    asyncio.run(main())
    assert do(url, lambda connection: retry(connection, None)) == []
    assert states(url) == {"waiting": 1}


def test_what_is_tried_again_later_waits(url: str) -> None:
    async def work(target: int) -> None:
        raise TryAgain(3600, "an hour")

    async def main() -> None:
        async with opened(url, work) as engine, running(engine):
            await engine.defer([(7, 0)])
            await settle(url, later=1)

    asyncio.run(main())
    assert rows(url)[0].scheduled_time is not None


def test_a_worker_that_stops_puts_its_jobs_back(url: str) -> None:
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
        async with opened(url, work) as engine:
            await engine.defer([(number, 0) for number in range(3)])
            async with running(engine):
                await until(lambda: len(started) == 2)
        assert ended == started

    asyncio.run(main())
    assert states(url) == {"waiting": 3}
    assert [row.attempts for row in rows(url)] == [0, 0, 0]


def test_the_outcome_of_a_job_that_another_worker_has_changes_nothing(url: str) -> None:
    """A worker that was stopped for a while finishes a job that was given to another one meanwhile."""
    started: list[str] = []
    may_end = asyncio.Event()

    def work(name: str) -> Work:
        async def hold(target: int) -> None:
            started.append(name)
            await may_end.wait()
            if name == "one":
                raise TryAgain(3600, "late")

        return hold

    async def main() -> None:
        database = FleetDatabase(url)
        async with opened(url, work("one")) as one, opened(url, work("two")) as two:
            await one.defer([(7, 0)])
            async with running(one):
                await until(lambda: started == ["one"])
                await database.run(lambda connection: connection.exec_driver_sql(OLD))
                async with running(two):
                    await until(lambda: started == ["one", "two"])
                    may_end.set()
                    await settle(url)
        await database.close()

    asyncio.run(main())


def test_a_stalled_job_whose_target_is_queued_again_is_dropped(url: str) -> None:
    async def main() -> None:
        async with opened(url) as engine:
            await engine.defer([(7, 0)])
            database = FleetDatabase(url)
            await database.run(
                lambda connection: connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'doing'")
            )
            await engine.defer([(7, 0)])
            await settle(url, waiting=1, stalled=1)
            assert await engine.give_back() == 0
            await database.close()

    asyncio.run(main())
    assert states(url) == {"waiting": 1}


def test_a_job_that_kills_its_workers_fails(url: str) -> None:
    async def main() -> None:
        async with opened(url) as engine:
            await engine.defer([(7, 0)])
            database = FleetDatabase(url)
            for _ in range(ATTEMPTS):
                await database.run(
                    lambda connection: connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'doing'")
                )
                assert await engine.give_back() == 1
            await database.close()

    asyncio.run(main())
    assert states(url) == {"failed": 1}


def test_a_job_whose_delivery_was_lost_comes_back(url: str) -> None:
    done: list[int] = []

    async def work(target: int) -> None:
        done.append(target)

    async def main() -> None:
        async with opened(url, work) as engine, running(engine):
            await engine.defer([(1, 0)])
            await settle(url)
            database = FleetDatabase(url)
            lost = "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status, worker_id)"
            values = (
                """SELECT 'fleet', 'fleet:crawl', 'fleet-2', '{"target": 2}', 'doing', id FROM procrastinate_workers"""
            )
            await database.run(lambda connection: connection.exec_driver_sql(f"{lost} {values}"))
            await database.close()
            await settle(url)

    asyncio.run(main())
    assert done == [1, 2]


def test_what_a_killed_process_had_is_done_by_another(url: str) -> None:
    done: list[int] = []

    async def work(target: int) -> None:
        done.append(target)

    async def main() -> None:
        async with opened(url, work) as engine:
            await engine.defer([(1, 0), (2, 0)])
            words = [sys.executable, "-c", WORKER, url]
            killed = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
            assert killed.stdout
            assert sorted([killed.stdout.readline(), killed.stdout.readline()]) == ["1\n", "2\n"]
            killed.send_signal(signal.SIGKILL)
            killed.communicate()
            database = FleetDatabase(url)
            await database.run(lambda connection: connection.exec_driver_sql(OLD))
            await database.close()
            await settle(url, stalled=2)
            async with running(engine):
                await settle(url)

    asyncio.run(main())
    assert sorted(done) == [1, 2]


def test_a_database_that_restarts_ends_no_worker(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    may_end = asyncio.Event()

    async def work(target: int) -> None:
        await may_end.wait()
        done.append(target)

    async def main() -> None:
        with servers.running() as server:
            url = server.new_database()
            async with opened(url, work) as engine, running(engine):
                await engine.defer([(number, 0) for number in range(4)])
                await settle(url, running=2, waiting=2)
                for _ in range(2):
                    server.stop()
                    may_end.set()
                    await asyncio.sleep(0.1)
                    server.start()
                    assert server.cut(url.rpartition("/")[2]) >= 0
                await engine.defer([(9, 0)])
                await settle(url)

    asyncio.run(main())
    assert sorted(done) == [0, 1, 2, 3, 9]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
