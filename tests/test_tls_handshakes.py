"""Which browser's handshake a user agent gets, and the client hints that go with it."""

from __future__ import annotations

import asyncio
import re

import pytest
from curl_cffi import AsyncSession
from curl_cffi.fingerprints import NATIVE_IMPERSONATE_TARGETS

from scraper.identities.user_agents import hints
from scraper.network.transports.tls_handshakes import nearest
from tests.wire import CHROME, FIREFOX, OK, answering, lines

BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
MAC, PHONE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"


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


def test_hints_are_those_that_the_browsers_were_recorded_with() -> None:
    heads: list[bytes] = []
    offered = [row["target_name"] for row in NATIVE_IMPERSONATE_TARGETS]

    async def run() -> None:
        async with await asyncio.start_server(answering(OK + b"12345", "close", heads), "127.0.0.1", 0) as listening:
            for browser in offered:
                async with AsyncSession(trust_env=False, impersonate=browser) as session:
                    await session.get(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")

    asyncio.run(run())
    compared = 0
    for recorded in map(lines, heads):
        computed = hints(recorded["user-agent"])
        compared += bool(computed)
        assert computed.get("sec-ch-ua") == recorded.get("sec-ch-ua") or not computed
        assert computed.get("sec-ch-ua-platform") == recorded.get("sec-ch-ua-platform") or not computed
        assert computed or "sec-ch-ua" not in recorded or re.search(r"Chrome/(99|10[0-4])\.", recorded["user-agent"])
    assert compared > 10
