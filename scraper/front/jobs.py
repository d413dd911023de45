"""Jobs: crawls that a caller starts and asks about later. Each is a run of the ledger with a feed in OUTPUT_DIR.

Some run at a time, next to the calls: they share identities, pace and the rests of routes with them. A job that was
under way when the process ended, however it ended, is continued by the next one.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import msgspec
from scrapy.settings import Settings

from scraper.crawling.long_lived import CrawlerStoppedError, LongLivedCrawler
from scraper.crawling.shared_run import SharedRun, TakenError, new_run
from scraper.identities.masking import mask
from scraper.ledger.jobs import (
    JobRow,
    JobState,
    add_job,
    find_job,
    latest_jobs,
    number_waiting,
    settle_job,
    waiting_jobs,
)
from scraper.ledger.run import FINISHED, in_database
from scraper.ledger.run_lock import hold, release
from scraper.ledger.schema import layout
from scraper.ledger.store import STORE_ERRORS, Store, default_url, first_line, reason_of
from scraper.output.statistics import counts, records
from scraper.output.webhook import post_report
from scraper.responses.catch_all import attempt_async
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
MOST_WAITING = 1_000
AGAIN_S = 15.0  # until a job is looked at again that another process continues
_POLL_S = 0.5
_QUIET_S = 15.0  # a proxy may close a connection that is silent for longer
_BLOCK = 1 << 16  # bytes
State = Literal["queued", "running", "finished", "unfinished", "cancelled", "failed"]
IS_OVER: tuple[State, ...] = ("finished", "unfinished", "cancelled", "failed")


class TooManyJobsError(Exception):
    """No further job is taken now."""


class Job(msgspec.Struct, kw_only=True):
    """What a caller sees of a job.

    :ivar id: also that of its run
    :ivar state: queued, running, finished, unfinished (something of it is left, and `resume` continues it), cancelled,
        failed (it could not be run)
    :ivar created_time: epoch seconds, as the other times
    :ivar stopped: why its run ended; see `Stop`
    :ivar records: number of records by type
    :ivar outcomes: number of lines by router and outcome
    :ivar rows: number of lines of its feed
    :ivar feed: the path of its feed
    :ivar error: what failed in it
    :ivar resume: the command that continues it without this program
    """

    id: str
    state: State
    spider: str
    arguments: dict[str, str]
    created_time: int
    ended_time: int | None = None
    stopped: str | None = None
    exit_code: int | None = None
    requests: int = 0
    rows: int = 0
    records: dict[str, int] = {}
    outcomes: dict[str, dict[str, int]] = {}
    feed: str
    error: str | None = None
    resume: str | None = None


class Jobs:
    """The jobs of one process.

    :param settings: those of a crawl; jobs have the same
    """

    def __init__(self, settings: Settings, live: LongLivedCrawler):
        self._settings, self._live, self._number = settings, live, settings.getint("SERVE_JOBS")
        self._url = str(settings["DATABASE_URL"] or default_url(settings["STATE_DIR"]))
        self._store = Store(self._url)
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._under_way: dict[str, SharedRun] = {}
        self._cancelled: set[str] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._is_closing = False

    async def __aenter__(self) -> Self:
        """Continue the jobs that an earlier process left. Without a ledger, there are none.

        :raises ArgumentError: if the ledger cannot be written
        """
        if not self._settings.getbool("LEDGER_ENABLED"):
            return self
        try:
            await self._store.open([lambda connection: layout(connection.dialect.name).prepare(connection)])
        except STORE_ERRORS as error:
            raise ArgumentError(f"the ledger cannot be written: {reason_of(error)}") from None
        for run_id in await self._read(waiting_jobs):
            self._queue.put_nowait(run_id)
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._number)]
        return self

    def stop(self) -> None:
        """Begin to stop the jobs that are under way. The next process continues them."""
        self._is_closing = True
        for job in self._under_way.values():
            job.stop()

    async def __aexit__(self, *raised: object) -> None:
        """Stop the jobs that are under way."""
        self.stop()
        while self._under_way:
            await asyncio.sleep(_POLL_S)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        if self._workers:
            await asyncio.to_thread(self._store.close)

    async def add(self, spider: str, arguments: Mapping[str, str]) -> Job:
        """Add a job.

        :param arguments: those of a crawl
        :raises ArgumentError: names the wrong argument, and shows the right form
        :raises TooManyJobsError: if too many wait
        :raises SQLAlchemyError: if the ledger cannot be written
        :raises OSError: the same
        """
        run = new_run(self._settings, spider, arguments)
        if await self._read(number_waiting) >= MOST_WAITING:
            raise TooManyJobsError(f"{MOST_WAITING} jobs wait already: cancel some, or try again later")
        while not await self._write(partial(add_job, run=run)):
            run = new_run(self._settings, spider, arguments)
        await asyncio.to_thread(self._mark, run.run_id)
        self._queue.put_nowait(run.run_id)
        return self._view(JobRow(run, JobState.WAITING))

    def _mark(self, run_id: str) -> None:
        """Leave the lock file of the run, so that other commands know that it is unfinished."""
        if hold(self._settings["STATE_DIR"], run_id, self._url):
            release(self._settings["STATE_DIR"], run_id, is_finished=False)

    async def find(self, run_id: str) -> Job | None:
        """Return a job.

        :raises ArgumentError: if the ledger cannot be read
        """
        row = await self._read(partial(find_job, run_id=run_id))
        return self._view(row) if row else None

    async def latest(self, before: str, most: int) -> list[Job]:
        """Return jobs, the latest first.

        :param before: the id of the job after which they come, "" for the latest
        :raises ArgumentError: if the ledger cannot be read
        """
        return [self._view(row) for row in await self._read(partial(latest_jobs, before=before, most=most)) or ()]

    async def cancel(self, run_id: str) -> bool:
        """Cancel a job, and return whether it was waiting or under way. Its feed keeps what it has."""
        self._cancelled.add(run_id)  # it may be about to begin
        if run := self._under_way.get(run_id):
            run.stop()
            return True
        is_settled: bool = await self._write(partial(settle_job, run_id=run_id, state=JobState.CANCELLED))
        return is_settled

    async def changes(self, run_id: str) -> AsyncIterator[Job]:
        """Yield a job now, after each change, from time to time, and last when it is over.

        :raises CrawlerStoppedError: if this process stops before
        :raises ArgumentError: if the ledger cannot be read
        """
        last, since = None, 0.0
        while job := await self.find(run_id):
            if job != last or time.monotonic() - since > _QUIET_S:
                last, since = job, time.monotonic()
                yield job
            if job.state in IS_OVER:
                return
            await self._pause(run_id)

    async def feed(self, run_id: str) -> AsyncIterator[bytes]:
        """Yield the complete lines of a job's feed, also those to come, until it is over.

        A line comes as soon as it is committed, so that none is taken back if the process is killed.

        :raises CrawlerStoppedError: if this process stops before
        :raises ArgumentError: if the ledger cannot be read
        :raises OSError: if the feed cannot be read
        """
        place = 0
        while row := await self._read(partial(find_job, run_id=run_id)):
            job = self._view(row)
            end = _size_of_feed(row, is_over=job.state in IS_OVER)
            while block := await asyncio.to_thread(_read, Path(job.feed), place, min(_BLOCK, end - place)):
                place += len(block)
                yield block
            if job.state in IS_OVER:
                return
            await self._pause(run_id)

    async def _pause(self, run_id: str) -> None:
        """Wait before looking at a job again."""
        if self._is_closing and run_id not in self._under_way:
            raise CrawlerStoppedError(f"the server stops; job {run_id} continues at its next start")
        await asyncio.sleep(_POLL_S)

    async def _work(self) -> None:
        while True:
            run_id = await self._queue.get()
            if not self._is_closing and isinstance(error := await attempt_async(self._run(run_id)), Exception):
                await self._give_up(run_id, error)

    async def _give_up(self, run_id: str, error: Exception) -> None:
        """Note why a job could not be run, at least in the log."""
        if isinstance(error, TakenError):
            logger.info("Job %s waits: %s", run_id, error)
            asyncio.get_running_loop().call_later(AGAIN_S, self._queue.put_nowait, run_id)
            return
        if isinstance(error, (ArgumentError, *STORE_ERRORS)):
            reason = mask(first_line(reason_of(error)))
        else:
            logger.error("BUG in job %s", run_id, exc_info=error)
            reason = f"an error in this program: {type(error).__name__}; the log has its traceback"
        if isinstance(unwritten := await attempt_async(self._settle(run_id, JobState.FAILED, reason)), Exception):
            logger.error("Job %s failed (%s), and the ledger cannot be written: %s", run_id, reason, unwritten)

    async def _run(self, run_id: str) -> None:
        row = await self._read(partial(find_job, run_id=run_id))
        if row is None or row.state is not JobState.WAITING or run_id in self._cancelled:
            return
        if row.run.state == FINISHED:  # the process ended just after the run
            await self._settle(run_id, JobState.ENDED)
            return
        run = self._under_way[run_id] = SharedRun(row.run, self._settings, self._live.crawler, self._url)
        try:
            error = await run.finish()
            if run.report:
                await asyncio.to_thread(post_report, self._settings["RUN_WEBHOOK"], run.report)
            await self._note_end(run_id, error, is_cancelled=run_id in self._cancelled)
        finally:
            del self._under_way[run_id]

    async def _note_end(self, run_id: str, error: str | None, *, is_cancelled: bool) -> None:
        row = await self._read(partial(find_job, run_id=run_id))
        is_finished = row is not None and row.run.state == FINISHED
        if is_finished or not (is_cancelled or self._is_closing):
            await self._settle(run_id, JobState.ENDED, error)
        elif is_cancelled:
            await self._settle(run_id, JobState.CANCELLED, error)

    async def _settle(self, run_id: str, state: JobState, error: str | None = None) -> None:
        await self._write(partial(settle_job, run_id=run_id, state=state, error=error))
        if error:
            logger.warning("Job %s: %s", run_id, error)

    async def _write(self, work: Any) -> Any:
        """Do some work in a transaction, and return its result."""
        results: list[Any] = []
        await self._store.commit(lambda connection: results.append(work(connection)))
        return results[-1]

    async def _read(self, work: Any) -> Any:
        return await asyncio.to_thread(in_database, self._url, work)

    def _view(self, row: JobRow) -> Job:
        run, progress = row.run, row.run.progress
        outcomes: dict[str, dict[str, int]] = defaultdict(dict)
        for (router, outcome), number in sorted(counts(progress.counts).items()):
            outcomes[router][outcome.name] = number
        state = self._state(row)
        is_left = run.state != FINISHED and state in IS_OVER
        return Job(
            id=run.run_id,
            state=state,
            spider=run.spider,
            arguments={name: mask(value) for name, value in run.arguments.items()},
            created_time=run.started_time,
            ended_time=run.ended_time,
            stopped=run.stopped if state in IS_OVER and run.ended_time else None,
            exit_code=run.exit_code if state in IS_OVER else None,
            requests=progress.sent,
            rows=sum(position.items for position in progress.feeds.values()),
            records=records(progress.counts),
            outcomes=dict(outcomes),
            feed=next(iter(run.feeds)),
            error=row.error,
            resume=f"scrapy resume {run.run_id}" if is_left else None,
        )

    def _state(self, row: JobRow) -> State:
        if row.state is JobState.WAITING:
            return "running" if row.run.run_id in self._under_way else "queued"
        if row.state is JobState.ENDED:
            return "finished" if row.run.state == FINISHED else "unfinished"
        return "cancelled" if row.state is JobState.CANCELLED else "failed"


def _size_of_feed(row: JobRow, *, is_over: bool) -> int:
    """Return the size of what is complete of a feed; at the end, with the failures that a resumed run removes."""
    positions = row.run.progress.feeds.values()
    return next(((is_over and position.closed) or position.size for position in positions), 0)


def _read(path: Path, place: int, size: int) -> bytes:
    if size <= 0:
        return b""
    with path.open("rb") as file:
        file.seek(place)
        return file.read(size)
