"""Every kind of fault does what it says, where it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tests.simulator import Fault, Request, Simulator, World
from tests.simulator.browser import ENDINGS, Browser, Reply, browse
from tests.simulator.faults import KINDS, choose

LIST = "/x/space/wbi/arc/search"
COMMENTS = "/x/v2/reply/wbi/main"


def body(reply: Reply) -> Any:
    return orjson.loads(reply.body)


def vlist(reply: Reply) -> list[Any]:
    entries: list[Any] = body(reply)["data"]["list"]["vlist"]
    return entries


def code(number: int) -> Callable[[Reply], bool]:
    return lambda reply: body(reply)["code"] == number and reply.status == 200


def not_json(reply: Reply) -> bool:
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(reply.body)
    return reply.status == 200


CASES: list[tuple[str, dict[str, Any], Callable[[Reply], bool]]] = [
    ("status", {}, lambda reply: reply.status == 503),
    ("status", {"status": 500, "body": "no"}, lambda reply: (reply.status, reply.body) == (500, b"no")),
    ("json", {"body": {"code": -8888}}, code(-8888)),
    ("empty", {}, lambda reply: (reply.status, reply.body) == (200, b"")),
    ("html", {}, lambda reply: reply.body.startswith(b"<!DOCTYPE html>")),
    ("garbage", {}, not_json),
    ("slow", {"delay": 0.05}, lambda reply: len(vlist(reply)) == 30),
    ("redirect", {"location": "https://x.test/"}, lambda reply: reply.headers["location"] == "https://x.test/"),
    ("rate_limit", {}, code(-799)),
    ("rate_limit", {"status": 429, "retry_after": 3}, lambda reply: reply.headers["retry-after"] == "3"),
    ("banned", {}, lambda reply: reply.status == 412 and "错误号:412" in reply.body.decode()),
    ("banned", {"json": True}, lambda reply: body(reply)["code"] == -412),
    ("voucher", {}, lambda reply: body(reply)["data"].keys() == {"v_voucher"} and body(reply)["code"] == 0),
    ("risk", {}, lambda reply: body(reply)["data"]["v_voucher"] == reply.headers["x-bili-gaia-vvoucher"]),
    ("captcha", {}, lambda reply: bool(body(reply)["data"]["ga_data"]["grisk_id"])),
    ("sign", {}, code(-403)),
    ("login", {}, code(-101)),
    ("null_data", {}, lambda reply: body(reply)["code"] == 0 and body(reply)["data"] is None),
    ("unknown_code", {}, code(987654)),
    ("repeat", {}, lambda reply: body(reply)["data"]["page"]["pn"] == 1),
    ("half_page", {}, lambda reply: len(vlist(reply)) == 15 and body(reply)["data"]["page"]["count"] == 95),
    ("empty_page", {}, lambda reply: vlist(reply) == [] and body(reply)["data"]["page"]["count"] == 95),
    ("wrong_types", {}, lambda reply: body(reply)["code"] == 0 and body(reply) != {}),
    ("reset", {}, lambda reply: False),
    ("truncate", {}, lambda reply: False),
    ("stall", {}, lambda reply: False),
]


@pytest.fixture(scope="module")
def sim() -> Any:
    with Simulator(World(creators=1, videos=95)) as running:
        yield running


@pytest.mark.parametrize(("do", "args", "holds"), CASES)
def test_kinds(sim: Simulator, do: str, args: dict[str, Any], holds: Callable[[Reply], bool]) -> None:
    async def talk(browser: Browser) -> None:
        mid = sim.world.creator(0).mid
        sim.faults = [Fault(path=LIST, query={"pn": 2}, do=do, **args)]
        assert len(vlist(await browser.ask(LIST, **browser.sign(mid=mid, pn=1)))) == 30
        second = browser.sign(mid=mid, pn=2)
        if do in ENDINGS:
            with pytest.raises(ENDINGS[do]):
                await browser.ask(LIST, **second)
        else:
            assert holds(await browser.ask(LIST, **second))
        assert sim.requests[-1].fault == do

    browse(sim, talk)


def test_every_kind_is_tested() -> None:
    assert {do for do, _, _ in CASES} == KINDS


def test_wrong_types_are_the_same_every_time(sim: Simulator) -> None:
    async def talk(browser: Browser) -> None:
        sim.faults = []
        query = {"bvid": sim.world.video(0, 0).bvid}
        true = await browser.get("/x/web-interface/view", **query)
        sim.faults = [Fault(path="/x/web-interface/view", do="wrong_types")]
        twisted = [await browser.get("/x/web-interface/view", **query) for _ in range(2)]
        assert twisted[0] == twisted[1]
        changed = {
            type(twisted[0]["data"][key]) for key in true["data"] if twisted[0]["data"][key] != true["data"][key]
        }
        assert {str, type(None), list} <= changed

    browse(sim, talk)


def test_repeat_keeps_the_comment_cursor_still() -> None:
    with Simulator(World(comments=65), [Fault(path=COMMENTS, after=1, do="repeat")]) as sim:
        video = sim.world.video_by_bvid(str(sim.world.special["busy"]))
        assert video is not None

        async def talk(browser: Browser) -> None:
            first = (await browser.signed(COMMENTS, type=1, oid=video.aid, mode=3))["data"]
            offset = first["cursor"]["pagination_reply"]["next_offset"]
            wanted = orjson.dumps({"offset": offset}).decode()
            second = (await browser.signed(COMMENTS, type=1, oid=video.aid, mode=3, pagination_str=wanted))["data"]
            assert second["cursor"] == first["cursor"]

        browse(sim, talk)


@pytest.mark.parametrize(
    ("rule", "hit"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"nth": 3}, [3]),
        ({"every": 3}, [3, 6]),
        ({"first": 2}, [1, 2]),
        ({"after": 6}, [7, 8]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"after": 2, "times": 1}, [3]),
        ({"path": "/b"}, []),
        ({"host": "*.test", "query": {"n": 5}}, [5]),
    ],
)
def test_counters(rule: dict[str, Any], hit: list[int]) -> None:
    fault = Fault(do="reset", **rule)
    asked = [Request("GET", "https", "a.test", "/a", query={"n": str(number)}) for number in range(1, 9)]
    assert [int(request.query["n"]) for request in asked if choose([fault], request)] == hit


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        Fault(do="explode")
