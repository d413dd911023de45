"""The simulator as a proxy, and its gates, seen through a real client."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from tests.simulator import Simulator, World
from tests.simulator.avbv import to_aid, to_bvid
from tests.simulator.browser import API, Browser, browse
from tests.simulator.platforms.bilibili.wbi import mixin, seal

NAV = "/x/web-interface/nav"
LIST = "/x/space/wbi/arc/search"
COMMENTS = "/x/v2/reply/wbi/main"
PLAY = "/x/player/wbi/playurl"


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
    async def talk(browser: Browser) -> None:
        assert (await browser.get(NAV))["code"] == -101
        browser.context = ssl.create_default_context()
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await browser.get(NAV)

    browse(sim, talk)


def test_foreign_hosts_are_refused_and_noted(sim: Simulator) -> None:
    async def talk(browser: Browser) -> None:
        with pytest.raises(aiohttp.ClientHttpProxyError) as refusal:
            await browser.raw("https://example.org/")
        assert refusal.value.status == 502
        assert (await browser.raw("http://plain.example.org/")).status == 502

    browse(sim, talk)
    assert sim.refused[-2:] == ["example.org", "plain.example.org"]


def test_one_tunnel_serves_many_requests_and_all_are_recorded(sim: Simulator) -> None:
    before = len(sim.requests)

    async def talk(browser: Browser) -> None:
        for number in range(30):
            await browser.get(NAV, n=number)
        assert (await browser.raw(f"{API}{NAV}", "HEAD")).body == b""
        assert (await browser.raw(f"{API}{NAV}", "POST")).status == 200

    browse(sim, talk)
    requests = sim.requests[before:]
    assert [request.query["n"] for request in requests if "n" in request.query] == [str(number) for number in range(30)]
    assert requests[-2].method == "HEAD"
    assert requests[-1].cookies["buvid3"].endswith("infoc")
    assert requests[-1].headers["user-agent"].startswith("Mozilla")


def test_plain_http_works_too(sim: Simulator) -> None:
    url = f"http://b23.tv/{sim.world.special['b23_video']}"

    async def talk(browser: Browser) -> None:
        assert (await browser.raw(url)).status == 302

    browse(sim, talk)


def test_gzip_if_asked_for() -> None:
    with Simulator(World(videos=40), gzip=True) as sim:
        mid = sim.world.creator(0).mid

        async def talk(browser: Browser) -> None:
            assert len((await browser.signed(LIST, mid=mid))["data"]["list"]["vlist"]) == 30
            reply = await browser.raw(f"{API}/x/web-interface/card?mid={mid}")
            assert reply.headers["content-encoding"] == "gzip"

        browse(sim, talk)


def test_signatures(sim: Simulator) -> None:
    mid = sim.world.creator(0).mid
    oid = sim.world.video(0, 0).aid
    play = {"bvid": sim.world.video(0, 0).bvid, "cid": sim.world.video(0, 0).cid}

    async def talk(browser: Browser) -> None:
        assert (await browser.signed(LIST, mid=mid, keyword="a b"))["code"] == 0
        assert (await browser.get(LIST, mid=mid))["code"] == -352
        assert (await browser.get(LIST, **{**browser.sign(mid=mid), "w_rid": "0" * 32}))["code"] == -403
        assert (await browser.signed(LIST, mid=mid, wts=int(time.time()) - 700))["code"] == -403
        assert (await browser.get(COMMENTS, type=1, oid=oid))["code"] == -403
        assert (await browser.signed(COMMENTS, type=1, oid=oid))["code"] == 0
        assert (await browser.get(PLAY, **play))["data"].keys() == {"v_voucher"}
        assert "durl" in (await browser.signed(PLAY, **play))["data"]
        spaced = browser.sign(mid=mid, keyword="a b")
        text = "&".join(f"{key}={str(value).replace(' ', '+')}" for key, value in spaced.items())
        assert orjson.loads((await browser.raw(f"{API}{LIST}?{text}")).body)["code"] == -403

    browse(sim, talk)


def test_the_other_gates(sim: Simulator) -> None:
    query = {"mid": sim.world.creator(0).mid}

    async def talk(browser: Browser) -> None:
        for agent in ("", "python-requests/2.32", "curl/8.0", "Scrapy/2.19"):
            reply = await browser.raw(f"{API}{NAV}", User_Agent=agent)
            assert (reply.status, "错误号:412" in reply.body.decode()) == (412, True)
        browser.headers["Referer"] = "https://bilibili.com.example.org/"
        assert (await browser.signed(LIST, **query))["code"] == -403
        browser.headers["Referer"] = "https://space.bilibili.com/1/video"
        browser.buvid3 = "none"
        reply = await browser.ask(LIST, **browser.sign(**query))
        answer = orjson.loads(reply.body)
        assert answer["code"] == -352
        assert answer["data"]["v_voucher"] == reply.headers["x-bili-gaia-vvoucher"]

    browse(sim, talk)


def test_checks_can_be_switched_off() -> None:
    with Simulator(World(videos=3, strict=False)) as sim:
        mid = sim.world.creator(0).mid

        async def talk(browser: Browser) -> None:
            reply = await browser.raw(f"{API}{LIST}?mid={mid}", User_Agent="curl/8", Referer="", Cookie="")
            assert orjson.loads(reply.body)["data"]["page"]["count"] == 3

        browse(sim, talk)


def test_keys_rotate() -> None:
    with Simulator(World(videos=3, rotate_keys_after=2)) as sim:
        mid = sim.world.creator(0).mid

        async def talk(browser: Browser) -> None:
            codes = [(await browser.signed(LIST, mid=mid))["code"] for _ in range(3)]
            assert codes == [0, 0, -403]
            await browser.renew()
            assert (await browser.signed(LIST, mid=mid))["code"] == 0

        browse(sim, talk)


def test_login(sim: Simulator) -> None:
    async def talk(browser: Browser) -> Any:
        return await browser.get(NAV)

    answer = browse(sim, talk, sim.world.login_cookie)
    assert (answer["code"], answer["data"]["isLogin"]) == (0, True)
    assert browse(sim, talk, sim.world.login_cookie.replace("%2C", ","))["code"] == -101


def test_same_seed_same_bytes() -> None:
    def conversation() -> list[bytes]:
        with Simulator(World(seed=5, videos=40)) as sim:
            video, mid = sim.world.video(1, 3), sim.world.creator(1).mid

            async def talk(browser: Browser) -> list[bytes]:
                replies = [
                    await browser.ask(LIST, **browser.sign(mid=mid)),
                    await browser.ask("/x/web-interface/view/detail", bvid=video.bvid),
                    await browser.ask(COMMENTS, **browser.sign(type=1, oid=video.aid, mode=3)),
                    await browser.raw("https://www.bilibili.com/", Cookie=""),
                ]
                return [reply.body for reply in replies] + [browser.buvid3.encode()]

            bodies: list[bytes] = browse(sim, talk)
            return bodies

    assert conversation() == conversation()


def test_command_line(tmp_path: Path) -> None:
    exports, log, faults = tmp_path / "env", tmp_path / "log.jsonl", tmp_path / "faults.json"
    faults.write_text('[{"path": "/x/web-interface/nav", "do": "status", "status": 503}]')
    options = ["--videos", "5", "--env", str(exports), "--log", str(log), "--ca", str(tmp_path / "ca.pem")]
    options += ["--signing", '{"douyin": {"open": true}}']
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.simulator", *options, "--faults", str(faults)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while lines[-1] and "bilibili cookie" not in lines[-1]:
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    assert lines[0].startswith("export https_proxy=http://127.0.0.1:")
    assert "export no_proxy=127.0.0.1,localhost\n" in lines
    assert any("https://b23.tv/" in line for line in lines)
    assert exports.read_text() == "".join(line for line in lines if line.startswith("export "))
    assert (tmp_path / "ca.pem").read_text().startswith("-----BEGIN CERTIFICATE")
