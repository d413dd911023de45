"""The simulated TikTok: its works on every route, through a real client."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.simulator import Simulator
from tests.simulator.browser import AGENT, Browser, post, visit
from tests.simulator.reading.tiktok import (
    APP,
    LOOKS,
    MULTI,
    SITE,
    body,
    detail,
    feed,
    page,
    script,
)
from tests.simulator.worlds.tiktok import CODES, HALF, MAKERS, MESSAGES, REFUSED, VISIBLE, TiktokWorld


@pytest.fixture
def world(sim: Simulator) -> TiktokWorld:
    sim.faults = []
    return sim.world.tiktok


def test_ids_are_computed_both_ways(world: TiktokWorld) -> None:
    for index in range(world.creators + len(MAKERS)):
        maker = world.creator(index)
        assert re.fullmatch(r"MS4wLjABAAAA[\w-]{64}", maker.sec_uid)
        assert re.fullmatch(r"[\w.]{1,24}", maker.handle)
        assert world.creator_of(maker.sec_uid) == world.creator_by_handle(maker.handle.upper()) == maker
        assert world.creator_by_uid(maker.uid) == maker
        for ident in world.ids(index):
            work = world.work_of(ident)
            assert work is not None
            assert (work.owner == index, len(ident), int(ident) >> 32) == (True, 19, work.created)
    assert world.creator_by_handle("somebody.else") is world.creator_by_handle("x_zz") is world.work_of("x") is None


def test_a_page(sim: Simulator, world: TiktokWorld) -> None:
    video = world.video(0, 0)
    handle = world.creator(0).handle
    urls = [page(video.id), f"{SITE}/@{handle}/video/{video.id}?lang=en", f"{SITE}/@/video/{video.id}"]
    for reply in visit(sim, *urls, f"{SITE}/share/video/{video.id}"):
        data = detail(reply)
        assert (data["statusCode"], data["itemInfo"]["itemStruct"]["id"]) == (0, video.id)
        assert data["itemInfo"]["itemStruct"]["author"]["uniqueId"] == handle
        assert script(reply)["webapp.app-context"]["wid"].isdigit()
    assert "tt_chain_token=" in reply.headers["set-cookie"]
    assert "webapp.video-detail" not in script(visit(sim, f"{SITE}/@{handle}/photo/{video.id}")[0])
    assert "webapp.app-context" in script(visit(sim, f"{SITE}/explore")[0])


def test_the_cookies_of_a_page(sim: Simulator, world: TiktokWorld) -> None:
    async def talk() -> list[str]:
        async with Browser(sim) as browser:
            url = page(world.video(0, 0).id)
            async with browser.http.get(
                url, headers={"User-Agent": AGENT}, proxy=sim.env["https_proxy"], ssl=browser.context
            ) as response:
                return sorted(response.cookies)

    assert asyncio.run(talk()) == ["tt_chain_token", "tt_csrf_token", "ttwid"]


def test_visible_works(sim: Simulator, world: TiktokWorld) -> None:
    shown = {}
    for name in VISIBLE:
        ident = world.special[name]
        [reply] = visit(sim, page(ident))
        [fed] = visit(sim, feed(ident), **APP)
        assert body(fed)["aweme_list"][0]["aweme_id"] == ident
        if name != "sigi":
            shown[name] = detail(reply)["itemInfo"]["itemStruct"]
            assert shown[name]["id"] == ident
    state = script(visit(sim, page(world.special["sigi"]))[0], "SIGI_STATE")
    item = state["ItemModule"][world.special["sigi"]]
    assert item["author"] in state["UserModule"]["users"]
    assert (len(shown["photo"]["imagePost"]["images"]), shown["photo"]["video"]["playAddr"]) == (3, "")
    assert {rate["CodecType"] for rate in shown["h265_only"]["video"]["bitrateInfo"]} == {"h265_hvc1"}
    assert "bytevc2" in shown["bytevc2"]["video"]["bitrateInfo"][0]["PlayAddr"]["UrlKey"]
    assert "bitrateInfo" not in shown["no_bitrate"]["video"]
    assert shown["friends_only"]["forFriend"] is shown["private_flag"]["privateItem"] is True
    assert all(isinstance(value, str) for value in shown["string_counts"]["stats"].values())
    assert shown["null_lists"]["challenges"] is None


def test_messages_and_codes(sim: Simulator, world: TiktokWorld) -> None:
    every = {**MESSAGES, **CODES}
    replies = visit(sim, *(page(world.special[name]) for name in every))
    codes = [(detail(reply)["statusCode"], detail(reply)["statusMsg"]) for reply in replies]
    assert codes == list(every.values())
    assert not any(detail(reply).get("itemInfo") for reply in replies)
    unknown = detail(visit(sim, page(world.special["unknown_id"]))[0])
    assert unknown == {"statusCode": 10204, "statusMsg": "item doesn't exist", "itemInfo": {}}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_works(sim: Simulator, world: TiktokWorld, name: str) -> None:
    ident = world.special[name]
    assert LOOKS[name](visit(sim, page(ident))[0])
    [reply] = visit(sim, feed(ident), **APP)
    if name == "empty_body":
        assert reply.body == b""
    else:
        assert ident not in [work["aweme_id"] for work in body(reply)["aweme_list"]]


def test_works_that_only_some_routes_show(sim: Simulator, world: TiktokWorld) -> None:
    for name, way in HALF.items():
        ident = world.special[name]
        [web] = visit(sim, page(ident))
        [reply] = visit(sim, feed(ident), **APP)
        items = [work["aweme_id"] for work in body(reply)["aweme_list"]] if reply.body else []
        if name.startswith("page_"):
            assert LOOKS[way](web), name
            assert items[0] == ident
        else:
            assert detail(web)["itemInfo"]["itemStruct"]["id"] == ident
            assert (items.index(ident) if ident in items else None) == {"feed_second": 1}.get(name)
            assert bool(items) == (name != "feed_empty")


def test_the_app(sim: Simulator, world: TiktokWorld) -> None:
    ident, photo = world.video(0, 1).id, world.special["photo"]
    assert body(visit(sim, feed(photo), **APP)[0])["aweme_list"][0]["image_post_info"]["images"]
    browser, silent = visit(sim, feed(ident)) + visit(sim, feed(ident), User_Agent=APP["User_Agent"])
    assert browser.body == silent.body == b""
    unknown = body(visit(sim, feed(world.special["unknown_id"]), **APP)[0])["aweme_list"]
    assert world.special["unknown_id"] not in [work["aweme_id"] for work in unknown]
    known = f"{MULTI}?iid={world.iid}&device_id={world.device_id}&aid=0"
    form = f"aweme_ids=%5B{ident},{world.special['status_deleted']}%5D&request_source=0".encode()
    agent = {"User_Agent": APP["User_Agent"], "X_Argus": " "}
    some = post(sim, known, form, **agent)
    assert [work["aweme_id"] for work in body(some)["aweme_details"]] == [ident]
    assert post(sim, known.replace(world.iid, "1"), form, **agent).body == b""
