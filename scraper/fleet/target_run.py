"""The run that crawls a target: of the ledger, in the database of the records. Workers may take turns at it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, select

from scraper import __version__
from scraper.fleet.database import present
from scraper.fleet.due import LeasedTarget, RunResult, are_changed, note_run, settle
from scraper.fleet.schema import TARGET
from scraper.inputs.arguments import writable
from scraper.inputs.times import LAST
from scraper.ledger.list_end import ListEnd
from scraper.ledger.progress import Progress
from scraper.ledger.run import FINISHED, UNFINISHED, Run, add_run, find_run, forget_run
from scraper.ledger.schema import FAILURE, LIST_RUN
from scraper.ledger.stops import Stop
from scraper.ledger.store import LeaseLostError
from scraper.output.emitter import new_run_id
from scraper.output.exit_code import BUG, DONE, SOME_FAILED
from scraper.output.statistics import records
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

_UNKNOWN_LIMITS = ("since", "until", "max_pages")
_OF_OWNER = (Outcome.LOGIN_REQUIRED, Outcome.GEO_BLOCKED, Outcome.UPSTREAM_CHANGED)
RESUMED = 5
"""How often an unfinished run is resumed before the target is crawled anew."""


class TargetLease(NamedTuple):
    """The right of one worker to crawl a target, until another one takes it.

    :ivar number: raised whenever a worker takes it
    """

    target_id: int
    number: int

    def check(self, connection: Connection) -> str | None:
        """Check it in a transaction, which no other worker can overtake then. Return the run that crawls the target.

        :raises LeaseLostError: if another worker has taken the target, or it was removed
        """
        columns = TARGET.c
        query = select(columns.lease, columns.run_id).where(columns.target_id == self.target_id)
        row = connection.execute(query.with_for_update(read=True)).first()
        if row is None:
            raise LeaseLostError(f"target {self.target_id} was removed from the watch list: nothing more is written")
        if row.lease != self.number:
            raise LeaseLostError(f"another worker has taken over target {self.target_id}: nothing more is written")
        return str(row.run_id) if row.run_id else None


def begin_run(connection: Connection, target: LeasedTarget) -> Run:
    """Return the run that crawls a target: the one that was left unfinished, else a new one.

    One with other arguments, which its owner has changed since, is forgotten.

    :raises LeaseLostError: if another worker has taken the target
    """
    known = TargetLease(target.target_id, target.lease).check(connection)
    if known and (left := find_run(connection, known)) is not None:
        if writable(left.arguments) == writable(target.arguments):
            return left
        forget_run(connection, known)
    start = datetime.fromtimestamp(present(connection), UTC)
    run_id = new_run_id(start)
    while find_run(connection, run_id) is not None:
        run_id = new_run_id(start)
    run = Run(
        run_id=run_id,
        spider=target.spider,
        arguments=target.arguments,
        folder=str(Path.cwd()),
        code_version=__version__,
        started_time=int(start.timestamp()),
        state=UNFINISHED,
        stopped=Stop.INTERRUPTED,
    )
    add_run(connection, run)
    note_run(connection, target.target_id, target.lease, run_id)
    return run


class Settled(NamedTuple):
    """
    :ivar is_noted: whether the end was noted; False if another worker has taken the target
    :ivar progress: how far the run is
    """

    is_noted: bool
    result: RunResult
    progress: Progress

    @property
    def shown(self) -> str:
        """The end in some words."""
        left = ", to be continued" if self.result.is_unfinished else ""
        numbers = {"record": sum(records(self.progress.counts).values()), "request": self.progress.sent}
        given = ", ".join(counted(number, name) for name, number in numbers.items())
        return f"{given} ({self.result.stopped or 'killed'}{left})"


def settle_run(
    connection: Connection, target: LeasedTarget, run_id: str, error: str | None, sent_before: int = 0
) -> Settled:
    """Note how the run of a target ended, and forget the one before it.

    :param error: what failed in it, besides inputs
    :param sent_before: number of requests of its earlier starts
    """
    run = find_run(connection, run_id)
    assert run, "the run was added when it began"
    is_left, is_later = run.state != FINISHED, target.last_run_id not in (None, run_id)
    is_whole = not is_left and not (is_later and target.arguments.get("since") == LAST)
    collected, declared = _totals(connection, run) if is_whole else (None, None)
    result = RunResult(
        exit_code=BUG if run.exit_code is None else run.exit_code,
        has_requested=run.progress.sent > sent_before,
        is_unfinished=is_left and (target.attempts + 1) % RESUMED != 0,
        is_outdated=are_changed(connection, target),
        is_definite=run.exit_code == SOME_FAILED and not is_left and _is_definite(connection, run_id),
        needs_owner=not is_left and _needs_owner(connection, run_id),
        stopped=run.stopped,
        collected=collected,
        declared=declared,
        error=error or (None if run.exit_code == DONE else _first_failure(connection, run_id)),
    )
    is_noted = settle(connection, target.target_id, target.lease, result)
    if is_noted and is_later:
        forget_run(connection, str(target.last_run_id))
    return Settled(is_noted, result, run.progress)


def _is_definite(connection: Connection, run_id: str) -> bool:
    """Return whether the lists of a run ended, even if before their end, and nothing of it can be requested again."""
    ends = connection.execute(select(LIST_RUN.c.stopped).where(LIST_RUN.c.run_id == run_id)).scalars()
    failed = select(FAILURE.c.id).where(FAILURE.c.run_id == run_id, FAILURE.c.job.is_not(None))
    return all(Stop(end).is_definite for end in ends) and connection.execute(failed.limit(1)).first() is None


def _needs_owner(connection: Connection, run_id: str) -> bool:
    """Return whether all that failed in a run would fail again, until its owner changes something."""
    failed = select(FAILURE.c.name).where(FAILURE.c.run_id == run_id, FAILURE.c.job.is_not(None)).distinct()
    names = set(connection.execute(failed).scalars())
    return bool(names) and names <= {outcome.name for outcome in _OF_OWNER}


def _totals(connection: Connection, run: Run) -> tuple[int | None, int | None]:
    """Return how many items the lists of a run have, and how many they would have if all were complete.

    Lists of which the latter is unknown do not count, unless it is unknown of all. Both are None if no list was read.
    """
    columns = [LIST_RUN.c[name] for name in ListEnd.__struct_fields__]
    rows = connection.execute(select(*columns).where(LIST_RUN.c.run_id == run.run_id))
    most, is_limited = run.arguments.get("max_items", "").strip(), _has_unknown_limits(run)
    total = known = expected = 0
    has_lists = has_known = False
    for end in (ListEnd(*row) for row in rows):
        has_lists, total = True, total + end.collected
        wanted = end.expected(int(most) if most else None)
        if wanted is not None and (end.is_complete or not is_limited):
            has_known, known, expected = True, known + end.collected, expected + wanted
    return (known, expected) if has_known else (total if has_lists else None, None)


def _has_unknown_limits(run: Run) -> bool:
    """Return whether a run was to read its lists in part, by limits that do not tell a number of items."""
    return any(run.arguments.get(name, "").strip() not in ("", LAST) for name in _UNKNOWN_LIMITS)


def _first_failure(connection: Connection, run_id: str) -> str | None:
    """Return what the first input that failed in a run says."""
    failures = select(FAILURE.c.name, FAILURE.c.message).where(FAILURE.c.run_id == run_id).order_by(FAILURE.c.id)
    row = connection.execute(failures.limit(1)).first()
    return f"{row.name}: {row.message}" if row else None


def settle_failure(connection: Connection, target: LeasedTarget, error: str) -> bool:
    """Note that a target could not be crawled. Return whether its lease still held."""
    return settle(connection, target.target_id, target.lease, RunResult(exit_code=BUG, error=error))
