"""The cookie jar of one identity.

Scrapy's own cookie middleware downloads the public-suffix list at its first cookie. Here a jar belongs to one
platform and only handles cookies of that platform's domains, so no list is needed.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

from scrapy.http import Request, Response
from scrapy.http.cookies import CookieJar

from scraper.identities.cookie_formats import HTTP_ONLY, is_within

_FRESH_S = 60.0
_LAST_S = 253_402_300_799  # the latest expiry that browsers accept
_TOO_LONG_AGE = re.compile(rb"(?i)(;\s*max-age\s*=\s*\"?-?\d{15})\d+")


class Jar:
    """The cookies of one identity on one platform.

    :param domains: the platform's domains, such as `site.test`; they include their subdomains
    :param cookies: the cookies that the user configured
    :param hidden: names of the HttpOnly cookies
    :param received: called with the name and value of each cookie that is stored
    :ivar changes: a counter that grows with each change
    """

    def __init__(
        self,
        domains: Sequence[str],
        cookies: Mapping[str, str],
        hidden: Sequence[str] = (),
        received: Callable[[str, str], None] = lambda name, value: None,
    ):
        self._domains, self._hidden, self._received = domains, hidden, received
        allowed = [form for domain in domains for form in (domain, f".{domain}")]
        self._jar = CookieJar(DefaultCookiePolicy(allowed_domains=allowed))
        self._headers: dict[tuple[str, str], bytes | None] = {}
        self._fresh_until = 0.0
        self.changes = 0
        for name, value in cookies.items():
            self.put(name, value)

    def names(self) -> set[str]:
        """Return the names of all cookies."""
        return {cookie.name for cookie in self._jar}

    def put(self, name: str, value: str) -> None:
        """Set a session cookie for all of the platform's hosts."""
        for domain in self._domains:
            self._jar.set_cookie(_cookie(name, value, f".{domain}", hidden=name in self._hidden))
        self._received(name, value)
        self._changed()

    def _changed(self) -> None:
        self._headers.clear()
        self.changes += 1

    def all(self) -> list[dict[str, Any]]:
        """Return the cookies in the format of a browser context; an expiry of -1 means a session cookie."""
        return [
            {
                "name": cookie.name,
                "value": cookie.value or "",
                "domain": cookie.domain,
                "path": cookie.path,
                "expires": min(cookie.expires, _LAST_S) if cookie.expires else -1,
                "secure": cookie.secure,
                "httpOnly": cookie.has_nonstandard_attr(HTTP_ONLY),
            }
            for cookie in self._jar
            if not cookie.is_expired()
        ]

    def absorb(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Store the new cookies of a browser context that belong to the platform."""
        known = {(cookie.name, cookie.domain, cookie.path): (cookie.value, cookie.expires) for cookie in self._jar}
        for cookie in cookies:
            name, domain, path, value = (str(cookie[key]) for key in ("name", "domain", "path", "value"))
            until = int(cookie.get("expires") or 0)
            state = value, until if until > 0 else None
            if is_within(domain, self._domains) and known.get((name, domain, path)) != state:
                self._jar.set_cookie(_cookie(name, value, domain, path, state[1], bool(cookie.get("httpOnly"))))
                self._received(name, value)
                self._changed()

    def take(self, response: Response, request: Request) -> None:
        """Store the cookies set by an answer."""
        if set_cookies := response.headers.getlist("Set-Cookie"):
            # http.cookiejar drops every cookie of an answer if one has an age that no float can hold.
            shortened = [_TOO_LONG_AGE.sub(rb"\1", header) for header in set_cookies]
            self._jar.extract_cookies(Response(response.url, headers={"Set-Cookie": shortened}), request)
            for header in set_cookies:
                name, _, value = header.partition(b";")[0].decode("utf-8", "replace").partition("=")
                self._received(name.strip(), value.strip())
            self._changed()

    def header(self, request: Request, host: str, path: str) -> bytes | None:
        """Return the Cookie header for a request, or None. Cached for a minute per path."""
        now = time.monotonic()
        if now >= self._fresh_until:
            self._headers.clear()
            self._fresh_until = now + _FRESH_S
        if (host, path) not in self._headers:
            bare = Request(request.url)
            self._jar.add_cookie_header(bare)
            self._headers[host, path] = bare.headers.get(b"Cookie")
        return self._headers[host, path]


def _cookie(
    name: str, value: str, domain: str, path: str = "/", expires: int | None = None, hidden: bool = False
) -> Cookie:
    """Return a cookie for a domain, if it starts with a dot, else for one host.

    :param hidden: whether it is HttpOnly
    """
    dotted = domain.startswith(".")
    return Cookie(
        version=0, name=name, value=value, port=None, port_specified=False, domain=domain, domain_specified=dotted,
        domain_initial_dot=dotted, path=path, path_specified=True, secure=True, expires=expires, discard=not expires,
        comment=None, comment_url=None, rest={HTTP_ONLY: ""} if hidden else {},
    )  # fmt: skip
