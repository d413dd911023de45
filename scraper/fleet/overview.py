"""How the fleet is doing: workers, targets, identities, throughput and outcomes, as of one moment.

It is cheap for a million targets: numbers are counted in partial indexes and only up to a limit, and how old and how
complete the targets are is estimated from a sample if there are many.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, text

from scraper.fleet.counts import ANSWER, COMPLETE, LINE, RECORDS, REQUESTS, RUN, SPAN_S, STARTS
from scraper.fleet.due import IS_WAITING, LEVELS
from scraper.fleet.schema import NOW, SHARE
from scraper.fleet.target_views import TargetView, masked, selected, target_of

MOST = 100_000
"""No more targets of a state are counted."""
_SAMPLE = 20_000  # targets
_WORST = 20  # targets of each list
_MOST_WORKERS, _MOST_IDENTITIES = 200, 500
_HOUR, _DAY = 3600, 86_400
_LEAST_S = 60  # that rates are for
_TIMEOUT_S = 20
AGES = (1.0, 1.5, 2.0, 5.0, 10.0)
"""Bounds of ages, in intervals between two runs."""
SHARES = (0.5, 0.9, 0.99, 1.0)
"""Bounds of the collected share of the items of complete lists."""

WorkerState = Literal["alive", "gone", "stopped"]
IdentityState = Literal["free", "held", "resting"]


class WorkerView(msgspec.Struct, kw_only=True):
    """A worker that is alive, or ended in the last day.

    :ivar state: alive; gone (its leases expired without a word); stopped in order
    :ivar finished: number of targets that it crawled
    """

    worker: str
    host: str
    process: int
    state: WorkerState
    concurrency: int
    running: int
    finished: int
    requests: int
    started_time: float
    seen_time: float
    ended_time: float | None


class TargetNumbers(msgspec.Struct, kw_only=True):
    """Numbers of targets.

    :ivar all: exact up to MOST, else what the database estimates
    :ivar due: to be crawled now, and not given to a worker yet
    :ivar queued: given to the engine
    :ivar running: crawled by a worker that is alive
    :ivar left: begun, and to be continued
    :ivar failing: their last run was not complete
    :ivar paused: by their owners
    :ivar late: they should have been complete before now
    :ivar at_least: the names of numbers that are higher than given here, because they are counted up to MOST only
    :ivar is_estimate: whether `all` is estimated
    :ivar longest_due_s: seconds since the first of them has been due
    """

    all: int
    due: int
    queued: int
    running: int
    left: int
    failing: int
    paused: int
    late: int
    at_least: list[str]
    is_estimate: bool
    longest_due_s: float


class Rates(msgspec.Struct, kw_only=True):
    """What was done, in an hour.

    :ivar runs: number of starts of runs
    :ivar complete: number of runs of which nothing is left
    """

    runs: float
    complete: float
    requests: float
    records: float


class OutcomeNumber(msgspec.Struct):
    """Number of lines of a router with an outcome."""

    router: str
    outcome: str
    number: int


class AnswerNumber(msgspec.Struct):
    """Number of answers of a service: of an outcome, `ok` or requests `sent`."""

    service: str
    answer: str
    number: int


class IdentityView(msgspec.Struct, kw_only=True):
    """An identity.

    :ivar state: free; held by a worker; resting, because it was stopped
    :ivar stopped: the outcome that stopped it
    :ivar rested_time: when it may be tried again
    """

    identity: str
    service: str
    name: str
    state: IdentityState
    holder: str | None
    next_time: float
    sent: int
    login: bool
    cookie_expires_time: float | None
    stopped: str | None
    message: str | None
    stopped_time: float | None
    rested_time: float | None
    stops: int


class Share(msgspec.Struct):
    """A part of a distribution.

    :ivar up_to: the upper bound of its values; None for all above the others
    :ivar number: of targets
    """

    up_to: float | None
    number: int


class Distribution(msgspec.Struct, kw_only=True):
    """
    :ivar sampled: number of targets that were looked at
    :ivar is_estimate: whether the numbers are estimated from them
    :ivar never: number of targets without a value: never complete, or without a number from the platform
    """

    parts: list[Share]
    never: int
    sampled: int
    is_estimate: bool


class AlarmView(msgspec.Struct, kw_only=True):
    """An alarm that is on."""

    monitor: str
    subject: str
    message: str
    since_time: float
    sent_time: float | None


class Overview(msgspec.Struct, kw_only=True):
    """
    :ivar time: of the database, in epoch seconds, as all times
    :ivar freshness: ages of the last complete runs, in intervals between two runs
    :ivar completeness: share of collected items in those that all lists would have if they were complete
    :ivar latest: targets that should have been complete first
    :ivar shortest: targets that lack the greatest share of their items
    :ivar failing: targets whose last runs were not complete, the last ones first
    :ivar evaluated_time: when the monitors were evaluated last, None if never
    :ivar webhook_problem: why their webhook did not take the last message
    """

    time: float
    workers: list[WorkerView]
    targets: TargetNumbers
    hour: Rates
    day: Rates
    outcomes: list[OutcomeNumber]
    answers: list[AnswerNumber]
    identities: list[IdentityView]
    freshness: Distribution
    completeness: Distribution
    latest: list[TargetView]
    shortest: list[TargetView]
    failing: list[TargetView]
    alarms: list[AlarmView]
    evaluated_time: float | None
    webhook_problem: str | None


class _Size(NamedTuple):
    """Number of targets."""

    number: int
    is_estimate: bool


def overview(connection: Connection) -> Overview | None:
    """Return how the fleet is doing; None if there is no fleet in the database.

    :param connection: in a transaction that has done nothing yet
    """
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{_TIMEOUT_S}s'"))
    if connection.execute(text("SELECT to_regclass('fleet_target')")).scalar() is None:
        return None
    now = float(connection.execute(text(f"SELECT {NOW}")).scalar_one())
    size = _size(connection)
    freshness, completeness = _distributions(connection, size, now)
    monitoring = _rows(connection, "SELECT evaluated_time, problem FROM fleet_monitoring", now)
    return Overview(
        time=now,
        workers=[WorkerView(**row) for row in _rows(connection, _WORKERS, now)],
        targets=_numbers(connection, size, now),
        hour=_rates(connection, _HOUR, now),
        day=_rates(connection, _DAY, now),
        outcomes=[OutcomeNumber(*row.values()) for row in _rows(connection, _COUNTED, now, part=LINE, span=_DAY)],
        answers=[AnswerNumber(*row.values()) for row in _rows(connection, _COUNTED, now, part=ANSWER, span=_DAY)],
        identities=[IdentityView(**masked(row)) for row in _rows(connection, _IDENTITIES, now)],
        freshness=freshness,
        completeness=completeness,
        latest=_targets(connection, _LATEST, now),
        shortest=_targets(connection, _SHORTEST, now),
        failing=_targets(connection, _FAILING, now),
        alarms=[AlarmView(**row) for row in _rows(connection, _ALARMS, now)],
        evaluated_time=monitoring[0]["evaluated_time"] if monitoring else None,
        webhook_problem=monitoring[0]["problem"] if monitoring else None,
    )


def _rows(connection: Connection, statement: str, now: float, **values: object) -> list[dict[str, Any]]:
    named = {"now": now, **values}
    used = {name: value for name, value in named.items() if f":{name}" in statement}
    return [
        {str(name): value for name, value in row.items()}
        for row in connection.execute(text(statement), used).mappings()
    ]


def _size(connection: Connection) -> _Size:
    number = _bounded(connection, "fleet_target", 0.0)
    if number < MOST:
        return _Size(number, is_estimate=False)
    known = connection.execute(text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'fleet_target'::regclass"))
    return _Size(max(MOST, int(known.scalar_one())), is_estimate=True)


def _bounded(connection: Connection, condition: str, now: float) -> int:
    """Return the number of rows, at most MOST.

    :param condition: what follows FROM
    """
    [row] = _rows(connection, f"SELECT count(*) AS number FROM (SELECT 1 FROM {condition} LIMIT {MOST}) AS one", now)
    return int(row["number"])


_ALIVE = "SELECT worker FROM fleet_worker WHERE ended_time IS NULL AND expires_time > :now"
LATE = "expected_time < :now AND paused_time IS NULL"
_STATES = {
    "queued": "fleet_target WHERE queued_time IS NOT NULL AND holder IS NULL",
    "running": f"fleet_target WHERE holder IN ({_ALIVE})",
    "left": f"fleet_target WHERE run_id IS NOT NULL AND (holder IS NULL OR holder NOT IN ({_ALIVE}))",
    "failing": "fleet_target WHERE attempts > 0",
    "paused": "fleet_target WHERE paused_time IS NOT NULL",
    "late": f"fleet_target WHERE {LATE}",
}


def _numbers(connection: Connection, size: _Size, now: float) -> TargetNumbers:
    [due] = _rows(connection, _DUE, now, most=MOST)
    others = {name: _bounded(connection, condition, now) for name, condition in _STATES.items()}
    numbers = {"due": due["number"], **others}
    return TargetNumbers(
        all=size.number,
        at_least=[name for name, number in numbers.items() if number >= MOST],
        is_estimate=size.is_estimate,
        longest_due_s=max(0.0, now - (due["first_time"] or now)),
        **numbers,
    )


_DUE = f"""WITH {LEVELS}, due AS (
        SELECT first.due_time FROM level CROSS JOIN LATERAL (
            SELECT due_time FROM fleet_target t WHERE t.priority = level.priority AND {IS_WAITING} AND due_time <= :now
            ORDER BY due_time LIMIT :most
        ) AS first LIMIT :most
    ) SELECT count(*) AS number, min(due_time) AS first_time FROM due"""
WORKER_STATE = """CASE WHEN ended_time < expires_time THEN 'stopped'
    WHEN ended_time IS NULL AND expires_time > :now THEN 'alive' ELSE 'gone' END"""
"""The state of a worker. One whose lease expired is ended by others, then or later."""
_WORKERS = f"""SELECT worker, host, process, concurrency, running, finished, requests, started_time, seen_time,
    ended_time, {WORKER_STATE} AS state FROM fleet_worker
    WHERE ended_time IS NULL OR ended_time > :now - {_DAY} ORDER BY state, seen_time DESC LIMIT {_MOST_WORKERS}"""
_COUNTED = """SELECT source, name, sum(number)::bigint AS number FROM fleet_count
    WHERE time > :now - :span AND part = :part GROUP BY source, name ORDER BY source, name"""
_IDENTITIES = f"""SELECT identity, service, name, holder, next_time, sent, login, cookie_expires_time, stopped, message,
    stopped_time, rested_time, stops, CASE WHEN stopped IS NOT NULL AND rested_time > :now THEN 'resting'
    WHEN holder IN ({_ALIVE}) THEN 'held' ELSE 'free' END AS state
    FROM fleet_identity ORDER BY service, name, identity LIMIT {_MOST_IDENTITIES}"""
_ALARMS = """SELECT monitor, subject, message, since_time, sent_time FROM fleet_alarm WHERE cleared_time IS NULL
    ORDER BY since_time DESC"""


def _rates(connection: Connection, span: float, now: float) -> Rates:
    """Return what was done in a span, by the hour. The fleet may have begun later."""
    [first] = _rows(connection, "SELECT min(time) AS time FROM fleet_count", now)
    start = max((now - span) // SPAN_S * SPAN_S + SPAN_S, first["time"] or 0)
    sums = {row["name"]: row["number"] for row in _rows(connection, _TOTALS, now, part=RUN, start=start)}
    hours = max(_LEAST_S, now - start) / _HOUR
    numbers = {name: sums.get(name, 0) / hours for name in (STARTS, COMPLETE, REQUESTS, RECORDS)}
    return Rates(runs=numbers[STARTS], complete=numbers[COMPLETE], requests=numbers[REQUESTS], records=numbers[RECORDS])


_TOTALS = """SELECT name, sum(number)::bigint AS number FROM fleet_count
    WHERE time >= :start AND part = :part GROUP BY name"""


def _distributions(connection: Connection, size: _Size, now: float) -> tuple[Distribution, Distribution]:
    """Return the ages and the completeness of the targets, from a sample of their blocks if they are many."""
    percent = min(100.0, 100.0 * _SAMPLE / max(1, size.number))
    is_estimate = percent < 100
    sample = f"fleet_target TABLESAMPLE SYSTEM ({percent:.6f})" if is_estimate else "fleet_target"
    [row] = _rows(connection, _sampled(sample), now)
    scale = size.number / row["sampled"] if row["sampled"] and is_estimate else 1.0

    def distribution(name: str, bounds: Sequence[float]) -> Distribution:
        limits = [*bounds, *([None] if name == "age" else [])]
        parts = [Share(limit, round(scale * row[f"{name}_{place}"])) for place, limit in enumerate(limits)]
        never = round(scale * row[f"{name}_never"])
        return Distribution(parts=parts, never=never, sampled=row["sampled"], is_estimate=is_estimate)

    return distribution("age", AGES), distribution("share", SHARES)


def _sampled(sample: str) -> str:
    """Return the statement that counts the targets of a sample by their ages and completeness."""
    interval = "CASE WHEN expected_time IS NOT NULL THEN greatest(expected_time - completed_time, 1) END"
    age = f"(:now - completed_time) / ({interval})"
    columns = [
        *_histogram("age", "age", AGES, is_open=True),
        *_histogram("share", "share", SHARES, is_open=False),
        "count(*) FILTER (WHERE expected_time IS NOT NULL AND completed_time IS NULL) AS age_never",
        "count(*) FILTER (WHERE share IS NULL AND completed_time IS NOT NULL) AS share_never",
    ]
    share = f"CASE WHEN declared > 0 THEN least({SHARE}, 1) WHEN declared = 0 THEN 1 END"
    inner = f"SELECT expected_time, completed_time, {age} AS age, {share} AS share FROM {sample}"
    return f"SELECT count(*) AS sampled, {', '.join(columns)} FROM ({inner}) AS one"


def _histogram(name: str, value: str, bounds: Sequence[float], *, is_open: bool) -> list[str]:
    lower = [None, *bounds]
    upper = [*bounds, *([None] if is_open else [])]
    ranges = zip(lower, upper, strict=False)
    conditions = [
        " AND ".join([*([f"{value} > {low}"] if low is not None else []), *([f"{value} <= {high}"] if high else [])])
        for low, high in ranges
    ]
    return [f"count(*) FILTER (WHERE {condition}) AS {name}_{place}" for place, condition in enumerate(conditions)]


_LATEST = f"{LATE} ORDER BY expected_time LIMIT {_WORST}"
_SHORTEST = f"collected < declared ORDER BY ({SHARE}) LIMIT {_WORST}"
_FAILING = f"attempts > 0 ORDER BY last_ended_time DESC LIMIT {_WORST}"


def _targets(connection: Connection, condition: str, now: float) -> list[TargetView]:
    return [target_of(row) for row in _rows(connection, f"{selected(connection)} {condition}", now)]
