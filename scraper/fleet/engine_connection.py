"""The engine's connections: a database that is away for a while ends no worker."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

import psycopg
from procrastinate import PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from psycopg.conninfo import make_conninfo

from scraper.ledger.backends import connection_options
from scraper.ledger.database_url import parsed_url, shown_url
from scraper.ledger.store import first_line

logger = logging.getLogger(__name__)
_CONNECTIONS = 4
_TIMEOUT_S = 2.0
_PAUSE_S = 0.25  # twice as long after each trial
_LONGEST_PAUSE_S = 5.0
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)
T = TypeVar("T")


class PatientConnector(PsycopgConnector):
    """Sends its statements again while the database is away. Those that lost their answer may be carried out twice.

    :ivar is_stopping: set when nothing is worth waiting for any more
    """

    def __init__(self, url: str):
        parsed = parsed_url(url)
        _, given = parsed.get_dialect()().create_connect_args(parsed)  # it has a form of its own for several hosts
        super().__init__(
            conninfo=make_conninfo(**given),
            kwargs=connection_options(parsed, {"lock_timeout": "20s"}),
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_TIMEOUT_S,
        )
        self.is_stopping = asyncio.Event()
        self._name = shown_url(url)
        self._is_away = False

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        """See `PsycopgConnector`."""
        send = super().execute_query_async
        await self._patiently(lambda: send(query, **arguments))

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        """See `PsycopgConnector`."""
        send = super().execute_query_one_async
        return await self._patiently(lambda: send(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        """See `PsycopgConnector`."""
        send = super().execute_query_all_async
        return await self._patiently(lambda: send(query, **arguments))

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """See `PsycopgConnector`."""
        listen = super().listen_notify
        while True:
            try:
                await listen(on_notification, channels)
            except ConnectorException as error:  # workers look for jobs every few seconds anyway
                logger.debug("%s: no notifications: %s", self._name, first_line(cause_of(error)))
                await asyncio.sleep(_LONGEST_PAUSE_S)

    async def _patiently(self, send: Callable[[], Awaitable[T]]) -> T:
        for trial in count():
            try:
                result = await send()
            except ConnectorException as error:
                if self.is_stopping.is_set() or not isinstance(error.__cause__, _AWAY):
                    raise
                self._note_away(error)
                await self._pause(min(_PAUSE_S * 2 ** min(trial, 9), _LONGEST_PAUSE_S))
            else:
                self._note_back()
                return result
        raise AssertionError

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_stopping.wait(), seconds)

    def _note_away(self, error: ConnectorException) -> None:
        if not self._is_away:
            logger.warning("%s: %s; trying again until it is back", self._name, first_line(cause_of(error)))
        self._is_away = True

    def _note_back(self) -> None:
        if self._is_away:
            logger.info("%s is back", self._name)
        self._is_away = False


def cause_of(error: Exception) -> Exception:
    """Return the database's own error behind one of the engine."""
    return error.__cause__ if isinstance(error.__cause__, Exception) else error
