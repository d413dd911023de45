"""The engine that distributes targets over workers: procrastinate, over the database of the records.

Its worker is built to be ended by a database that is away, and then to be restarted by somebody. A crawl must not end
with it, so that here it waits instead: see `PatientConnector`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager
from procrastinate.utils import utcnow
from sqlalchemy import Connection

from scraper.fleet.database import FleetDatabase
from scraper.fleet.engine_connection import PatientConnector, cause_of
from scraper.fleet.engine_jobs import (
    ATTEMPTS,
    FINISHED,
    GIVEN_UP,
    HELD,
    INDEX,
    QUEUE,
    QUEUED,
    STALLED,
    TRIED,
    has_jobs,
    lock_of,
)
from scraper.ledger.store import first_line
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
logging.getLogger("procrastinate").setLevel(logging.WARNING)
logging.getLogger("procrastinate.worker").setLevel(
    logging.CRITICAL
)  # it logs each failed job; `_logged` does it better
logging.getLogger("procrastinate.worker.worker").setLevel(logging.WARNING)
_TASK = "fleet:crawl"
_HEARTBEAT_S = 10.0
_SWEEP_S = 10.0  # a dead worker's job is back after 30 to 40 s
_POLL_S = 5.0
_RESTART_S = 2.0
_FORGET_S = 86_400.0  # a worker that was suspended for longer gets a new row
_TRIES = 5
_LOCK = 0x65_6E_67_69_6E_65  # the number of the advisory lock under which tables are made

Work = Callable[[int], Awaitable[None]]
"""Does what is due of a target; cancelled when the worker is to stop. It is tried again if it raises something else."""


class Engine:
    """
    :param url: of the database
    :param work: None if this process only defers
    """

    def __init__(self, url: str, work: Work | None = None):
        self._url, self._connector = url, PatientConnector(url)
        self._app = App(connector=self._connector)
        self._jobs = _Jobs(self._connector)
        self._app.job_manager = self._jobs
        if work is not None:
            self._app.task(name=_TASK, queue=QUEUE, retry=_Retries())(_logged(work))

    async def open(self) -> None:
        """Connect, and make the engine's tables if they are missing.

        :raises SQLAlchemyError: if the database refuses it, or stays away
        :raises ArgumentError: if the tables are of another version
        """
        database = FleetDatabase(self._url)
        try:
            await database.run(_prepare)
        finally:
            await database.close()
        await self._app.open_async()

    async def close(self) -> None:
        """Disconnect."""
        await self._app.close_async()

    async def defer(self, targets: Sequence[tuple[int, int]]) -> int:
        """Queue targets, except those that are queued already. Return how many were added.

        :param targets: ids and priorities; the highest comes first
        """
        jobs = [_job(target, priority) for target, priority in targets]
        for _ in range(_TRIES):
            try:
                if jobs:
                    await self._jobs.batch_defer_jobs_async(jobs)
                return len(jobs)
            except AlreadyEnqueued:
                queued = await self._jobs.queued([job.queueing_lock for job in jobs])
                jobs = [job for job in jobs if job.queueing_lock not in queued]
        return 0  # others queue the same ones just now

    async def run(self, concurrency: int) -> None:
        """Work until `stop` is called. If the database is away, wait for it.

        :param concurrency: targets at a time
        """
        sweeping = asyncio.create_task(self._sweep())
        try:
            while not self._connector.is_stopping.is_set():
                await self._work(concurrency)
        finally:
            sweeping.cancel()
            await asyncio.wait([sweeping])

    def stop(self) -> None:
        """Take no more jobs, cancel those under way, and put them back when they have ended."""
        self._connector.is_stopping.set()

    async def give_back(self) -> int:
        """Put back the jobs of dead workers, and those whose delivery to this one was lost. Return their number."""
        return await self._jobs.put_back(STALLED, worker=self._jobs.worker) + await self._jobs.put_back_lost()

    async def _work(self, concurrency: int) -> None:
        """Run one worker of the engine until `stop` is called, or it fails."""
        working = asyncio.create_task(
            self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                delete_jobs="successful",
                fetch_job_polling_interval=_POLL_S,
                update_heartbeat_interval=_HEARTBEAT_S,
                stalled_worker_timeout=_FORGET_S,
                shutdown_graceful_timeout=0,
                install_signal_handlers=False,
            )
        )
        stopping = asyncio.create_task(self._connector.is_stopping.wait())
        try:
            await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self.stop()
            raise
        finally:
            stopping.cancel()
            working.cancel()  # which ends it in order
            await asyncio.wait([working])
        self._jobs.under_way.clear()
        if not working.cancelled() and (error := working.exception()) is not None:
            await self._note_end(error)

    async def _note_end(self, error: BaseException) -> None:
        if not isinstance(error, ProcrastinateException):
            raise error
        if self._connector.is_stopping.is_set():
            logger.warning("The engine's jobs were not put back: %s", first_line(cause_of(error)))
            return
        logger.error("The engine's worker ended, and is started again: %s", first_line(cause_of(error)))
        await asyncio.sleep(_RESTART_S)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            try:
                if number := await self.give_back():
                    logger.info("%d jobs of dead workers were put back", number)
            except ProcrastinateException as error:
                logger.error("Jobs of dead workers were not put back: %s", first_line(cause_of(error)))


class _Jobs(JobManager):
    """Writes the outcome of a job only while the worker that got it still has it.

    :ivar worker: the engine's id of this worker, 0 before it works
    :ivar under_way: the ids of the jobs that it got and did not finish
    """

    def __init__(self, connector: PatientConnector):
        super().__init__(connector)
        self.under_way: set[int] = set()
        self.worker = 0
        self._missing: set[int] = set()  # jobs that this worker holds and never got, when they were last looked for

    async def register_worker(self) -> int:
        """See `JobManager`."""
        self.worker = await super().register_worker()
        return self.worker

    async def fetch_job(self, queues: Any, worker_id: int) -> Job | None:
        """See `JobManager`."""
        job = await super().fetch_job(queues, worker_id)
        if job is not None and job.id is not None:
            self.under_way.add(job.id)
        return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """See `JobManager`."""
        values = {"job": job.id, "worker": job.worker_id, "lock": job.queueing_lock}
        await self._query(FINISHED, **values, status=status.value, delete=delete_job)
        self.under_way.discard(job.id or 0)

    async def retry_job(self, job: Job, retry_at: Any = None, *args: Any, **more: Any) -> None:
        """See `JobManager`. A job without a time is put back at once: its worker stops."""
        await self.put_back(TRIED if retry_at else GIVEN_UP, worker=job.worker_id, jobs=[job.id])
        self.under_way.discard(job.id or 0)

    async def put_back(self, statement: str, **values: Any) -> int:
        """Put jobs back into the queue. Return their number."""
        for _ in range(_TRIES - 1):
            try:
                return len(await self._query(statement, **values))
            except UniqueViolation:
                logger.debug("A target was queued while its job was put back")
        return len(await self._query(statement, **values))

    async def put_back_lost(self) -> int:
        """Put back what the database gave to this worker in an answer that did not arrive. Return the number."""
        rows = await self._query(HELD, worker=self.worker)
        missing = {row["id"] for row in rows} - self.under_way
        lost, self._missing = missing & self._missing, missing
        return await self.put_back(GIVEN_UP, worker=self.worker, jobs=[*lost]) if lost else 0

    async def queued(self, locks: Collection[str | None]) -> set[str]:
        """Return those of some locks whose jobs wait."""
        return {row["queueing_lock"] for row in await self._query(QUEUED, locks=[*locks])}

    async def _query(self, query: str, **values: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self.connector.execute_query_all_async(query, **values)
        return rows


class _Retries(BaseRetryStrategy):
    """Puts back the jobs of a worker that stops, and those that an error ended, unless that came too often."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """See `BaseRetryStrategy`. The database decides when it is: its clock is the one that counts."""
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_at=None)
        return RetryDecision(retry_at=utcnow()) if job.attempts + 1 < ATTEMPTS else None


def _logged(work: Work) -> Work:
    async def crawl(target: int) -> None:
        try:
            await work(target)
        except Exception:
            logger.exception("Target %d was not crawled", target)
            raise

    return crawl


def _job(target: int, priority: int) -> Job:
    return Job(
        queue=QUEUE,
        task_name=_TASK,
        priority=priority,
        lock=None,
        queueing_lock=lock_of(target),
        task_kwargs={"target": target},
    )


def _prepare(connection: Connection) -> None:
    """Make the engine's tables. Another worker that starts at the same time waits."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    if not has_jobs(connection):
        # It consists of many statements, with % in them.
        connection.exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})
    elif connection.exec_driver_sql("SELECT to_regproc('procrastinate_retry_job_v2')").scalar() is None:
        raise ArgumentError("the database has tables of an older procrastinate: apply its migrations up to 3.10 first")
    connection.exec_driver_sql(INDEX)
