"""This process as a worker of the fleet: one lease for everything that it holds.

A holder that expired is ended in the table before anything is taken from it (`end_expired`), and an ended worker is
never renewed. So a heartbeat and a taker that meet exclude each other by the worker's row.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import Connection, text

from scraper.fleet.database import FleetDatabase, present
from scraper.fleet.schema import NOW
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.responses.clock import is_corrected, set_ahead

logger = logging.getLogger(__name__)

LEASE_S = 30.0
_BEATS = 4  # in the time of a lease
_WRONG_S = 2.0  # by which a clock may differ
_PAUSE_S = 0.5  # before a database that was away is tried again
_KEPT_S = 7 * 86400  # for which a worker that ended is shown

_END_EXPIRED = text(
    f"""UPDATE fleet_worker SET ended_time = {NOW} WHERE worker IN (
        SELECT worker FROM fleet_worker WHERE ended_time IS NULL AND expires_time <= {NOW} FOR UPDATE SKIP LOCKED)"""
)
"""A row that is locked is being renewed, or ended by another worker."""
_FORGET = text(f"DELETE FROM fleet_worker WHERE ended_time < {NOW} - {_KEPT_S}")
_REGISTER = text(
    f"""INSERT INTO fleet_worker (worker, host, process, concurrency, started_time, seen_time, expires_time, running,
        finished, requests)
    VALUES (:worker, :host, :process, :concurrency, {NOW}, {NOW}, {NOW} + :lease, :running, :finished, :requests)"""
)
_RENEW = text(
    f"""UPDATE fleet_worker SET seen_time = {NOW}, expires_time = {NOW} + :lease, running = :running,
        finished = :finished, requests = :requests
    WHERE worker = :worker AND ended_time IS NULL AND expires_time > {NOW}"""
)
_END = text(
    f"""UPDATE fleet_worker SET ended_time = {NOW}, running = 0, finished = :finished, requests = :requests
    WHERE worker = :worker AND ended_time IS NULL"""
)


def is_alive(holder: str) -> str:
    """Return the SQL condition that what a holder holds cannot be taken.

    :param holder: an SQL expression; null for nobody
    """
    return f"EXISTS (SELECT FROM fleet_worker AS alive WHERE alive.worker = {holder} AND alive.ended_time IS NULL)"


def may_write(holder: str) -> str:
    """Return the SQL condition that a worker's lease is not over.

    :param holder: an SQL expression
    """
    return f"EXISTS (SELECT FROM fleet_worker AS alive WHERE alive.worker = {holder} AND alive.expires_time > {NOW})"


def end_expired(connection: Connection) -> None:
    """End the workers whose lease is over. What they held can be taken from then on, also in this transaction."""
    connection.execute(_END_EXPIRED)


def elapsed_s() -> float:
    """Return the seconds of a clock that also counts while this process is stopped or the machine is suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):  # Linux, whose other clocks stand still while it is suspended
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Membership:
    """A worker, from `join` to `leave`.

    When it could not renew its lease in time, it has lost everything that it held: it calls `lost`, and registers again
    under a new id.

    :param url: of the fleet's database
    :param concurrency: number of targets that it crawls at a time
    :ivar worker: its id, "" while it has none
    :ivar lost: called when it has lost everything, before it has another id
    :ivar running: number of targets that it crawls, as the fleet sees it
    :ivar finished: number of targets that it crawled
    :ivar requests: number of requests that it sent
    """

    def __init__(self, url: str, concurrency: int, lease_s: float = LEASE_S):
        self.worker = ""
        self.lost: list[Callable[[], None]] = []
        self.running = self.finished = self.requests = 0
        self._concurrency, self._lease_s = concurrency, lease_s
        self._database = FleetDatabase(url, commits_each=True)
        self._valid_until = 0.0
        self._beating: asyncio.Task[None] | None = None

    @property
    def is_valid(self) -> bool:
        """Whether it surely still has what it holds. Check it before each use: a process may be stopped anywhere."""
        return elapsed_s() < self._valid_until

    async def join(self) -> None:
        """Register, and renew the lease until `leave`.

        :raises SQLAlchemyError: if the database refuses it, or stays away
        """
        await self._register()
        self._beating = asyncio.create_task(self._beat())

    async def leave(self) -> None:
        """End the lease, so that others can take at once what this worker held."""
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
        row = {"worker": self.worker, **self._facts()}
        self.worker, self._valid_until = "", 0.0
        try:
            await self._database.run(lambda connection: connection.execute(_END, row), tries=1)
        except STORE_ERRORS as error:
            logger.warning("The lease of this worker ends later, by its expiry: %s", first_line(reason_of(error)))
        await self._database.close()

    async def _beat(self) -> None:
        pause_s = self._lease_s / _BEATS
        while True:
            await asyncio.sleep(pause_s)
            try:
                await (self._renew() if self.worker else self._register())
                pause_s = self._lease_s / _BEATS
            except STORE_ERRORS as error:
                logger.warning("The lease of this worker was not renewed: %s", first_line(reason_of(error)))
                pause_s = min(_PAUSE_S, self._lease_s / _BEATS)

    async def _register(self) -> None:
        worker = secrets.token_hex(8)
        row = {
            "worker": worker,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "concurrency": self._concurrency,
            **self._facts(),
        }

        def register(connection: Connection) -> None:
            _follow_clock(connection)
            end_expired(connection)
            connection.execute(_FORGET)
            connection.execute(_REGISTER, row)

        before = elapsed_s()
        await self._database.run(register, tries=1)
        self.worker, self._valid_until = worker, before + self._lease_s
        logger.info("This process is worker %s", worker)

    async def _renew(self) -> None:
        row, before = {"worker": self.worker, **self._facts()}, elapsed_s()

        def renew(connection: Connection) -> int:
            _follow_clock(connection)
            return connection.execute(_RENEW, row).rowcount

        if await self._database.run(renew, tries=1):
            self._valid_until = before + self._lease_s
        else:
            self._lose()
            await self._register()

    def _facts(self) -> dict[str, float]:
        return {
            "lease": self._lease_s, "running": self.running, "finished": self.finished, "requests": self.requests,
        }  # fmt: skip

    def _lose(self) -> None:
        logger.error(
            "Worker %s was away longer than its lease lasts: it has lost its targets and identities", self.worker
        )
        self.worker, self._valid_until = "", 0.0
        for note in self.lost:
            note()


def _follow_clock(connection: Connection) -> None:
    """Take the present from the database, if this machine's clock is wrong."""
    before = time.time()
    now = present(connection)
    ahead_s = (before + time.time()) / 2 - now
    is_wrong = abs(ahead_s) > _WRONG_S
    if is_wrong != is_corrected():
        how = (
            f"is {abs(ahead_s):.0f} s {'ahead of' if ahead_s > 0 else 'behind'} the database's, which is taken instead"
        )
        logger.warning("The clock of this machine %s", how if is_wrong else "is right again")
    set_ahead(ahead_s if is_wrong else 0.0)
