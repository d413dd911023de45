"""The jobs of the fleet as their owner sees them: what waits, runs, stalled and failed, and how a target is retried.

A target has one job at most. It fails in two ways: a run was not complete, which the target's row notes, and which is
continued by itself; or errors of this program or of the database ended it too often, which the engine notes.
"""

from collections.abc import Collection
from typing import Literal, get_args

import msgspec
from sqlalchemy import Connection, RowMapping, text

from scraper.fleet.database import present
from scraper.fleet.engine_jobs import FAILED, IS_OF_A_LIVING_WORKER, QUEUE, has_jobs, lock_of
from scraper.fleet.membership import may_write
from scraper.fleet.schema import NOW
from scraper.fleet.target_views import TargetView, selected, target_of

State = Literal["waiting", "running", "stalled", "failed"]
STATES: tuple[State, ...] = get_args(State)

_NOT_DUE = ("running", "stalled", "paused")
_LIVES = may_write("t.holder")
_ENGINE = f"""SELECT (job.args->>'target')::bigint AS target_id, job.status = 'failed' AS is_failed
    FROM procrastinate_jobs AS job WHERE job.queue_name = '{QUEUE}'
    AND (job.status = 'failed' OR job.status = 'doing' AND NOT {IS_OF_A_LIVING_WORKER})"""
_NO_ENGINE = "SELECT NULL::bigint AS target_id, NULL::boolean AS is_failed WHERE false"
_OF_STATE: dict[State, str] = {
    "waiting": "SELECT target_id FROM fleet_target t WHERE queued_time IS NOT NULL AND holder IS NULL",
    "running": f"SELECT target_id FROM fleet_target t WHERE holder IS NOT NULL AND {_LIVES}",
    "stalled": f"""SELECT target_id FROM fleet_target t WHERE holder IS NOT NULL AND NOT {_LIVES}
        UNION SELECT target_id FROM engine WHERE NOT is_failed""",
    "failed": """SELECT target_id FROM fleet_target t WHERE attempts > 0 AND queued_time IS NULL AND holder IS NULL
        UNION SELECT target_id FROM engine WHERE is_failed""",
}
_ROWS = """WITH engine AS ({engine}), chosen AS ({chosen})
    {selected} target_id IN (SELECT target_id FROM chosen) ORDER BY target_id"""
_COUNTS = "WITH engine AS ({engine}) SELECT " + ", ".join(
    f"(SELECT count(*) FROM ({chosen}) AS {state}) AS {state}" for state, chosen in _OF_STATE.items()
)
_DUE = f"""UPDATE fleet_target SET due_time = least(due_time, {NOW})
    WHERE target_id = ANY(:targets) AND holder IS NULL AND paused_time IS NULL RETURNING target_id"""
_LEFT = f"""SELECT target_id,
    CASE WHEN paused_time IS NOT NULL THEN 'paused' WHEN {_LIVES} THEN 'running' ELSE 'stalled' END AS state
    FROM fleet_target t WHERE target_id = ANY(:targets)"""


class Retried(msgspec.Struct, kw_only=True):
    """What became of targets that were to be retried.

    :ivar due: they are crawled as soon as a worker is free
    :ivar running: they are being crawled
    :ivar stalled: their worker is gone, and another one takes them over
    :ivar paused: their owner paused them
    :ivar unknown: the watch list does not have them
    """

    due: list[int]
    running: list[int]
    stalled: list[int]
    paused: list[int]
    unknown: list[int]


def counts(connection: Connection) -> dict[State, int]:
    """Return how many jobs there are in each state."""
    row = connection.execute(text(_COUNTS.format(engine=_engine(connection)))).mappings().one()
    return {state: row[state] for state in STATES}


def targets_in(connection: Connection, state: State) -> list[TargetView]:
    """Return the targets whose jobs are in a state."""
    return [target_of(dict(row)) for row in _rows(connection, state)]


def retry(connection: Connection, targets: Collection[int] | None) -> Retried:
    """Make targets due now, all that failed if None is given."""
    if targets is None:
        targets = [row["target_id"] for row in _rows(connection, "failed")]
    wanted = {"targets": [*targets]}
    due = set(connection.execute(text(_DUE), wanted).scalars())
    if has_jobs(connection):
        connection.exec_driver_sql(FAILED, {"locks": [lock_of(target) for target in due]})
    left = [(row.target_id, row.state) for row in connection.execute(text(_LEFT), wanted) if row.target_id not in due]
    by_state = {state: sorted(target for target, known in left if known == state) for state in _NOT_DUE}
    return Retried(due=sorted(due), unknown=sorted({*targets} - due - {target for target, _ in left}), **by_state)


def _engine(connection: Connection) -> str:
    return _ENGINE if has_jobs(connection) else _NO_ENGINE


def _rows(connection: Connection, state: State) -> list[RowMapping]:
    statement = _ROWS.format(engine=_engine(connection), chosen=_OF_STATE[state], selected=selected(connection))
    return [*connection.execute(text(statement), {"now": present(connection)}).mappings()]
