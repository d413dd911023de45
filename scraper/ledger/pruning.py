"""Remove old runs: what the ledger knows of them, and their run.json. Feeds and records stay.

`scraper.captures.pruning` removes their captures.
"""

import logging
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select

from scraper.ledger.fleet_runs import not_of_fleet
from scraper.ledger.jobs import JobState
from scraper.ledger.progress import Progress
from scraper.ledger.run import FINISHED, forget_run, in_database
from scraper.ledger.schema import JOB, RUN
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)


def remove_old_runs(url: str, kept: int) -> list[Path]:
    """Remove all finished runs but the latest ones. A failure is logged: it costs no record.

    :param url: of the database that holds the ledger
    :param kept: number of finished runs that stay, apart from a last one without requests; 0 for all
    :return: the paths of the reports that were removed
    """
    if not kept:
        return []
    reports: list[Path] = []
    try:
        reports += map(Path, in_database(url, lambda connection: _forget(connection, kept), writes=True) or [])
        for report in reports:
            report.unlink(missing_ok=True)
    except (ArgumentError, OSError) as error:
        logger.warning("Old runs were not removed: %s", error)
    return reports


def _forget(connection: Connection, kept: int) -> list[str]:
    """Forget old runs, and return the paths of their reports.

    Of the runs that had nothing to request, such as those of a watch list of which nothing was due, only the last one
    is kept: they must not push out the others. Those of a fleet stay: it keeps one of each target.
    """
    asked_for = select(JOB.c.run_id).where(JOB.c.state == JobState.WAITING)  # its end is not noted yet
    known = RUN.c.state == FINISHED, RUN.c.run_id.not_in(asked_for), *not_of_fleet(connection)
    query = select(RUN.c.run_id, RUN.c.report, RUN.c.progress).where(*known)
    rows = connection.execute(query.order_by(RUN.c.started_time.desc(), RUN.c.run_id.desc())).all()
    idle = [row for row in rows if _is_idle(row.progress)]
    busy = [row for row in rows if row not in idle]
    old = [*idle[1:], *busy[kept:]]
    for run_id, _, _ in old:
        forget_run(connection, run_id)
    connection.commit()
    return [report for _, report, _ in old if report]


def _is_idle(text: str) -> bool:
    progress = msgspec.json.decode(text, type=Progress)
    return not progress.sent and not progress.counts
