"""How files may be requested: which hosts, headers, cookies and proxy."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy.http import Request

from scraper.identities.cookie_formats import is_within
from scraper.identities.holding import NotHeldError, downloads_as, sends_as_nobody
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.media.plan import MediaError, Plan
from scraper.network.connections import environment_proxy
from scraper.platform.platform import Platform
from scraper.responses.outcomes import Outcome

_POLL_S = 0.5


class Access(NamedTuple):
    """
    :ivar allows: returns whether a URL may be requested
    :ivar cookie: returns the Cookie header for a URL, None for none
    :ivar proxy: returns the proxy for a URL, None for none
    :ivar holding: returns the context in which a URL is requested: in a fleet, other workers do not use the identity
        meanwhile, if the URL gets a cookie of it
    """

    headers: Mapping[str, str]
    allows: Callable[[str], bool]
    cookie: Callable[[str], str | None]
    proxy: Callable[[str], str | None]
    holding: Callable[[str], AbstractAsyncContextManager[None]] = lambda url: nullcontext()


def access_of(plan: Plan, platform: Platform, pools: Mapping[str, Pool]) -> Access:
    """Return the access to the files of a plan, with the identity that the record was fetched with."""
    pool, identity = _identity(plan.meta.identity, platform, pools)
    headers = dict(plan.headers)
    if not headers and platform.cdn.referer:
        headers["Referer"] = platform.cdn.referer
    if identity is not None:
        headers.setdefault("User-Agent", identity.credentials.user_agent)
    own = identity.credentials.proxy if identity else None
    cookie = partial(_cookie, identity, plan.cookie_names if plan.headers else platform.cdn.cookies)

    def holding(url: str) -> AbstractAsyncContextManager[None]:
        return _held(pool, identity) if pool and identity and cookie(url) else _as_nobody()

    return Access(headers, platform.cdn.allows, cookie, lambda url: own or environment_proxy(url), holding)


def _identity(
    name: str | None, platform: Platform, pools: Mapping[str, Pool]
) -> tuple[Pool, Identity] | tuple[None, None]:
    """Return an identity by the hash in a record, else the first one of the platform: among those held, if one is."""
    known = [
        (pools[service.name], identity)
        for service in platform.services
        if service.name in pools
        for identity in pools[service.name].identities
    ]
    usable = [(pool, identity) for pool, identity in known if pool.holding.is_held(identity)] or known
    first = usable[0] if usable else (None, None)
    return next(((pool, identity) for pool, identity in usable if identity.hash == name), first)


@asynccontextmanager
async def _held(pool: Pool, identity: Identity) -> AsyncIterator[None]:
    """Wait until an identity is held, and keep it held meanwhile.

    :raises MediaError: if other workers use it
    """
    while not pool.holding.is_held(identity):
        verdict = await pool.holding.obtain(pool.service.name, identity.credentials.name)
        if verdict is not None and verdict.final:
            raise MediaError(verdict.outcome, verdict.message)
        if verdict is not None:
            await asyncio.sleep(_POLL_S)
        elif not pool.holding.is_held(identity):
            raise MediaError(Outcome.RATE_LIMITED, f"another worker uses {identity.slot}")
    with pool.holding.using(identity):
        downloads_as(pool.holding, identity)
        try:
            yield
        except NotHeldError as error:
            raise MediaError(Outcome.RATE_LIMITED, str(error)) from error


@asynccontextmanager
async def _as_nobody() -> AsyncIterator[None]:
    sends_as_nobody()
    yield


def _cookie(identity: Identity | None, names: Sequence[str], url: str) -> str | None:
    """Return the named cookies, for a host of the platform's cookie domain. Cookies of a login are never among them."""
    host = urlsplit(url).hostname
    if identity is None or not names or not host or not is_within(host, identity.service.cookie_domains):
        return None
    header = identity.jar.header(Request(f"https://{host}/"), host, "/") or b""
    wanted = set(names) - set(identity.service.credentials)
    pairs = header.decode("latin-1").split("; ")
    return "; ".join(pair for pair in pairs if pair.partition("=")[0] in wanted) or None
