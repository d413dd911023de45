"""A small browser-like client, for trying the simulator and for its own tests.

It signs with code of its own, so that a mistake in the simulator's check cannot hide.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import aiohttp
import orjson
from yarl import URL

from tests.simulator.server import Simulator

# How an answer that has no end of its own comes to an end here.
ENDINGS = {"reset": aiohttp.ClientOSError, "truncate": aiohttp.ClientPayloadError, "stall": TimeoutError}
SILENCE_S = 3.0  # more, and an answer is taken for one that never ends
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
API = "https://api.bilibili.com"
ORDER = (
    "46,47,18,2,53,8,23,32,15,50,10,31,58,3,45,35,27,43,5,49,33,9,42,19,29,28,14,39,12,38,41,13,37,48,7,16,24,55,"
    "40,61,26,17,0,1,60,51,30,4,22,25,54,21,56,59,6,63,57,62,11,36,20,34,44,52"
)
PLACES = [int(place) for place in ORDER.split(",")]


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Browser:
    """Mints its device id, fetches the keys and signs."""

    def __init__(self, sim: Simulator, cookie: str = "") -> None:
        self.sim = sim
        self.context = ssl.create_default_context(cafile=sim.env["SSL_CERT_FILE"])
        self.headers = {"User-Agent": AGENT, "Referer": "https://www.bilibili.com/"}
        self.cookie = cookie
        self.buvid3 = ""
        self.secret = ""

    async def __aenter__(self) -> Self:
        silence = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_S)
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=silence)
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.http.close()

    async def raw(self, url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> Reply:
        """Send one request; a header given as "" is left out."""
        pairs = [f"buvid3={self.buvid3}"] if self.buvid3 else []
        cookie = "; ".join(pairs + ([self.cookie] if self.cookie else []))
        every = {**self.headers, "Cookie": cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.http.request(
            method,
            URL(url, encoded=True),
            data=data,
            headers={name: value for name, value in every.items() if value},
            proxy=self.sim.env["https_proxy"],
            ssl=self.context,
            allow_redirects=False,
            skip_auto_headers=["User-Agent"],
        ) as response:
            by_name = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, by_name, await response.read())

    async def ask(self, path: str, **query: object) -> Reply:
        """Ask the API, unsigned."""
        text = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in query.items())
        return await self.raw(f"{API}{path}?{text}")

    async def get(self, path: str, **query: object) -> Any:
        """Ask the API, unsigned, for JSON."""
        return orjson.loads((await self.ask(path, **query)).body)

    async def signed(self, path: str, **query: object) -> Any:
        """Ask the API, signed, for JSON."""
        return await self.get(path, **self.sign(**query))

    def sign(self, **query: object) -> dict[str, object]:
        """The query with its time and seal."""
        query.setdefault("wts", int(time.time()))
        text = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in sorted(query.items()))
        return {**query, "w_rid": hashlib.md5((text + self.secret).encode(), usedforsecurity=False).hexdigest()}

    async def prepare(self) -> Self:
        """Get a device id and the keys."""
        self.buvid3 = (await self.get("/x/frontend/finger/spi"))["data"]["b_3"]
        await self.renew()
        return self

    async def renew(self) -> None:
        """Fetch the keys."""
        pictures = (await self.get("/x/web-interface/nav"))["data"]["wbi_img"]
        both = "".join(pictures[name].rsplit("/", 1)[1].split(".")[0] for name in ("img_url", "sub_url"))
        self.secret = "".join(both[place] for place in PLACES)[:32]


def visit(sim: Simulator, *urls: str, **headers: str) -> list[Reply]:
    """Ask for some addresses, one after the other, with no other headers than these and a browser's name."""
    return _each(sim, urls, "GET", None, headers)


def post(sim: Simulator, url: str, data: bytes, **headers: str) -> Reply:
    """Send a form to an address."""
    return _each(sim, (url,), "POST", data, headers)[0]


def _each(sim: Simulator, urls: Iterable[str], method: str, data: bytes | None, headers: dict[str, str]) -> list[Reply]:
    async def whole() -> list[Reply]:
        async with Browser(sim) as browser:
            browser.headers = {"User-Agent": AGENT}
            return [await browser.raw(url, method, data, **headers) for url in urls]

    return asyncio.run(whole())


def browse(sim: Simulator, talk: Callable[[Browser], Awaitable[Any]], cookie: str = "") -> Any:
    """Run one conversation with a prepared browser."""

    async def whole() -> Any:
        async with Browser(sim, cookie) as browser:
            return await talk(await browser.prepare())

    return asyncio.run(whole())
