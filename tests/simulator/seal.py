"""The simulator's stand-in for a signature: `signer.js` makes it in a page, this makes it again to compare."""

from __future__ import annotations

from typing import NamedTuple

WORD = 2**32 - 1


class Scheme(NamedTuple):
    """What a platform's page appends, in this order, and to which paths of its own origin."""

    token: str
    seals: tuple[str, ...]
    prefixes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters, in order."""
        return (self.token, *self.seals)


class Parts(NamedTuple):
    """A query that ends as a page ends it: what was asked, the session's token, and the whole."""

    asked: str
    token: str
    whole: str


def digest(text: str) -> str:
    """Sixteen hexadecimal digits, each of which depends on the whole text."""
    first, second = 0x2F6B1D35, 0x7C15E9A1
    for unit in map(ord, text):
        first = (first ^ unit) * 0x01000193 & WORD
        second = ((second + unit) * 0x5BD1E995 & WORD) ^ (first >> 13)
    return f"{first:08x}{second:08x}"


def sign(scheme: Scheme, key: str, query: str, agent: str, token: str) -> str:
    """The query as a page sends it: each seal covers all that precedes it."""
    query = f"{query}&{scheme.token}={token}".removeprefix("&")
    for name in scheme.seals:
        query += f"&{name}={digest(chr(10).join((query, agent, token, key)))}"
    return query


def parts(scheme: Scheme, query: str) -> Parts | None:
    """The parts of a query that ends in the parameters of the scheme, or None."""
    pairs = query.split("&")
    tail = [pair.partition("=") for pair in pairs[-len(scheme.names) :]]
    if tuple(name for name, _, _ in tail) != scheme.names:
        return None
    return Parts("&".join(pairs[: -len(scheme.names)]), tail[0][2], query)
