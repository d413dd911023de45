"""The simulator, seen through a real client."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import orjson
import pytest
from yarl import URL

from tests.simulator import Simulator, World
from tests.simulator.avbv import to_aid, to_bvid
from tests.simulator.platforms.bilibili.wbi import mixin, seal

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
API = "https://api.bilibili.com"
ORDER = (
    "46,47,18,2,53,8,23,32,15,50,10,31,58,3,45,35,27,43,5,49,33,9,42,19,29,28,14,39,12,38,41,13,37,48,7,16,24,55,"
    "40,61,26,17,0,1,60,51,30,4,22,25,54,21,56,59,6,63,57,62,11,36,20,34,44,52"
)
PLACES = [int(place) for place in ORDER.split(",")]


class Client:
    """A browser-like client that mints its cookies, fetches the keys and signs."""

    def __init__(self, sim: Simulator, cookie: str = "") -> None:
        self.sim = sim
        self.context = ssl.create_default_context(cafile=sim.env["SSL_CERT_FILE"])
        self.headers = {"User-Agent": AGENT, "Referer": "https://www.bilibili.com/"}
        self.cookie = cookie
        self.buvid3 = ""
        self.secret = ""

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.http.close()

    async def raw(self, url: str, **more: Any) -> tuple[int, dict[str, str], bytes]:
        pairs = [f"buvid3={self.buvid3}"] if self.buvid3 else []
        cookie = "; ".join(pairs + ([self.cookie] if self.cookie else []))
        headers = {**self.headers, **({"Cookie": cookie} if cookie else {}), **more.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value}
        method = more.pop("method", "GET")
        async with self.http.request(
            method,
            URL(url, encoded=True),
            headers=headers,
            proxy=self.sim.env["https_proxy"],
            ssl=self.context,
            allow_redirects=False,
            skip_auto_headers=["User-Agent"],
            **more,
        ) as response:
            return response.status, {k.lower(): v for k, v in response.headers.items()}, await response.read()

    async def get(self, path: str, **query: object) -> Any:
        text = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in query.items())
        status, _, body = await self.raw(f"{API}{path}?{text}")
        assert status == 200
        return orjson.loads(body)

    async def ready(self) -> Client:
        self.buvid3 = (await self.get("/x/frontend/finger/spi"))["data"]["b_3"]
        pictures = (await self.get("/x/web-interface/nav"))["data"]["wbi_img"]
        both = "".join(pictures[name].rsplit("/", 1)[1].split(".")[0] for name in ("img_url", "sub_url"))
        self.secret = "".join(both[place] for place in PLACES)[:32]
        return self

    def signed(self, **query: object) -> dict[str, object]:
        query["wts"] = int(time.time())
        text = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in sorted(query.items()))
        return {**query, "w_rid": hashlib.md5((text + self.secret).encode()).hexdigest()}

    async def signed_get(self, path: str, **query: object) -> Any:
        return await self.get(path, **self.signed(**query))


def run(sim: Simulator, talk: Callable[[Client], Awaitable[Any]], *, cookie: str = "", ready: bool = True) -> Any:
    async def whole() -> Any:
        async with Client(sim, cookie) as client:
            return await talk(await client.ready() if ready else client)

    return asyncio.run(whole())


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(World(seed=1, creators=2, videos=95)) as running:
        yield running


@pytest.mark.parametrize(
    ("aid", "bvid"),
    [
        (111298867365120, "BV1L9Uoa9EUx"),
        (170001, "BV17x411w7KC"),
        (2, "BV1xx411c7mD"),
        (455017605, "BV1Q541167Qg"),
        (882584971, "BV1mK4y1C7Bz"),
        (80433022, "BV1GJ411x7h7"),
        (2251799813685247, "BV1aPPTfmvQq"),
    ],
)
def test_av_and_bv(aid: int, bvid: str) -> None:
    assert to_bvid(aid) == bvid
    assert to_aid(bvid) == aid


def test_wbi_vectors() -> None:
    secret = mixin("7cd084941338484aae1ad9425b84077c", "4932caff0ff746eab6f01bf08b70ac45")
    assert secret == "ea1db124af3c7062474693fa704f4ff8"
    first = {"foo": "114", "bar": "514", "zab": "1919810", "wts": "1702204169"}
    assert seal(first, secret) == "8f6f2b5b3d485fe1886cec6a0be8c5d4"
    second = {"foo": "one one four", "bar": "五一四", "baz": "1919810", "wts": "1702204169"}
    assert seal(second, secret) == "04e50b58980e3e3cee8cbc0cc4c1c530"
    third = {"mid": "53456", "pn": "1", "ps": "30", "order": "pubdate", "keyword": "it's (a) test!*"}
    assert seal({**third, "wts": "1700000000"}, secret) == "ab762584d83b682370a7dc73f50c904a"


def test_certificates_verify_with_the_ca_and_only_with_it(sim: Simulator) -> None:
    async def talk(client: Client) -> None:
        assert (await client.get("/x/web-interface/nav"))["code"] == -101
        client.context = ssl.create_default_context()
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.get("/x/web-interface/nav")

    run(sim, talk)


def test_foreign_hosts_are_refused_and_noted(sim: Simulator) -> None:
    async def talk(client: Client) -> None:
        with pytest.raises(aiohttp.ClientHttpProxyError) as refusal:
            await client.raw("https://example.org/")
        assert refusal.value.status == 502

    run(sim, talk)
    assert "example.org" in sim.refused


def test_pages_cover_the_world(sim: Simulator) -> None:
    world = sim.world

    async def talk(client: Client) -> None:
        for index in range(world.creators):
            found: list[str] = []
            for page in range(1, 6):
                data = (await client.signed_get("/x/space/wbi/arc/search", mid=world.creator(index).mid, pn=page))[
                    "data"
                ]
                assert data["page"]["count"] == 95
                found += [entry["bvid"] for entry in data["list"]["vlist"]]
            assert found == list(world.bvids(index))

    run(sim, talk)
