"""What travels between the wire and the platforms: requests, answers and the record of what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import unquote

import orjson

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"


@dataclass(slots=True)
class Request:
    """One HTTP request, decoded as far as every platform needs it.

    :param change: of a file, to bytes that a CDN serves in its place
    """

    method: str
    scheme: str
    host: str
    path: str
    raw_query: str = ""
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    number: int = 0
    change: Callable[..., bytes | memoryview] | None = None

    def asking_only(self, query: dict[str, str]) -> Request:
        """The same request with another query."""
        return replace(self, query=query)


@dataclass(slots=True)
class Answer:
    """What goes back, and how the connection ends: keep, reset, truncate, or stall, which never ends.

    :param sends: how many bytes of the body are sent, before a reset; None: all
    :param announces: a wrong Content-Length to send; None sends the length of the body
    :param piece: bytes that are sent at once, with a `pause` after each piece
    """

    body: bytes | memoryview = b""
    status: int = 200
    kind: str = JSON_TYPE
    headers: list[tuple[str, str]] = field(default_factory=list)
    delay: float = 0.0
    ending: str = "keep"
    sends: int | None = None
    announces: int | None = None
    piece: int = 0
    pause: float = 0.0


class Seen(NamedTuple):
    """The record of one request.

    `status` is 0 where no answer was sent; `under_way` counts the requests without an answer at its arrival, itself
    included; `secure` is whether it came over TLS.
    """

    number: int
    host: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    status: int
    fault: str | None
    time: float
    under_way: int = 1
    secure: bool = True


def json_answer(value: Any, status: int = 200, headers: list[tuple[str, str]] | None = None) -> Answer:
    """An answer whose body is `value` as compact JSON."""
    return Answer(orjson.dumps(value), status, JSON_TYPE, headers or [])


def html_answer(text: str, status: int = 200) -> Answer:
    """An answer that is a page."""
    return Answer(text.encode(), status, HTML_TYPE)


def redirect_answer(location: str, status: int = 302) -> Answer:
    """A redirect with the usual one-line body."""
    body = f'<a href="{location}">Found</a>.\n'.encode()
    return Answer(body, status, HTML_TYPE, [("Location", location)])


def busy_answer(seconds: object = 1) -> Answer:
    """Too many requests; the next after so many seconds."""
    return json_answer({}, 429, [("Retry-After", str(seconds))])


def whole(text: str | None) -> int | None:
    """The number that `text` spells in at most 18 plain digits, or None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def parse_query(raw: str) -> dict[str, str]:
    """Decode a query string; `+` stays a plus sign and blank values are kept."""
    query: dict[str, str] = {}
    for pair in raw.split("&"):
        if pair:
            key, _, value = pair.partition("=")
            query[unquote(key) if "%" in key else key] = unquote(value) if "%" in value else value
    return query


def parse_cookies(header: str) -> dict[str, str]:
    """Split a Cookie header; values stay as they were sent, percent signs included."""
    cookies: dict[str, str] = {}
    for pair in header.split(";"):
        name, separator, value = pair.strip().partition("=")
        if separator:
            cookies[name] = value
    return cookies
