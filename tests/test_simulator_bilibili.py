"""What the simulated Bilibili serves agrees with the world it was made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator import Simulator, World
from tests.simulator.browser import Browser, browse
from tests.simulator.specials import HIDDEN, ODD_PLACE, VISIBLE

VIEW = "/x/web-interface/view"
LIST = "/x/space/wbi/arc/search"
COMMENTS = "/x/v2/reply/wbi/main"
PLAY = "/x/player/wbi/playurl"


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with Simulator(World(seed=1, creators=3, videos=95, comments=65)) as running:
        yield running


def test_pages_cover_the_world(sim: Simulator) -> None:
    world = sim.world

    async def talk(browser: Browser) -> None:
        for number in range(world.creators):
            bvids: list[str] = []
            for page in range(1, 6):
                data = (await browser.signed(LIST, mid=world.creator(number).mid, pn=page))["data"]
                assert data["page"] == {"pn": page, "ps": 30, "count": 95}
                bvids += [entry["bvid"] for entry in data["list"]["vlist"]]
            assert bvids == list(world.bvids(number))
        assert (await browser.signed(LIST, mid=world.creator(0).mid, ps=51))["code"] == -400

    browse(sim, talk)


def test_ids_are_inverted_without_a_table() -> None:
    world = World(seed=9, creators=50, videos=100_000)
    for number, place in ((0, 0), (7, 99_999), (49, 12_345)):
        video = world.video(number, place)
        assert (
            world.video_by_bvid(video.bvid) == world.video_by_aid(video.aid) == world.video_by_cid(video.cid) == video
        )
        assert world.video_by_aid(video.aid + 1) is None
        assert world.creator_of(video.mid) == world.creator(number)


def test_a_creator_can_publish_more(sim: Simulator) -> None:
    world = World(seed=1, creators=1, videos=10)
    before = list(world.bvids(0))
    world.videos = 12
    after = list(world.bvids(0))
    assert after[2:] == before
    assert world.video(0, 0).created > world.video(0, 2).created


def test_lists_have_the_odd_values_of_the_platform() -> None:
    world = World(seed=2, creators=1, videos=600)
    with Simulator(world) as sim:

        async def talk(browser: Browser) -> list[dict[str, Any]]:
            pages = [await browser.signed(LIST, mid=world.creator(0).mid, pn=page, ps=50) for page in range(1, 13)]
            return [entry for page in pages for entry in page["data"]["list"]["vlist"]]

        entries = browse(sim, talk)
    assert {type(entry["play"]) for entry in entries} == {int, str}
    assert any(entry["length"] == "00:00" for entry in entries)
    assert [entry["created"] for entry in entries] == sorted((e["created"] for e in entries), reverse=True)


def test_odd_user_has_one_broken_entry(sim: Simulator) -> None:
    mid = int(sim.world.special["odd_user"])

    async def talk(browser: Browser) -> Any:
        return [(await browser.signed(LIST, mid=mid, pn=page))["data"]["list"]["vlist"] for page in (1, 2)]

    first, second = browse(sim, talk)
    broken = first.pop(ODD_PLACE)
    assert (broken["bvid"], broken["aid"], type(broken["created"])) == (None, "x", str)
    assert [entry["bvid"] for entry in first + second] == list(sim.world.bvids_of(mid))


def test_special_works(sim: Simulator) -> None:
    special = sim.world.special

    async def talk(browser: Browser) -> None:
        for name, code in {**HIDDEN, "bad_request": -400}.items():
            assert (await browser.get(VIEW, bvid=special[name]))["code"] == code, name
        views = {name: (await browser.get(VIEW, bvid=special[name]))["data"] for name in VISIBLE}
        assert [page["dimension"]["rotate"] for page in views["multipart"]["pages"]] == [0, 0, 1, 0]
        assert views["charging"]["is_upower_exclusive"] is True
        assert "bangumi" in views["redirect"]["redirect_url"]
        assert views["forward"]["forward"] == sim.world.video(0, 0).aid
        assert len(views["coop"]["staff"]) == 2
        assert views["season"]["ugc_season"]["sections"][0]["episodes"]
        assert views["interactive"]["rights"]["is_stein_gate"] == 1
        assert (views["old_view"]["bvid"], "desc_v2" in views["old_view"]) == ("", False)
        assert views["null_desc_v2"]["desc_v2"] is None
        assert "&amp;" in views["entities"]["title"]
        for name, code in (("comments_closed", 12061), ("comments_closed_area", 12002)):
            assert (await browser.signed(COMMENTS, type=1, oid=views[name]["aid"]))["code"] == code

    browse(sim, talk)


def test_streams(sim: Simulator) -> None:
    special = sim.world.special

    async def play(browser: Browser, name: str, **query: object) -> Any:
        video = sim.world.video_by_bvid(str(special[name]))
        assert video is not None
        asked = {"bvid": video.bvid, "cid": video.cid, "fnval": 4048, "qn": 127, **query}
        return await browser.signed(PLAY, **asked)

    async def talk(browser: Browser) -> None:
        plain = (await play(browser, "coop"))["data"]
        assert {stream["id"] for stream in plain["dash"]["video"]} == {16, 32}
        assert {7, 12} <= {stream["codecid"] for stream in plain["dash"]["video"]}
        assert [stream["id"] for stream in plain["dash"]["audio"]] == [30280, 30232, 30216]
        better = (await play(browser, "coop", try_look=1))["data"]
        assert max(stream["id"] for stream in better["dash"]["video"]) == 80
        assert (await play(browser, "silent"))["data"]["dash"]["audio"] is None
        assert len((await play(browser, "durl_only"))["data"]["durl"]) == 4
        assert len((await play(browser, "coop", platform="html5"))["data"]["durl"]) == 1
        assert "试看" in (await play(browser, "charging"))["data"]["accept_description"][0]
        assert (await play(browser, "dolby"))["data"]["dash"]["dolby"]["audio"]
        assert (await play(browser, "flac"))["data"]["dash"]["flac"]["audio"]["codecs"] == "fLaC"
        assert (await play(browser, "voucher_playurl"))["data"].keys() == {"v_voucher"}
        assert (await play(browser, "coop", cid=1))["code"] == -404

        url = plain["dash"]["video"][0]["baseUrl"]
        assert (await browser.raw(url, Range="bytes=0-9")).body == (await browser.raw(url)).body[:10]
        assert (await browser.raw(url, Referer="")).status == 403
        expired = url.replace(parse_qs(urlsplit(url).query)["deadline"][0], "1700000000")
        assert (await browser.raw(expired)).status == 403

    browse(sim, talk)


def test_users(sim: Simulator) -> None:
    special = sim.world.special
    creator = sim.world.creator(2)

    async def talk(browser: Browser) -> None:
        info = "/x/space/wbi/acc/info"
        assert (await browser.signed(info, mid=creator.mid))["data"]["name"] == creator.name
        assert (await browser.signed(info, mid=special["user_gone"]))["code"] == -404
        assert (await browser.signed(info, mid=special["user_banned"]))["data"]["silence"] == 1
        assert (await browser.signed(LIST, mid=special["user_empty"]))["data"]["page"]["count"] == 0
        card = (await browser.get("/x/web-interface/card", mid=creator.mid))["data"]
        assert (card["card"]["mid"], card["archive_count"]) == (str(creator.mid), 95)
        stat = (await browser.get("/x/relation/stat", vmid=creator.mid))["data"]
        assert stat["follower"] == card["follower"]
        assert (await browser.get("/x/space/upstat", mid=creator.mid))["data"] == {}
        assert (await browser.get("/x/space/navnum", mid=creator.mid))["data"]["video"] == 95
        tags = (await browser.get("/x/tag/archive/tags", bvid=special["coop"]))["data"]
        assert all(tag["tag_name"] for tag in tags)

    browse(sim, talk)


def test_short_links_and_pages(sim: Simulator) -> None:
    world, special = sim.world, sim.world.special

    async def talk(browser: Browser) -> None:
        async def hop(name: str) -> tuple[int, str]:
            reply = await browser.raw(name if name.startswith("http") else f"https://b23.tv/{special[name]}")
            return reply.status, reply.headers.get("location", "")

        assert (await hop("b23_part"))[1].split("&")[0] == f"https://www.bilibili.com/video/{special['multipart']}?p=2"
        assert f"space.bilibili.com/{world.creator(0).mid}" in (await hop("b23_space"))[1]
        assert "ads.example.com" in (await hop("b23_foreign"))[1]
        assert await hop("b23_home") == (302, "https://www.bilibili.com/")
        assert await hop((await hop("b23_loop"))[1]) == (302, f"https://b23.tv/{special['b23_loop']}")
        assert (await hop("b23_dead"))[0] == 200
        hops, target = 0, f"https://b23.tv/{special['b23_chain']}"
        while "b23.tv" in target:
            hops, target = hops + 1, (await hop(target))[1]
        assert (hops, target.split("/")[2]) == (6, "www.bilibili.com")
        page = (await browser.raw(target)).body.decode()
        assert f'"bvid": "{world.video(0, 0).bvid}"' in page
        home = await browser.raw("https://www.bilibili.com/", Cookie="")
        assert "domain=.bilibili.com" in home.headers["set-cookie"]

    browse(sim, talk)
