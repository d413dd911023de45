"""Which targets are due, and who crawls them. Everything is decided by the database and its clock.

A target is waiting, then queued (`queued_time`: the engine has a job for it), then held by a worker (`holder`). It is
due if `due_time` has passed. A lease has a number, which is raised whenever a worker takes the target or loses it: so
what an earlier holder writes under an older number changes nothing.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select, text, update

from scraper.fleet.database import present
from scraper.fleet.membership import end_expired, is_alive, may_write
from scraper.fleet.schedule import regular_time, retry_time
from scraper.fleet.schema import NOW, TARGET
from scraper.output.exit_code import DONE, USAGE

AT_ONCE = 1_000
"""The most targets that are queued in one transaction."""
LOST_S = 300
"""After this time in the queue, a job may be lost: the engine gets it again, and ignores it if it has it."""

IS_WAITING = "queued_time IS NULL AND due_time IS NOT NULL AND paused_time IS NULL"
_IS_QUEUED = "queued_time IS NOT NULL AND holder IS NULL"
# An index in the order of both cannot skip targets that are not due: so each priority is looked up on its own.
LEVELS = f"""RECURSIVE level AS (
        (SELECT priority FROM fleet_target WHERE {IS_WAITING} ORDER BY priority DESC LIMIT 1)
        UNION ALL
        SELECT (SELECT t.priority FROM fleet_target t WHERE t.priority < level.priority AND {IS_WAITING}
                ORDER BY t.priority DESC LIMIT 1)
        FROM level WHERE level.priority IS NOT NULL
    )"""
"""The priorities of waiting targets, in SQL after WITH."""
_TAKE = text(f"""
    WITH {LEVELS}, present AS MATERIALIZED (SELECT {NOW} AS time), due AS (
        SELECT first.target_id FROM level CROSS JOIN LATERAL (
            SELECT t.target_id FROM fleet_target t
            WHERE t.priority = level.priority AND t.due_time <= (SELECT time FROM present) AND {IS_WAITING}
            ORDER BY t.due_time LIMIT :most FOR UPDATE SKIP LOCKED
        ) AS first LIMIT :most
    )
    UPDATE fleet_target SET queued_time = {NOW} FROM due WHERE fleet_target.target_id = due.target_id
    RETURNING fleet_target.target_id, fleet_target.priority, fleet_target.due_time""")
# Without statistics that are up to date, the planner sorts all that is due, or reads the whole table.
_BY_INDEX = text(
    "SELECT "
    + ", ".join(f"set_config('enable_{way}', 'off', true)" for way in ("sort", "seqscan", "bitmapscan", "hashjoin"))
)
# What was decided from an older state of the row must not hold for a newer one: hence `lease = seen.lease`.
_LOCKED = """locked AS (
        SELECT t.target_id FROM fleet_target t JOIN seen ON t.target_id = seen.target_id AND t.lease = seen.lease
        FOR UPDATE OF t SKIP LOCKED
    )"""
_TAKE_AGAIN = text(f"""
    UPDATE fleet_target SET queued_time = {NOW} WHERE target_id IN (
        SELECT target_id FROM fleet_target WHERE {_IS_QUEUED} AND queued_time < {NOW} - {LOST_S}
        ORDER BY queued_time LIMIT :most FOR UPDATE SKIP LOCKED
    ) RETURNING target_id, priority, due_time""")
_NUMBER_QUEUED = text(f"""
    SELECT count(*) FROM (
        SELECT FROM fleet_target WHERE {_IS_QUEUED} AND queued_time >= {NOW} - {LOST_S} LIMIT :most
    ) AS queued""")
_REQUEUE = text(f"""
    WITH seen AS MATERIALIZED (
        SELECT target_id, lease FROM fleet_target t WHERE holder IS NOT NULL AND NOT {is_alive("t.holder")}
    ), {_LOCKED}
    UPDATE fleet_target SET queued_time = NULL, holder = NULL, lease = lease + 1
    FROM locked WHERE fleet_target.target_id = locked.target_id""")
_LEASE = text(f"""
    WITH seen AS MATERIALIZED (
        SELECT target_id, lease FROM fleet_target t
        WHERE target_id = :target AND due_time <= {NOW} AND paused_time IS NULL
        AND (holder IS NULL OR holder = :worker OR NOT {is_alive("t.holder")}) AND {may_write(":worker")}
    ), {_LOCKED}
    UPDATE fleet_target t SET holder = :worker, lease = lease + 1, queued_time = coalesce(queued_time, {NOW}),
        last_started_time = CASE WHEN run_id IS NULL THEN {NOW} ELSE last_started_time END
    FROM locked WHERE t.target_id = locked.target_id
    RETURNING t.target_id, t.spider, t.link, t.arguments, t.priority, t.lease, t.run_id, t.last_run_id, t.attempts""")
_STATE = text(f"""
    SELECT every, cron, run_id, last_started_time, attempts, {NOW} AS now
    FROM fleet_target WHERE target_id = :target AND lease = :lease AND holder IS NOT NULL FOR UPDATE""")


class DueTarget(NamedTuple):
    """A target that was queued."""

    target_id: int
    priority: int


@dataclass(frozen=True)
class LeasedTarget:
    """A target that a worker may crawl.

    :ivar arguments: of a crawl of this target alone
    :ivar lease: the number of the lease
    :ivar run_id: the run to resume, None if none is unfinished
    :ivar last_run_id: the last run that ended
    :ivar attempts: in a row that did not complete it
    """

    target_id: int
    spider: str
    link: str
    arguments: dict[str, str]
    priority: int
    lease: int
    run_id: str | None
    last_run_id: str | None
    attempts: int


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a run of a target ended.

    :ivar has_requested: whether anything was requested; while all identities rest, its pauses get no longer
    :ivar is_unfinished: whether it can be resumed
    :ivar is_outdated: whether the target has got other arguments since
    :ivar is_definite: whether it would give the same again, such as the part of a list that the platform shows
    :ivar needs_owner: whether it would fail again soon: a login, another network or a newer program is needed
    :ivar collected: items of its lists; None if it read none, or only what is new of them
    :ivar declared: how many there would be if all its lists were complete, None if unknown
    :ivar error: what failed
    """

    exit_code: int
    has_requested: bool = True
    is_unfinished: bool = False
    is_outdated: bool = False
    is_definite: bool = False
    needs_owner: bool = False
    stopped: str | None = None
    collected: int | None = None
    declared: int | None = None
    error: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether there is nothing to try again: every input got its record or a definite answer, or is wrong."""
        return not self.is_unfinished and (self.is_definite or self.exit_code in (DONE, USAGE))


def number_queued(connection: Connection, most: int = AT_ONCE) -> int:
    """Return how many targets wait in the queue, up to a number; those that are taken again do not count."""
    return int(connection.execute(_NUMBER_QUEUED, {"most": most}).scalar_one())


def take_due(connection: Connection, most: int = AT_ONCE) -> list[DueTarget]:
    """Mark targets that are due as queued, and return them: the highest priority first, then the oldest.

    Those that have waited in the queue for long are among them, since their jobs may be lost. The transaction is for
    this alone: its statements are planned for it.
    """
    connection.execute(_BY_INDEX)
    rows = list(connection.execute(_TAKE_AGAIN, {"most": most}))
    rows += connection.execute(_TAKE, {"most": most - len(rows)})
    rows.sort(key=lambda row: (-row.priority, row.due_time, row.target_id))
    return [DueTarget(row.target_id, row.priority) for row in rows]


def requeue_lost(connection: Connection) -> int:
    """Take their targets from workers that are dead, so that they are due again. Return their number."""
    end_expired(connection)
    return connection.execute(_REQUEUE).rowcount


def lease(connection: Connection, target_id: int, worker: str) -> LeasedTarget | None:
    """Take the lease of a target; None if it is not due, or another worker has it, or this one's own lease is over."""
    row = connection.execute(_LEASE, {"target": target_id, "worker": worker}).mappings().first()
    if row is None:
        return None
    return LeasedTarget(**{**row, "arguments": _arguments(row["link"], row["arguments"])})


def _arguments(link: str, text: str) -> dict[str, str]:
    return {"url": link, **msgspec.json.decode(text, type=dict[str, str])}


def are_changed(connection: Connection, target: LeasedTarget) -> bool:
    """Return whether the owner of a target has changed its arguments since it was leased."""
    query = select(TARGET.c.link, TARGET.c.arguments).where(TARGET.c.target_id == target.target_id)
    row = connection.execute(query).first()
    return row is not None and _arguments(*row) != target.arguments


def note_run(connection: Connection, target_id: int, lease: int, run_id: str) -> bool:
    """Note the run that crawls a target. Return whether the lease still holds."""
    return _change(connection, target_id, lease, run_id=run_id)


def give_back(connection: Connection, target_id: int, lease: int, after_s: float = 0.0) -> bool:
    """End a lease before its run ended, so that any worker continues it. Return whether it still held.

    :param after_s: seconds until it is due again
    """
    later = {"due_time": present(connection) + after_s} if after_s else {}
    return _change(connection, target_id, lease, holder=None, queued_time=None, **later)


def settle(connection: Connection, target_id: int, lease: int, result: RunResult) -> bool:
    """Note how a run ended and when the next is due, and end the lease. Return whether it still held."""
    row = connection.execute(_STATE, {"target": target_id, "lease": lease}).first()
    if row is None:
        return False
    attempts = 0 if result.is_final and result.exit_code != USAGE else max(1, row.attempts + result.has_requested)
    due_time = regular_time(row.every, row.cron, row.last_started_time, row.now)
    if result.is_outdated and due_time is None:
        due_time = row.now
    elif not result.is_final:
        due_time = retry_time(due_time, attempts, row.now, is_soon=not result.needs_owner)
    values: dict[str, Any] = {
        "due_time": due_time,
        "holder": None,
        "queued_time": None,
        "run_id": row.run_id if result.is_unfinished else None,
        "last_run_id": row.run_id,
        "last_ended_time": row.now,
        "attempts": attempts,
        "stopped": result.stopped,
        "exit_code": result.exit_code,
        "error": result.error,
    }
    if result.collected is not None:
        values |= {"collected": result.collected, "declared": result.declared}
    if attempts == 0:
        values["completed_time"] = row.last_started_time
    if attempts == 0 or due_time is None:
        values["expected_time"] = due_time
    return _change(connection, target_id, lease, **values)


def _change(connection: Connection, target_id: int, lease: int, **values: Any) -> bool:
    """Change a target, if a lease of it holds. Return whether it does."""
    held = (TARGET.c.target_id == target_id, TARGET.c.lease == lease, TARGET.c.holder.is_not(None))
    return connection.execute(update(TARGET).where(*held).values(values)).rowcount == 1
