"""Each call that users know from the older API, with its parameters as that API's documentation has them.

The paths, parameters and defaults below are written down from the documentation of Douyin_TikTok_Download_API,
version 4, and not from the tables of this project.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.front_support import served
from tests.long_lived import SERVICES, Live
from tests.simulator import Fault, World
from tests.simulator.platforms.douyin.flown import HOT
from tests.simulator.platforms.douyin.market import GIVERS, PRODUCTS
from tests.simulator.signing import OPEN
from tests.simulator.specials import PARTS
from tests.simulator.worlds.bilibili import AREAS, DYNAMICS, EPISODES, RANKED, SEASON, SUB_AREAS
from tests.tiktok import UNSIGNED

WORLD = World(seed=1, creators=3, videos=80, signing=OPEN)
DOUYIN, TIKTOK = WORLD.douyin, WORLD.tiktok
LOGINS = dict(
    zip(SERVICES, (WORLD.login_cookie, DOUYIN.login_cookie, TIKTOK.login_cookie, TIKTOK.login_cookie), strict=True)
)
POST, CREATOR, STAR = DOUYIN.special_work("busy"), DOUYIN.creator(0), DOUYIN.special_creator("user_live")
LIKER = DOUYIN.special_creator("user_likes")
ROOM, NAME = DOUYIN.special["room"], DOUYIN.special["web_rid"]
CLIP, USER = TIKTOK.special_work("busy"), TIKTOK.creator(0)
VIDEO, MID = WORLD.video(0, 0), str(WORLD.creator(0).mid)
HOLES = TIKTOK.special_creator("user_holes")
TALK = next(work for place in range(80) if WORLD.replies(work := WORLD.video(0, place), WORLD.rpid(work, 0)))
FOLDER = WORLD.library.folders(WORLD.creator(0))[0].number
ON_AIR = WORLD.library.room(0).number

Parameters = Mapping[str, object]
ONE: dict[str, Parameters] = {
    "douyin/web/fetch_one_video": {"aweme_id": POST.id},
    "douyin/web/handler_user_profile": {"sec_user_id": CREATOR.sec_uid},
    "douyin/web/fetch_user_live_videos": {"webcast_id": NAME},
    "douyin/web/fetch_user_live_videos_by_room_id": {"room_id": ROOM, "sec_user_id": STAR.sec_uid},
    "douyin/web/get_sec_user_id": {"url": f"https://www.douyin.com/user/{CREATOR.sec_uid}"},
    "douyin/web/get_aweme_id": {"url": f"https://www.douyin.com/video/{POST.id}"},
    "douyin/web/get_webcast_id": {"url": f"https://live.douyin.com/{NAME}"},
    "tiktok/web/fetch_one_video": {"itemId": CLIP.id},
    "tiktok/web/fetch_user_profile": {"uniqueId": USER.handle, "secUid": ""},
    "tiktok/web/get_sec_user_id": {"url": f"https://www.tiktok.com/@{USER.handle}"},
    "tiktok/web/get_aweme_id": {"url": TIKTOK.url(CLIP)},
    "tiktok/web/get_unique_id": {"url": f"https://www.tiktok.com/@{USER.handle}"},
    "tiktok/app/fetch_one_video": {"aweme_id": CLIP.id},
    "bilibili/web/fetch_one_video": {"bv_id": VIDEO.bvid},
    "bilibili/web/fetch_user_profile": {"uid": MID},
    "bilibili/web/fetch_live_room_detail": {"room_id": ON_AIR},
    "bilibili/web/fetch_live_videos": {"room_id": ON_AIR},
    "bilibili/web/bv_to_aid": {"bv_id": VIDEO.bvid},
    "bilibili/web/fetch_video_playurl": {"bv_id": VIDEO.bvid, "cid": VIDEO.cid},
    "hybrid/video_data": {"url": TIKTOK.url(CLIP), "minimal": "false"},
}  # fmt: skip
LISTS: dict[str, tuple[Parameters, str]] = {  # with the parameter that continues the list, "" if there is none
    "douyin/web/fetch_user_post_videos": ({"sec_user_id": CREATOR.sec_uid, "max_cursor": 0, "count": 20}, "max_cursor"),
    "douyin/web/fetch_user_like_videos": ({"sec_user_id": LIKER.sec_uid, "max_cursor": 0, "counts": 20}, "max_cursor"),
    "douyin/web/fetch_user_collection_videos": ({"max_cursor": 0, "counts": 20}, "max_cursor"),
    "douyin/web/fetch_user_mix_videos": (
        {"mix_id": DOUYIN.mix_id(DOUYIN.shelves.mix(CREATOR, 0).number), "max_cursor": 0, "counts": 20}, "max_cursor"
    ),
    "douyin/web/fetch_live_gift_ranking": ({"room_id": ROOM, "rank_type": 30}, ""),
    "douyin/web/fetch_live_room_product_result": ({"room_id": ROOM, "author_id": STAR.uid, "limit": 20}, ""),
    "douyin/web/fetch_video_comments": ({"aweme_id": POST.id, "cursor": 0, "count": 20}, "cursor"),
    "douyin/web/fetch_video_comment_replies": (
        {"item_id": POST.id, "comment_id": DOUYIN.talk.ident(POST, 0), "cursor": 0, "count": 20}, "cursor"
    ),
    "tiktok/web/fetch_user_post": ({"secUid": USER.sec_uid, "cursor": 0, "count": 35, "coverFormat": 2}, "cursor"),
    "tiktok/web/fetch_user_like": (
        {"secUid": TIKTOK.special_creator("user_likes").sec_uid, "cursor": 0, "count": 35, "coverFormat": 2}, "cursor"
    ),
    "tiktok/web/fetch_user_collect": ({"secUid": USER.sec_uid, "cursor": 0, "count": 30, "coverFormat": 2}, "cursor"),
    "tiktok/web/fetch_user_play_list": (
        {"secUid": TIKTOK.special_creator("user_playlists").sec_uid, "cursor": 0, "count": 30}, "cursor"
    ),
    "tiktok/web/fetch_user_mix": (
        {"mixId": TIKTOK.gathered.mix_id(TIKTOK.gathered.mixes(USER)[0]), "cursor": 0, "count": 30}, "cursor"
    ),
    "tiktok/web/fetch_post_comment": ({"aweme_id": CLIP.id, "cursor": 0, "count": 20, "current_region": ""}, "cursor"),
    "tiktok/web/fetch_post_comment_reply": (
        {"item_id": CLIP.id, "comment_id": TIKTOK.talk.ident(CLIP, 0), "cursor": 0, "count": 20, "current_region": ""},
        "cursor",
    ),
    "tiktok/web/fetch_user_fans": ({"secUid": USER.sec_uid, "count": 30, "maxCursor": 0, "minCursor": 0}, "minCursor"),
    "tiktok/web/fetch_user_follow": ({"secUid": USER.sec_uid, "count": 9, "maxCursor": 0, "minCursor": 0}, "minCursor"),
    "bilibili/web/fetch_user_post_videos": ({"uid": MID, "pn": 1}, "pn"),
    "bilibili/web/fetch_collect_folders": ({"uid": MID}, ""),
    "bilibili/web/fetch_user_collection_videos": ({"folder_id": FOLDER, "pn": 1}, "pn"),
    "bilibili/web/fetch_com_popular": ({"pn": 1}, "pn"),
    "bilibili/web/fetch_video_comments": ({"bv_id": TALK.bvid, "pn": 1}, "pn"),
    "bilibili/web/fetch_comment_reply": ({"bv_id": TALK.bvid, "pn": 1, "rpid": WORLD.rpid(TALK, 0)}, "pn"),
    "bilibili/web/fetch_user_dynamic": ({"uid": MID, "offset": ""}, "offset"),
    "bilibili/web/fetch_video_danmaku": ({"cid": VIDEO.cid}, "cursor"),
    "bilibili/web/fetch_live_streamers": ({"area_id": 1, "pn": 1}, "pn"),
    "bilibili/web/fetch_all_live_areas": ({}, ""),
    "bilibili/web/fetch_video_parts": ({"bv_id": VIDEO.bvid}, ""),
}  # fmt: skip
SEVERAL: dict[str, tuple[Parameters, int]] = {  # what is one answer of the platform, with the number of its records
    "bilibili/web/fetch_ranking": ({}, RANKED),
    "bilibili/web/fetch_all_live_areas": ({}, AREAS * (1 + SUB_AREAS)),
    "bilibili/web/fetch_video_parts": ({"bv_id": WORLD.special["multipart"]}, PARTS["multipart"]),
    "bilibili/web/fetch_video_playurl": ({"bv_id": WORLD.special["multipart"]}, PARTS["multipart"]),
    "bilibili/web/fetch_bangumi_season": ({"season_id": SEASON}, 1 + EPISODES),
    "douyin/web/fetch_hot_search": ({}, HOT),
    "douyin/web/fetch_live_gift_ranking": ({"room_id": ROOM}, GIVERS),
    "douyin/web/fetch_live_room_product_result": ({"room_id": ROOM, "author_id": STAR.uid}, PRODUCTS),
    "tiktok/web/fetch_recommended": ({"count": 12}, 12),
    "tiktok/app/fetch_multi_video": ({"aweme_ids": f"{CLIP.id},{TIKTOK.video(1, 0).id}"}, 2),
}
MANY = {
    "douyin/web/get_all_sec_user_id": [f"https://www.douyin.com/user/{CREATOR.sec_uid}"],
    "douyin/web/get_all_aweme_id": [f"https://www.douyin.com/video/{POST.id}"],
    "douyin/web/get_all_webcast_id": [f"https://live.douyin.com/{NAME}"],
    "tiktok/web/get_all_sec_user_id": [f"https://www.tiktok.com/@{USER.handle}"],
    "tiktok/web/get_all_aweme_id": [TIKTOK.url(CLIP)],
    "tiktok/web/get_all_unique_id": [f"https://www.tiktok.com/@{USER.handle}"],
}


@asynccontextmanager
async def front_of(
    live: Live, monkeypatch: pytest.MonkeyPatch, faults: Iterable[Fault] = ()
) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of a front with a login for each service, before a simulator that needs no signatures."""
    monkeypatch.setattr("tests.long_lived.WORLD", WORLD)
    for service, cookie in LOGINS.items():
        live.configure(service, f"cookie: '{cookie}'\n")
    async with served(live, faults, **UNSIGNED) as front:
        yield front.client


async def call(client: httpx.AsyncClient, path: str, parameters: Parameters) -> Any:
    answer = await client.get(f"/api/{path}", params={name: str(value) for name, value in parameters.items()})
    body = answer.json()
    assert (answer.status_code, body["code"], body["router"]) == (200, 200, f"/api/{path}"), answer.text
    return body["data"]


def keys(page: Mapping[str, Any]) -> set[str]:
    return {item["meta"]["key"] for item in page["items"]}


def test_one_record(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    async def calls() -> None:
        async with front_of(live, monkeypatch) as client:
            for path, parameters in ONE.items():
                assert "record_type" in (await call(client, path, parameters))["meta"], path

    asyncio.run(calls())


def test_a_list_page_by_page(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second page is requested by the known name of the cursor, or by its number, and has other items."""

    async def calls() -> list[str]:
        continued = []
        async with front_of(live, monkeypatch) as client:
            for path, (parameters, cursor) in LISTS.items():
                first = await call(client, path, parameters)
                assert first["items"] and (cursor or not first["has_more"]), path
                if first["has_more"]:
                    following = 2 if cursor == "pn" else first["cursor"]
                    second = await call(client, path, {**parameters, cursor: following})
                    while not second["items"]:
                        second = await call(client, path, {**parameters, cursor: second["cursor"]})
                    assert not keys(first) & keys(second), path
                    continued.append(path)
        return continued

    short = {path for path, (_, cursor) in LISTS.items() if not cursor}
    assert set(LISTS) - set(asyncio.run(calls())) == short


@pytest.mark.parametrize(
    ("path", "parameters", "cursor", "number"),
    [
        ("tiktok/web/fetch_user_post", {"secUid": HOLES.sec_uid, "count": 35}, "cursor", TIKTOK.count(HOLES)),
        ("bilibili/web/fetch_user_dynamic", {"uid": MID}, "offset", DYNAMICS - 1),  # one is hidden
        ("douyin/web/fetch_user_post_videos", {"sec_user_id": CREATOR.sec_uid, "count": 20}, "max_cursor", 80),
    ],
)
def test_a_list_to_its_end(
    live: Live, monkeypatch: pytest.MonkeyPatch, path: str, parameters: Parameters, cursor: str, number: int
) -> None:
    """Pages that have nothing are passed: the cursor of each leads on."""

    async def calls() -> tuple[list[str], int]:
        seen, empty, following, has_more = [], 0, "", True
        async with front_of(live, monkeypatch) as client:
            while has_more:
                page = await call(client, path, {**parameters, cursor: following})
                seen += [item["meta"]["key"] for item in page["items"]]
                empty, following, has_more = empty + (not page["items"]), page[cursor], page["has_more"]
        return seen, empty

    seen, empty = asyncio.run(calls())
    assert len(seen) == len(set(seen)) == number and (empty > 0) == (cursor != "max_cursor")


def test_a_list_that_repeats_its_cursor_ends_by_every_name_of_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a program that follows the cursor would never end."""
    body = {"status_code": 0, "aweme_list": [], "has_more": 1, "cursor": 40}
    mix = DOUYIN.mix_id(DOUYIN.shelves.mix(CREATOR, 0).number)

    async def calls() -> None:
        async with front_of(live, monkeypatch, [Fault(path="*/mix/aweme/", do="json", body=body)]) as client:
            for name in ("cursor", "max_cursor"):
                words = {"mix_id": mix, name: "40"}
                page = (await client.get("/api/douyin/web/fetch_user_mix_videos", params=words)).json()["data"]
                assert (page["items"], page["has_more"], len(page["errors"])) == ([], False, 1), name

    asyncio.run(calls())


def test_an_answer_of_several_records_has_all_of_them(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    async def calls() -> None:
        async with front_of(live, monkeypatch) as client:
            for path, (parameters, number) in SEVERAL.items():
                page = await call(client, path, parameters)
                assert (len(keys(page)), len(page["items"]), page["has_more"]) == (number, number, False), path

    asyncio.run(calls())


def test_parts_come_in_their_order_though_the_first_is_slow(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    post = WORLD.special["multipart"]
    slow = Fault(path="*/playurl", first=1, do="slow", delay=1)

    async def calls() -> None:
        async with front_of(live, monkeypatch, [slow]) as client:
            page = await call(client, "bilibili/web/fetch_video_playurl", {"bv_id": post})
            assert [item["no"] for item in page["items"]] == [*range(1, 1 + PARTS["multipart"])]

    asyncio.run(calls())


def test_many_inputs(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    async def calls() -> None:
        async with front_of(live, monkeypatch) as client:
            for path, texts in MANY.items():
                body = (await client.post(f"/api/{path}", json=texts)).json()
                assert body["code"] == 200 and [item["value"] for item in body["data"]["items"]], (path, body)

    asyncio.run(calls())
