"""Make a new run of what failed in an earlier one."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select

from scraper import __version__
from scraper.jobs.job import Job
from scraper.ledger.owed_media import add_owed, failed_plans
from scraper.ledger.progress import Progress
from scraper.ledger.run import Run, add_run
from scraper.ledger.schema import FAILURE, REQUEST, SHARED
from scraper.ledger.step import decode_job, encode_job
from scraper.platform.targets import SHORT_LINK

_AT_ONCE = 500


def add_retry(connection: Connection, run: Run, run_id: str) -> int:
    """Add a run that requests again what failed, and return the number of its requests; with none, nothing is added.

    :param run: the earlier run
    :param run_id: of the new run
    """
    number = 0
    for number, (job, others) in enumerate(_jobs(connection, run.run_id), 1):
        job = msgspec.structs.replace(job, input=number)  # so that no two failures share a list
        purpose = "hop" if job.target.kind == SHORT_LINK else "page"
        row = {"run_id": run_id, "number": number, "purpose": purpose, "job": encode_job(job), "unanswered": 1}
        connection.execute(insert(REQUEST), row)
        walk = msgspec.msgpack.encode(job.walk)
        for given in others:
            connection.execute(insert(SHARED), {"run_id": run_id, "walk": walk, "input": given})
    if number:
        _add_run(connection, run, run_id, number)
    connection.commit()
    return number


def add_media_retry(connection: Connection, run: Run, run_id: str) -> int:
    """Add a run that downloads again the files that failed, and return their number; with none, nothing is added.

    :param run: the earlier run
    :param run_id: of the new run
    """
    plans = failed_plans(connection, run.run_id)
    if plans:
        add_owed(connection, run_id, plans)
        _add_run(connection, run, run_id, 0)
    connection.commit()
    return len(plans)


def _add_run(connection: Connection, run: Run, run_id: str, numbered: int) -> None:
    """Add a run like an earlier one.

    :param numbered: number of its requests
    """
    add_run(
        connection,
        Run(
            run_id=run_id,
            spider=run.spider,
            arguments=run.arguments,
            settings=run.settings,
            folder=str(Path.cwd()),
            code_version=__version__,
            started_time=int(time.time()),
            retry_of=run.run_id,
            progress=Progress(numbered=numbered),
        ),
    )


def _jobs(connection: Connection, run_id: str) -> Iterator[tuple[Job, list[str]]]:
    """Yield each job that failed, with the other inputs that get its answers."""
    columns = FAILURE.c
    first, last = columns.job.is_not(None), 0
    known: set[int] = set()
    while True:
        query = select(columns.id, columns.job, columns.input).where(columns.run_id == run_id, first, columns.id > last)
        rows = connection.execute(query.order_by(columns.id).limit(_AT_ONCE)).all()
        if not rows:
            return
        for row in rows:
            last = row.id
            if (key := hash(row.job)) in known:
                continue
            known.add(key)
            job = decode_job(row.job)
            same = select(columns.input).where(columns.run_id == run_id, columns.job == row.job).distinct()
            others = [given for given in connection.execute(same).scalars() if given != job.target.given]
            yield job, others
