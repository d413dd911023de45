"""What a client must not send: secrets to strangers, and signatures that it made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.simulator.messages import Request
from tests.simulator.platforms import Platform


class Violation(NamedTuple):
    """One thing that was sent where it does not belong.

    `kind` is `foreign` (another platform's), `stray` (its own platform's login, but beyond the domain of the cookie),
    `plain` (a login without TLS), `short` (any cookie where a short link is resolved, which needs none), `file` (a
    cookie that a CDN does not need) or `imitation` (a signature that no page made); `what` names the cookie, header or
    parameter.
    """

    number: int
    kind: str
    host: str
    what: str


class Watch:
    """Knows every platform's secrets."""

    def __init__(self, platforms: Iterable[Platform]) -> None:
        self._secrets = [(platform, platform.secrets()) for platform in platforms]
        words = {word for platform, secrets in self._secrets for word in secrets | platform.secret_names}
        self._any = re.compile("|".join(map(re.escape, sorted(words))))

    def violations(self, request: Request, owner: Platform) -> Iterator[Violation]:
        """All of one request."""
        forged = owner.forged(request)
        if forged:
            yield Violation(request.number, "imitation", request.host, forged)
        if request.cookies and owner.is_short(request):
            yield from (Violation(request.number, "short", request.host, name) for name in sorted(request.cookies))
        if request.cookies and owner.is_file(request):
            needed = owner.cdn_cookies if _is_within(request.host, owner) else frozenset()
            yield from (
                Violation(request.number, "file", request.host, name) for name in sorted({*request.cookies} - needed)
            )
        sent = "\n".join((request.raw_query, *request.headers.values(), request.body.decode("latin-1")))
        if not self._any.search(sent):
            return
        for platform, secrets in self._secrets:
            kind = "foreign" if platform is not owner else _kind(request, owner)
            names = platform.secret_names if platform is not owner else frozenset()
            if kind:
                for what in sorted(_carried(request, names, secrets)):
                    yield Violation(request.number, kind, request.host, what)


def _kind(request: Request, owner: Platform) -> str:
    """What is wrong with a login that goes to its own platform, if anything."""
    if not _is_within(request.host, owner):
        return "stray"
    return "" if request.scheme == "https" else "plain"


def _is_within(host: str, owner: Platform) -> bool:
    """Whether the platform's cookies may be sent to a host."""
    return any(host == domain or host.endswith(f".{domain}") for domain in owner.cookie_domains)


def _carried(request: Request, names: frozenset[str], secrets: frozenset[str]) -> set[str]:
    carried = {name for name, value in request.cookies.items() if name in names or value in secrets}
    carried |= {name for name, value in request.query.items() if value in secrets}
    for name, value in request.headers.items():
        if name != "cookie" and any(secret in value for secret in secrets):
            carried.add(name)
    if any(secret.encode() in request.body for secret in secrets):
        carried.add("body")
    return carried
