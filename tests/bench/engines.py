"""Job engines over PostgreSQL when workers are killed and the server restarts: the table in docs/fleet.md.

    pip install "pgqueuer[asyncpg]==1.6.0"     # into an environment of its own, for this comparison alone
    python -m tests.bench.engines [--jobs 200] [--due 10000] [--engines procrastinate pgqueuer fleet]

`procrastinate` and `pgqueuer` run as their documentation has it; `fleet` is procrastinate as `scraper.fleet.engine`
runs it. A job sleeps, and writes a line when it begins and when it ends.
"""

import argparse
import asyncio
import logging
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from tests import postgres
from tests.postgres import Server

if TYPE_CHECKING:
    import asyncpg
    import pgqueuer
    import procrastinate

AT_ONCE = 4
_JOB_S, _WORKERS, _BATCH = 0.4, 2, 1_000
_LONG, _LONG_S, _STALLED_S = 1_000_000, 60.0, 50.0
_BEFORE_S, _AWAY_S, _PATIENCE_S = 3.0, (2, 45), 240.0
Job = Callable[[int], Awaitable[None]]


class Engine(Protocol):
    """What is compared."""

    async def install(self, url: str) -> None:
        """Make the tables."""

    async def defer(self, url: str, jobs: range) -> None:
        """Queue jobs, each once however often it is deferred, a thousand in one statement."""

    async def work(self, url: str, job: Job) -> None:
        """Work until the process ends, several jobs at a time."""


class Procrastinate:
    """With a periodic task that puts the jobs of dead workers back."""

    def _app(self, url: str) -> "procrastinate.App":
        import procrastinate

        return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))

    async def install(self, url: str) -> None:
        async with self._app(url).open_async() as app:
            await app.schema_manager.apply_schema_async()

    async def defer(self, url: str, jobs: range) -> None:
        from procrastinate.jobs import Job as DeferredJob

        async with self._app(url).open_async() as app:
            for batch in batches(jobs):
                await app.job_manager.batch_defer_jobs_async([self._job(DeferredJob, number) for number in batch])

    def _job(self, kind: "type[procrastinate.jobs.Job]", number: int) -> "procrastinate.jobs.Job":
        lock = str(number)
        return kind(queue="default", task_name="job", lock=None, queueing_lock=lock, task_kwargs={"number": number})

    async def work(self, url: str, job: Job) -> None:
        app = self._app(url)
        app.task(name="job")(job)

        @app.periodic(cron="* * * * * */10")
        @app.task(name="stalled", queueing_lock="stalled", pass_context=True)
        async def put_back(context: "procrastinate.JobContext", timestamp: int) -> None:
            for stalled in await app.job_manager.get_stalled_jobs():
                await app.job_manager.retry_job(stalled)

        async with app.open_async():
            await app.run_worker_async(concurrency=AT_ONCE, delete_jobs="successful")


class Pgqueuer:
    """With its supervisor, which restarts a worker that failed."""

    @asynccontextmanager
    async def _connection(self, url: str) -> AsyncIterator["asyncpg.Connection"]:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def _queries(self, url: str) -> AsyncIterator["pgqueuer.Queries"]:
        from pgqueuer import Queries

        async with self._connection(url) as connection:
            yield Queries.from_asyncpg_connection(connection)

    async def install(self, url: str) -> None:
        async with self._queries(url) as queries:
            await queries.install()

    async def defer(self, url: str, jobs: range) -> None:
        async with self._queries(url) as queries:
            for batch in batches(jobs):
                payloads = [str(number).encode() for number in batch]
                keys = [str(number) for number in batch]
                await queries.enqueue(["job"] * len(batch), payloads, [0] * len(batch), dedupe_key=keys)

    async def work(self, url: str, job: Job) -> None:
        import pgqueuer

        @asynccontextmanager
        async def manager() -> AsyncIterator[pgqueuer.PgQueuer]:
            async with self._connection(url) as connection:
                queuer = pgqueuer.PgQueuer.from_asyncpg_connection(connection)

                @queuer.entrypoint("job", on_failure="hold")
                async def run(row: pgqueuer.Job) -> None:
                    await job(int(row.payload or b""))

                yield queuer

        await pgqueuer.run(
            manager,
            restart_on_failure=True,
            restart_delay=timedelta(seconds=1),
            dequeue_timeout=timedelta(seconds=5),
            batch_size=AT_ONCE // 2,
            max_concurrent_tasks=AT_ONCE,
        )


class Fleet:
    """The fleet's engine."""

    async def install(self, url: str) -> None:
        await self.defer(url, range(0))

    async def defer(self, url: str, jobs: range) -> None:
        from scraper.fleet.engine import Engine as FleetEngine

        engine = FleetEngine(url)
        await engine.open()
        for batch in batches(jobs):
            await engine.defer([(number, 0) for number in batch])
        await engine.close()

    async def work(self, url: str, job: Job) -> None:
        from scraper.fleet.engine import Engine as FleetEngine

        engine = FleetEngine(url, job)
        await engine.open()
        await engine.run(AT_ONCE)


ENGINES: dict[str, type[Engine]] = {"procrastinate": Procrastinate, "pgqueuer": Pgqueuer, "fleet": Fleet}


def batches(jobs: range) -> Iterator[range]:
    return (jobs[start : start + _BATCH] for start in range(0, len(jobs), _BATCH))


async def work(name: str, url: str, lines: Path, seconds: float) -> None:
    """Be a worker."""
    output = os.open(lines, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def job(number: int) -> None:
        os.write(output, f"begins {number}\n".encode())
        await asyncio.sleep(seconds if number < _LONG else _LONG_S)
        os.write(output, f"ends {number}\n".encode())

    await ENGINES[name]().work(url, job)


@dataclass
class Trial:
    """Workers of one engine in a new database."""

    engine: Engine
    server: Server
    url: str
    lines: Path
    workers: list[subprocess.Popen[bytes]]

    def defer(self, jobs: range) -> None:
        asyncio.run(self.engine.defer(self.url, jobs))

    def events(self, kind: str) -> Counter[int]:
        """Return how often each job began, or ended."""
        rows = [line.split() for line in self.lines.read_text("ascii").splitlines()] if self.lines.exists() else []
        return Counter(int(number) for event, number in rows if event == kind)

    def wait(self, jobs: range) -> float:
        """Wait until all have ended, or for as long as it is sensible. Return the seconds."""
        start = time.perf_counter()
        while len(self.events("ends").keys() & set(jobs)) < len(jobs):
            if not self.left or time.perf_counter() - start > _PATIENCE_S:
                break
            time.sleep(0.05)
        return time.perf_counter() - start

    @property
    def left(self) -> int:
        """How many workers run."""
        return sum(worker.poll() is None for worker in self.workers)


@contextmanager
def trial(name: str, server: Server, folder: Path, number: int, seconds: float) -> Iterator[Trial]:
    """Start workers before an empty queue."""
    url = server.new_database()
    engine = ENGINES[name]()
    asyncio.run(engine.install(url))
    lines = folder / f"{url.rpartition('/')[2]}.lines"
    log = (folder / f"{url.rpartition('/')[2]}.log").open("wb")
    words = [sys.executable, "-m", "tests.bench.engines", "--worker", name, url, str(lines), str(seconds)]
    workers = [subprocess.Popen(words, stdout=log, stderr=log, process_group=0) for _ in range(number)]
    try:
        yield Trial(engine, server, url, lines, workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        log.close()


def killed(name: str, server: Server, folder: Path, jobs: range) -> str:
    """Kill one of two workers."""
    with trial(name, server, folder, _WORKERS, _JOB_S) as run:
        run.defer(jobs)
        while not run.events("ends"):
            time.sleep(0.05)
        time.sleep(_BEFORE_S)
        run.workers[0].kill()
        seconds = run.wait(jobs)
        ends, begins = run.events("ends"), run.events("begins")
        again = sum(number - 1 for number in begins.values())
        twice = sum(number > 1 for number in ends.values())
        return f"kill -9: {len(ends)}/{len(jobs)} done {seconds:.0f} s later, {twice} ended twice, {again} began again"


def restarted(name: str, server: Server, folder: Path, jobs: range, away_s: int) -> str:
    """Stop the server as a crash does, and start it again, while both workers work."""
    with trial(name, server, folder, _WORKERS, _JOB_S) as run:
        run.defer(jobs)
        while not run.events("ends"):
            time.sleep(0.05)
        time.sleep(_BEFORE_S)
        server.stop()
        time.sleep(away_s)
        server.start()
        seconds = run.wait(jobs)
        ends = run.events("ends")
        twice = sum(number > 1 for number in ends.values())
        return (
            f"server away for {away_s} s: {len(ends)}/{len(jobs)} done {seconds:.0f} s later, {twice} ended twice,"
            f" {run.left} of {_WORKERS} workers left"
        )


def with_long_job(name: str, server: Server, folder: Path) -> str:
    """Restart the server while a worker has a long job, then give it short ones."""
    long, short = range(_LONG, _LONG + 1), range(4)
    with trial(name, server, folder, 1, _JOB_S) as run:
        run.defer(long)
        while not run.events("begins"):
            time.sleep(0.05)
        server.stop()
        time.sleep(_AWAY_S[0])
        server.start()
        run.defer(short)
        seconds = run.wait(short)
        run.wait(long)
        time.sleep(_STALLED_S)
        done = len(run.events("ends").keys() & set(short))
        return (
            f"restart during a job of {_LONG_S:.0f} s: {done}/{len(short)} others done {seconds:.0f} s later,"
            f" it began {run.events('begins')[_LONG]} times"
        )


def stalled(name: str, server: Server, folder: Path) -> str:
    """Kill a worker with a long job, and see how long it takes until another has it."""
    with trial(name, server, folder, 1, 3600) as run:
        run.defer(range(1))
        while not run.events("begins"):
            time.sleep(0.05)
        words = run.workers[0].args
        assert isinstance(words, list)
        run.workers.append(subprocess.Popen([*words[:-1], "0"], process_group=0))
        time.sleep(_BEFORE_S)
        run.workers[0].kill()
        return f"a long job of a killed worker: another has it after {run.wait(range(1)):.0f} s"


def many(name: str, server: Server, folder: Path, number: int) -> str:
    """Defer many jobs that do nothing, then have one worker do them."""
    url = server.new_database()
    engine = ENGINES[name]()
    asyncio.run(engine.install(url))
    start = time.perf_counter()
    asyncio.run(engine.defer(url, range(number)))
    deferred = time.perf_counter() - start
    lines = folder / "many"
    lines.unlink(missing_ok=True)
    words = [sys.executable, "-m", "tests.bench.engines", "--worker", name, url, str(lines), "0"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    worker = subprocess.Popen(words, stderr=subprocess.DEVNULL, process_group=0)
    run = Trial(engine, server, url, lines, [worker])
    while not run.events("begins"):
        time.sleep(0.02)
    start = time.perf_counter()
    run.wait(range(number))
    seconds = time.perf_counter() - start
    worker.kill()
    worker.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{number} due: {number / deferred:.0f}/s deferred, {number / seconds:.0f}/s done, {cpu:.1f} s of CPU"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=[*ENGINES])
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--worker", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        name, url, lines, seconds = options.worker
        logging.basicConfig(level=logging.WARNING)
        asyncio.run(work(name, url, Path(lines), float(seconds)))
        return
    with postgres.running() as server, TemporaryDirectory() as folder:
        for name in options.engines:
            jobs = range(options.jobs)
            print(f"{name}: {killed(name, server, Path(folder), jobs)}", flush=True)
            for away_s in _AWAY_S:
                print(f"{name}: {restarted(name, server, Path(folder), jobs, away_s)}", flush=True)
            print(f"{name}: {with_long_job(name, server, Path(folder))}", flush=True)
            print(f"{name}: {stalled(name, server, Path(folder))}", flush=True)
            print(f"{name}: {many(name, server, Path(folder), options.due)}", flush=True)


if __name__ == "__main__":
    main()
