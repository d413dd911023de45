"""The transport with a browser's handshake by itself: HTTP/2, certificates, and what it sends."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from scrapy.http import Response

from scraper.identities.user_agents import hints
from scraper.network.transports.impersonate import Impersonate
from scraper.responses.exceptions import CertificateError, verdict_of
from tests.http2 import Http2
from tests.simulator.authority import Authority
from tests.wire import CHROME, CREDENTIALS, FIREFOX, OK, answering, ask, by_both, certified, lines, request


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


def test_certificates_are_verified(authority: Authority, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign.pem")
    contexts = {"issuer": certified(foreign, "127.0.0.1"), "subject name": certified(authority, "other.test")}
    for reason, context in contexts.items():
        plain, alike = asyncio.run(by_both(answering(OK + b"12345"), "https://HERE/", context))
        assert isinstance(plain, CertificateError) and isinstance(alike, CertificateError), alike
        assert reason in str(alike) and verdict_of(alike).final and "SSL_CERT_FILE" in verdict_of(alike).message
    for answer in asyncio.run(by_both(answering(OK + b"12345"), "https://HERE/", certified(authority, "127.0.0.1"))):
        assert isinstance(answer, Response) and answer.body == b"12345"


def test_a_password_of_any_characters_reaches_the_proxy() -> None:
    heads: list[bytes] = []
    asyncio.run(by_both(answering(b"HTTP/1.1 407 Who\r\n\r\n", "close", heads), "https://site.test/"))
    given = b"Basic " + base64.b64encode(CREDENTIALS.encode())
    assert len(heads) == 2 and all(given in head for head in heads)


def test_a_request_goes_out_as_it_is(authority: Authority) -> None:
    heads: list[bytes] = []
    url = "https://HERE/a/../%7Eb/./?q=%7E%2f~%20[x]|&q=&w_rid=1"
    asyncio.run(by_both(answering(OK + b"12345", "close", heads), url, certified(authority, "127.0.0.1")))
    assert {head.split(b"\r\n")[0] for head in heads} == {b"GET /a/../%7Eb/./?q=%7E%2f~%20[x]|&q=&w_rid=1 HTTP/1.1"}
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
