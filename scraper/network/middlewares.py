"""What a request gets on its way out: who it is, when it may go, and where it must not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, Self, cast

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.http import Request, Response
from scrapy.utils.httpobj import urlparse_cached

from scraper.identities.crawl_pools import pools_of
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.jobs.dispatch import KEY, Dispatch, dispatch_of, find_dispatch, update
from scraper.responses import Answer, Verdict
from scraper.responses.exceptions import NO_ANSWER, Closing, Refused, verdict_of
from scraper.responses.outcomes import Outcome

_POLL_S = 0.5
_LONGEST_BACK_OFF_S = 60.0
_LEAST_JITTER = 0.2  # of the slot's delay, which is raised by as much, so that `pace` stays a floor


class _Gate(Protocol):
    """What asks for a spider of ours."""

    def refused(self, request: Request) -> Verdict | None: ...


class IdentityMiddleware:
    """Choose who a request is, hold it back as long as that one has to wait, and prepare its session.

    No more requests get past it than may be under way at once, and one is under way until its answer was read: what
    stands in a download slot's queue cannot be called back when its identity has to wait, or is stopped.

    A request's meta holds `service`, and `support` where the session itself asks; the choice is left in `identity`.
    """

    def __init__(self, crawler: Crawler):
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        for pool in pools_of(crawler).pools.values():
            pool.stats = crawler.stats
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        dispatch = find_dispatch(request)
        if dispatch is None:
            return
        pool = pools_of(self.crawler).pools[dispatch.service]
        self._guard(request, pool)
        support = dispatch.purpose == "session"
        identity = pool.get(dispatch.identity) if support else await self._enter(request, pool)
        update(request, identity=identity.credentials.name)
        self._slot(identity, pool, request)
        if identity.credentials.proxy:
            request.meta["proxy"] = identity.credentials.proxy
        if not support and dispatch.session:
            async with identity.lock:
                await identity.session.ready(identity, dispatch.signed, self._fetch(identity))
        if not support:
            request.meta["prepared"] = identity.serial

    async def _enter(self, request: Request, pool: Pool) -> Identity:
        """Return the identity when it may send: it may be stopped or changed while it waits."""
        dispatch = dispatch_of(request)
        backing_off = dispatch.not_before - time.time()
        await self._hold(time.monotonic() + min(backing_off, _LONGEST_BACK_OFF_S))
        while True:
            identity = pool.choose(dispatch.list_id)
            await pool.enter(request, identity)
            await self._hold(identity.resume_at)
            if refused := cast(_Gate, self.crawler.spider).refused(request):  # while this waited
                raise Refused(refused)
            pool.refresh()
            if identity is pool.choose(dispatch.list_id) and identity.resume_at <= time.monotonic():
                return identity
            pool.leave(request)

    def _guard(self, request: Request, pool: Pool) -> None:
        """Let no request go to any host but the platform's."""
        parts = urlparse_cached(request)
        if parts.scheme != "https" or parts.hostname not in pool.service.hosts:
            raise Refused(
                Verdict(Outcome.BAD_INPUT, f"{parts.hostname} is no host of the platform: not asked", final=True)
            )

    async def _hold(self, until: float) -> None:
        """Wait, as long as the crawl is not being stopped."""
        while True:
            if is_closing(self.crawler):
                raise Closing("the crawl is being stopped")
            left = until - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, _POLL_S))

    def _slot(self, identity: Identity, pool: Pool, request: Request) -> None:
        """Give the identity's download slot the pace of its service, also where that changed."""
        request.meta["download_slot"] = identity.slot
        downloader = self.crawler.engine.downloader
        delay = pool.delay_s / (1 - _LEAST_JITTER)
        wanted = {"delay": delay, "concurrency": pool.concurrency, "jitter": _LEAST_JITTER}
        if downloader.per_slot_settings.get(identity.slot) != wanted:
            downloader.per_slot_settings[identity.slot] = wanted
            if slot := downloader.slots.get(identity.slot):
                slot.delay, slot.concurrency, slot.jitter = delay, pool.concurrency, _LEAST_JITTER

    def _fetch(self, identity: Identity) -> Callable[[str], Awaitable[Answer]]:
        async def fetch(url: str) -> Answer:
            name, service = identity.credentials.name, identity.service.name
            dispatch = Dispatch(service=service, identity=name, purpose="session")
            request = Request(url, meta={KEY: dispatch}, dont_filter=True)
            try:
                return answer_of(await self.crawler.engine.download_async(request))
            except NO_ANSWER as error:
                raise Refused(verdict_of(error)) from error

        return fetch


class MaskingMiddleware:
    """Blanks the secrets of the identity in each answer, once it is unpacked."""

    def __init__(self, crawler: Crawler):
        self._pools = pools_of(crawler).pools

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        if (dispatch := find_dispatch(request)) is None:
            return response
        identity = self._pools[dispatch.service].get(dispatch.identity)
        place = response.headers.get("Location")
        if place and (blanked := identity.mask.blank(place)) != place:
            response.headers["Location"] = blanked
        body = identity.mask.blank(response.body)
        return response if body is response.body else response.replace(body=body)


class ProxyMiddleware(HttpProxyMiddleware):
    """Take a proxy without a scheme for an HTTP proxy, as all programs do; Scrapy takes that of the request."""

    def _get_proxy(self, url: str, orig_type: str) -> tuple[bytes | None, str]:
        return super()._get_proxy(url, "http")


def answer_of(
    response: Response, signed: bool = False, login_cookie: bool = False, decode: Callable[[bytes], Any] | None = None
) -> Answer:
    """Return what verdicts are passed on."""
    headers = {
        name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()
    }
    return Answer(response.status, headers, response.body, signed, login_cookie, decode)


def is_closing(crawler: Crawler) -> bool:
    """Say whether the crawl is being stopped."""
    slot = crawler.engine._slot if crawler.engine else None  # nothing public says that a stop was asked for
    return not crawler.crawling or slot is None or slot.closing is not None
