"""Add headers, cookies and the URL signature to a request."""

from collections.abc import Callable, ItemsView, Mapping
from functools import lru_cache
from typing import Any

from scrapy.http import Headers, Request
from scrapy.utils.httpobj import urlparse_cached

from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.jobs.dispatch import Dispatch, dispatch_of
from scraper.platform.urls import encoded
from scraper.responses.clock import present

_SET_BY_SCRAPY = (b"Accept-Encoding", b"Proxy-Authorization")  # by its middlewares


def dress(request: Request, identity: Identity, pool: Pool) -> Request:
    """Return the request as it will be sent: with the identity's headers and cookies, and signed."""
    dispatch = dispatch_of(request)
    url = _url(request.url, dispatch, identity, pool)
    dressed = Request(url, method=request.method, body=request.body, meta={**request.meta, "verbatim_url": True})
    for name, value in _headers(dispatch, identity, pool).items():  # Headers() given both b"X" and "X" sends two
        dressed.headers[name] = value
    for header in _SET_BY_SCRAPY:
        if header in request.headers:
            dressed.headers[header] = request.headers[header]
    parts = urlparse_cached(request)
    if not dispatch.sends_cookies:
        dressed.headers.pop(b"Cookie", None)  # it may be among the configured headers
    elif cookie := identity.jar.header(request, parts.hostname or "", parts.path):
        dressed.headers[b"Cookie"] = cookie
    return dressed


def raw_items(headers: Headers) -> ItemsView[bytes, list[bytes]]:
    """Return names and values as they are stored. `Headers.items` normalizes every name again."""
    return dict.items(headers)


def _headers(dispatch: Dispatch, identity: Identity, pool: Pool) -> dict[str, str]:
    headers = {**pool.headers, "User-Agent": identity.credentials.user_agent}
    if dispatch.referer:
        headers["Referer"] = dispatch.referer
        headers["Origin"] = "/".join(dispatch.referer.split("/")[:3])
    return {**headers, **dispatch.headers}


def _url(url: str, dispatch: Dispatch, identity: Identity, pool: Pool) -> str:
    if dispatch.describes_browser:
        description = _description(pool.service.describe, identity.credentials.user_agent)
        url = f"{url}{'&' if '?' in url else '?'}{description}"
    return identity.session.sign(url, present()) if dispatch.signed else url


@lru_cache(1024)  # identities have few user agents, and every request is sent with one of them
def _description(describe: Callable[[str], Mapping[str, Any]], user_agent: str) -> str:
    return encoded(describe(user_agent))
