"""Jobs as rows of the ledger: a job is a run that a program begins later, and continues after a restart.

`scrapy runs` lists it with the other runs, and `scrapy resume` can continue it, even if it was never begun.
"""

from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from scraper.ledger.run import UNFINISHED, Run, add_run, find_run
from scraper.ledger.schema import JOB
from scraper.ledger.stops import Stop


class JobState(StrEnum):
    """
    :cvar WAITING: to be run, or under way
    :cvar ENDED: it was run. What it left, such as inputs that need a login, its run says
    :cvar CANCELLED: not to be run any more
    :cvar FAILED: it could not be run
    """

    WAITING = "waiting"
    ENDED = "ended"
    CANCELLED = "cancelled"
    FAILED = "failed"


class JobRow(NamedTuple):
    """
    :ivar error: why it could not be run, or what failed in it; None if nothing did
    """

    run: Run
    state: JobState
    error: str | None = None


def add_job(connection: Connection, run: Run) -> bool:
    """Add a job, and return False if there is a run with its id."""
    if find_run(connection, run.run_id) is not None:
        return False
    run.state, run.stopped = UNFINISHED, Stop.INTERRUPTED
    add_run(connection, run)
    connection.execute(insert(JOB).values(run_id=run.run_id, state=JobState.WAITING))
    return True


def find_job(connection: Connection, run_id: str) -> JobRow | None:
    """Return a job by the id of its run."""
    row = connection.execute(select(JOB).filter_by(run_id=run_id)).first()
    run = find_run(connection, run_id) if row else None
    return JobRow(run, JobState(row.state), row.error) if row and run else None


def latest_jobs(connection: Connection, before: str, most: int) -> list[JobRow]:
    """Return jobs, the latest first.

    :param before: the id of a job after which they come, "" for the latest
    """
    query = select(JOB.c.run_id).order_by(JOB.c.run_id.desc()).limit(most)
    ids = connection.execute(query.where(JOB.c.run_id < before) if before else query).scalars()
    return [job for run_id in ids.all() if (job := find_job(connection, run_id))]


def waiting_jobs(connection: Connection) -> list[str]:
    """Return the ids of the jobs to run, the oldest first."""
    query = select(JOB.c.run_id).filter_by(state=JobState.WAITING).order_by(JOB.c.run_id)
    return [*connection.execute(query).scalars()]


def number_waiting(connection: Connection) -> int:
    """Return how many jobs are to be run, or under way."""
    return connection.execute(select(func.count()).where(JOB.c.state == JobState.WAITING)).scalar_one()


def settle_job(connection: Connection, run_id: str, state: JobState, error: str | None = None) -> bool:
    """Set the state of a job that waits, and return whether it did."""
    waits = (JOB.c.run_id == run_id, JOB.c.state == JobState.WAITING)
    return connection.execute(update(JOB).where(*waits).values(state=state, error=error)).rowcount > 0
