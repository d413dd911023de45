"""What this program does with the engine's table of jobs, besides what the engine does itself.

A job tells a worker to look at a target, no more: the lease of the target decides who crawls it. So a job that is
delivered twice, or lost, changes nothing that a target's row does not correct.
"""

from sqlalchemy import Connection

QUEUE = "fleet"
STALLED_S = 30
"""A worker of the engine that did not report for so long is dead, and its jobs are put back."""
ATTEMPTS = 5
"""How often an error may end a job before it counts as failed."""
RETRY_S = 30
"""The pause before such a job is tried again."""
INDEX = """CREATE INDEX IF NOT EXISTS fleet_failed_job ON procrastinate_jobs (queueing_lock)
    WHERE status = 'failed'"""
"""Finds the failed jobs of a target."""
IS_OF_A_LIVING_WORKER = f"""EXISTS (SELECT FROM procrastinate_workers AS worker
    WHERE worker.id = job.worker_id AND worker.last_heartbeat >= clock_timestamp() - interval '{STALLED_S} s')"""

# Only one job of a target may wait (a unique index sees to that), so that another one is dropped when it is put back.
_PUT_BACK = """WITH chosen AS (
        SELECT job.id, job.queueing_lock FROM procrastinate_jobs AS job
        WHERE job.queue_name = '{queue}' AND {which} FOR UPDATE OF job SKIP LOCKED),
    ranked AS (
        SELECT id, row_number() OVER (PARTITION BY queueing_lock ORDER BY id) > 1 OR EXISTS (
            SELECT FROM procrastinate_jobs AS waiting
            WHERE waiting.status = 'todo' AND waiting.queueing_lock = chosen.queueing_lock) AS is_double FROM chosen),
    dropped AS (DELETE FROM procrastinate_jobs AS job USING ranked WHERE job.id = ranked.id AND is_double)
    UPDATE procrastinate_jobs AS job SET status = 'todo', attempts = {attempts}, abort_requested = false,
        scheduled_at = clock_timestamp() + interval '{wait_s} s'
    FROM ranked WHERE job.id = ranked.id AND NOT is_double RETURNING job.id"""


def _put_back(which: str, attempts: str, wait_s: int = 0) -> str:
    return _PUT_BACK.format(queue=QUEUE, which=which, attempts=attempts, wait_s=wait_s)


_OF_WORKER = "job.status = 'doing' AND job.worker_id = %(worker)s AND job.id = ANY(%(jobs)s)"
_OF_OTHERS = f"job.status = 'doing' AND job.worker_id IS DISTINCT FROM %(worker)s AND NOT {IS_OF_A_LIVING_WORKER}"
GIVEN_UP = _put_back(_OF_WORKER, "job.attempts")
"""Put back jobs that their worker gives up."""
TRIED = _put_back(_OF_WORKER, "job.attempts + 1", RETRY_S)
"""Put back jobs that an error ended."""
STALLED = _put_back(_OF_OTHERS, "job.attempts")
"""Put back the jobs of dead workers; the one that does it is not dead."""
FAILED = _put_back("job.status = 'failed' AND job.queueing_lock = ANY(%(locks)s)", "0")
"""Put back jobs that failed."""
FINISHED = """WITH earlier AS (
        DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'failed' AND id <> %(job)s)
    SELECT procrastinate_finish_job_v1(job.id, %(status)s, %(delete)s) FROM procrastinate_jobs AS job
    WHERE job.id = %(job)s AND job.worker_id = %(worker)s AND job.status = 'doing'"""
"""End a job, unless it was given to somebody else meanwhile, and remove earlier ones of its target that failed."""
HELD = "SELECT id FROM procrastinate_jobs WHERE worker_id = %(worker)s AND status = 'doing'"
QUEUED = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%(locks)s)"


def lock_of(target: int) -> str:
    """Return the lock under which a target has one waiting job.

    >>> lock_of(7)
    'fleet-7'
    """
    return f"{QUEUE}-{target}"


def has_jobs(connection: Connection) -> bool:
    """Return whether the engine's tables are there: the first worker makes them."""
    return connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar() is not None
