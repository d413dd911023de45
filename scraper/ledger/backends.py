"""What differs between kinds of databases: how they are opened, how writers wait for each other, what can be retried.

In both, one transaction writes at a time. That is how SQLite works; in PostgreSQL, each transaction that writes
takes the same advisory lock first. So two runs on one database cannot deadlock, and what a transaction reads stays true
until it is committed.
"""

import logging
from collections.abc import Mapping
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, ExceptionContext, NullPool, create_engine, event
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError

from scraper.ledger.database_url import POSTGRESQL, parsed_url, shown_url
from scraper.ledger.files import same_file, sync_folder

logger = logging.getLogger(__name__)
logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # at INFO, it logs each statement with its values
logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what is raised as well
LOCK_TIMEOUT_S = 20.0
_MOST_ENGINES = 16  # of databases that a process uses
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_LOCK = 0x73_63_72_61_70_65  # the number of the advisory lock
_LOCKED, _LOST = ("40", "55P03", "57014"), ("08", "53300", "57P", "25P03")  # beginnings of SQLSTATEs
_OF_VALUES = ("22", "54")  # data exceptions, and limits, such as the longest key of an index
_STARTING = ("the database system", "too many", "connection slots", "terminating connection")  # in messages
_MARKS = """CREATE TABLE IF NOT EXISTS ledger_writer (
    writer TEXT PRIMARY KEY, number BIGINT NOT NULL, time TIMESTAMPTZ NOT NULL DEFAULT now())"""
_MARK = """INSERT INTO ledger_writer (writer, number) VALUES (%s, %s)
    ON CONFLICT (writer) DO UPDATE SET number = excluded.number, time = excluded.time"""

Obstacle = Literal["locked", "lost"]
"""Why a transaction was not possible: another program is in the way, or the connection was lost."""


class Backend(Protocol):
    """
    :ivar name: of the database, without a password
    """

    name: str

    def exists(self) -> bool:
        """Return whether there is a database to read."""

    def connect(self, *, writes: bool) -> Connection:
        """Return a connection, which this thread must use.

        :param writes: whether its transactions write, so that each waits for those of other programs
        """

    def obstacle(self, error: Exception) -> Obstacle | None:
        """Return why the same transaction may succeed later, None if it will not."""

    def is_of_values(self, error: Exception) -> bool:
        """Return whether the database refused values, and not the whole statement."""

    def opened(self) -> None:
        """Note that the database was opened."""

    def committed(self) -> None:
        """Check that what was committed is where it should be."""

    def prepare(self, connection: Connection) -> None:
        """Do what must be done before the first `mark`."""

    def mark(self, connection: Connection) -> int | None:
        """Mark the transaction under way, if a lost connection may hide whether it was committed. Return its number."""

    def was_committed(self, number: int) -> bool:
        """Return whether the last transaction that was marked is committed."""


class SqliteFile:
    """An SQLite file in write-ahead mode."""

    def __init__(self, path: Path):
        self.path, self.name = path, str(path)

    def exists(self) -> bool:
        """See `Backend`."""
        return self.path.exists()

    def connect(self, *, writes: bool) -> Connection:
        """See `Backend`."""
        if writes:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        return _sqlite_engine(str(self.path.absolute()), writes).connect()

    def opened(self) -> None:
        """See `Backend`."""
        sync_folder(self.path.parent)
        sync_folder(self.path.parent.parent)
        self._file = self.path.stat()

    def committed(self) -> None:
        """See `Backend`."""
        same_file(self.path, self._file)

    def obstacle(self, error: Exception) -> Obstacle | None:
        """See `Backend`."""
        is_busy = isinstance(error, OperationalError) and getattr(error.orig, "sqlite_errorname", "") in _BUSY
        return "locked" if is_busy else None

    def is_of_values(self, error: Exception) -> bool:
        """See `Backend`."""
        return isinstance(error, (OverflowError, InterfaceError, DataError, ProgrammingError))

    def prepare(self, connection: Connection) -> None:
        """See `Backend`."""

    def mark(self, connection: Connection) -> int | None:
        """See `Backend`."""
        return None

    def was_committed(self, number: int) -> bool:
        """See `Backend`."""
        raise NotImplementedError("a file has no connection to lose: `mark` gives it no number")


class PostgresServer:
    """A database of a PostgreSQL server."""

    def __init__(self, url: str):
        self._url, self.name = parsed_url(url), shown_url(url)
        self._writer, self._numbers = uuid4().hex, count(1)

    def exists(self) -> bool:
        """See `Backend`."""
        return True

    def connect(self, *, writes: bool) -> Connection:
        """See `Backend`."""
        return _postgresql_engine(self._url, writes).connect()

    def opened(self) -> None:
        """See `Backend`."""

    def committed(self) -> None:
        """See `Backend`."""

    def obstacle(self, error: Exception) -> Obstacle | None:
        """See `Backend`."""
        if not isinstance(error, DBAPIError):
            return None
        if state := _state(error):
            return "locked" if state.startswith(_LOCKED) else "lost" if state.startswith(_LOST) else None
        text = str(error.orig)
        is_refused = "FATAL" in text and not any(words in text for words in _STARTING)
        is_lost = error.connection_invalidated or (isinstance(error, OperationalError) and not is_refused)
        return "lost" if is_lost else None

    def is_of_values(self, error: Exception) -> bool:
        """See `Backend`."""
        if not isinstance(error, DBAPIError) or error.connection_invalidated:
            return False
        state = _state(error)
        return state.startswith(_OF_VALUES) if state else isinstance(error, (ProgrammingError, DataError))

    def prepare(self, connection: Connection) -> None:
        """See `Backend`."""
        connection.exec_driver_sql(_MARKS)
        connection.exec_driver_sql("DELETE FROM ledger_writer WHERE time < now() - interval '7 days'")

    def mark(self, connection: Connection) -> int | None:
        """See `Backend`. The id of the transaction would not do: after a crash, another one may get it."""
        number = next(self._numbers)
        connection.exec_driver_sql(_MARK, (self._writer, number))
        return number

    def was_committed(self, number: int) -> bool:
        """See `Backend`. It waits for the lock, so that the transaction cannot be committed later."""
        connection = self.connect(writes=True)
        try:
            row = connection.exec_driver_sql("SELECT number FROM ledger_writer WHERE writer = %s", (self._writer,))
            return row.scalar() == number
        finally:
            connection.close()


def backend_of(url: str) -> Backend:
    """Return the backend of a database.

    :raises ArgumentError: if its URL is wrong
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == POSTGRESQL:
        return PostgresServer(url)
    assert parsed.database
    return SqliteFile(Path(parsed.database))


def connection_options(url: URL, settings: Mapping[str, str]) -> dict[str, str | int]:
    """Return options of connections to PostgreSQL, without those in the URL. They notice a dead one in half a minute.

    :param settings: of the server, for these connections
    """
    options: dict[str, str | int] = {
        "connect_timeout": 10,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "tcp_user_timeout": 30_000,
        "application_name": "short-video-scraper",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    return {name: value for name, value in options.items() if name not in url.query}


def database_name(url: str) -> str:
    """Return what two URLs of one database have in common: its path, or its URL without a password."""
    backend = backend_of(url)
    return str(backend.path.resolve()) if isinstance(backend, SqliteFile) else backend.name


def close_quietly(connection: Connection) -> None:
    """Close a connection that may be broken: it may fail to undo what was not committed."""
    try:
        connection.close()
    except (SQLAlchemyError, OSError) as error:
        logger.debug("A connection was not closed in order", exc_info=error)


# An engine keeps what it compiled and what it knows of the server, and no connection. Each crawl would do that anew.
@lru_cache(_MOST_ENGINES)
def _sqlite_engine(path: str, writes: bool) -> Engine:
    url = URL.create("sqlite", database=path)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    if writes:
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@lru_cache(_MOST_ENGINES)
def _postgresql_engine(url: URL, writes: bool) -> Engine:
    # A crawl that hangs, or was stopped by a signal, would hold up all others.
    settings = {"lock_timeout": f"{LOCK_TIMEOUT_S}s", "idle_in_transaction_session_timeout": "10s"}
    options = connection_options(url, settings)
    engine = create_engine(url, poolclass=NullPool, connect_args=options, paramstyle="format")
    event.listen(engine, "handle_error", _close_cursor)
    if writes:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")  # a commit survives a power failure


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails now if the file is read-only


def _begin_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _close_cursor(context: ExceptionContext) -> None:
    """Close the cursor of a connection that was lost, which SQLAlchemy leaves open."""
    of_statement = context.execution_context
    if context.is_disconnect and of_statement is not None:
        of_statement.cursor.close()
