"""Whole crawls of what else TikTok lists: playlists, users, hashtags, sounds, searches, live rooms, many works."""

from __future__ import annotations

import pytest

from tests.crawling import Crawl, by_target, together
from tests.simulator import Fault
from tests.simulator.worlds.realm import Maker
from tests.tiktok import ROUTER, SITE, TIKTOK, go, maker, user, works

GATHERED = TIKTOK.gathered
TAG = "kitten"
TAG_ID = str(GATHERED.tag_id(TAG))
FIRST = TIKTOK.video(0, 0)
SOUND = GATHERED.sound_id(FIRST)
LONG, SHORT = GATHERED.mixes(maker(0))[0], GATHERED.mixes(maker("user_playlists"))
MIX, COLLECTION = GATHERED.mix_id(LONG), GATHERED.collection()
FAULTS = [Fault(path="/api/*", every=5, times=1, do=kind) for kind in ("reset", "truncate", "garbage", "rate_limit")]
SECOND = {"path": "/api/mix/item_list/", "query": {"cursor": "30"}}
APP = "/api/tiktok/app/fetch_multi_video"


def idents(makers: list[Maker]) -> list[str]:
    return [person.sec_uid for person in makers]


def ids(done: Crawl, name: str, field: str = "video_id") -> list[str]:
    return [record[field] for record in done.of(name if name.startswith("/") else f"{ROUTER}/{name}")]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    shy = f"url={user('user_shy')}"
    return together(
        mixes=lambda: go(f"url={user('user_playlists')}", "router=fetch_user_play_list", "count=20"),
        mix=lambda: go(f"url={SITE}/@{maker(0).handle}/playlist/songs-{MIX}", faults=FAULTS),
        collection=lambda: go(f"url={SITE}/@{maker(0).handle}/collection/saved-{COLLECTION}"),
        fans=lambda: go(f"url={user(0)}", "router=fetch_user_fans", login=True, settings={"OBSERVE": "edge"}),
        followed=lambda: go(f"secUid={maker(0).sec_uid}", "router=fetch_user_follow", "count=10", login=True),
        walled=lambda: go(shy, "router=fetch_user_fans"),
        shy=lambda: go(shy, "router=fetch_user_follow", login=True),
        tag=lambda: go(f"url={SITE}/tag/{TAG.title()}", faults=FAULTS),
        tag_number=lambda: go(f"challengeID={TAG_ID}", "router=fetch_hashtag_videos", "cursor=60"),
        tag_detail=lambda: go(f"challengeName=#{TAG.title()}", "router=fetch_hashtag_detail"),
        tag_missing=lambda: go(f"url={SITE}/tag/fútbol {SITE}/tag/f%C3%BAtbol"),
        music=lambda: go(f"url={SITE}/music/original-sound-{SOUND}", "router=fetch_music_detail,fetch_music_videos"),
        search=lambda: go("keyword=a walk", "router=fetch_search_video"),
        search_users=lambda: go("keyword=人", "router=fetch_search_user"),
        search_nothing=lambda: go("keyword=nothing", "router=fetch_search_video"),
        related=lambda: go(f"itemId={FIRST.id}", "router=fetch_related_videos", "count=12"),
        recommended=lambda: go("router=fetch_recommended"),
        live=lambda: go(f"url={user('user_live')}/live {user('user_was_live')}/live {user(0)}/live"),
        room=lambda: go(f"url=https://m.tiktok.com/share/live/{TIKTOK.room(maker('user_live'))}"),
        many=lambda: go("router=fetch_multi_video", f"aweme_ids={FIRST.id}, {TIKTOK.special['photo']}"),
        many_missing=lambda: go("router=fetch_multi_video", f"aweme_ids={FIRST.id},{TIKTOK.special['unknown_id']}"),
        mix_edges=lambda: go(f"mixId={MIX}", "max_items=3", settings={"OBSERVE": "edge"}),
        tag_places=lambda: go(
            f"challengeID={TAG_ID}", "router=fetch_hashtag_videos", "max_items=3", settings={"OBSERVE": "placement"}
        ),
        again=lambda: go(f"mixId={MIX}", "router=fetch_user_mix", faults=[Fault(**SECOND, do="repeat")]),
        hollow=lambda: go(f"mixId={MIX}", "router=fetch_user_mix", faults=[Fault(**SECOND, do="json", body={
            "statusCode": 0, "cursor": "60", "hasMore": True,
        })]),
        hollow_once=lambda: go(f"mixId={MIX}", "router=fetch_user_mix", faults=[
            Fault(path=SECOND["path"], times=1, do="null_data"),
        ]),
        refused=lambda: go(f"mixId={MIX}", "router=fetch_user_mix", faults=[Fault(path=SECOND["path"], do="sign")]),
    )  # fmt: skip


def test_playlists_and_the_works_in_one(crawls: dict[str, Crawl]) -> None:
    done = crawls["mixes"]
    assert ids(done, "fetch_user_play_list", "mix_id") == [GATHERED.mix_id(playlist) for playlist in SHORT]
    assert len(done.asked("/api/user/playlist/")) == 4 and not done.failures
    assert {record["owner"]["sec_uid"] for record in done.records} == {maker("user_playlists").sec_uid}
    assert ids(crawls["mix"], "fetch_user_mix") == [work.id for work in GATHERED.items(LONG)]
    assert ids(crawls["collection"], "fetch_collection_videos") == [work.id for work in GATHERED.saved()]
    assert not crawls["mix"].failures and not crawls["collection"].failures


def test_who_follows_whom(crawls: dict[str, Crawl]) -> None:
    done = crawls["fans"]
    fans = [record for record in done.records if record["meta"]["record_type"] == "author"]
    assert [fan["sec_uid"] for fan in fans] == idents(GATHERED.followers(maker(0)))
    assert len(done.asked("/api/user/list/")) == 3 and {
        request.query["scene"] for request in done.asked("/api/user/list/")
    } == {"67"}
    edges = [record for record in done.records if record["meta"]["record_type"] == "edge"]
    assert {edge["dst_key"] for edge in edges} == {f"tiktok:author:{maker(0).sec_uid}"} and len(edges) == 65
    assert all(fan["meta"]["partial"] and fan["statistics"]["follower_count"] is None for fan in fans)
    assert ids(crawls["followed"], "fetch_user_follow", "sec_uid") == idents(GATHERED.following(maker(0)))


def test_lists_of_users_that_are_not_shown(crawls: dict[str, Crawl]) -> None:
    assert crawls["walled"].only()["data"]["error"]["name"] == "LOGIN_REQUIRED"
    assert crawls["shy"].only()["data"]["error"]["name"] == "PRIVATE"


def test_what_is_observed_names_things_as_users_do(crawls: dict[str, Crawl]) -> None:
    edges = [record for record in crawls["mix_edges"].records if record["meta"]["record_type"] == "edge"]
    ends = [edge["dst_key"] for edge in edges if edge["edge_kind"] == "in_mix"]
    assert ends == [f"tiktok:mix:{MIX}"] * 3
    places = [record for record in crawls["tag_places"].records if record["meta"]["record_type"] == "placement"]
    assert [place["query"] for place in places] == [TAG_ID] * 3


def test_hashtags(crawls: dict[str, Crawl]) -> None:
    expected = [work.id for work in GATHERED.tagged(TAG_ID) or []]
    done = crawls["tag"]
    assert ids(done, "fetch_hashtag_videos") == expected and len(expected) == 75 and not done.failures
    assert {request.query["challengeID"] for request in done.asked("/api/challenge/item_list/")} == {TAG_ID}
    assert ids(crawls["tag_number"], "fetch_hashtag_videos") == expected[60:]
    assert not crawls["tag_number"].asked("/api/challenge/detail/")
    detail = crawls["tag_detail"].only()["data"]
    assert (detail["hashtag_id"], detail["name"], detail["video_count"]) == (TAG_ID, TAG, 75)
    missing = crawls["tag_missing"]
    assert missing.codes == [404, 404] and set(by_target(missing)) == {f"{SITE}/tag/fútbol", f"{SITE}/tag/f%C3%BAtbol"}
    assert {request.query["challengeName"] for request in missing.asked("/api/challenge/detail/")} == {"fútbol"}


def test_sounds(crawls: dict[str, Crawl]) -> None:
    done = crawls["music"]
    [sound] = done.of(f"{ROUTER}/fetch_music_detail")
    assert (sound["music_id"], sound["video_count"], sound["owner"]["sec_uid"]) == (SOUND, 75, maker(0).sec_uid)
    assert ids(done, "fetch_music_videos") == works(0)[:75] and not done.failures


def test_searches(crawls: dict[str, Crawl]) -> None:
    done = crawls["search"]
    assert ids(done, "fetch_search_video") == [work.id for work in GATHERED.matching("a walk")] and not done.failures
    asked = done.asked("/api/search/item/full/")
    assert [request.query["offset"] for request in asked] == ["0", "20", "40"] and "search_id" not in asked[0].query
    assert len({request.query["search_id"] for request in asked[1:]}) == 1
    assert len(ids(crawls["search_users"], "fetch_search_user", "sec_uid")) == 50
    assert crawls["search_nothing"].only()["data"]["meta"]["record_type"] == "listing"


def test_what_is_proposed(crawls: dict[str, Crawl]) -> None:
    assert len(ids(crawls["related"], "fetch_related_videos")) == 12
    assert ids(crawls["recommended"], "fetch_recommended") == works(0)[:16]


def test_live_rooms(crawls: dict[str, Crawl]) -> None:
    done = crawls["live"]
    by_status = {record["status"]: record for record in done.records}
    assert set(by_status) == {"live", "ended"} and done.codes.count(404) == 1
    live = by_status["live"]
    assert live["room_id"] == TIKTOK.room(maker("user_live")) and live["viewers"] == 12
    assert {(stream["quality"], stream["protocol"]) for stream in live["live_streams"]} == {
        (quality, protocol) for quality in ("Original", "720p") for protocol in ("flv", "hls")
    }
    by_number = crawls["room"].only()["data"]
    assert (by_number["room_id"], by_number["alias"]) == (live["room_id"], live["alias"])


def test_many_works_of_the_app(crawls: dict[str, Crawl]) -> None:
    done = crawls["many"]
    assert ids(done, APP) == [FIRST.id, TIKTOK.special["photo"]] and not done.failures
    [asked] = done.asked("/aweme/v1/multi/aweme/detail/")
    assert asked.method == "POST"
    missing = crawls["many_missing"]
    assert ids(missing, APP) == [FIRST.id]
    [failure] = missing.failures
    assert failure["error"]["name"] == "NOT_FOUND" and TIKTOK.special["unknown_id"] in failure["error"]["message"]


@pytest.mark.parametrize("stop, words", [("again", "earlier pages held"), ("hollow", "no list at all")])
def test_a_stop_that_is_no_end_has_a_name(crawls: dict[str, Crawl], stop: str, words: str) -> None:
    [failure] = crawls[stop].failures
    assert failure["error"]["name"] == "INCOMPLETE" and words in failure["error"]["message"]
    assert len(ids(crawls[stop], "fetch_user_mix")) == 30


def test_where_the_plain_answer_is_hollow_the_page_is_asked(crawls: dict[str, Crawl]) -> None:
    done = crawls["hollow_once"]
    assert not done.failures and {record["meta"]["surface"] for record in done.records} == {"browser"}
    assert ids(done, "fetch_user_mix") == [work.id for work in GATHERED.items(LONG)]


def test_a_list_that_is_refused_on_every_way(crawls: dict[str, Crawl]) -> None:
    assert crawls["refused"].only()["data"]["error"]["name"] in ("SIGNATURE_REJECTED", "CHALLENGE")
