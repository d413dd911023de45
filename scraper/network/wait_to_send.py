"""Wait until a request may be sent, while it occupies a place of its own download slot.

A rate limit, a back-off, answers that were not read yet, and missing signing keys hold back the requests of one
identity. Other identities and services have slots of their own and are not held.
"""

import asyncio
import time

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request

from scraper.identities.identity import Identity
from scraper.identities.service_pools import ServicePools
from scraper.jobs.dispatch import KEY, Dispatch, dispatch_of
from scraper.jobs.request_factory import ANSWERED_BY_US
from scraper.network.answer import answer_of
from scraper.network.pace import apply_pace, session_slot, take_turn
from scraper.network.private_apis import is_closing
from scraper.responses import Answer
from scraper.responses.exceptions import NO_ANSWER, Closing, Refused, verdict_of

_POLL_S = 0.5  # Ctrl-C ends every wait within this time
_LONGEST_BACK_OFF_S = 60.0


class Reassigned(IgnoreRequest):
    """Another identity is to send the request: its own was stopped, or must wait while the other one is ready."""

    def __init__(self, identity: Identity):
        super().__init__(f"handed to {identity.slot}")
        self.identity = identity


class WaitToSend:
    """The wait of one request, from the moment when the slot let it go.

    The slot has kept the pace for it. That turn is lost as soon as it waits for something else, or the session uses
    the turn to ask for what the request needs; then it takes another.
    """

    def __init__(self, crawler: Crawler, pools: ServicePools, request: Request):
        self._crawler, self._pools, self._request = crawler, pools, request
        self._dispatch = dispatch_of(request)
        self._pool = pools.pools[self._dispatch.service]
        self._has_turn = True

    async def until_ready(self) -> Identity:
        """Return the identity that sends the request, which must be done at once.

        :raises Closing: if the crawl is being stopped
        :raises Refused: if no identity is left, or the answer is not needed any more
        :raises Reassigned: if another identity is to send it
        """
        await self._back_off()
        while True:
            identity = self._identity()
            if (left := identity.rate_limits.left_s) > 0:
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
                )  # a refusal of what the session needs is an answer too
                if not await self._prepare(identity):
                    return identity

    def _identity(self) -> Identity:
        """Return who is to send it. While it waited, identities may have been stopped or configured anew."""
        if is_closing(self._crawler):
            raise Closing("the crawl is being stopped")
        job = self._dispatch.job
        if job and (verdict := self._pools.needless(job)):
            raise Refused(verdict)
        self._pool.refresh()
        apply_pace(self._crawler, self._pool)
        wanted = self._dispatch.identity, self._dispatch.list_id, self._dispatch.is_bound
        identity = self._pool.reassign(*wanted)
        if identity.credentials.name != self._dispatch.identity:
            self._pool.leave(self._request)
            raise Reassigned(identity)
        return identity

    async def _back_off(self) -> None:
        """Wait as long as the retry of a failed request asks for, by the clock on the wall."""
        end = time.monotonic() + min(self._dispatch.not_before - time.time(), _LONGEST_BACK_OFF_S)
        while (left := end - time.monotonic()) > 0:
            await self._sleep(left)
            self._identity()

    async def _sleep(self, seconds: float) -> None:
        self._has_turn = False
        await asyncio.sleep(min(seconds, _POLL_S))

    async def _prepare(self, identity: Identity) -> bool:
        """Have the session obtain what the request needs. Say whether that took time, so that all must be checked anew.

        :raises Refused: if the platform does not give it
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
        """Return an answer that the session needs. Its request passes all middlewares, at the pace of the identity."""
        while not self._has_turn and (left := take_turn(self._crawler, identity.slot)) > 0:
            await self._sleep(left)
            if is_closing(self._crawler):
                raise Closing("the crawl is being stopped")
        self._has_turn = False
        dispatch = Dispatch(service=identity.service.name, identity=identity.credentials.name, purpose="session")
        meta = {**ANSWERED_BY_US, KEY: dispatch, "download_slot": session_slot(identity)}
        try:
            return answer_of(await self._crawler.engine.download_async(Request(url, meta=meta, dont_filter=True)))
        except NO_ANSWER as error:
            raise Refused(verdict_of(error)) from error
