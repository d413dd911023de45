"""Tell the owner of a fleet what its monitors find: each alarm once, and once more when it clears.

One worker at a time evaluates them. What the webhook did not take is sent with the next evaluation.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, func, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from scraper.fleet.database import FleetDatabase, present
from scraper.fleet.monitor_config import Monitors, read_monitors
from scraper.fleet.monitors import MONITORS, Finding, Look
from scraper.fleet.schema import ALARM, MONITORING, NOW
from scraper.identities.masking import mask
from scraper.inputs.hashing import hash64
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.output.webhook import post
from scraper.responses.catch_all import attempt, attempt_async
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted

logger = logging.getLogger(__name__)
_LOCK = 0x66_6C_65_65_74  # the number of the advisory lock
_TIMEOUT_S = 30
_EARLY = 0.9  # of the interval: workers are never exactly on time
_LOOK_S = 60.0  # until it is looked for a file again


class Alarm(msgspec.Struct, kw_only=True):
    """An alarm that began or cleared, as the webhook gets it.

    :ivar id: the same in both messages, and if one is sent twice
    :ivar value: the number that is beyond its threshold
    :ivar since_time: epoch seconds
    """

    id: str
    state: Literal["on", "cleared"]
    monitor: str
    subject: str
    message: str
    value: float | None
    since_time: float
    cleared_time: float | None


class Message(msgspec.Struct):
    """What the webhook gets.

    :ivar text: all of it in words, under the name that chats read
    """

    text: str
    alarms: list[Alarm]


class Evaluated(NamedTuple):
    """
    :ivar on: the alarms that are on
    :ivar news: what the webhook has to get
    """

    on: list[Alarm]
    news: list[Alarm]


async def evaluate(database: FleetDatabase, monitors: Monitors, *, now: bool = False) -> list[Alarm] | None:
    """Evaluate the monitors if it is time, and send what is new. Return the alarms that are on.

    :param now: whether it is done even if another process has just done it
    :raises sqlalchemy.exc.SQLAlchemyError: if the database cannot be read or written
    :raises OSError: the same
    """
    evaluated = await database.run(partial(_evaluate, monitors=monitors, is_forced=now), tries=1)
    if evaluated is None:
        return None
    if evaluated.news:
        problem = await asyncio.to_thread(_send, monitors.webhook, evaluated.news)
        await database.run(partial(_settle, news=evaluated.news, problem=problem))
    return evaluated.on


def _evaluate(connection: Connection, monitors: Monitors, is_forced: bool) -> Evaluated | None:
    connection.execute(text(f"SET LOCAL statement_timeout = '{_TIMEOUT_S}s'"))
    if is_forced:
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    elif not connection.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar():
        return None
    now = present(connection)
    last = connection.execute(select(MONITORING.c.evaluated_time)).scalar()
    if not is_forced and last is not None and now - last < _EARLY * monitors.every:
        return None
    for monitor in MONITORS:
        name = monitor.__name__
        on = connection.execute(select(ALARM.c.subject).filter_by(monitor=name, cleared_time=None)).scalars().all()
        look = Look(connection, monitors, now, on)
        findings = attempt(_findings, monitor, look)
        if isinstance(findings, Exception):
            logger.error("The monitor %s was not evaluated", name, exc_info=findings)
        else:
            _change(connection, name, findings, now)
    row = {"one": True, "evaluated_time": now}
    connection.execute(insert(MONITORING).values(row).on_conflict_do_update(index_elements=["one"], set_=row))
    return _read(connection)


def _findings(monitor: Callable[[Look], Iterator[Finding]], look: Look) -> list[Finding]:
    """Return what a monitor finds. If it fails, the others can still use the connection."""
    with look.connection.begin_nested():
        return [*monitor(look)]


def _change(connection: Connection, monitor: str, findings: Sequence[Finding], now: float) -> None:
    """Note the alarms of a monitor that are on, and those that are not any more."""
    subjects = [finding.subject for finding in findings]
    gone = (ALARM.c.monitor == monitor, ALARM.c.cleared_time.is_(None), ALARM.c.subject.not_in(subjects))
    connection.execute(update(ALARM).where(*gone).values(cleared_time=now))
    for finding in findings:
        row = {**finding._asdict(), "since_time": now}
        on = {"message": finding.message, "value": finding.value, "cleared_time": None}
        added = insert(ALARM).values(row).on_conflict_do_update(index_elements=[*ALARM.primary_key], set_=on)
        connection.execute(added)


def _read(connection: Connection) -> Evaluated:
    is_new = or_(ALARM.c.sent_time.is_(None), ALARM.c.cleared_time.is_not(None))
    rows = connection.execute(select(ALARM, is_new.label("is_new")).order_by(ALARM.c.since_time, *ALARM.primary_key))
    known = [(_alarm(row), row.is_new) for row in rows]
    return Evaluated([alarm for alarm, _ in known if alarm.state == "on"], [alarm for alarm, is_new in known if is_new])


def _alarm(row: Row[Any]) -> Alarm:
    return Alarm(
        id=f"{hash64(f'{row.monitor} {row.subject} {row.since_time}'):016x}",
        state="on" if row.cleared_time is None else "cleared",
        monitor=row.monitor,
        subject=row.subject,
        message=row.message,
        value=row.value,
        since_time=row.since_time,
        cleared_time=row.cleared_time,
    )


def _send(webhook: str | None, news: Sequence[Alarm]) -> str:
    """Tell the webhook what is new. Return why it did not take it, "" if it did, or there is none."""
    sentences = [f"{'Alarm' if alarm.state == 'on' else 'Cleared'}: {alarm.monitor}: {alarm.message}" for alarm in news]
    if webhook is None:
        problem = ""
    else:
        body = msgspec.json.encode(Message("\n".join(sentences), [*news]))
        problem = mask(post(webhook, body)[0])
    if problem:
        number = counted(len(news), "alarm")
        logger.warning("The webhook of the monitors did not take %s, sent again later: %s", number, problem)
    else:
        for sentence in sentences:
            logger.warning("%s", sentence)
    return problem


def _settle(connection: Connection, news: Sequence[Alarm], problem: str) -> None:
    """Note that the webhook got the news, or why it did not."""
    connection.execute(update(MONITORING).values(problem=problem or None))
    for alarm in () if problem else news:
        same = (ALARM.c.monitor == alarm.monitor, ALARM.c.subject == alarm.subject)
        if alarm.cleared_time is None:
            connection.execute(update(ALARM).where(*same).values(sent_time=literal_column(NOW)))
        else:  # unless it has begun again since
            connection.execute(delete(ALARM).where(*same, ALARM.c.cleared_time == alarm.cleared_time))


class Monitoring:
    """Evaluates the monitors for as long as a worker runs.

    :param url: of the fleet's database
    :param folder: CONFIG_DIR
    :raises ArgumentError: names the file and the wrong key
    """

    def __init__(self, url: str, folder: str | Path):
        self._database, self._folder = FleetDatabase(url), folder
        self._monitors = read_monitors(folder)

    async def run(self) -> None:
        """Evaluate again and again, until it is cancelled. Nothing that fails ends it."""
        try:
            while True:
                failed = await attempt_async(self._evaluate())
                if isinstance(failed, Exception):
                    self._log(failed)
                await asyncio.sleep(self._monitors.every if self._monitors else _LOOK_S)
        finally:
            await self._database.close()

    async def _evaluate(self) -> None:
        try:
            self._monitors = await asyncio.to_thread(read_monitors, self._folder)
        except ArgumentError as error:
            logger.warning("The previous monitors stay in use: %s", error)
        if self._monitors:
            await evaluate(self._database, self._monitors)

    def _log(self, error: Exception) -> None:
        if isinstance(error, STORE_ERRORS):
            logger.warning("The monitors were not evaluated: %s", first_line(reason_of(error)))
        else:
            logger.error("BUG in the monitors", exc_info=error)
