"""Faults of proxies and servers: the transport with a browser's handshake means the same by them as the plain one."""

from __future__ import annotations

import asyncio
import gc

import pytest

from scraper.responses.exceptions import ProxyError, verdict_of
from scraper.responses.outcomes import Outcome
from tests.simulator.authority import Authority
from tests.wire import OK, answering, by_both, certified

TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
PROXIES = {
    "wants a password": (b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", "close"),
    "forbids": (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "close"),
    "is broken": (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "close"),
    "ends": (b"", "close"),
    "resets": (b"", "reset"),
    "ends the tunnel": (TUNNEL, "close"),
    "resets the tunnel": (TUNNEL, "reset"),
    "says nothing": (b"", ""),
    "speaks no HTTP": (b"hello\r\n\r\n", "close"),
}
SERVERS = {
    "ends": (b"", "close"),
    "resets": (b"", "reset"),
    "is cut": (OK + b"abc", "close"),
    "is cut by a reset": (OK + b"abc", "reset"),
    "stops in mid-answer": (OK + b"abc", ""),
    "is cut in a chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "close"),
    "is too large": (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000, ""),
    "is too large unsaid": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000, "close"),
    "speaks no HTTP": (b"hello\r\n\r\n", "close"),
    "has a header that is none": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nnonsense\r\n\r\n12345", "close"),
    "has a length that is none": (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n12345", "close"),
    "has two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345", "close"),
    "folds its first header": (b"HTTP/1.1 200 OK\r\n folded: 1\r\nContent-Length: 9\r\n\r\n12345", "close"),
}


def meaning(error: Exception) -> tuple[object, bool]:
    assert verdict_of(error).outcome is not Outcome.BUG, error
    return verdict_of(error).outcome, verdict_of(error).final


@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_s_fault_is_the_same_one(authority: Authority, name: str) -> None:
    plain, alike = asyncio.run(by_both(answering(*PROXIES[name]), "https://site.test/"))
    assert isinstance(plain, Exception) and isinstance(alike, Exception)
    assert meaning(alike) == meaning(plain)
    assert isinstance(alike, ProxyError) == (name in ("wants a password", "forbids"))
    assert not any(secret in repr(alike) for secret in ("hün", "h%C3%BCn", "ter@2"))


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_s_fault_is_the_same_one(authority: Authority, name: str, caplog: pytest.LogCaptureFixture) -> None:
    context = certified(authority, "127.0.0.1")
    plain, alike = asyncio.run(by_both(answering(*SERVERS[name]), "https://HERE/", context, DOWNLOAD_MAXSIZE=1000))
    assert isinstance(plain, Exception) and isinstance(alike, Exception), (plain, alike)
    assert meaning(alike) == meaning(plain)
    gc.collect()  # what failed in a task that nobody waited for is told only then
    assert "Traceback" not in caplog.text
