"""Who follows whom on Bilibili, what users publish of any kind, and live rooms."""

from __future__ import annotations

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.platforms.bilibili import dynamics, live, people
from tests.simulator.worlds import bilibili as shelves

WORLD = World(seed=1, creators=2, videos=40)
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
FEW, MANY = WORLD.creator(0), WORLD.creator(1)
FEED, FOLLOWERS = "/x/polymer/web-dynamic/v1/feed/space", "/x/relation/followers"
STREAMING, PLAY = "/xlive/web-interface/v1/second/getList", "/xlive/web-room/v2/index/getRoomPlayInfo"


def uids(done: Crawl) -> list[str]:
    return [record["uid"] for record in done.records]


def rooms(done: Crawl) -> list[str]:
    return [record["room_id"] for record in done.records]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    def run(*words: str, login: bool = False, **more: object):
        return lambda: crawl(*words, world=WORLD, config=LOGIN if login else "", **more)

    followers, following = "router=fetch_user_followers", "router=fetch_user_following"
    hidden, on_air, off_air = WORLD.special["user_banned"], WORLD.library.room(0), WORLD.library.room(2)
    return together(
        followers=run(f"uid={FEW.mid}", followers, login=True),
        many=run(f"uid={MANY.mid}", followers, login=True),
        following=run(f"uid={FEW.mid}", following, login=True),
        guest=run(f"uid={FEW.mid}", followers),
        hidden=run(f"url=https://space.bilibili.com/{hidden}", f"{followers},fetch_user_following", login=True),
        broken=run(f"uid={FEW.mid}", followers, login=True, faults=[Fault(path=FOLLOWERS, nth=2, do="reset")]),
        dynamics=run(f"uid={FEW.mid}", "router=fetch_user_dynamic"),
        commented=run(f"uid={FEW.mid}", "router=fetch_user_dynamic", "with=comments", "max_items=5"),
        silent=run(f"uid={WORLD.special['user_empty']}", "router=fetch_user_dynamic"),
        started=run(f"uid={FEW.mid}", f"offset={dynamics.number(FEW, 19)}", "router=fetch_user_dynamic"),
        room=run(f"url=https://live.bilibili.com/{on_air.short}?spm=1 https://live.bilibili.com/{off_air.number}"),
        missing=run("url=https://live.bilibili.com/7"),
        play=run(f"room_id={on_air.number}", "router=fetch_live_videos"),
        off=run(f"room_id={off_air.number}", "router=fetch_live_videos"),
        older=run(f"room_id={on_air.number}", "router=fetch_live_videos", settings={"RETRY_TIMES": 0},
                  faults=[Fault(path=PLAY, do="unknown_code")]),
        streaming=run("area_id=1"),
        below=run("url=https://live.bilibili.com/p/eden/area-tags?parentAreaId=2&areaId=0"),
        half=run("area_id=1", faults=[Fault(path=STREAMING, nth=3, do="null_data")]),
        areas=run("router=fetch_all_live_areas"),
    )  # fmt: skip


def test_who_follows_a_user(crawls: dict[str, Crawl]) -> None:
    every = [str(WORLD.library.follower(FEW, place).mid) for place in range(shelves.FOLLOWERS)]
    for name in ("followers", "broken"):
        assert uids(crawls[name]) == every and crawls[name].code == 0
    assert [request.query["pn"] for request in crawls["followers"].asked(FOLLOWERS)] == ["1", "2", "3"]
    assert {record["statistics"]["follower_count"] for record in crawls["followers"].records} == {None}


@pytest.mark.parametrize(("name", "shown"), [("many", people.FOLLOWERS_SHOWN), ("following", people.FOLLOWED_SHOWN)])
def test_of_a_long_list_only_the_beginning_is_shown(crawls: dict[str, Crawl], name: str, shown: int) -> None:
    assert len(set(uids(crawls[name]))) == shown
    [failure] = crawls[name].failures
    assert failure["error"]["name"] == "INCOMPLETE" and f"no more than about {shown}" in failure["error"]["message"]


def test_lists_that_are_not_shown(crawls: dict[str, Crawl]) -> None:
    assert [failure["error"]["name"] for failure in crawls["guest"].failures] == ["LOGIN_REQUIRED"]
    assert [failure["error"]["name"] for failure in crawls["hidden"].failures] == ["PRIVATE", "PRIVATE"]


def test_what_a_user_published(crawls: dict[str, Crawl]) -> None:
    done, places = crawls["dynamics"], [place for place in range(shelves.DYNAMICS) if place != dynamics.HIDDEN]
    assert [record["alt_ids"]["dynamic_id"] for record in done.records] == [
        str(dynamics.number(FEW, p)) for p in places
    ]
    kinds = {"AV": "video", "DRAW": "image", "WORD": "text", "FORWARD": "text", "LIVE_RCMD": "unknown"}
    assert [record["kind"] for record in done.records] == [kinds[dynamics.kind_of(place)] for place in places]
    assert len(done.asked(FEED)) == 4 + 1 and done.code == 0, "a page that holds nothing is asked for once more"
    first, drawn = done.records[:2]
    assert first["video_id"] == WORLD.video(0, 0).bvid and first["flags"]["pinned"] is True
    assert first["statistics"]["play_count"] == 12000 and first["meta"]["approximate"] == ["statistics.play_count"]
    assert drawn["image_data"]["no_watermark_image_list"] and drawn["hashtags"][0]["name"] == "样例话题"
    assert len(crawls["started"].records) == shelves.DYNAMICS - 20
    assert crawls["silent"].only()["data"]["count"] == 0


def test_only_videos_lead_to_comments(crawls: dict[str, Crawl]) -> None:
    done = crawls["commented"]
    asked = {request.query["oid"] for request in done.asked("/x/v2/reply/wbi/main")}
    assert asked == {str(WORLD.video(0, 0).aid)}


def test_live_rooms(crawls: dict[str, Crawl]) -> None:
    on_air, off_air = sorted(crawls["room"].records, key=lambda record: record["room_id"])
    room = WORLD.library.room(0)
    assert (on_air["room_id"], on_air["alias"], on_air["status"]) == (str(room.number), str(room.short), "live")
    assert (on_air["start_time"], on_air["owner"]["uid"]) == (live.STARTED, str(room.owner.mid))
    assert (off_air["status"], off_air["start_time"], off_air["viewers"]) == ("offline", None, None)
    assert [failure["error"]["name"] for failure in crawls["missing"].failures] == ["NOT_FOUND"]


def test_where_the_streams_are(crawls: dict[str, Crawl]) -> None:
    streams = crawls["play"].records[0]["live_streams"]
    assert {(stream["protocol"], stream["codec"]) for stream in streams} == {
        ("flv", "h264"), ("hls ts", "h264"), ("hls fmp4", "h264"), ("hls fmp4", "h265"),
    }  # fmt: skip
    assert len({stream["url"] for stream in streams}) == 8 and all(stream["expire_time"] for stream in streams)
    [off] = crawls["off"].records
    assert (off["live_streams"], off["status"]) == ([], "offline")
    [older] = crawls["older"].records
    assert [stream["quality"] for stream in older["live_streams"]] == ["原画"] * 2


def test_the_rooms_of_an_area(crawls: dict[str, Crawl]) -> None:
    every = [str(room.number) for room in WORLD.library.on_air()]
    assert rooms(crawls["streaming"]) == every and len(crawls["streaming"].asked(STREAMING)) == 3
    second = {room.area // shelves.SUB_AREAS for room in WORLD.library.on_air()}
    assert second == {0, 1, 2}
    assert {record["category"][0]["id"] for record in crawls["below"].records} == {"2"}
    [failure] = crawls["half"].failures
    assert failure["error"]["name"] == "UPSTREAM_CHANGED" and rooms(crawls["half"]) == every[:60]


def test_the_areas_of_live_rooms(crawls: dict[str, Crawl]) -> None:
    records = crawls["areas"].records
    assert len(records) == shelves.AREAS * (1 + shelves.SUB_AREAS)
    assert [record["parent_id"] for record in records[:3]] == [None, "1", "1"]
