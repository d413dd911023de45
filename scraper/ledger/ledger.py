"""The ledger of one run: it commits the steps of a crawl in their order, each with its records.

The records of a step are written at once, while they are in the cache of the processor, and forgotten. Steps that come
while others are committed are committed together.
"""

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
from scrapy.crawler import Crawler
from sqlalchemy import Connection, delete, update

from scraper.inputs.duplicates import ListId
from scraper.jobs.job import Job
from scraper.ledger.commit_queue import CommitQueue
from scraper.ledger.earlier_runs import check_writers
from scraper.ledger.left import Left, LeftRequest, left_of, suspended_requests
from scraper.ledger.owed_media import number_owed
from scraper.ledger.progress import OpenFeed, Progress
from scraper.ledger.run import FINISHED, UNFINISHED, Run, RunEnd, add_run, end_run, find_run
from scraper.ledger.run_lock import hold, is_dead, kept_feed, kept_input, release
from scraper.ledger.schema import FAILURE, REQUEST, layout
from scraper.ledger.step import Step, suspended_failure
from scraper.ledger.step_writer import StepWriter
from scraper.ledger.store import STORE_ERRORS, Store, has_ledger, reason_of, store_of
from scraper.ledger.watched import (
    LEASE_S,
    Claim,
    ClaimedList,
    CompletedTimes,
    claim,
    completed_times,
    release_all,
    renew,
)
from scraper.responses.catch_all import attempt, attempt_async
from scraper.responses.exceptions import Closing
from scraper.responses.of_crawl import OfCrawl

logger = logging.getLogger(__name__)
_GATHER_S = 0.02  # a commit costs as much CPU as writing a page
_MOST_WAITING = 100  # steps, before further pages have to wait
Write = Callable[[], Awaitable[bool]]
Conclude = Callable[[Connection, bool], RunEnd]


class Ledger:
    """
    :param feeds: returns the positions of the open feeds
    :param failed: called with the reason if the ledger cannot be written; nothing is committed from then on
    :param folder: STATE_DIR
    :param shared: returns the other inputs that get the answers of a walk
    :ivar closing: does further work in the last transaction
    :ivar committed: the requests and the counts that are committed, None until the run has begun
    :ivar left: what an earlier start of the run left to do, None if this is its first
    :ivar is_broken: whether a commit failed, so that the ledger is behind the outputs
    :ivar is_uploaded: whether no feed is left to upload
    :ivar owed_files: how many files are left to download, known at the end
    :ivar answered: how many requests of this start were answered
    :ivar is_ended: whether the run is finished, so that nothing of it is left
    """

    def __init__(self, store: Store, run: Run, folder: str):
        self.store, self.run, self._folder = store, run, folder
        self.progress = run.progress
        self.committed: Progress | None = None
        self.left: Left | None = None
        self.is_broken = self.is_open = self.is_ended = False
        self.owed_files = self.answered = 0
        self.is_due_run, self.completed = False, CompletedTimes()
        self.is_uploaded = True
        self.shared: Callable[[ListId], Sequence[str]] = lambda walk: ()
        self.feeds: Callable[[], Sequence[OpenFeed]] = list
        self.failed: Callable[[Exception], None] = lambda error: None
        self.sent: Callable[[], int] = lambda: 0
        self.rows: Callable[[], int] = lambda: 0
        self.logins: Callable[[], dict[str, bool]] = dict
        self.closing: Callable[[Connection], object] = lambda connection: None
        self._queue = CommitQueue()
        self.next_number, self.next_input = self._queue.next_number, self._queue.next_input
        self._beyond: set[int] = set()  # inputs that were taken before others in front of them
        self._writing = asyncio.Lock()
        self._committing: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None

    @property
    def kept_input(self) -> Path:
        """The file in which standard input is kept until the run is finished."""
        return kept_input(self._folder, self.run.run_id)

    def kept_feed(self, uri: str) -> Path:
        """Return the file in which a feed that is uploaded is kept until the run is finished."""
        return kept_feed(self._folder, self.run.run_id, uri)

    @property
    def left_open(self) -> int:
        """How many requests `scrapy resume` would send: those without an answer, or given up for now."""
        return self._queue.left_open

    @property
    def lost(self) -> int:
        """How many requests got neither an answer nor a failure for now."""
        return self._queue.lost

    def prepare(self, connection: Connection) -> None:
        """Create the tables, compile the statements, and read what an earlier start of the run left."""
        layout(connection.dialect.name).prepare(connection)
        if self.is_due_run:
            self.completed = completed_times(connection)
        self._load(connection)
        self._writer = StepWriter(connection, self.run)

    async def begin(self) -> None:
        """Add the run.

        :raises SQLAlchemyError: if that cannot be written
        :raises OSError: the same, for its lock; if another run writes one of its feeds
        """
        if self.store.lease is None and not hold(self._folder, self.run.run_id, self.store.url):
            raise BlockingIOError(errno.EWOULDBLOCK, "another process continues the same run")
        await self.store.commit(self._add_run)
        self._note_committed()
        self.is_open = True

    def _note_committed(self) -> None:
        self.committed = Progress(sent=self.progress.sent, counts={**self.progress.counts})

    def _add_run(self, connection: Connection) -> None:
        check_writers(connection, self._folder, self.run)
        add_run(connection, self.run)

    def _load(self, connection: Connection) -> None:
        """Continue from the state of an earlier start."""
        if (known := find_run(connection, self.run.run_id)) is None:
            return
        self.left = left_of(connection, self.run.run_id)
        self.progress = self.run.progress = known.progress
        for position in self.progress.feeds.values():
            position.closed = None
        self.run.started_time, self.run.input, self.run.retry_of = known.started_time, known.input, known.retry_of
        no_other = None if self.store.lease else self.run.report  # what several machines write has no file
        self.run.report = known.report or no_other
        self._beyond.update(self.left.taken)
        self._queue.restore(self.progress.numbered, (request.number for request in self.left.requests))
        connection.execute(update(REQUEST).filter_by(run_id=self.run.run_id).values(failure=None))
        connection.execute(delete(FAILURE).where(FAILURE.c.run_id == self.run.run_id, FAILURE.c.number.is_not(None)))

    def note(self, step: Step) -> None:
        """Commit a step that has no records, or whose records are written."""
        self._queue.add(step)
        self.answered += step.answered > 0 and step.failure is None
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit_all())

    async def write(self, step: Step, write: Write) -> None:
        """Write the records of a step in its turn, and commit it soon. `Step.then` tells whether it is committed."""
        await self._queue.turn(step)
        async with self._writing:
            error = await attempt_async(write())
            if error is not True:
                await self._give_up_committing(error or None)
            self.note(step)
        if len(self._queue.steps) >= _MOST_WAITING and self._committing is not None:
            await asyncio.wait([self._committing])

    async def claim(self, wanted: Claim) -> ClaimedList:
        """Have this run walk a list, unless another one does, or it is not due.

        :raises Closing: if the ledger cannot be written
        """
        claimed = ClaimedList("")

        def work(connection: Connection) -> None:
            nonlocal claimed
            is_dead_run = partial(is_dead, self._folder)
            claimed = claim(connection, wanted, self.run.run_id, self.run.started_time, is_dead_run)

        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def tell(is_committed: bool) -> None:
            if not done.done():  # its caller may have been cancelled
                done.set_result(is_committed)

        self.note(Step(work=work, then=tell))
        if not await done:
            raise Closing("the ledger cannot be written")
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())
        return claimed

    async def _renew(self) -> None:
        """Keep the lists that this run walks for as long as it is alive."""
        while True:
            await asyncio.sleep(LEASE_S / 4)
            self.note(Step(work=partial(renew, run_id=self.run.run_id)))

    async def suspended(self) -> AsyncIterator[list[tuple[Job, bytes]]]:
        """Yield the jobs that were given up for now and their failures, some at a time."""
        last = 0
        while rows := await self._suspended_after(last):
            last = rows[-1].number
            yield [(row.job, row.failure) for row in rows if row.failure is not None]

    async def _suspended_after(self, last: int) -> list[LeftRequest]:
        return await self.store.look(partial(suspended_requests, run_id=self.run.run_id, after=last))

    async def drained(self) -> None:
        """Wait until everything is committed."""
        if self._renewing is not None:
            self._renewing.cancel()
        while self._committing is not None and not self._committing.done():
            await asyncio.wait([self._committing])

    def end(self, is_complete: bool, conclude: Conclude) -> Exception | None:
        """Note how the run ended, and close the database. It blocks, since the event loop may have ended.

        :param is_complete: whether the crawl asked for everything that it was to ask for
        :param conclude: writes run.json, given whether nothing is left to resume the run for
        :return: why it could not be noted
        """
        if not self.is_open:
            self.store.close()
            release(self._folder, self.run.run_id, is_finished=True)
            return None
        failed = None
        self.is_ended = is_complete and not self._queue.left_open and not self.is_broken and self.is_uploaded
        try:
            self.store.close(partial(self._end, conclude=conclude))
            if self.committed:
                self.committed.sent = self.sent()
        except STORE_ERRORS as error:
            self.is_broken, self.is_ended = True, False
            failed = reason_of(error)
        release(self._folder, self.run.run_id, is_finished=self.is_ended)
        self.is_open = False
        return failed

    def _end(self, connection: Connection, conclude: Conclude) -> None:
        release_all(connection, self.run.run_id)
        self._add_suspended(connection)
        self.closing(connection)
        self.owed_files = number_owed(connection, self.run.run_id)
        self.is_ended = self.is_ended and not self.owed_files
        end = conclude(connection, self.is_ended)
        self.is_ended = self.is_ended and end.is_reported
        state = FINISHED if self.is_ended else UNFINISHED
        end_run(connection, self.run.run_id, state=state, end=end, sent=self.sent())

    def _add_suspended(self, connection: Connection) -> None:
        """Add the failures of requests that were given up for now. They are removed when the run is resumed."""
        last = 0
        while rows := suspended_requests(connection, self.run.run_id, last):
            last = rows[-1].number
            failures = [
                suspended_failure(row.failure, given, row.number)
                for row in rows
                if row.failure is not None
                for given in (None, *self.shared(row.job.walk))
            ]
            self._writer.add_failures(connection, failures)

    async def _commit_all(self) -> None:
        while self._queue.steps:
            if self._queue.may_grow:
                await asyncio.sleep(_GATHER_S)
            async with self._writing:  # no page is half written, and what is written from now on is of the next commit
                steps = self._queue.take()
                commit = attempt(self._begin_commit, steps)
            error = commit if isinstance(commit, Exception) else await attempt_async(commit)
            if error is None:
                self._queue.committed(steps)
                self._note_committed()
            else:
                await self._give_up_committing(error)
            for step in steps:
                if isinstance(failed := attempt(step.end, error is None), Exception):
                    logger.error("BUG after a commit", exc_info=failed)

    def _begin_commit(self, steps: Sequence[Step]) -> Awaitable[None]:
        """Have steps committed, with all that was written to the feeds."""
        if self.is_broken:
            raise _BrokenError
        feeds = self.feeds()
        so_far = self._advance(steps, feeds)
        work = partial(self._writer.write, steps=steps, progress=so_far)
        return self.store.commit(work, [feed.descriptor for feed in feeds])

    def _advance(self, steps: Sequence[Step], feeds: Sequence[OpenFeed]) -> str:
        """Bring the progress up to some steps, and return it as JSON. If they are not committed, it counts no more."""
        progress, counts = self.progress, self.progress.counts
        for step in steps:
            for name, number in step.counts.items():
                counts[name] = counts.get(name, 0) + number
        self._beyond.update(step.taken for step in steps if step.taken is not None)
        while progress.taken + 1 in self._beyond:  # inputs with a priority are taken before others in front of them
            progress.taken += 1
            self._beyond.discard(progress.taken)
        for step in steps:
            if step.taken in self._beyond:
                step.marks = {**step.marks, "taken": [step.taken]}
        progress.numbered, progress.sent, progress.rows = self._queue.numbered, self.sent(), self.rows()
        progress.feeds.update({feed.uri: feed.position for feed in feeds})
        progress.logins = self.logins()
        return msgspec.json.encode(progress).decode()

    async def _give_up_committing(self, error: Exception | None) -> None:
        """Commit nothing more. What the sinks get from now on is cut off when the run is resumed.

        :param error: None if a sink failed, which reports that itself
        """
        if isinstance(error, _BrokenError):
            return
        self.is_broken = True
        if error is not None:
            if not isinstance(error, STORE_ERRORS):
                logger.error("BUG: nothing more is committed", exc_info=error)
            self.failed(reason_of(error))
        if isinstance(failed := await attempt_async(self.store.rollback()), Exception):
            logger.debug("The transaction was not rolled back", exc_info=failed)


class _BrokenError(Exception):
    """An earlier commit failed, which was reported."""


_LEDGERS = OfCrawl[Ledger]("ledger")


def ledger_of(crawler: Crawler) -> Ledger | None:
    """Return the ledger of a crawl, which its spider sets; None if it has none."""
    return _LEDGERS.get(crawler)


def keep_ledger(crawler: Crawler, run: Callable[[], Run]) -> Ledger | None:
    """Make the ledger of a crawl, if it is to have one.

    :param run: describes the run
    """
    store = store_of(crawler) if has_ledger(crawler) else None
    if store is not None:
        _LEDGERS.keep(crawler, Ledger(store, run(), crawler.settings["STATE_DIR"]))
    return ledger_of(crawler)
