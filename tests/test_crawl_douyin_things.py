"""Whole crawls of what stands beside Douyin's works: mixes, sounds, hashtags, danmaku, hot words, favourites, lives."""

from __future__ import annotations

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.platforms.douyin import flown, market
from tests.simulator.signing import OPEN
from tests.simulator.worlds.realm import Work

ROUTER, WWW, API = "/api/douyin/web", "https://www.douyin.com", "/aweme/v1/web"
NO_BROWSER = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere/chromium"}'}
WORLD = World(seed=1, creators=3, videos=50, signing=OPEN)
DOUYIN, SHELVES = WORLD.douyin, WORLD.douyin.shelves
LOGIN = f'cookie: "{DOUYIN.login_cookie}"\n'
FAULTS = [Fault(every=2, times=1, do=kind) for kind in ("reset", "truncate", "rate_limit")]
FIRST, MIXER, STAR = DOUYIN.creator(0), DOUYIN.special_creator("user_mixes"), DOUYIN.special_creator("user_live")
MIX, SOUND = DOUYIN.mix_id(SHELVES.mix(FIRST, 0).number), str(int(DOUYIN.video(0, 3).id) - 1_000_000)
ROOM, NAME = DOUYIN.special["room"], DOUYIN.special["web_rid"]
DANMAKU = f"{ROUTER}/fetch_video_danmaku"


def is_fit(work: Work) -> bool:
    """Whether a work is a video of some windows, of which not all hold something."""
    windows = {at // flown.LONGEST_MS for at in flown.moments(work)}
    return flown.length(work) > 100_000 and len(windows) <= (flown.length(work) - 1) // flown.LONGEST_MS


LONG = next(work for place in range(50) if is_fit(work := DOUYIN.video(0, place)))
NOTE = next(work for place in range(50) if not flown.length(work := DOUYIN.video(0, place)))


def run(*words: str, config: str = "", **more) -> Crawl:
    options = {"world": WORLD, "command": ("crawl", "douyin"), "env": NO_BROWSER, **more}
    return crawl(*words, configs={"douyin_web": config}, **options)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    by_room, products = "router=fetch_user_live_videos_by_room_id", "router=fetch_live_room_product_result"
    reflow = f"https://webcast.amemv.com/douyin/webcast/reflow/{ROOM}?sec_user_id={STAR.sec_uid}&x=1"
    asked = (f"room_id={ROOM}", f"author_id={STAR.uid}")
    return together(
        mixes=lambda: run(f"url={MIXER.sec_uid}", "router=fetch_user_mix_list", faults=FAULTS),
        mix=lambda: run(f"url={WWW}/collection/{MIX}", "router=fetch_mix_detail"),
        no_mix=lambda: run("mix_id=7400000000000000001", "router=fetch_mix_detail"),
        sound=lambda: run(f"url={WWW}/music/{SOUND}", "router=fetch_music_detail"),
        hashtag=lambda: run("ch_id=1600000000000001", "router=fetch_hashtag_detail"),
        danmaku=lambda: run(f"url={LONG.id} {NOTE.id}", "router=fetch_video_danmaku"),
        following=lambda: run(f"url={LONG.id}", "with=danmaku"),
        danmaku_from=lambda: run("router=fetch_video_danmaku", f"aweme_id={LONG.id}", "cursor=64000"),
        hot=lambda: run("router=fetch_hot_search"),
        favourites=lambda: run("router=fetch_user_collection_videos", config=LOGIN, faults=FAULTS),
        older_names=lambda: run("router=fetch_user_collection_videos", "counts=10", "max_pages=1", config=LOGIN),
        no_favourites=lambda: run("router=fetch_user_collection_videos"),
        live=lambda: run(f"url=https://live.douyin.com/{NAME}"),
        off_air=lambda: run(f"url=https://live.douyin.com/{DOUYIN.web_rid(FIRST)}"),
        no_room=lambda: run("webcast_id=999999999999"),
        by_room=lambda: run(f"room_id={ROOM}", f"sec_user_id={STAR.sec_uid}", by_room),
        by_link=lambda: run(f"url={reflow}"),
        by_link_and_router=lambda: run(f"url={reflow}", by_room),
        nobody=lambda: run(f"room_id={ROOM}", by_room),
        wrong_link=lambda: run(f"url=https://live.douyin.com/{NAME}", by_room),
        ranking=lambda: run(f"room_id={ROOM}", "router=fetch_live_gift_ranking"),
        ended=lambda: run(f"room_id={DOUYIN.room(FIRST)}", "router=fetch_live_gift_ranking"),
        products=lambda: run(*asked, products, config=LOGIN),
        few=lambda: run(*asked, products, "limit=3", config=LOGIN),
        no_products=lambda: run(*asked, products),
    )


def test_mixes_of_a_creator(crawls: dict[str, Crawl]) -> None:
    done = crawls["mixes"]
    expected = [DOUYIN.mix_id(SHELVES.mix(MIXER, place).number) for place in range(45)]
    assert done.code == 0 and [record["mix_id"] for record in done.records] == expected
    assert [record["item_count"] for record in done.records] == [50] + [3] * 44
    assert len(done.asked(f"{API}/mix/list/")) >= 3 and len({request.fault for request in done.requests}) >= 3


def test_one_mix_sound_and_hashtag(crawls: dict[str, Crawl]) -> None:
    mix, sound, hashtag = (crawls[name].only()["data"] for name in ("mix", "sound", "hashtag"))
    assert (mix["mix_id"], mix["owner"]["sec_uid"], mix["item_count"]) == (MIX, FIRST.sec_uid, 50)
    assert (sound["music_id"], sound["owner"]["sec_uid"], sound["original"]) == (SOUND, FIRST.sec_uid, True)
    assert hashtag["hashtag_id"] == "1600000000000001" and hashtag["view_count"]
    assert crawls["no_mix"].only()["code"] == 403


def test_what_flies_over_a_work_window_by_window(crawls: dict[str, Crawl]) -> None:
    done = crawls["danmaku"]
    records = [record for record in done.records if record["meta"]["target"] == LONG.id]
    assert done.code == 0 and [record["at_ms"] for record in records] == flown.moments(LONG)
    assert [record["danmaku_id"] for record in records] == [flown.danmaku_id(LONG, at) for at in flown.moments(LONG)]
    asked = [request for request in done.asked(f"{API}/danmaku/get_v2/") if request.query["item_id"] == LONG.id]
    length = flown.length(LONG)
    assert [int(request.query["start_time"]) for request in asked] == list(range(0, length, 32_000))
    assert asked[-1].query["end_time"] == str(length) and {request.host for request in asked} == {"www-hj.douyin.com"}
    assert [request.path for request in done.requests if LONG.id in request.path] == [f"/share/video/{LONG.id}/"]


def test_what_flies_is_told_from_a_window_on(crawls: dict[str, Crawl]) -> None:
    times = [record["at_ms"] for record in crawls["danmaku_from"].records]
    assert times == [at for at in flown.moments(LONG) if at >= 64_000] and not crawls["danmaku_from"].failures


def test_nothing_flies_over_a_note(crawls: dict[str, Crawl]) -> None:
    [empty] = [record for record in crawls["danmaku"].records if record["meta"]["target"] == NOTE.id]
    assert (empty["listing"], empty["count"]) == ("fetch_video_danmaku", 0)


def test_danmaku_that_is_followed_needs_no_further_look_at_the_work(crawls: dict[str, Crawl]) -> None:
    done = crawls["following"]
    assert done.code == 0 and len(done.of(DANMAKU)) == len(flown.moments(LONG))
    assert len([request for request in done.requests if "danmaku" not in request.path]) == 1


def test_hot_words(crawls: dict[str, Crawl]) -> None:
    done = crawls["hot"]
    assert done.code == 0 and [record["position"] for record in done.records] == list(range(1, 51))
    assert all(record["board"] == "hot" and record["word"] and record["heat"] for record in done.records)


def test_favourites_are_asked_for_by_a_form(crawls: dict[str, Crawl]) -> None:
    done = crawls["favourites"]
    assert done.code == 0 and [record["video_id"] for record in done.records] == list(DOUYIN.ids(0))
    asked = done.asked(f"{API}/aweme/listcollection/")
    assert {request.method for request in asked} == {"POST"} and not any("cursor" in request.query for request in asked)
    assert len(crawls["older_names"].records) == 10
    assert crawls["no_favourites"].only()["code"] == 401


def test_a_room_on_air(crawls: dict[str, Crawl]) -> None:
    room = crawls["live"].only()["data"]
    assert (room["room_id"], room["alias"], room["status"]) == (ROOM, NAME, "live")
    assert room["owner"]["sec_uid"] == STAR.sec_uid and (room["viewers"], room["viewers_total"]) == (12_000, 50_000)
    assert {stream["protocol"] for stream in room["live_streams"]} == {"flv", "hls"}
    assert room["live_streams"][0]["expire_time"]


def test_a_room_that_is_off_air_and_one_that_is_not_there(crawls: dict[str, Crawl]) -> None:
    room = crawls["off_air"].only()["data"]
    assert (room["status"], room["live_streams"], room["owner"]["sec_uid"]) == ("ended", [], FIRST.sec_uid)
    assert crawls["no_room"].only()["code"] == 404


@pytest.mark.parametrize("name", ["by_room", "by_link", "by_link_and_router"])
def test_a_room_by_the_number_of_its_broadcast(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.code == 0 and done.only()["data"]["room_id"] == ROOM and done.only()["data"]["alias"] == NAME
    [request] = done.requests
    assert request.host == "webcast.amemv.com" and request.query["sec_user_id"] == STAR.sec_uid
    assert not request.cookies


def test_a_room_that_cannot_be_asked_for(crawls: dict[str, Crawl]) -> None:
    for name, words in (("nobody", "parameters"), ("wrong_link", "needs room_id")):
        failure = crawls[name].only()
        assert failure["code"] == 400 and words in failure["data"]["error"]["message"]
    assert crawls["wrong_link"].requests == []


def test_who_gives_most(crawls: dict[str, Crawl]) -> None:
    done = crawls["ranking"]
    assert done.code == 0 and [record["position"] for record in done.records] == list(range(1, market.GIVERS + 1))
    assert [record["hidden"] for record in done.records] == [False, False, True] + [False] * (market.GIVERS - 3)
    assert done.records[0]["author"]["sec_uid"] == SHELVES.stranger(STAR, 1).sec_uid
    assert done.asked("/webcast/ranklist/audience/")[0].query["rank_type"] == "30"
    assert crawls["ended"].only()["code"] == 404


def test_what_is_sold(crawls: dict[str, Crawl]) -> None:
    done = crawls["products"]
    expected = [market.product(DOUYIN, place) for place in range(market.PRODUCTS)]
    assert done.code == 0 and [record["product_id"] for record in done.records] == [
        product["product_id"] for product in expected
    ]
    assert (done.records[0]["price_min"], done.records[0]["currency"], done.records[0]["in_stock"]) == (
        1000,
        "CNY",
        False,
    )
    assert len(crawls["few"].records) == 3 and crawls["no_products"].only()["code"] == 401
