"""The database as the fleet uses it: short transactions, which are done again if the connection was lost.

Unlike those of a crawl, they do not wait for the one that writes records.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TypeVar

from sqlalchemy import Connection, inspect, select, text

from scraper.fleet.schema import NOW, TARGET
from scraper.ledger.backends import backend_of, close_quietly
from scraper.ledger.database_url import POSTGRESQL
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of

logger = logging.getLogger(__name__)
_TRIES = 8  # half a minute in all
_PAUSE_S = 0.25  # twice as long after each trial
T = TypeVar("T")


class FleetDatabase:
    """One connection in one thread.

    :param commits_each: whether each statement is a transaction of its own, so that a process that is stopped at any
        time keeps no row locked
    """

    def __init__(self, url: str, *, commits_each: bool = False):
        self._backend, self._commits_each = backend_of(url), commits_each
        self._thread = ThreadPoolExecutor(1, "fleet")
        self._connection: Connection | None = None

    async def run(self, work: Callable[[Connection], T], tries: int = _TRIES) -> T:
        """Do some work in a transaction of its own. It may be done twice, if the connection is lost at its end.

        :raises SQLAlchemyError: if the database refuses it, or stays away
        :raises OSError: the same
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self.do(work, tries))

    def do(self, work: Callable[[Connection], T], tries: int = _TRIES) -> T:
        """Do the same, and block meanwhile."""
        for trial in count(1):
            try:
                return self._do(work)
            except STORE_ERRORS as error:
                if self._backend.obstacle(error) is None or trial >= tries:
                    raise
                pause = _PAUSE_S * 2 ** (trial - 1)
                message = first_line(reason_of(error))
                logger.warning("%s: %s; trying again in %g s", self._backend.name, message, pause)
                time.sleep(pause)
        raise AssertionError

    def _do(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._backend.connect(writes=False)
            if self._commits_each:
                self._connection.execution_options(isolation_level="AUTOCOMMIT")
        is_done = False
        try:
            with self._connection.begin():
                result = work(self._connection)
            is_done = True
            return result
        finally:
            if not is_done:
                self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            close_quietly(connection)

    async def close(self) -> None:
        """Disconnect."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()


def present(connection: Connection) -> float:
    """Return the time of the database, in epoch seconds."""
    return float(connection.execute(text(f"SELECT {NOW}")).scalar_one())


def is_of_fleet(connection: Connection, run_id: str) -> bool:
    """Return whether a run crawls a target of a watch list, so that only workers continue it."""
    if connection.dialect.name != POSTGRESQL or not inspect(connection).has_table(TARGET.name):
        return False
    return connection.execute(select(TARGET.c.target_id).filter_by(run_id=run_id)).first() is not None
