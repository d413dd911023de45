"""Delay a request until it may be sent. Meanwhile it occupies its own download slot, and no other.

Reasons to wait: a rate limit, a back-off, quiet hours, the number of requests per hour, answers that are still being
read, missing signing keys. They concern one identity; other identities and services have their own slots. In a fleet,
a request also waits until this process holds an identity, and for the time that is reserved for it.
"""

import asyncio
import time

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request

from scraper.identities.holding import NotHeldError
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_pools import ServicePools
from scraper.jobs.dispatch import KEY, Dispatch, dispatch_of
from scraper.jobs.request_factory import ANSWERED_BY_US
from scraper.network.answer import answer_of
from scraper.network.pace import apply_pace, session_slot, take_turn
from scraper.network.private_apis import is_closing
from scraper.responses import Answer
from scraper.responses.exceptions import NO_ANSWER, Closing, Refused, verdict_of

_POLL_S = 0.5  # Ctrl-C ends every wait within this time
_MAX_BACK_OFF_S = 60.0


class Reassigned(IgnoreRequest):
    """Another identity must send the request: its own was stopped, or has to wait while the other one is ready."""

    def __init__(self, identity: Identity):
        super().__init__(f"reassigned to {identity.slot}")
        self.identity = identity


class WaitToSend:
    """The wait of one request, from the moment its slot releases it.

    The slot released it at the right pace. It loses this turn as soon as it waits for something else, or the session
    uses the turn for a request of its own; then it has to take another one.
    """

    def __init__(self, crawler: Crawler, pools: ServicePools, request: Request):
        self._crawler, self._pools, self._request = crawler, pools, request
        self._dispatch = dispatch_of(request)
        self._pool = pools.pools[self._dispatch.service]
        self._has_turn = True
        self._time = SendingTime(self._pool)

    async def until_ready(self) -> Identity:
        """Wait, then return the identity to send with. The caller must send immediately.

        :raises Closing: if the crawl is being stopped, or its budget of requests is used up
        :raises Refused: if no identity is left, or the answer is no longer needed
        :raises Skipped: if its list is not to be walked now
        :raises Reassigned: if another identity must send it
        :raises NotHeldError: if another worker took its identity while its session was made ready
        """
        self._pool.waiting += 1
        try:
            return await self._until_ready()
        finally:
            self._pool.waiting -= 1

    async def _until_ready(self) -> Identity:
        await self._back_off()
        if self._dispatch.job and self._dispatch.purpose == "page":
            await self._pools.claim(self._dispatch.job)
        while True:
            identity = self._identity()
            if not self._pool.holding.is_held(identity):
                await self._obtain()
                continue
            turn_left_s = self._pool.turn_left_s(identity, self._pools.budget)
            if (left := max(identity.rate_limits.left_s, wait_left_s(self._pool, identity), turn_left_s)) > 0:
                await self._sleep(left)
            elif not self._pool.in_flight(identity).admits(self._request, self._pool.concurrency):
                self._has_turn = False
                await self._pool.in_flight(identity).wait(_POLL_S)
            elif not self._has_turn and (left := take_turn(self._crawler, identity.slot)) > 0:
                await self._sleep(left)
            else:
                self._has_turn = True
                self._pool.in_flight(identity).enter(
                    self._request
                )  # before a session request, whose refusal counts too
                if await self._prepare(identity):
                    continue
                if (left := await self._time.left_s(identity)) <= 0:
                    return identity
                await asyncio.sleep(min(left, _POLL_S))  # it keeps its turn

    def _identity(self) -> Identity:
        """Return the identity to send with: while the request waited, some may have been stopped or reconfigured."""
        if is_closing(self._crawler):
            raise Closing("the crawl is being stopped")
        job = self._dispatch.job
        if job and (verdict := self._pools.needless(job)):
            raise Refused(verdict)
        self._pools.budget.check()
        self._pool.refresh()
        apply_pace(self._crawler, self._pool)
        identity = self._pool.reassign(self._dispatch.identity, self._dispatch.list_id, self._dispatch.is_bound)
        if identity.credentials.name != self._dispatch.identity:
            self._pool.leave(self._request)
            raise Reassigned(identity)
        return identity

    async def _obtain(self) -> None:
        """Try to hold an identity. If there is none, wait a little.

        :raises Refused: if waiting does not help
        """
        self._pool.leave(self._request)
        verdict = await self._pool.holding.obtain(self._dispatch.service, self._dispatch.identity)
        if verdict is None:
            return
        if verdict.final:
            raise Refused(verdict)
        await self._sleep(_POLL_S)

    async def _back_off(self) -> None:
        """Wait until the time that the retry of a failed request set."""
        end = time.monotonic() + min(self._dispatch.not_before - time.time(), _MAX_BACK_OFF_S)
        while (left := end - time.monotonic()) > 0:
            await self._sleep(left)
            self._identity()

    async def _sleep(self, seconds: float) -> None:
        self._has_turn = False
        await asyncio.sleep(min(seconds, _POLL_S))

    async def _prepare(self, identity: Identity) -> bool:
        """Let the session obtain what the request needs, such as signing keys.

        :return: whether that took time, after which all conditions must be checked again
        :raises Refused: if the platform refuses it
        """
        if not self._dispatch.session:
            return False
        started = identity.lock.locked()

        async def fetch(url: str) -> Answer:
            nonlocal started
            started = True
            return await self._fetch(identity, url)

        async with identity.lock:
            await identity.session.ready(identity, self._dispatch.signed, fetch)
        self._has_turn = self._has_turn and not started
        return started

    async def _fetch(self, identity: Identity, url: str) -> Answer:
        """Fetch a URL for the session, through all middlewares and at the identity's pace."""
        while not self._has_turn and (left := take_turn(self._crawler, identity.slot)) > 0:
            await self._sleep(left)
            if is_closing(self._crawler):
                raise Closing("the crawl is being stopped")
        self._has_turn = False
        dispatch = Dispatch(service=identity.service.name, identity=identity.credentials.name, purpose="session")
        meta = {**ANSWERED_BY_US, KEY: dispatch, "download_slot": session_slot(identity)}
        try:
            return answer_of(await self._crawler.engine.download_async(Request(url, meta=meta, dont_filter=True)))
        except (Closing, NotHeldError):
            raise
        except NO_ANSWER as error:
            raise Refused(verdict_of(error)) from error


class SendingTime:
    """The time that is reserved for one request."""

    def __init__(self, pool: Pool):
        self._pool = pool
        self._identity: Identity | None = None
        self._time = 0.0

    async def left_s(self, identity: Identity) -> float:
        """Reserve a time for an identity, unless that was done, and return the seconds left, 0 or less for none.

        :raises NotHeldError: if the identity is not held any more
        """
        if self._identity is not identity:
            reserved = await self._pool.holding.reserve(identity, self._pool.pace)
            if reserved is None:
                raise NotHeldError(f"{identity.slot} is not held any more")
            self._identity, self._time = identity, reserved
        if not self._time:
            return 0.0
        return max(self._time, identity.last_sent + self._pool.delay_s) - identity.clock()


async def until_allowed(crawler: Crawler, pools: ServicePools, pool: Pool, identity: Identity) -> None:
    """Wait until quiet hours, requests per hour, other crawls and workers allow a request of the session itself.

    :raises Closing: if the crawl is being stopped
    :raises NotHeldError: if the identity is not held any more
    """
    sending_time = SendingTime(pool)
    while True:
        left = max(wait_left_s(pool, identity), pool.turn_left_s(identity, pools.budget))
        if left <= 0 and (left := await sending_time.left_s(identity)) <= 0:
            return
        if is_closing(crawler):
            raise Closing("the crawl is being stopped")
        await asyncio.sleep(min(left, _POLL_S))


def wait_left_s(pool: Pool, identity: Identity) -> float:
    """Return the seconds that quiet hours and the number of requests per hour make an identity wait; log a wait."""
    now = time.time()
    left = pool.next_allowed(identity, now) - now
    if left > 0:
        pool.announce_wait(identity, now)
    return left
