"""Canaries: secrets of a crawl, what echoes them, and the search for them in all that the crawl wrote."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from scraper.captures.raw_answers import zstd
from tests.crawling import Crawl
from tests.simulator import Fault

USER, PASSWORD = "canary", "p@ss/W0rd:7q"
COOKIES = {
    "csrf_session_id": "c5f1canary00aa77",
    "visitor": "1%7CcAnArYvIsItOr7-q%7C1790000000%7Cz",
    "odd": "canary+odd/cookie==",
}
SET = "canary.set.by.the.platform.9f8e7d"
"""The value of a cookie that comes with an answer."""
KEY = "canary0key0in0a0setting"
LINKED = "canary0token0in0a0link"
BASIC = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
PROXY = f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:1"
"""Where nothing answers."""


def header(login: str, **more: str) -> str:
    """Return the cookie of a login, with further cookies."""
    return "; ".join([login, *(f"{name}={value}" for name, value in {**COOKIES, **more}.items())])


def secrets(cookie: str) -> list[str]:
    """Return the values in a Cookie header that nobody may see: no numbers, none that is shorter than any secret."""
    values = (pair.partition("=")[2] for pair in cookie.split("; "))
    return [value for value in values if len(value) >= 8 and not value.isdigit()]


def echo(cookie: str, *more: str) -> str:
    """Return a text of a platform that repeats secrets that it was sent, as they are and escaped."""
    sent = [form for secret in (*secrets(cookie), *more) for form in sorted(forms(secret))]
    return f"not accepted: {cookie} {' '.join(sent)}"


def forms(secret: str) -> set[str]:
    """Return a secret as it is, and as URLs, JSON and the text of bytes have it."""
    plain = unquote(secret)
    texts = {secret, plain}
    texts |= {quote(text, safe=safe) for text in (secret, plain) for safe in ("", "/")}
    return texts | {json.dumps(text)[1:-1] for text in texts} | {text.replace("/", "\\/") for text in texts}


def faults(path: str, name: str, idents: Iterable[str], link: str, cookie: str, **where: str) -> list[Fault]:
    """Return a fault for each of six things that are asked for: each echoes the secrets in its own way.

    :param path: of the request
    :param name: of its parameter with the id
    :param link: an address on the same host
    :param where: further conditions, such as `host`
    """
    text, asked = echo(cookie, PASSWORD, BASIC), [{name: ident} for ident in idents]
    sets = {"Set-Cookie": f"fresh_token={SET}; Path=/; Secure", "X-Echo": text}
    body = {"code": 99999, "status_code": 99999, "statusCode": 99999, "message": text, "status_msg": text}
    kinds: list[dict[str, Any]] = [
        {"do": "json", "body": body},
        {"do": "redirect", "location": f"{link}?token={LINKED}&echo={quote(text)}"},
        {"do": "status", "status": 500, "body": text},
        {"do": "status", "status": 403, "headers": sets, "body": json.dumps({"code": -1, "message": f"{SET} {text}"})},
        {"do": "status", "status": 200, "body": json.dumps({"code": 0, "data": {text: text}})},
        {"do": "truncate"},
    ]
    return [Fault(path=path, query=query, **where, **kind) for query, kind in zip(asked, kinds, strict=True)]


def leaks(done: Crawl, cookie: str) -> list[tuple[str, str]]:
    """Return each secret that is in something that a crawl wrote, with the place."""
    wanted = {form for secret in (*secrets(cookie), SET, KEY, PASSWORD, BASIC.rstrip("=")) for form in forms(secret)}
    places = [(place, form) for place, text in written(done) for form in sorted(wanted) if form in text]
    return places + [(place, LINKED) for place, text in _texts(done) if LINKED in text]


def written(done: Crawl) -> Iterator[tuple[str, str]]:
    """Yield each stream and file with its text, but for the configuration."""
    yield from (("stdout", done.out), ("stderr", done.err))
    for name, body in done.files.items():
        yield f"the name {name}", name
        if not name.startswith("config/"):
            yield name, (zstd.decompress(body) if name.endswith(".zst") else body).decode("utf-8", "replace")


def _texts(done: Crawl) -> Iterator[tuple[str, str]]:
    """Yield the texts in which not even the user's own input shows its token."""
    yield from (("stdout", done.out), ("stderr", done.err))
    yield from ((name, body.decode()) for name, body in done.files.items() if name.endswith(".run.json"))
    for failure in done.failures:
        yield "message", failure["error"]["message"]
        yield "remedy", failure["error"]["remedy"]


def config(cookie: str, more: Mapping[str, object] | None = None) -> str:
    """Return the lines of a configuration."""
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in {"cookie": cookie, **(more or {})}.items())
