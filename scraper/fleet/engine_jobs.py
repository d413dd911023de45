"""The engine's jobs in the database: what there is, and how one is put back into the queue.

A job tells a worker to look at a target, no more: the lease of the target decides who crawls it. So a job that is
delivered twice, or lost, changes nothing that a target's row does not correct.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from scraper.fleet.schema import TARGET

QUEUE = "fleet"
ATTEMPTS = 5
"""How often a job fails, or ends with its worker, before it counts as failed."""
STALLED_S = 30
"""A worker of the engine that did not report for so long is dead, and its jobs are put back."""

State = Literal["waiting", "later", "running", "stalled", "failed"]
STATES: tuple[State, ...] = ("waiting", "later", "running", "stalled", "failed")

_STATE = f"""CASE
    WHEN job.status = 'failed' THEN 'failed'
    WHEN job.status = 'todo' THEN CASE WHEN job.scheduled_at > clock_timestamp() THEN 'later' ELSE 'waiting' END
    WHEN worker.last_heartbeat >= clock_timestamp() - interval '{STALLED_S} s' THEN 'running'
    ELSE 'stalled' END"""
_JOBS = f"""FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.queue_name = '{QUEUE}' AND job.status IN ('todo', 'doing', 'failed')"""
_COUNTS = f"SELECT {_STATE} AS state, count(*) {_JOBS} GROUP BY 1"
_LIST = f"""WITH listed AS (
    SELECT job.id AS job, (job.args->>'target')::bigint AS target, {_STATE} AS state, job.attempts, job.priority,
        extract(epoch FROM job.scheduled_at)::double precision AS scheduled_time {_JOBS})
    SELECT listed.*, known.spider, known.link, known.error
    FROM listed LEFT JOIN {TARGET.name} AS known ON known.target_id = listed.target
    WHERE listed.state = ANY(%(states)s) ORDER BY listed.job LIMIT %(limit)s"""

# One job of a target waits at most (an index sees to that), so that another one is dropped when it is put back.
_PUT_BACK = """WITH chosen AS (
        SELECT job.id, job.queueing_lock FROM procrastinate_jobs AS job
        WHERE job.queue_name = '{queue}' AND {which} FOR UPDATE OF job SKIP LOCKED),
    ranked AS (
        SELECT id, row_number() OVER (PARTITION BY queueing_lock ORDER BY id) > 1 OR EXISTS (
            SELECT FROM procrastinate_jobs AS waiting
            WHERE waiting.status = 'todo' AND waiting.queueing_lock = chosen.queueing_lock) AS is_double FROM chosen),
    dropped AS (DELETE FROM procrastinate_jobs AS job USING ranked WHERE job.id = ranked.id AND is_double)
    UPDATE procrastinate_jobs AS job SET attempts = {attempts}, abort_requested = false,
        status = CASE WHEN {attempts} < {limit} THEN 'todo' ELSE 'failed' END::procrastinate_job_status,
        scheduled_at = clock_timestamp() + make_interval(secs => %(seconds)s)
    FROM ranked WHERE job.id = ranked.id AND NOT is_double RETURNING job.id"""
_OF_WORKER = "job.status = 'doing' AND job.worker_id = %(worker)s AND job.id = ANY(%(jobs)s)"
_OF_THE_DEAD = f"""job.status = 'doing' AND job.worker_id IS DISTINCT FROM %(worker)s AND NOT EXISTS (
    SELECT FROM procrastinate_workers AS worker WHERE worker.id = job.worker_id
    AND worker.last_heartbeat >= clock_timestamp() - interval '{STALLED_S} s')"""


def put_back_sql(which: str, attempts: str) -> str:
    """Return a statement that puts jobs back, or drops them if their targets are queued anyway.

    :param which: a condition
    :param attempts: how often they failed
    """
    return _PUT_BACK.format(queue=QUEUE, which=which, attempts=attempts, limit=ATTEMPTS)


CANCELLED = put_back_sql(_OF_WORKER, "job.attempts")
"""Jobs that their worker gives up."""
TRIED = put_back_sql(_OF_WORKER, "job.attempts + 1")
"""Jobs that failed, and may be tried again."""
STALLED = put_back_sql(_OF_THE_DEAD, "job.attempts + 1")
"""Jobs of dead workers, other than this one: a target that kills its workers fails in the end."""
_RETRIED = put_back_sql("job.status = 'failed' AND (%(jobs)s::bigint[] IS NULL OR job.id = ANY(%(jobs)s))", "0")

# The outcome of a job that was put back meanwhile is of no interest: somebody else has it, or finished it.
FINISHED = """WITH earlier AS (
        DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'failed' AND id <> %(job)s)
    SELECT procrastinate_finish_job_v1(job.id, %(status)s, %(delete)s) FROM procrastinate_jobs AS job
    WHERE job.id = %(job)s AND job.worker_id = %(worker)s AND job.status = 'doing'"""
HELD = "SELECT id FROM procrastinate_jobs WHERE worker_id = %(worker)s AND status = 'doing'"
QUEUED = """SELECT queueing_lock FROM procrastinate_jobs
    WHERE status = 'todo' AND queueing_lock = ANY(%(locks)s)"""
INDEX = """CREATE INDEX IF NOT EXISTS fleet_failed_job ON procrastinate_jobs (queueing_lock)
    WHERE status = 'failed'"""
"""Finds the failed jobs of a target."""


@dataclass(frozen=True)
class JobRow:
    """
    :ivar job: its id
    :ivar target: the id of its target
    :ivar attempts: how often it failed
    :ivar scheduled_time: when it is tried again; null for at once
    :ivar spider: the spider of the target; null if the target was removed
    :ivar link: as the user gave it; null if the target was removed
    :ivar error: what failed in the last run of the target
    """

    job: int
    target: int
    state: State
    attempts: int
    priority: int
    scheduled_time: float | None
    spider: str | None
    link: str | None
    error: str | None


def has_jobs(connection: Connection) -> bool:
    """Return whether the engine's tables are there: the first worker makes them."""
    return connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar() is not None


def counts(connection: Connection) -> dict[State, int]:
    """Return how many jobs there are in each state."""
    known: dict[Any, int] = dict(connection.exec_driver_sql(_COUNTS).all())
    return {state: known.get(state, 0) for state in STATES}


def job_rows(connection: Connection, states: Collection[State], limit: int | None = None) -> list[JobRow]:
    """Return the jobs in some states, the oldest first."""
    rows = connection.exec_driver_sql(_LIST, {"states": [*states], "limit": limit}).mappings()
    return [JobRow(**row) for row in rows]


def retry(connection: Connection, jobs: Collection[int] | None) -> list[int]:
    """Put failed jobs back, all of them if None is given. Return the ids of those that wait now."""
    values = {"jobs": None if jobs is None else [*jobs], "seconds": 0}
    return sorted(connection.exec_driver_sql(_RETRIED, values).scalars())
