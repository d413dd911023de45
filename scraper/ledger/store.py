"""The database that a crawl writes to: one connection in one thread, and one transaction at a time."""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from scrapy.crawler import Crawler
from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.sql.elements import ClauseElement

from scraper.ledger.backends import Obstacle, backend_of, close_quietly
from scraper.ledger.database_url import sqlite_url
from scraper.responses.of_crawl import OfCrawl

logger = logging.getLogger(__name__)
STORE_ERRORS = (SQLAlchemyError, OSError)
_TRIES = 6  # another program may hold the lock for 6 × 20 s, and a server may be away for half a minute
_PAUSE_S = 1.0  # twice as long after each trial
_sync = getattr(os, "fdatasync", os.fsync)  # macOS has only the latter
T = TypeVar("T")
Values = Sequence[object] | Mapping[str, object]
Lease = Callable[[Connection], object]


class LeaseLostError(SQLAlchemyError):
    """Another process has taken over what this one was writing."""


class Statement:
    """A statement that is compiled once, since that costs more than running it.

    :param names: its parameters, in the order of the values
    """

    def __init__(self, clause: ClauseElement, names: Sequence[str], dialect: Dialect):
        compiled = clause.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self._text = str(compiled)
        order = list(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._order = None if order == list(names) or not order else [names.index(name) for name in order]
        self._names = None if order else names

    def run(self, connection: Connection, rows: Collection[Sequence[object]]) -> None:
        """Run the statement for each row of values."""
        if rows:
            connection.exec_driver_sql(self._text, [self._values(row) for row in rows])

    def _values(self, row: Sequence[object]) -> Values:
        if self._names is not None:
            return dict(zip(self._names, row, strict=True))
        return tuple(row) if self._order is None else tuple(row[place] for place in self._order)


def once_for_each_kind(make: Callable[[Dialect], T]) -> Callable[[Dialect], T]:
    """Return a function that makes something once for each kind of database: a process may run many crawls."""
    made: dict[str, T] = {}

    def known(dialect: Dialect) -> T:
        if dialect.name not in made:
            made[dialect.name] = make(dialect)
        return made[dialect.name]

    return known


def insert_for(dialect: Dialect) -> Any:
    """Return the function that makes an INSERT with ON CONFLICT."""
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert  # one of them takes long, and only one is needed


class Store:
    """The connection to a database. Its first use begins a transaction, which `commit` ends.

    A transaction that another program was in the way of, or that lost its connection, is done again: the work of it is
    kept until it is committed. A database that stays away for longer is given up.

    :ivar url: its URL
    :ivar lease: called in each transaction first, if what is written is leased to this process. It raises
        LeaseLostError if it is not any more. None if a lock file shows that this process alone writes it
    """

    def __init__(self, url: str):
        self.url = url
        self.lease: Lease | None = None
        self._backend = backend_of(url)
        self._thread = ThreadPoolExecutor(1, "store")
        self._connection: Connection | None = None
        self._works: list[Callable[[Connection], object]] = []
        self._then: list[Callable[[], object]] = []
        self._tries = _TRIES
        self._is_open = False

    async def open(self, prepare: Sequence[Callable[[Connection], None]]) -> None:
        """Connect, and prepare the tables.

        :raises SQLAlchemyError: if it cannot be written
        :raises OSError: the same, for its folder
        """
        try:
            await self._in_thread(lambda: self._open(prepare))
        except STORE_ERRORS:
            self._thread.shutdown()
            raise

    async def run(self, work: Callable[[Connection], T], then: Callable[[T], object] | None = None) -> T:
        """Do some work in the transaction. If it fails, the transaction is as it was before.

        :param then: called with its result in the thread of the store, once it is committed
        """
        return await self._in_thread(lambda: self._run(work, then))

    async def look(self, work: Callable[[Connection], T]) -> T:
        """Do some work that changes nothing, and undo what was done since the last commit. Nobody waits for its end."""
        return await self._in_thread(lambda: self._look(work))

    def commit(self, work: Callable[[Connection], object] | None = None, files: Sequence[int] = ()) -> Awaitable[None]:
        """Do some work and commit, after the data of files is on disk. Work that is given later comes after it.

        :param files: their descriptors
        """
        return self._in_thread(lambda: self._commit(work, files))

    async def rollback(self) -> None:
        """Undo what was done since the last commit."""
        await self._in_thread(self._rollback)

    def close(self, work: Callable[[Connection], object] | None = None) -> None:
        """Undo what was not committed, do the last work, commit, and disconnect.

        It blocks, since the event loop may have ended.
        """
        try:
            if self._is_open:
                self._thread.submit(self._end, work).result()
        finally:
            self._thread.shutdown()

    def is_of_values(self, error: Exception) -> bool:
        """Return whether the database refused values, and not the whole statement."""
        return self._backend.is_of_values(error)

    def _in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self, prepare: Sequence[Callable[[Connection], None]]) -> None:
        try:
            for step in (self._backend.prepare, *prepare):
                self._run(step)
            self._commit(None, (), is_first=True)
        except STORE_ERRORS:
            self._disconnect()
            raise
        self._is_open = True

    def _begun(self) -> Connection:
        """Return the connection in a transaction, in which the work since the last commit is done."""
        if self._connection is None:
            self._connection = self._backend.connect(writes=True)
        if not self._connection.in_transaction():
            self._connection.begin()
            if self.lease:
                self.lease(self._connection)
            for work in self._works:
                work(self._connection)
        return self._connection

    def _run(self, work: Callable[[Connection], T], then: Callable[[T], object] | None = None) -> T:
        result = self._repeated(lambda: self._undone_if_it_fails(work))
        self._works.append(work)
        if then:
            self._then.append(partial(then, result))
        return result

    def _look(self, work: Callable[[Connection], T]) -> T:
        try:
            return self._repeated(lambda: self._undone_if_it_fails(work))
        finally:
            self._rollback()

    def _undone_if_it_fails(self, work: Callable[[Connection], T]) -> T:
        is_done = False
        try:
            result = work(self._begun())
            is_done = True
            return result
        finally:
            if not is_done:
                self._undo()

    def _repeated(self, attempt: Callable[[], T]) -> T:
        """Do something, again if it may succeed then."""
        for trial in count(1):
            try:
                return attempt()
            except STORE_ERRORS as error:
                obstacle = self._backend.obstacle(error)
                if obstacle is None:
                    raise
                if trial >= self._tries:
                    self._tries = 1  # what is left to do at the end is tried once
                    raise
                self._wait(obstacle, trial, error)
        raise AssertionError

    def _wait(self, obstacle: Obstacle, trial: int, error: Exception) -> None:
        if obstacle == "locked":  # which took its time
            logger.warning("%s is locked by another program; waiting", self._backend.name)
            return
        pause = _PAUSE_S * 2 ** (trial - 1)
        logger.warning("%s: %s; trying again in %g s", self._backend.name, first_line(reason_of(error)), pause)
        time.sleep(pause)

    def _commit(
        self, work: Callable[[Connection], object] | None, files: Sequence[int], *, is_first: bool = False
    ) -> None:
        if not (work or self._works or files):
            return  # else others would wait for nothing
        self._repeated(lambda: self._undone_if_it_fails(partial(self._end_of, work, files)))
        self._works.clear()
        if is_first:
            self._backend.opened()
        self._backend.committed()
        while self._then:
            self._then.pop()()

    def _end_of(
        self, work: Callable[[Connection], object] | None, files: Sequence[int], connection: Connection
    ) -> None:
        """Do the last work of a transaction, and commit."""
        if work:
            work(connection)
        for descriptor in files:
            _sync(descriptor)
        number = self._backend.mark(connection)
        try:
            connection.commit()
        except STORE_ERRORS as error:
            if number is None or self._backend.obstacle(error) != "lost":
                raise
            self._undo()
            logger.warning("%s: the connection was lost during a commit", self._backend.name)
            if not self._repeated(lambda: self._backend.was_committed(number)):
                raise

    def _rollback(self) -> None:
        self._works.clear()
        self._then.clear()
        self._undo()

    def _undo(self) -> None:
        """Undo the transaction under way. A connection that cannot do that is closed, which does it as well."""
        try:
            if self._connection is not None:
                self._connection.rollback()
        except STORE_ERRORS as error:
            logger.debug("The transaction was not rolled back", exc_info=error)
            if self._connection is not None and not self._connection.invalidated:
                self._connection.invalidate(error)  # it is closed as it is
            self._disconnect()
        else:
            if self._connection is not None and self._connection.invalidated:
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            close_quietly(connection)

    def _end(self, work: Callable[[Connection], object] | None) -> None:
        try:
            self._rollback()  # of steps that were not committed
            if work:
                self._commit(work, ())
        finally:
            self._disconnect()
        self._backend.committed()


def default_url(folder: str) -> str:
    """Return the URL of the ledger in STATE_DIR."""
    return sqlite_url(Path(folder, "ledger.db"))


def reason_of(error: Exception) -> Exception:
    """Return the error of the database itself, without SQLAlchemy's statement and link."""
    return error.orig if isinstance(error, DBAPIError) and isinstance(error.orig, Exception) else error


def first_line(error: Exception) -> str:
    """Return an error in one line: a server explains each address that it was sought at in one of its own."""
    return str(error).partition("\n")[0]


_STORES = OfCrawl[Store]("store")


def store_of(crawler: Crawler) -> Store | None:
    """Return the database of a crawl: that of its records, else that of its ledger. None if it has neither."""
    settings = crawler.settings
    if (known := _STORES.get(crawler)) is not None:
        return known
    url = settings["DATABASE_URL"] or (default_url(settings["STATE_DIR"]) if has_ledger(crawler) else None)
    if not url:
        return None
    return _STORES.keep(crawler, Store(url))


def has_ledger(crawler: Crawler) -> bool:
    """Return whether a crawl keeps a ledger: one of a platform spider that is started by the command."""
    return crawler.settings.getbool("LEDGER_ENABLED") and getattr(crawler.spidercls, "recorded", False)
