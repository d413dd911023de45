"""The watch list: add, remove, pause and list its targets."""

from collections.abc import Collection, Generator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, RowMapping, text

from scraper.fleet.database import present
from scraper.fleet.due import IS_WAITING
from scraper.fleet.membership import is_alive
from scraper.fleet.schedule import first_time
from scraper.fleet.schema import NOW
from scraper.fleet.watch_rows import WatchTarget
from scraper.identities.masking import mask
from scraper.inputs.policy import TAGS

AT_ONCE = 1_000
"""The most targets of one statement."""
State = Literal["waiting", "due", "queued", "running", "paused", "done"]
Choice = Literal["due", "failed", "paused"]

_IS_RESCHEDULED = "(t.every, t.cron) IS DISTINCT FROM (excluded.every, excluded.cron)"
_IS_ONCE = "excluded.every IS NULL AND excluded.cron IS NULL"
# A target that is crawled once is due now if its arguments change; a new schedule counts from the last start.
_DUE = f"""CASE WHEN {_IS_ONCE} AND (t.arguments <> excluded.arguments OR {_IS_RESCHEDULED}) THEN excluded.due_time
        WHEN excluded.cron IS NOT NULL AND {_IS_RESCHEDULED} THEN excluded.due_time
        WHEN {_IS_RESCHEDULED} THEN greatest(t.last_started_time + excluded.every, excluded.due_time)
        ELSE"""
_ADD = text(f"""
    INSERT INTO fleet_target AS t (key, spider, link, arguments, priority, every, cron, added_time, due_time,
        expected_time, lease, attempts)
    SELECT key, spider, link, arguments, priority, every, cron, :now, due_time, due_time, 0, 0 FROM unnest(
        CAST(:key AS bigint[]), CAST(:spider AS text[]), CAST(:link AS text[]), CAST(:arguments AS text[]),
        CAST(:priority AS integer[]), CAST(:every AS bigint[]), CAST(:cron AS text[]), CAST(:due AS double precision[])
    ) AS given (key, spider, link, arguments, priority, every, cron, due_time)
    ON CONFLICT (key) DO UPDATE SET arguments = excluded.arguments, priority = excluded.priority,
        every = excluded.every, cron = excluded.cron,
        due_time = {_DUE} t.due_time END, expected_time = {_DUE} t.expected_time END,
        queued_time = CASE WHEN t.holder IS NOT NULL THEN t.queued_time END
    WHERE (t.arguments, t.priority, t.every, t.cron)
        IS DISTINCT FROM (excluded.arguments, excluded.priority, excluded.every, excluded.cron)
    RETURNING xmax = 0 AS is_new""")
_CHOSEN = "(key = ANY(:keys) OR target_id = ANY(:ids))"
_REMOVE = text(f"""WITH removed AS (DELETE FROM fleet_target WHERE {_CHOSEN} RETURNING *),
    unclaimed AS (UPDATE watched_list SET expires = 0 WHERE run_id IN (SELECT run_id FROM removed))
    SELECT key, target_id FROM removed""")
_PAUSE = text(f"""UPDATE fleet_target SET paused_time = coalesce(paused_time, {NOW}),
    queued_time = CASE WHEN holder IS NOT NULL THEN queued_time END WHERE {_CHOSEN} RETURNING key, target_id""")
_RESUME = text(f"UPDATE fleet_target SET paused_time = NULL WHERE {_CHOSEN} RETURNING key, target_id")
_STATE = f"""CASE WHEN paused_time IS NOT NULL AND holder IS NULL THEN 'paused'
    WHEN {is_alive("holder")} THEN 'running' WHEN queued_time IS NOT NULL THEN 'queued'
    WHEN due_time IS NULL THEN 'done' WHEN due_time <= :now THEN 'due' ELSE 'waiting' END AS state"""
_LISTED = f"""SELECT target_id, spider, link, arguments, priority, every, cron, {_STATE}, due_time, last_started_time,
    completed_time, attempts, stopped, exit_code, error, coalesce(run_id, last_run_id) AS run_id FROM fleet_target"""
_TAGS = f"concat(';', CAST(arguments AS json) ->> '{TAGS}', ';')"
_CHOICES: dict[Choice, str] = {
    "due": f"{IS_WAITING} AND due_time <= :now",
    "failed": "attempts > 0",
    "paused": "paused_time IS NOT NULL",
}


class Added(NamedTuple):
    """Numbers of targets: new ones, those that were changed, and those that were there."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def plus(self, other: "Added") -> "Added":
        """Return the sums of both."""
        return Added(*(one + more for one, more in zip(self, other, strict=True)))


class WatchedTarget(msgspec.Struct, kw_only=True):
    """A target of the watch list.

    :ivar state: waiting for its time; due; queued for a worker; running; paused; done, since it was to be crawled once
    :ivar arguments: of a crawl of it alone, but its url
    :ivar attempts: runs in a row that were not complete
    :ivar run_id: its unfinished run, else the last one
    """

    target_id: int
    spider: str
    link: str
    arguments: dict[str, str]
    priority: int
    every: int | None
    cron: str | None
    state: State
    due_time: float | None
    last_started_time: float | None
    completed_time: float | None
    attempts: int
    stopped: str | None
    exit_code: int | None
    error: str | None
    run_id: str | None


class Selected(NamedTuple):
    """Which targets a change is for.

    :ivar keys: see `WatchTarget`
    """

    keys: Collection[int] = ()
    ids: Collection[int] = ()


def add(connection: Connection, targets: Sequence[WatchTarget]) -> Added:
    """Add targets; one that is there gets the new arguments and the new schedule, and equal ones change nothing.

    :param targets: at most AT_ONCE; of several with one key, the last counts
    """
    given = list({target.key: target for target in targets}.values())
    now = present(connection)
    columns: dict[str, Any] = {name: [getattr(target, name) for target in given] for name in WatchTarget._fields}
    due = [first_time(target.cron, now) for target in given]
    returned = connection.execute(_ADD, {**columns, "due": due, "now": now}).scalars().all()
    return Added(sum(returned), len(returned) - sum(returned), len(targets) - len(returned))


def remove(connection: Connection, selected: Selected) -> Selected:
    """Remove targets, and return those that there were. A worker that crawls one stops at its next page.

    Their runs stay, as those of single crawls.
    """
    return _changed(connection, _REMOVE, selected)


def pause(connection: Connection, selected: Selected) -> Selected:
    """Crawl targets no more until `resume`, and return those that there are. A run under way is not stopped."""
    return _changed(connection, _PAUSE, selected)


def resume(connection: Connection, selected: Selected) -> Selected:
    """Crawl paused targets again, once at once if they were due meanwhile. Return those that there are."""
    return _changed(connection, _RESUME, selected)


def _changed(connection: Connection, statement: Any, selected: Selected) -> Selected:
    rows = connection.execute(statement, {"keys": [*selected.keys], "ids": [*selected.ids]}).all()
    return Selected([row.key for row in rows], [row.target_id for row in rows])


def targets_of(
    connection: Connection, choice: Choice | None = None, tags: Collection[str] = ()
) -> Generator[WatchedTarget, None, None]:
    """Yield the targets of the watch list in the order of their ids, without holding them all.

    :param choice: only those that are due, that failed in their last run, or that are paused
    :param tags: such as team=red: only those that have all of them
    """
    conditions = [_CHOICES[choice]] if choice else []
    conditions += [f"position(:tag{number} IN {_TAGS}) > 0" for number in range(len(tags))]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    values: dict[str, Any] = {f"tag{number}": f";{tag};" for number, tag in enumerate(tags)}
    query = text(f"{_LISTED} {where} ORDER BY target_id")
    values["now"] = present(connection)
    with connection.execute(query, values, execution_options={"yield_per": AT_ONCE}) as result:
        yield from map(_target, result.mappings())


def _target(row: RowMapping) -> WatchedTarget:
    arguments = msgspec.json.decode(row["arguments"], type=dict[str, str])
    shown = {name: mask(value) if isinstance(value, str) else value for name, value in row.items()}
    shown["arguments"] = {name: mask(value) for name, value in arguments.items()}
    return msgspec.convert(shown, WatchedTarget)
