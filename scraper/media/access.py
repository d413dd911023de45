"""How files may be requested: which hosts, headers, cookies and proxy."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy.http import Request

from scraper.identities.cookie_formats import is_within
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.media.plan import Plan
from scraper.network.connections import environment_proxy
from scraper.platform.platform import Platform


class Access(NamedTuple):
    """
    :ivar allows: returns whether a URL may be requested
    :ivar cookie: returns the Cookie header for a URL, None for none
    :ivar proxy: returns the proxy for a URL, None for none
    """

    headers: Mapping[str, str]
    allows: Callable[[str], bool]
    cookie: Callable[[str], str | None]
    proxy: Callable[[str], str | None]


def access_of(plan: Plan, platform: Platform, pools: Mapping[str, Pool]) -> Access:
    """Return the access to the files of a plan, with the identity that the record was fetched with."""
    identity = _identity(plan.meta.identity, platform, pools)
    headers = dict(plan.headers)
    if not headers and platform.cdn.referer:
        headers["Referer"] = platform.cdn.referer
    if identity is not None:
        headers.setdefault("User-Agent", identity.credentials.user_agent)
    own = identity.credentials.proxy if identity else None
    return Access(
        headers,
        platform.cdn.allows,
        partial(_cookie, identity, plan.cookie_names if plan.headers else platform.cdn.cookies),
        lambda url: own or environment_proxy(url),
    )


def _identity(name: str | None, platform: Platform, pools: Mapping[str, Pool]) -> Identity | None:
    """Return an identity by the hash in a record, else the first one of the platform."""
    known = [
        identity
        for service in platform.services
        if service.name in pools
        for identity in pools[service.name].identities
    ]
    return next((identity for identity in known if identity.hash == name), known[0] if known else None)


def _cookie(identity: Identity | None, names: Sequence[str], url: str) -> str | None:
    """Return the named cookies, for a host of the platform's cookie domain. Cookies of a login are never among them."""
    host = urlsplit(url).hostname
    if identity is None or not names or not host or not is_within(host, identity.service.cookie_domains):
        return None
    header = identity.jar.header(Request(f"https://{host}/"), host, "/") or b""
    wanted = set(names) - set(identity.service.credentials)
    pairs = header.decode("latin-1").split("; ")
    return "; ".join(pair for pair in pairs if pair.partition("=")[0] in wanted) or None
