"""The runs that a ledger knows: begin one, find one, and note how it ended."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from scraper.ledger.backends import backend_of
from scraper.ledger.database_url import shown_url
from scraper.ledger.progress import Progress
from scraper.ledger.schema import DRIFT, DRIFT_REPORT, FAILURE, JOB, LIST_RUN, OF_A_RUN_UNDER_WAY, RUN, WATCHED, layout
from scraper.ledger.stops import Stop
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.responses.clock import present
from scraper.responses.exceptions import ArgumentError

T = TypeVar("T")
RUNNING, UNFINISHED, FINISHED = "running", "unfinished", "finished"


class Run(msgspec.Struct, kw_only=True):
    """A run of a spider.

    :param arguments: those of `-a`
    :param settings: those of `-s` that are no secrets
    :param folder: the working directory
    :param input: what identifies the content of the target file, None if there is none
    :param feeds: the options of each feed, by its complete URI
    :param state: running, unfinished or finished; a run that was killed is still `running`
    :param stopped: why it ended
    :param report: the path of its run.json
    :param retry_of: the id of the run whose failures it crawls again, None if it has inputs of its own
    """

    run_id: str
    spider: str
    arguments: dict[str, str]
    settings: dict[str, str] = {}
    folder: str = ""
    input: str | None = None
    feeds: dict[str, dict[str, Any]] = {}
    code_version: str = ""
    started_time: int = 0
    ended_time: int | None = None
    state: str = RUNNING
    stopped: Stop | None = None
    exit_code: int | None = None
    report: str | None = None
    retry_of: str | None = None
    progress: Progress = msgspec.field(default_factory=Progress)


class RunEnd(NamedTuple):
    """How a run ended.

    :ivar is_reported: whether its run.json is written
    """

    stopped: Stop
    exit_code: int
    is_reported: bool


_JSON = ("arguments", "settings", "feeds", "progress")


def add_run(connection: Connection, run: Run) -> None:
    """Add a run, or change one that is resumed."""
    values = {name: getattr(run, name) for name in Run.__struct_fields__}
    values |= {name: msgspec.json.encode(values[name]).decode() for name in _JSON}
    if find_run(connection, run.run_id) is None:
        connection.execute(insert(RUN).values(values))
    else:
        connection.execute(update(RUN).where(RUN.c.run_id == run.run_id).values(values))


def find_run(connection: Connection, run_id: str) -> Run | None:
    """Return a run by its id."""
    row = connection.execute(select(RUN).where(RUN.c.run_id == run_id)).mappings().first()
    return _run(row) if row else None


def read_run(url: str, run_id: str) -> Run | None:
    """Return a run from a database that is not open.

    :raises ArgumentError: if the database cannot be read
    """
    return in_database(url, lambda connection: find_run(connection, run_id))


def in_database(url: str, work: Callable[[Connection], T], *, writes: bool = False) -> T | None:
    """Return the result of some work in a database that is not open; None if there is none, or nothing is in it.

    :param writes: whether it is changed
    :raises ArgumentError: if the database cannot be read
    """
    backend = backend_of(url)
    if not backend.exists():
        return None
    try:
        connection = backend.connect(writes=writes)
        try:
            return work(connection) if layout(connection.dialect.name).check(connection) else None
        finally:
            connection.close()
    except STORE_ERRORS as error:
        raise ArgumentError(f"{shown_url(url)} cannot be read: {first_line(reason_of(error))}") from None


def runs(connection: Connection, **equal: str) -> list[Run]:
    """Return runs, the latest first.

    :param equal: values of columns that they must have
    """
    query = select(RUN).filter_by(**equal).order_by(RUN.c.started_time.desc(), RUN.c.run_id.desc())
    return [_run(row) for row in connection.execute(query).mappings()]


def runs_with_failures(connection: Connection) -> list[tuple[Run, int, int]]:
    """Return all runs, the latest first, with the numbers of their failures, and of those to request again."""
    query = select(FAILURE.c.run_id, func.count(), func.count(FAILURE.c.job)).group_by(FAILURE.c.run_id)
    numbers = {run_id: (failures, of_retry) for run_id, failures, of_retry in connection.execute(query)}
    return [(run, *numbers.get(run.run_id, (0, 0))) for run in runs(connection)]


def end_run(connection: Connection, run_id: str, *, state: str, end: RunEnd, sent: int) -> None:
    """Note how a run ended. What is kept for resuming it is removed if it is finished.

    Its progress stays as it was committed, since a step that could not be committed may have changed it in memory.

    :param sent: number of requests that were sent
    """
    run = find_run(connection, run_id)
    assert run, "the run was added when it began"
    run.progress.sent = sent
    for position in run.progress.feeds.values():
        with suppress(OSError):
            position.closed = Path(position.path).stat().st_size
    values = {"state": state, "stopped": end.stopped, "exit_code": end.exit_code, "ended_time": int(present())}
    text = msgspec.json.encode(run.progress).decode()
    connection.execute(update(RUN).where(RUN.c.run_id == run_id).values(**values, progress=text))
    if state == FINISHED:
        _drop_left(connection, run_id)


def finish_run(connection: Connection, run: Run) -> None:
    """Note that nothing is left to resume a run for."""
    ended = {"stopped": Stop.INTERRUPTED, "ended_time": int(present())} if run.stopped is None else {}
    connection.execute(update(RUN).where(RUN.c.run_id == run.run_id).values(state=FINISHED, **ended))
    connection.execute(delete(FAILURE).where(FAILURE.c.run_id == run.run_id, FAILURE.c.number.is_not(None)))
    _drop_left(connection, run.run_id)


def _drop_left(connection: Connection, run_id: str) -> None:
    for table in OF_A_RUN_UNDER_WAY:
        connection.execute(delete(table).where(table.c.run_id == run_id))


def forget_run(connection: Connection, run_id: str) -> None:
    """Remove everything about a run. Others may walk its lists."""
    connection.execute(update(WATCHED).where(WATCHED.c.run_id == run_id).values(expires=0))
    for table in (*OF_A_RUN_UNDER_WAY, LIST_RUN, FAILURE, DRIFT, DRIFT_REPORT, JOB, RUN):
        connection.execute(delete(table).where(table.c.run_id == run_id))


def _run(row: RowMapping) -> Run:
    values = {str(name): value for name, value in row.items()}
    decoded = {name: msgspec.json.decode(values[name]) if name in _JSON else values[name] for name in values}
    return msgspec.convert(decoded, Run)
