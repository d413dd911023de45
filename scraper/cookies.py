"""Cookies: reading them in any form that a browser or an extension gives, and a jar for one identity.

Scrapy's own cookie middleware asks the public-suffix list over the network at its first cookie. Here a jar belongs
to one platform and takes and gives cookies of that platform's domains only, so no list is needed.
"""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

from scrapy.http import Request, Response
from scrapy.http.cookies import CookieJar

from scraper.read import seconds

_FRESH_S = 60.0
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NETSCAPE_FIELDS = 7
_LAST_S = 253_402_300_799  # what a browser takes for the end of a cookie at the latest
_HTTP_ONLY = "HttpOnly"
_EXPIRES = ("expirationDate", "expires", "expiry", "expiration")


def parse(text: str, domains: Sequence[str]) -> dict[str, str]:
    """Return the cookies of a header string, of `k=v` lines, of a Netscape cookies.txt or of a JSON export.

    Cookies of other domains are left out, where the form names domains.

    >>> parse("Cookie: a=1; b=x%2Cy=", ["site.test"])
    {'a': '1', 'b': 'x%2Cy='}
    >>> parse('[{"name": "a", "value": "1", "domain": ".site.test"}, {"name": "b", "domain": "x.y"}]', ["site.test"])
    {'a': '1'}
    >>> parse("#HttpOnly_.site.test\\tTRUE\\t/\\tTRUE\\t0\\ta\\t1", ["site.test"])
    {'a': '1'}

    :raises ValueError: where nothing in it is a cookie; the message never quotes it
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        found = _from_json(text, domains)
    elif "\t" in text:
        found = _from_netscape(text, domains)
    else:
        text = re.sub(r"^cookie\s*:\s*", "", text, flags=re.IGNORECASE)
        found = dict(_pair(part) for part in re.split(r"[;\r\n]+", text) if "=" in part)
    kept = {name: value for name, value in found.items() if _NAME.fullmatch(name) and value.isprintable()}
    if text and not kept:
        raise ValueError("no cookie in it: expected `name=value; name=value`, a cookies.txt or a JSON export")
    return kept


def header(cookies: Mapping[str, str]) -> str:
    """Return a header string that is read as the same cookies. What cannot stand in one is left out.

    >>> header({"a": "1", "b": "x;y", "c": "z%2C"})
    'a=1; c=z%2C'
    """
    return "; ".join(f"{name}={value.strip()}" for name, value in cookies.items() if ";" not in value)


def expiries(text: str, domains: Sequence[str]) -> dict[str, int]:
    """Return when cookies end, in epoch seconds, where the form tells it: a cookies.txt or a JSON export.

    >>> expiries(".site.test\\tTRUE\\t/\\tTRUE\\t1893456000\\ta\\t1", ["site.test"])
    {'a': 1893456000}
    >>> expiries('[{"name": "a", "value": "1", "expirationDate": 1893456000.5}, {"name": "b"}]', ["site.test"])
    {'a': 1893456000}
    """
    text = text.strip()
    if text.startswith(("[", "{")):
        rows = [(row["name"], next((row[key] for key in _EXPIRES if key in row), None)) for row in _rows(text, domains)]
    elif "\t" in text:
        rows = [(row[5], row[4]) for row in _lines(text, domains)]
    else:
        return {}
    found = {
        str(name): seconds(int(value) if type(value) is float and abs(value) < 1e15 else value) for name, value in rows
    }
    return {name: when for name, when in found.items() if when and when > 0}


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()


def _within(domain: str, domains: Sequence[str]) -> bool:
    domain = domain.lstrip(".").lower()
    return not domain or any(domain == each or domain.endswith(f".{each}") for each in domains)


def _from_json(text: str, domains: Sequence[str]) -> dict[str, str]:
    data = _loaded(text)
    if isinstance(data, dict):
        return {str(name): str(value) for name, value in data.items() if isinstance(value, str | int)}
    return {str(row["name"]): str(row.get("value", "")) for row in _rows(text, domains)}


def _loaded(text: str) -> Any:
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it starts like JSON, but is not") from None
    return data["cookies"] if isinstance(data, dict) and isinstance(data.get("cookies"), list) else data


def _rows(text: str, domains: Sequence[str]) -> list[dict[str, Any]]:
    data = _loaded(text)
    rows = [each for each in data if isinstance(each, dict) and "name" in each] if isinstance(data, list) else []
    return [row for row in rows if _within(str(row.get("domain") or ""), domains)]


def _from_netscape(text: str, domains: Sequence[str]) -> dict[str, str]:
    return {row[5]: row[6].strip() for row in _lines(text, domains)}


def _lines(text: str, domains: Sequence[str]) -> list[list[str]]:
    """Return the rows of a cookies.txt."""
    rows = [line.removeprefix("#HttpOnly_").split("\t") for line in text.splitlines()]
    wanted = [row for row in rows if len(row) == _NETSCAPE_FIELDS and not row[0].startswith("#")]
    return [row for row in wanted if _within(row[0], domains)]


class Jar:
    """The cookies of one identity on one platform.

    :param domains: the platform's own, such as `site.test`, subdomains included
    :param cookies: what the user configured
    :param hidden: names of those that no script of a page may read
    :ivar changes: grows with each change
    """

    def __init__(self, domains: Sequence[str], cookies: Mapping[str, str], hidden: Sequence[str] = ()):
        self._domains, self._hidden = domains, hidden
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
        """Set a cookie for all of the platform's hosts, until the crawl ends."""
        for domain in self._domains:
            self._jar.set_cookie(_cookie(name, value, f".{domain}", hidden=name in self._hidden))
        self._changed()

    def _changed(self) -> None:
        self._headers.clear()
        self.changes += 1

    def all(self) -> list[dict[str, Any]]:
        """Return the cookies in the form that a browser's context takes and gives; -1 is one that ends with it."""
        return [
            {
                "name": each.name,
                "value": each.value or "",
                "domain": each.domain,
                "path": each.path,
                "expires": min(each.expires, _LAST_S) if each.expires else -1,
                "secure": each.secure,
                "httpOnly": each.has_nonstandard_attr(_HTTP_ONLY),
            }
            for each in self._jar
            if not each.is_expired()
        ]

    def absorb(self, cookies: Iterable[Mapping[str, Any]]) -> None:
        """Keep cookies that a browser's context holds, where they are the platform's and new."""
        known = {(each.name, each.domain, each.path): (each.value, each.expires) for each in self._jar}
        for cookie in cookies:
            name, domain, path, value = (str(cookie[key]) for key in ("name", "domain", "path", "value"))
            until = int(cookie.get("expires") or 0)
            found = value, until if until > 0 else None
            if _within(domain, self._domains) and known.get((name, domain, path)) != found:
                self._jar.set_cookie(_cookie(name, value, domain, path, found[1], bool(cookie.get("httpOnly"))))
                self._changed()

    def take(self, response: Response, request: Request) -> None:
        """Keep the cookies that an answer sets."""
        if b"Set-Cookie" in response.headers:
            self._jar.extract_cookies(response, request)
            self._changed()

    def header(self, request: Request, host: str, path: str) -> bytes | None:
        """Return the Cookie header for a request, or None. Computed once a minute for a path."""
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
    """Return a cookie for the hosts below a domain that starts with a dot, else for that host alone.

    :param hidden: whether no script may read it
    """
    dotted = domain.startswith(".")
    return Cookie(
        version=0, name=name, value=value, port=None, port_specified=False, domain=domain, domain_specified=dotted,
        domain_initial_dot=dotted, path=path, path_specified=True, secure=True, expires=expires, discard=not expires,
        comment=None, comment_url=None, rest={_HTTP_ONLY: ""} if hidden else {},
    )  # fmt: skip
