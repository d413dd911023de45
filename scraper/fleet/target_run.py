"""The run that crawls a target: of the ledger, in the database of the records. One worker after another continues it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, func, select, update

from scraper import __version__
from scraper.fleet.database import present
from scraper.fleet.schema import TARGET
from scraper.ledger.run import FINISHED, UNFINISHED, Run, add_run, find_run
from scraper.ledger.schema import LIST_RUN
from scraper.ledger.stops import Stop
from scraper.ledger.store import LeaseLostError
from scraper.output.emitter import new_run_id


class TargetLease(NamedTuple):
    """The right of one worker to crawl a target, until another one takes it.

    :ivar number: raised whenever a worker takes it
    """

    target_id: int
    number: int

    def check(self, connection: Connection) -> None:
        """Check it in a transaction, which no other worker can overtake then.

        :raises LeaseLostError: if another worker has taken the target
        """
        columns = TARGET.c
        query = select(columns.lease).where(columns.target_id == self.target_id).with_for_update(read=True)
        if connection.execute(query).scalar() != self.number:
            raise LeaseLostError(f"another worker has taken over target {self.target_id}: nothing more is written")


class LeasedTarget(NamedTuple):
    """
    :ivar run_id: the run to continue, None to begin one
    """

    lease: TargetLease
    spider: str
    link: str
    arguments: dict[str, str]
    run_id: str | None


def begin_run(connection: Connection, target: LeasedTarget) -> Run:
    """Return the run that crawls a target: the one that was left unfinished, else a new one.

    :raises LeaseLostError: if another worker has taken the target
    """
    target.lease.check(connection)
    if target.run_id and (left := find_run(connection, target.run_id)) is not None:
        return left
    now = present(connection)
    run_id = new_run_id(datetime.fromtimestamp(now, UTC))
    while find_run(connection, run_id) is not None:
        run_id = new_run_id(datetime.fromtimestamp(now, UTC))
    run = Run(
        run_id=run_id,
        spider=target.spider,
        arguments=target.arguments,
        folder=str(Path.cwd()),
        code_version=__version__,
        started_time=int(now),
        state=UNFINISHED,
        stopped=Stop.INTERRUPTED,
    )
    add_run(connection, run)
    connection.execute(update(TARGET).where(TARGET.c.target_id == target.lease.target_id).values(run_id=run_id))
    return run
