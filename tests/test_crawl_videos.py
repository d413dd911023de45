"""Single things: videos with their streams, parts, ids and profiles, as a user gets them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.crawling import PROFILE, ROUTER, VIDEO, Crawl, by_target, crawl, special, together
from tests.simulator import World
from tests.simulator.platforms.bilibili import listing, users, work
from tests.simulator.specials import VISIBLE

WORLD = World(seed=1, creators=3, videos=40)
VIP = World(seed=1, creators=3, videos=40, vip=True)
ONE = WORLD.video(0, 0)
FOURK = next(video for place in range(40) if (video := WORLD.video(0, place)).hash % 7 == 0)
PLAYURL, VIEW, NAV = "/x/player/wbi/playurl", "/x/web-interface/view", "/x/web-interface/nav"
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
GONE = {"deleted": 404, "invisible": 404} | dict.fromkeys(("under_review", "owner_only", "forbidden"), 451)


def link(bvid: object) -> str:
    return f"https://www.bilibili.com/video/{bvid}"


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    everything = [*GONE, *VISIBLE]
    parts = str(WORLD.special["multipart"])
    return together(
        one=lambda: crawl(f"url={link(ONE.bvid)}/?spm_id_from=333.1007", world=WORLD),
        special=lambda: crawl(f"url={' '.join(link(WORLD.special[name]) for name in everything)}", world=WORLD),
        parts=lambda: crawl(f"url={link(parts)}?p=2 {link(parts)}?p=3 {link(parts)}?p=9", world=WORLD),
        vip=lambda: crawl(f"url={FOURK.bvid}", world=VIP, config=LOGIN),
        playurl=lambda: crawl(f"url={parts}", "router=fetch_video_playurl,fetch_video_parts", world=WORLD),
        cid=lambda: crawl(
            "router=fetch_video_playurl", f"bv_id={parts}", f"cid={special(WORLD, 'multipart').cids[2]}", world=WORLD
        ),
        wrong_cid=lambda: crawl("router=fetch_video_playurl", f"bv_id={parts}", "cid=1", world=WORLD),
        aid=lambda: crawl("router=bv_to_aid", f"bv_id={ONE.bvid}", world=WORLD),
        guest=lambda: crawl(
            "router=fetch_user_profile",
            "url=" + " ".join(f"https://space.bilibili.com/{WORLD.special[n]}" for n in ("user_banned", "user_gone")),
            world=WORLD,
        ),
        member=lambda: crawl(f"uid={WORLD.creator(0).mid}", "router=fetch_user_profile", world=WORLD, config=LOGIN),
    )


@pytest.fixture(scope="module")
def records(crawls: dict[str, Crawl]) -> dict[str, dict[str, Any]]:
    """The records of the special videos by their names."""
    answers = by_target(crawls["special"])
    return {name: answers[link(WORLD.special[name])][0]["data"] for name in VISIBLE}


def test_a_video_is_one_record_that_holds_all(crawls: dict[str, Crawl]) -> None:
    done = crawls["one"]
    envelope = done.only()
    record, true = envelope["data"], work.view_of(WORLD, ONE)
    assert (done.code, envelope["code"], envelope["router"]) == (0, 200, VIDEO)
    for name, value in {
        "video_id": ONE.bvid,
        "type": "video",
        "kind": "video",
        "url": link(ONE.bvid),
        "title": ONE.title,
        "create_time": ONE.created,
        "submit_time": true["ctime"],
        "duration_ms": ONE.duration * 1000,
        "image_data": None,
        "availability": "public",
    }.items():
        assert record[name] == value, name
    assert record["alt_ids"] == {"aid": str(ONE.aid), "cid": str(ONE.cid)}
    assert record["author"]["uid"] == str(ONE.mid)
    assert record["author"]["nickname"] == WORLD.creator(0).name
    assert record["statistics"]["play_count"] == listing.plays(ONE)
    assert record["statistics"]["comment_count"] == WORLD.all_comments(ONE)
    assert record["statistics"]["repost_count"] is None
    assert record["cover_data"]["cover"] == listing.cover(ONE).replace("http:", "https:")
    assert [(part["no"], part["cid"]) for part in record["parts"]] == [(1, str(ONE.cid))]


def test_its_meta_says_where_it_comes_from(crawls: dict[str, Crawl]) -> None:
    meta = crawls["one"].only()["data"]["meta"]
    for name, value in {
        "record_type": "video",
        "platform": "bilibili",
        "key": f"bilibili:video:{ONE.bvid}",
        "router": VIDEO,
        "surface": "web",
        "target": f"{link(ONE.bvid)}/?spm_id_from=333.1007",
        "target_kind": "video",
        "page": 1,
        "position": 1,
        "cursor": None,
        "logged_in": False,
        "partial": False,
        "missing": [],
    }.items():
        assert meta[name] == value, name
    assert isinstance(meta["schema_version"], int)
    assert len(meta["identity"]) == 8
    moment = time.strptime(meta["fetched_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert time.strftime("%Y%m%dT", moment) == meta["run_id"][:9]


def test_it_takes_three_requests_and_the_two_of_the_session(crawls: dict[str, Crawl]) -> None:
    paths = [request.path for request in crawls["one"].requests]
    assert sorted(paths) == sorted(["/x/frontend/finger/spi", VIEW, NAV, PLAYURL, PLAYURL])


def test_the_four_urls(crawls: dict[str, Crawl]) -> None:
    data = crawls["one"].only()["data"]["video_data"]
    file, picture = data["nwm_video_url"], data["nwm_video_url_HQ"]
    assert ".mp4?" in file and "platform=html5" in file
    assert ".m4s?" in picture and picture == data["streams"][0]["urls"][0]
    assert data["wm_video_url"] is data["wm_video_url_HQ"] is None
    sounds = data["audio_streams"]
    assert data["audio_url_HQ"] == sounds[0]["urls"][0]
    assert data["audio_url"] == sounds[-1]["urls"][0]
    assert sounds[0]["bitrate"] > sounds[-1]["bitrate"]


def test_streams_come_best_first_with_all_mirrors(crawls: dict[str, Crawl]) -> None:
    data = crawls["one"].only()["data"]["video_data"]
    order = [
        (min(stream["width"] or 0, stream["height"] or 0), stream["fps"] or 0, stream["bitrate"] or 0)
        for stream in data["streams"]
    ]
    assert order == sorted(order, reverse=True)
    assert data["streams"][0]["quality"] == "1080P"
    assert {stream["codec"] for stream in data["streams"]} >= {"h264", "h265"}
    for stream in [*data["streams"], *data["audio_streams"]]:
        assert len(stream["urls"]) == len(data["streams"][0]["urls"])
        assert len({url.split("/")[2] for url in stream["urls"]}) == len(stream["urls"])
        assert all(url.startswith("https://") for url in stream["urls"])
        assert stream["expire_time"] > time.time() + 3600
    assert data["expire_time"] == min(stream["expire_time"] for stream in [*data["streams"], *data["audio_streams"]])
    assert data["headers"]["Referer"].startswith("https://www.bilibili.com")
    assert data["headers"]["User-Agent"].startswith("Mozilla/5.0")


def test_a_member_gets_the_best_quality(crawls: dict[str, Crawl]) -> None:
    data = crawls["vip"].only()["data"]
    best = data["video_data"]["streams"][0]
    assert (best["quality"], best["width"], best["height"]) in (("4K", 3840, 2160), ("4K", 2160, 3840))
    assert data["meta"]["logged_in"] is True
    assert all("try_look" not in request.query for request in crawls["vip"].asked(PLAYURL))


def test_the_selected_part(crawls: dict[str, Crawl]) -> None:
    done, video = crawls["parts"], special(WORLD, "multipart")
    second, third, ninth = (by_target(done)[f"{link(video.bvid)}?p={number}"][0] for number in (2, 3, 9))
    for place, envelope in ((1, second), (2, third)):
        record, cid = envelope["data"], str(video.cids[place])
        assert record["alt_ids"]["cid"] == record["video_data"]["cid"] == cid
        assert all(f"/{cid}/" in url for stream in record["video_data"]["streams"] for url in stream["urls"])
        assert len(record["parts"]) == 4
    pages = work.pages_of(video)
    turned = pages[2]["dimension"]
    assert (third["data"]["width"], third["data"]["height"]) == (turned["height"], turned["width"])
    assert (ninth["code"], ninth["data"]["error"]["name"]) == (404, "NOT_FOUND")


def test_what_is_gone_is_answered(crawls: dict[str, Crawl]) -> None:
    done = crawls["special"]
    answers = by_target(done)
    for name, code in GONE.items():
        envelope = answers[link(WORLD.special[name])][0]
        error = envelope["data"]["error"]
        assert (envelope["code"], envelope["router"]) == (code, VIDEO), name
        assert error["input"] == link(WORLD.special[name])
        assert error["name"] == {404: "NOT_FOUND", 451: "PRIVATE"}[code]
        assert error["message"] and error["remedy"] and error["retryable"] is False
        assert envelope["data"]["meta"]["platform"] == "bilibili"
    assert len(done.envelopes) == len(GONE) + len(VISIBLE)
    assert done.code == 0


def test_videos_of_every_trait(records: dict[str, dict[str, Any]]) -> None:
    silent, charging, old = records["silent"]["video_data"], records["charging"], records["old_view"]
    assert silent["streams"] and silent["audio_streams"] == [] and silent["audio_url"] is None
    assert charging["flags"]["paid"] is True and charging["availability"] == "paid"
    assert charging["video_data"]["preview"] is True
    assert records["coop"]["flags"]["coop"] is True and len(records["coop"]["coauthors"]) == 2
    assert records["season"]["mix"] == {"id": str(listing.SEASON_ID), "title": "合集", "episode": 1}
    assert records["interactive"]["flags"]["interactive"] is True
    assert old["video_id"] == WORLD.special["old_view"] and old["video_data"]["streams"]
    assert '&lt;1&gt; "' not in records["entities"]["title"] and 'Q&A <1> "' in records["entities"]["title"]
    assert records["null_desc_v2"]["mentions"] is None
    assert records["dolby"]["video_data"]["audio_streams"][0]["quality"] == "Dolby Atmos"
    assert records["flac"]["video_data"]["audio_streams"][0]["quality"] == "Hi-Res"
    assert records["redirect"]["refs"]["redirect"] == work.REDIRECT_URL
    assert records["forward"]["refs"]["forward_of"] == str(ONE.aid)


def test_a_video_of_single_files_only(records: dict[str, dict[str, Any]]) -> None:
    data = records["durl_only"]["video_data"]
    assert [piece["order"] for piece in data["segments"]] == [1, 2, 3, 4]
    assert data["nwm_video_url"] is data["nwm_video_url_HQ"] is data["audio_url"] is None, "no piece is the video"
    assert data["streams"] == [] and data["expire_time"]


def test_a_video_whose_streams_are_refused(crawls: dict[str, Crawl], records: dict[str, dict[str, Any]]) -> None:
    for name in ("voucher_playurl", "redirect"):
        assert records[name]["video_data"] is None
        assert records[name]["meta"]["missing"] == ["video_data"]
        assert records[name]["title"] == special(WORLD, name).title
    assert records["flac"]["video_data"], "the others go on"


def test_streams_by_part(crawls: dict[str, Crawl]) -> None:
    video = special(WORLD, "multipart")
    sets, parts = (crawls["playurl"].of(f"{ROUTER}/{name}") for name in ("fetch_video_playurl", "fetch_video_parts"))
    cids = [str(cid) for cid in video.cids]
    assert sorted(stream_set["cid"] for stream_set in sets) == [part["cid"] for part in parts] == cids
    assert all(stream_set["video_data"]["streams"][0]["cid"] == stream_set["cid"] for stream_set in sets)
    assert [part["no"] for part in parts] == [1, 2, 3, 4]
    assert [part["title"] for part in parts] == [page["part"] for page in work.pages_of(video)]
    one = crawls["cid"]
    assert one.only()["data"]["cid"] == cids[2] and one.asked("/x/player/pagelist") == []
    assert crawls["wrong_cid"].only()["code"] == 404 and crawls["wrong_cid"].code == 0


def test_a_number_is_computed_without_a_request(crawls: dict[str, Crawl]) -> None:
    done = crawls["aid"]
    record = done.only()["data"]
    assert (record["input"], record["value"], record["id_kind"]) == (ONE.bvid, str(ONE.aid), "aid")
    assert done.requests == []


def test_profiles(crawls: dict[str, Crawl]) -> None:
    banned, gone = sorted(crawls["guest"].envelopes, key=lambda envelope: envelope["code"])
    creator, member = WORLD.creator(0), crawls["member"].only()["data"]
    assert banned["router"] == gone["router"] == PROFILE and gone["code"] == 404
    assert banned["data"]["banned"] is True
    assert banned["data"]["statistics"]["play_total"] is None
    assert crawls["guest"].asked("/x/space/upstat") == []
    assert (member["uid"], member["nickname"]) == (str(creator.mid), creator.name)
    counts = member["statistics"]
    assert (counts["follower_count"], counts["following_count"]) == (users.followers(creator), users.following(creator))
    assert (counts["video_count"], counts["play_total"]) == (40, creator.hash % 90_000_000)
    assert member["meta"]["logged_in"] is True and member["meta"]["missing"] == []
