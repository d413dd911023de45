"""The transport with a browser's handshake by itself: HTTP/2, what it sends, and faults as the plain one has them."""

from __future__ import annotations

import asyncio
import base64
import gc
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from curl_cffi import AsyncSession
from curl_cffi.fingerprints import NATIVE_IMPERSONATE_TARGETS
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.utils.test import get_crawler

from scraper.agents import hints
from scraper.faults import CertificateError, ProxyError, is_ours, verdict_of
from scraper.transports.direct import Direct
from scraper.transports.handshakes import nearest
from scraper.transports.impersonate import Impersonate
from tests.http2 import Http2
from tests.simulator.authority import Authority

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/150.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:154.0) Gecko/20100101 Firefox/154.0"
MAC, PHONE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize(
    "user_agent, target",
    [
        (CHROME, "chrome150"),
        (CHROME.replace("150", "148"), "chrome146 chrome150"),
        (CHROME.replace("150", "900"), "chrome152"),
        (CHROME.replace("150", "12"), "chrome99"),
        (f"{MAC} {BLINK} Chrome/151.0.0.0 Safari/537.36", "chrome151_macos"),
        (CHROME.replace("150", "151"), "chrome151"),
        (f"{ANDROID} {BLINK} Chrome/131.0.0.0 Mobile Safari/537.36", "chrome131_android"),
        (f"{ANDROID} {BLINK} Chrome/150.0.0.0 Mobile Safari/537.36", "chrome150"),
        (f"{CHROME} Edg/150.0.0.0", "chrome150"),
        (f"{CHROME.replace('150', '101')} Edg/101.0.0.0", "edge101"),
        (FIREFOX, "firefox154"),
        (FIREFOX.replace("154", "140"), "firefox144"),
        (f"{MAC} {WEBKIT} Version/18.5 Safari/605.1.15", "safari184"),
        (f"{PHONE} {WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1", "safari260_ios"),
        (f"{PHONE} {WEBKIT} CriOS/150.0.7000.1 Mobile/15E148 Safari/604.1", "safari184_ios"),
        ("com.site.app/2023501030 (Linux; U; Android 13; en_US; Pixel 7; Cronet/58.0.2991.0)", "chrome"),
        ("", "chrome"),
    ],
)
def test_the_nearest_browser(user_agent: str, target: str) -> None:
    assert nearest(user_agent) in target.split()


def crawler(**settings: object) -> Crawler:
    return get_crawler(settings_dict={"DOWNLOAD_TIMEOUT": 2, "HTTPPROXY_AUTH_ENCODING": "utf-8", **settings})


async def ask(kind: type[Direct | Impersonate], *requests: Request, **settings: object) -> list[Response | Exception]:
    """Ask by a transport of its own, one after the other."""
    transport = kind(crawler(**settings))
    try:
        return [await _caught(transport.download_request(each)) for each in requests]
    finally:
        await transport.close()


async def _caught(answer: Awaitable[Response]) -> Response | Exception:
    [found] = await asyncio.gather(answer, return_exceptions=True)
    return found


def request(url: str, user_agent: str = CHROME, proxy: str | None = None, **headers: str) -> Request:
    meta = {"verbatim_url": True, **({"proxy": proxy} if proxy else {})}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(url, headers={"User-Agent": user_agent, **given}, meta=meta)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that crawls trust."""
    found = Authority(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(found.path))
    return found


def certified(authority: Authority, host: str, *protocols: str) -> ssl.SSLContext:
    context = authority.context(host)
    context.set_alpn_protocols(protocols or ["http/1.1"])
    return context


@pytest.mark.parametrize(
    "user_agent, settings, window",
    [
        (CHROME, {1: 65536, 2: 0, 4: 6291456, 6: 262144}, 15663105),
        (FIREFOX, {1: 65536, 2: 0, 4: 131072, 5: 16384}, 12517377),
    ],
)
def test_http2_is_that_of_the_browser(
    authority: Authority, user_agent: str, settings: dict[int, int], window: int
) -> None:
    server = Http2()

    async def run() -> list[Response | Exception]:
        context = certified(authority, "127.0.0.1", "h2", "http/1.1")
        async with await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context) as listening:
            url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
            return await ask(Impersonate, request(f"{url}a", user_agent), request(f"{url}b", user_agent))

    for answer in asyncio.run(run()):
        assert isinstance(answer, Response), answer
        assert (answer.status, answer.body, answer.protocol) == (200, b'{"code":0}', "HTTP/2.0")
    [spoken] = server.connections
    assert (spoken.settings, spoken.window, len(spoken.streams)) == (settings, window, 2)


def answering(answer: bytes, ending: str = "", heads: list[bytes] | None = None) -> Serve:
    """Answer the first request with these bytes, and end the connection: orderly, by a reset, or not at all."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            return
        if heads is not None:
            heads.append(head)
        writer.write(answer)
        await writer.drain()
        if ending == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif ending == "close":
            writer.close()

    return serve


async def by_both(serve: Serve, url: str, context: ssl.SSLContext | None = None, **more: object):
    """Ask a server, or a proxy where the URL is of another host, by either transport."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
        here = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        proxy = None if "HERE" in url else f"http://{here}"
        asked = [request(url.replace("HERE", here), proxy=proxy) for _ in range(2)]
        if proxy:
            for each in asked:
                each.headers["Proxy-Authorization"] = b"Basic " + base64.b64encode(CREDENTIALS.encode())
        [plain], [alike] = [
            await ask(kind, each, **more) for kind, each in zip((Direct, Impersonate), asked, strict=True)
        ]
        return plain, alike


CREDENTIALS = "me:hün/ter@2:"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
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
    assert not is_ours(error), error
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


def test_certificates_are_verified(authority: Authority, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign.pem")
    for context in (certified(foreign, "127.0.0.1"), certified(authority, "other.test")):
        plain, alike = asyncio.run(by_both(answering(OK + b"12345"), "https://HERE/", context))
        assert isinstance(plain, CertificateError) and isinstance(alike, CertificateError), alike
        assert verdict_of(alike).final and "SSL_CERT_FILE" in verdict_of(alike).message
    for answer in asyncio.run(by_both(answering(OK + b"12345"), "https://HERE/", certified(authority, "127.0.0.1"))):
        assert isinstance(answer, Response) and answer.body == b"12345"


def test_a_password_of_any_characters_reaches_the_proxy() -> None:
    heads: list[bytes] = []
    asyncio.run(by_both(answering(b"HTTP/1.1 407 Who\r\n\r\n", "close", heads), "https://site.test/"))
    given = b"Basic " + base64.b64encode(CREDENTIALS.encode())
    assert len(heads) == 2 and all(given in each for each in heads)


def lines(head: bytes) -> dict[str, str]:
    """The headers of a request, by their names in lower case, none of which comes twice."""
    pairs = [each.split(": ", 1) for each in head.decode().strip().split("\r\n")[1:]]
    found = {name.lower(): value for name, value in pairs}
    assert len(found) == len(pairs)
    return found


def test_a_request_goes_out_as_it_is(authority: Authority) -> None:
    heads: list[bytes] = []
    url = "https://HERE/a/../%7Eb/./?q=%7E%2f~%20[x]|&q=&w_rid=1"
    asyncio.run(by_both(answering(OK + b"12345", "close", heads), url, certified(authority, "127.0.0.1")))
    assert {each.split(b"\r\n")[0] for each in heads} == {b"GET /a/../%7Eb/./?q=%7E%2f~%20[x]|&q=&w_rid=1 HTTP/1.1"}
    plain, alike = map(lines, heads)
    assert alike.pop("host").startswith("127.0.0.1:") and plain.pop("host")
    assert alike == plain | hints(CHROME)


def test_what_the_user_says_counts_before_the_hints(authority: Authority) -> None:
    heads: list[bytes] = []
    asked = request("http://proxied.test/", **{"sec-ch-ua-platform": "mine"})

    async def run() -> None:
        async with await asyncio.start_server(answering(OK + b"12345", "close", heads), "127.0.0.1", 0) as listening:
            asked.meta["proxy"] = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
            await ask(Impersonate, asked)

    asyncio.run(run())
    assert lines(heads[0])["sec-ch-ua-platform"] == "mine"


def test_hints_are_those_that_the_browsers_were_recorded_with() -> None:
    heads: list[bytes] = []
    offered = [each["target_name"] for each in NATIVE_IMPERSONATE_TARGETS]

    async def run() -> None:
        async with await asyncio.start_server(answering(OK + b"12345", "close", heads), "127.0.0.1", 0) as listening:
            for each in offered:
                async with AsyncSession(trust_env=False, impersonate=each) as session:
                    await session.get(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")

    asyncio.run(run())
    seen = 0
    for recorded in map(lines, heads):
        found = hints(recorded["user-agent"])
        seen += bool(found)
        assert found.get("sec-ch-ua") == recorded.get("sec-ch-ua") or not found
        assert found.get("sec-ch-ua-platform") == recorded.get("sec-ch-ua-platform") or not found
        assert found or "sec-ch-ua" not in recorded or re.search(r"Chrome/(99|10[0-4])\.", recorded["user-agent"])
    assert seen > 10
