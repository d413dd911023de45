"""Finish the runs that were stopped or killed, once a later run of the same targets has crawled what they left."""

import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from scraper.inputs.standard_input import STANDARD_INPUT
from scraper.inputs.times import LAST
from scraper.jobs.job import Job
from scraper.ledger.earlier_runs import earlier_runs
from scraper.ledger.feed_cutting import can_continue
from scraper.ledger.jobs import JobState, find_job
from scraper.ledger.left import left_jobs
from scraper.ledger.run import Run, finish_run, in_database
from scraper.ledger.run_lock import hold, is_to_upload, release, unfinished_runs
from scraper.ledger.watched import CompletedTimes, completed_times
from scraper.platform.targets import SHORT_LINK
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
Identity = Callable[[Job], int]


def finish_replaced(folder: str, url: str, by: Run, identity: Identity) -> None:
    """Finish the earlier runs of which nothing is left to resume.

    :param folder: STATE_DIR
    :param url: of the database that holds the ledger
    :param by: a finished run
    :param identity: returns the hash of what identifies the list of a job
    """
    urls = dict(unfinished_runs(folder, url))
    for run, alive in earlier_runs(folder, url):
        if alive or urls[run.run_id] != url or not _has_same_targets(run, by):
            continue
        if is_to_upload(folder, run.run_id) or not all(map(can_continue, run.feeds.values())):
            continue  # what it gave is not where the user looks for it, or lacks its end
        if _is_job_to_run(url, run.run_id) or not hold(folder, run.run_id, url):
            continue
        is_replaced = False
        try:
            is_replaced = bool(in_database(url, partial(_finished, run=run, identity=identity), writes=True))
        except ArgumentError as error:
            logger.warning("Run %s stays unfinished: %s", run.run_id, error)
        finally:
            release(folder, run.run_id, is_finished=is_replaced)
        if is_replaced:
            logger.info("Run %s is finished: this run has crawled what was left of it", run.run_id)


def _has_same_targets(run: Run, by: Run) -> bool:
    """Return whether a later run has read all the inputs of an earlier one."""
    is_later = run.started_time <= by.started_time and run.retry_of is None and by.retry_of is None
    same = (run.spider, run.arguments) == (by.spider, by.arguments)
    return is_later and same and run.arguments.get("file") != STANDARD_INPUT


def _is_job_to_run(url: str, run_id: str) -> bool:
    """Return whether a run is a job that waits or was cancelled: before it begins, it has no requests that are left."""
    try:
        job = in_database(url, partial(find_job, run_id=run_id))
    except ArgumentError as error:
        logger.warning("Run %s stays unfinished: %s", run_id, error)
        return True
    return job is not None and job.state is not JobState.ENDED


def _finished(connection: Connection, run: Run, identity: Identity) -> bool:
    completed = completed_times(connection)
    if not all(_is_replaced(job, run.started_time, completed, identity) for job in left_jobs(connection, run.run_id)):
        return False
    finish_run(connection, run)
    connection.commit()
    return True


def _is_replaced(job: Job, began: int, completed: CompletedTimes, identity: Identity) -> bool:
    """Return whether another run has given what a request was to give.

    Only lists that runs watch are compared. What `with=` follows belongs to the run that found it.
    """
    if job.followed:
        return False
    if job.target.kind == SHORT_LINK:
        return True  # a run of the same inputs has resolved it
    is_whole = job.ask.since == LAST or (job.ask.since is None and job.ask.every is not None)
    return is_whole and completed[identity(job)] >= began
