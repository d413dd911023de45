"""Downloader middlewares: they choose the identity and the proxy of a request. None of them waits.

Requests without a `dispatch` come from other spiders and pass unchanged.
"""

from functools import lru_cache
from typing import Self
from urllib.request import proxy_bypass

import msgspec
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.http import Request
from scrapy.utils.httpobj import urlparse_cached

from scraper.identities.holding import NotHeldError
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_pools import ServicePools, pools_of
from scraper.jobs.dispatch import KEY, Dispatch, dispatch_of, find_dispatch
from scraper.network.pace import apply_pace
from scraper.network.wait_to_send import Reassigned
from scraper.platform.cdn import NO_CDN, Cdn
from scraper.responses import Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome


class IdentityMiddleware:
    """Keep requests on the platform's hosts, and reassign those whose identity cannot send now.

    An identity cannot send if it was stopped, or has to wait while another one is ready.
    """

    def __init__(self, crawler: Crawler, pools: ServicePools):
        self._crawler, self._pools = crawler, pools

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        pools = pools_of(crawler)
        for pool in pools.pools.values():
            pool.stats = pool.stats or crawler.stats  # a pool that crawls share counts for the first one
        return cls(crawler, pools)

    def process_request(self, request: Request) -> Request | None:
        """
        :raises Refused: if it leaves the platform's hosts, or its answer is not needed any more
        """
        dispatch = find_dispatch(request)
        if dispatch is None:
            return None
        pool = self._pools.pools[dispatch.service]
        guard(request, pool, self._pools.cdn(dispatch.service) if dispatch.from_cdn else NO_CDN)
        if dispatch.job and (verdict := self._pools.needless(dispatch.job)):
            raise Refused(verdict)  # now: if it waited in its slot, the next request would wait for it
        pool.refresh()
        apply_pace(self._crawler, pool)
        identity = self._sender(dispatch, pool)
        if identity.credentials.name != dispatch.identity:
            return reassigned(request, identity)
        if identity.credentials.proxy:
            request.meta["proxy"] = identity.credentials.proxy
        return None

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Reschedule a request whose identity changed while it waited in its slot, or was lost before it was sent."""
        if isinstance(exception, Reassigned):
            return reassigned(request, exception.identity)
        dispatch = find_dispatch(request)
        if not isinstance(exception, NotHeldError) or dispatch is None or dispatch.purpose == "session":
            return None
        pool = self._pools.pools[dispatch.service]
        pool.leave(request)
        return reassigned(request, pool.get(dispatch.identity))

    def _sender(self, dispatch: Dispatch, pool: Pool) -> Identity:
        if dispatch.purpose == "session":
            return pool.get(dispatch.identity)
        return pool.reassign(dispatch.identity, dispatch.list_id, dispatch.is_bound)


class ProxyMiddleware(HttpProxyMiddleware):
    """Treat a proxy without a scheme as an HTTP proxy, as other programs do; see `private_apis`.

    Whether `no_proxy` exempts a host is looked up once: the lookup reads the whole environment.
    """

    def __init__(self, auth_encoding: str | None = "latin-1"):
        super().__init__(auth_encoding)
        self._is_exempt = lru_cache(maxsize=1024)(proxy_bypass)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:
        parts = urlparse_cached(request)
        if "proxy" in request.meta or parts.scheme not in self.proxies or not parts.hostname:
            super().process_request(request)
        elif not self._is_exempt(parts.hostname):
            credentials, proxy = self.proxies[parts.scheme]
            self._set_proxy_and_creds(request, proxy, credentials, parts.scheme)

    def _get_proxy(self, url: str, orig_type: str) -> tuple[bytes | None, str]:
        return super()._get_proxy(url, "http")


def guard(request: Request, pool: Pool, cdn: Cdn = NO_CDN) -> None:
    """Reject requests to any host but the platform's.

    :param cdn: the platform's CDN, if the request is for a file
    :raises Refused: if the host is not one of them, or the scheme is not https
    """
    parts = urlparse_cached(request)
    if (parts.scheme != "https" or parts.hostname not in pool.service.hosts) and not cdn.allows(request.url):
        raise Refused(
            Verdict(Outcome.BAD_INPUT, f"{parts.hostname} is not a host of this platform: not requested", final=True)
        )


def reassigned(request: Request, identity: Identity) -> Request:
    """Return a copy of a request for another identity, in that identity's download slot."""
    dispatch = msgspec.structs.replace(dispatch_of(request), identity=identity.credentials.name, sent=None)
    meta = {**request.meta, KEY: dispatch, "download_slot": identity.slot}
    headers = request.headers.copy()
    for name in ("proxy", "_auth_proxy"):  # of the previous identity; HttpProxyMiddleware sets them again
        meta.pop(name, None)
    headers.pop(b"Proxy-Authorization", None)
    return request.replace(meta=meta, headers=headers, dont_filter=True)
