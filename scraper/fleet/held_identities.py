"""The identities that a worker holds: leases, next-allowed times and rests in the fleet's database.

Why the pace is exact over a change of holder: this process keeps it between its own requests (`SendingTime`), and
whoever gives an identity back says how long ago the last request was sent. What was not given back, since its worker
died, may have been used until its lease was over: then the next holder waits for a whole gap.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, TextClause

from scraper.fleet import identity_statements as sql
from scraper.fleet.database import FleetDatabase
from scraper.fleet.membership import Membership, end_expired
from scraper.identities.cookie_report import inspect
from scraper.identities.identity import Identity
from scraper.identities.masking import mask
from scraper.identities.pool import Pool
from scraper.identities.service_config import Pace
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)

_POLL_S = 0.5  # between two attempts to hold an identity of a service
_LONGEST_WITHOUT_S = 60.0  # until requests of a service are given up
_UPKEEP_S = 1.0
_IDLE_S, _LONGEST_IDLE_S = 5.0, 60.0  # after which an identity that is not used is given back
_CLOSING_S = 10.0
_ADVICE = "give {service} more identities, or run fewer workers; a later run continues here"


@dataclass
class _Held:
    """An identity that this worker holds.

    :ivar lease: its number, which the database raises with each change of holder
    :ivar users: number of downloads of files that use it
    :ivar used_time: when it was used last, of its clock
    """

    identity: Identity
    pool: Pool
    lease: int
    users: int = 0
    used_time: float = field(init=False)

    def __post_init__(self) -> None:
        self.used()

    def used(self) -> None:
        self.used_time = self.identity.clock()

    @property
    def is_busy(self) -> bool:
        return bool(self.users or len(self.pool.in_flight(self.identity)))

    def gap_left_s(self) -> float:
        """Return the seconds that are left of the pace since its last request."""
        same = [known for known in (self.identity, *self.pool.identities) if known.key == self.identity.key]
        return max(known.last_sent for known in same) + self.pool.delay_s - self.identity.clock()


@dataclass
class _Search:
    """The attempts to hold an identity of a service while none is held."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    since: float | None = None
    tried_time: float = float("-inf")
    verdict: Verdict | None = None


class _Write(NamedTuple):
    """A statement that must reach the database, as long as the lease lasts.

    :ivar worker: the worker that holds the identity
    :ivar key: of the identity
    """

    worker: str
    key: str
    statement: TextClause
    row: Mapping[str, Any]


class HeldIdentities:
    """The `Holding` of a worker.

    :param pools: by service, as in `ServicePools`
    :param idle_s: seconds after which an identity that is not used is given back
    """

    def __init__(self, url: str, membership: Membership, pools: Mapping[str, Pool], idle_s: float = _IDLE_S):
        self.closers: set[Callable[[], Awaitable[None]]] = set()
        self._membership, self._pools, self._idle_s = membership, pools, idle_s
        self._database = FleetDatabase(url, commits_each=True)
        self._held: dict[str, _Held] = {}
        self._leaving: set[str] = set()  # given back, but the database does not know it yet
        self._registered: set[str] = set()
        self._searches = {service: _Search() for service in pools}
        self._writes: asyncio.Queue[_Write | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        membership.lost.append(self._lose)

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._write_all()), asyncio.create_task(self._keep_up())]
        return self

    async def __aexit__(self, *raised: object) -> None:
        """Give everything back."""
        self._membership.lost.remove(self._lose)
        for held in list(self._held.values()):
            self._give_back(held)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._writes.join(), _CLOSING_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._database.close()

    def held(self, identities: Sequence[Identity]) -> Sequence[Identity]:
        """See `Holding`."""
        return [identity for identity in identities if self.is_held(identity)]

    def is_held(self, identity: Identity) -> bool:
        """See `Holding`."""
        return identity.key in self._held and self._membership.is_valid

    @contextmanager
    def _using(self, held: _Held) -> Iterator[None]:
        held.users += 1
        try:
            yield
        finally:
            held.users -= 1
            held.used()

    def using(self, identity: Identity) -> AbstractContextManager[None]:
        """See `Holding`."""
        return self._using(self._held[identity.key])

    async def reserve(self, identity: Identity, pace: Pace) -> float | None:
        """See `Holding`."""
        held, worker = self._held.get(identity.key), self._membership.worker
        if held is None:
            return None
        statement = sql.RESERVE if pace.per_hour is None else sql.RESERVE_AND_NOTE
        row = {**self._of(held), "pace": pace.delay_s}
        try:
            left = await self._database.run(lambda connection: connection.execute(statement, row).scalar(), tries=1)
        except STORE_ERRORS as error:
            logger.warning("No time was reserved for %s: %s", identity.slot, first_line(reason_of(error)))
            await asyncio.sleep(_POLL_S)
            return None
        if left is None:
            if self._held.get(identity.key) is held and worker == self._membership.worker:
                del self._held[identity.key]
            return None
        held.used()
        return identity.clock() + float(left)

    async def obtain(self, service: str, name: str) -> Verdict | None:
        """See `Holding`. It is given up after a minute, so that a run does not stand still."""
        verdict, since = await self.seek(service, name), self._searches[service].since
        is_given_up = verdict and since is not None and time.monotonic() - since > _LONGEST_WITHOUT_S
        return verdict._replace(final=True) if verdict and is_given_up else verdict

    async def seek(self, service: str, name: str = "") -> Verdict | None:
        """Try to hold an identity of a service, if none is held; see `Holding.obtain`.

        :return: why none can be held now, None if one is held. It is final if all are stopped
        """
        pool, search = self._pools[service], self._searches[service]
        async with search.lock:
            if self.held(pool.identities):
                return None
            now = time.monotonic()
            if now - search.tried_time < _POLL_S:
                return search.verdict
            if now - search.tried_time > _LONGEST_WITHOUT_S:
                search.since = None  # nobody has asked for a while
            search.since = search.since or now
            search.verdict = await self._search(pool, name)
            search.tried_time = time.monotonic()
            if search.verdict is None:
                search.since, search.tried_time = None, float("-inf")
            return search.verdict

    async def _search(self, pool: Pool, name: str) -> Verdict | None:
        service = pool.service.label
        advice = _ADVICE.format(service=service)
        try:
            if await self._take(pool, name):
                return None
            if stopped := await self._stopped(pool):
                return stopped
            message = f"not requested, because other workers hold all identities of {service}"
        except STORE_ERRORS as error:
            message = f"not requested, because the fleet's database does not answer: {first_line(reason_of(error))}"
        return Verdict(Outcome.RATE_LIMITED, message, advice=advice)

    async def _take(self, pool: Pool, name: str = "") -> bool:
        """Take one more identity if one is free, and return whether one was.

        :raises SQLAlchemyError: if the database is away
        """
        worker = self._membership.worker
        free = {
            identity.key: identity
            for identity in pool.identities
            if not identity.stopped and identity.key not in self._held and identity.key not in self._leaving
        }
        if not worker or not self._membership.is_valid or not free:
            return False
        await self._register(pool)
        row = {
            "worker": worker,
            "keys": list(free),
            "preferred": next((key for key, identity in free.items() if identity.credentials.name == name), ""),
            "pace": pool.delay_s,
        }

        def take(connection: Connection) -> tuple[Any, list[float]] | None:
            end_expired(connection)
            taken = connection.execute(sql.TAKE, row).first()
            if taken is None:
                return None
            connection.execute(sql.FORGET_SENT, {"identity": taken.identity})
            return taken, [*connection.execute(sql.SENT, {"identity": taken.identity}).scalars()]

        result = await self._database.run(take, tries=1)
        if result is None or worker != self._membership.worker:
            return False
        taken, sent = result
        identity = free[taken.identity]
        self._held[identity.key] = _Held(identity, pool, taken.lease)
        now = time.time()
        identity.hourly.restore(now + ago for ago in sent)
        waits = ""
        if taken.left > pool.delay_s:
            identity.rate_limits.pause(float(taken.left))
            waits = f", which waits {taken.left:.0f} s more, as the platform asked"
        logger.info("This worker holds %s%s", identity.slot, waits)
        return True

    async def _register(self, pool: Pool) -> None:
        """Make the rows of the identities that the database may not know."""
        new = [identity for identity in pool.identities if identity.key not in self._registered]
        if not new:
            return
        rows = [_row(identity, pool) for identity in new]
        await self._database.run(lambda connection: connection.execute(sql.REGISTER, rows), tries=1)
        self._registered.update(identity.key for identity in new)

    async def _stopped(self, pool: Pool) -> Verdict | None:
        """Return why all identities of a service are stopped, None if one is not."""
        keys = {"keys": [identity.key for identity in pool.identities]}
        row = await self._database.run(lambda connection: connection.execute(sql.STOPPED, keys).one(), tries=1)
        if row.stopped is None or row.usable:
            return None
        message = f"not requested, because all identities of {pool.service.label} were stopped in the fleet"
        return Verdict(Outcome[row.stopped], f"{message}: {row.message}", final=True, retry_after=float(row.left))

    def stop(self, identity: Identity, verdict: Verdict) -> None:
        """See `Holding`."""
        if held := self._let_go(identity.key):
            outcome, message = verdict.outcome.name, mask(verdict.message)
            self._write(held, sql.STOP, outcome=outcome, message=message, left=held.gap_left_s())

    def pause(self, identity: Identity, seconds: float) -> None:
        """See `Holding`."""
        if held := self._held.get(identity.key):
            self._write(held, sql.PAUSE, seconds=seconds)

    def _give_back(self, held: _Held) -> None:
        self._let_go(held.identity.key)
        self._write(held, sql.GIVE_BACK, left=held.gap_left_s())
        logger.info("This worker gives %s back", held.identity.slot)

    def _let_go(self, key: str) -> _Held | None:
        """Send nothing more as an identity. Others can take it only once the database knows."""
        if (held := self._held.pop(key, None)) is not None:
            self._leaving.add(key)
        return held

    def _write(self, held: _Held, statement: TextClause, **values: Any) -> None:
        self._writes.put_nowait(
            _Write(self._membership.worker, held.identity.key, statement, {**self._of(held), **values})
        )

    async def _write_all(self) -> None:
        """Make the writes in their order, after what else may send as an identity that was let go has ended."""
        while True:
            write = await self._writes.get()
            if write is None or write.key in self._leaving:
                await self._close_others()
            if write is not None:
                await self._make(write)
                if write.statement is not sql.PAUSE:
                    self._leaving.discard(write.key)
            self._writes.task_done()

    async def _close_others(self) -> None:
        for problem in await asyncio.gather(*(close() for close in list(self.closers)), return_exceptions=True):
            if problem is not None:
                logger.error("Something may still send as an identity that was let go", exc_info=problem)

    async def _make(self, write: _Write) -> None:
        """Make a write, unless its lease is over: then it would change nothing."""
        while write.worker == self._membership.worker:
            try:
                await self._database.run(lambda connection: connection.execute(write.statement, write.row), tries=1)
            except STORE_ERRORS as error:
                logger.warning("An identity was not updated: %s", first_line(reason_of(error)))
                await asyncio.sleep(_POLL_S)
            else:
                return

    async def _keep_up(self) -> None:
        """Give back unused identities and those over a fair share; take more while requests wait for each other."""
        while True:
            await asyncio.sleep(min(_UPKEEP_S, self._idle_s / 2))
            for pool in self._pools.values():
                try:
                    await self._balance(pool)
                except STORE_ERRORS as error:
                    logger.warning("Identities were not shared out: %s", first_line(reason_of(error)))

    async def _balance(self, pool: Pool) -> None:
        idle_s = min(max(self._idle_s, 2 * pool.delay_s), max(self._idle_s, _LONGEST_IDLE_S))
        own = [held for held in self._held.values() if held.pool is pool]
        idle = [held for held in own if not held.is_busy and held.identity.clock() - held.used_time > idle_s]
        for held in idle[: len(own) - bool(pool.waiting)]:  # what waits may wait for a pause to end
            self._give_back(held)
        own = [held for held in own if held.identity.key in self._held]
        if len(own) > 1 or pool.waiting > len(own) > 0:
            share = await self._share(pool)
            for held in [held for held in own if not held.is_busy][: max(0, len(own) - share)]:
                self._give_back(held)
            for _ in range(min(share, pool.waiting) - len(own)):
                if not await self._take(pool):
                    break

    async def _share(self, pool: Pool) -> int:
        """Return how many identities of a service this worker may hold now, at least one."""
        row = {"worker": self._membership.worker, "keys": [identity.key for identity in pool.identities]}
        counts = await self._database.run(lambda connection: connection.execute(sql.COUNTS, row).one(), tries=1)
        identities, workers = int(counts.identities), max(1, int(counts.workers))
        return max(1, identities // workers + (int(counts.rank) < identities % workers))

    def _lose(self) -> None:
        """Forget everything: the lease of this worker is over."""
        self._held.clear()
        self._leaving.clear()
        self._writes.put_nowait(None)

    def _of(self, held: _Held) -> dict[str, Any]:
        return {"identity": held.identity.key, "worker": self._membership.worker, "lease": held.lease}


def _row(identity: Identity, pool: Pool) -> dict[str, Any]:
    """Return the row of an identity that nobody has used."""
    credentials = identity.credentials
    login = inspect(pool.service, credentials.cookies, credentials.expires, time.time(), credentials.name)
    return {
        "identity": identity.key, "service": pool.service.name, "name": credentials.name,
        "login": identity.login_cookie, "cookie_expires_time": login.expires,
    }  # fmt: skip
