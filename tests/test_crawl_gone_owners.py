"""Lists that look empty: of an owner who has nothing, is gone, is banned, hides them, or of whom nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.simulator.worlds import bilibili as shelves
from tests.tiktok import SITE, TIKTOK, go

WORLD = World(seed=1, creators=2, videos=50)
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
NEVER = 3546000000000001
CARD = "/x/web-interface/card"
OF_USERS = (
    "fetch_user_post_videos",
    "fetch_user_dynamic",
    "fetch_collect_folders",
    "fetch_user_seasons_series",
    "fetch_user_followers",
    "fetch_user_following",
)


def of(mid: object, *words: str, **more: Any) -> Crawl:
    return crawl(f"uid={mid}", *words, world=WORLD, config=LOGIN, **more)


@pytest.fixture(scope="module")
def lists() -> Mapping[str, Crawl]:
    """Every list of a user who is gone, and of a number that nobody ever had."""
    owners = {"gone": WORLD.special["user_gone"], "never": NEVER}
    return together(
        **{
            f"{name} {router}": lambda mid=mid, router=router: of(mid, f"router={router}")
            for name, mid in owners.items()
            for router in OF_USERS
        }
    )


@pytest.fixture(scope="module")
def crawls() -> Mapping[str, Crawl]:
    empty, banned = WORLD.special["user_empty"], WORLD.special["user_banned"]
    own, other = WORLD.creator(0).mid, WORLD.creator(1).mid
    season, series = shelves.FIRST_SEASON, shelves.FIRST_SERIES
    return together(
        empty=lambda: of(empty),
        banned=lambda: of(banned, "router=fetch_collect_folders"),
        full=lambda: of(own),
        untold=lambda: of(empty, faults=[Fault(path=CARD, do="status", args={"status": 503})]),
        other_season=lambda: crawl(f"url=https://space.bilibili.com/{other}/lists/{season}", world=WORLD),
        other_series=lambda: crawl(f"url=https://www.bilibili.com/list/{other}?sid={series}", world=WORLD),
        no_series=lambda: crawl(f"url=https://www.bilibili.com/list/{own}?sid=77", world=WORLD),
        own_season=lambda: crawl(f"url=https://www.bilibili.com/list/{own}?sid={season}&type=season", world=WORLD),
    )


@pytest.mark.parametrize("name", [f"{owner} {router}" for owner in ("gone", "never") for router in OF_USERS])
def test_a_list_of_nobody_is_not_an_empty_list(lists: Mapping[str, Crawl], name: str) -> None:
    failure = lists[name].only()
    assert (failure["code"], failure["data"]["error"]["name"]) == (404, "NOT_FOUND")
    assert failure["router"].endswith(name.partition(" ")[2]) and lists[name].code == 0
    assert len(lists[name].asked(CARD)) == 1


def test_an_empty_list_costs_one_more_request_and_any_other_none(crawls: Mapping[str, Crawl]) -> None:
    record = crawls["empty"].only()["data"]
    assert (record["meta"]["record_type"], record["count"], crawls["empty"].code) == ("listing", 0, 0)
    [asked] = crawls["empty"].asked(CARD)
    assert "w_rid" not in asked.query
    assert len(crawls["full"].records) == 50 and not crawls["full"].asked(CARD)


def test_a_banned_owner_is_named(crawls: Mapping[str, Crawl]) -> None:
    error = crawls["banned"].only()["data"]["error"]
    assert (error["name"], error["message"]) == ("NOT_FOUND", "the account is banned")


def test_an_owner_who_could_not_be_looked_up_makes_no_empty_list(crawls: Mapping[str, Crawl]) -> None:
    failure = crawls["untold"].only()
    assert (failure["code"], failure["data"]["error"]["name"]) == (206, "INCOMPLETE")
    message = failure["data"]["error"]["message"]
    assert "did not say whether the owner of the list exists (card route: UPSTREAM" in message
    assert crawls["untold"].code != 0


def test_a_number_of_another_users_list_gives_none_of_its_videos(crawls: Mapping[str, Crawl]) -> None:
    for name, hint in {
        "other_season": "type=series",
        "other_series": "type=season",
        "no_series": "type=season",
    }.items():
        error = crawls[name].only()["data"]["error"]
        assert error["name"] == "NOT_FOUND" and hint in error["message"], name
    assert str(WORLD.creator(0).mid) in crawls["other_season"].only()["data"]["error"]["message"]
    assert {record["author"]["uid"] for record in crawls["own_season"].records} == {str(WORLD.creator(0).mid)}


DOUYIN_WORLD = World(seed=1, creators=2, videos=5, signing=OPEN)
DOUYIN, WWW, API = DOUYIN_WORLD.douyin, "https://www.douyin.com", "/aweme/v1/web"
DOUYIN_LOGIN = {"douyin_web": f'cookie: "{DOUYIN.login_cookie}"\n'}
MIX, SOUND, HASHTAG = "7400000000000000001", "7400000000000000002", "1600000000000001"
NO_WORKS = {"status_code": 0, "aweme_list": None, "cursor": 0, "has_more": 0}
MIX_INFO = {"mix_id": MIX, "mix_name": "a", "statis": {"updated_to_episode": 0}}


def answering(path: str, **body: Any) -> Fault:
    return Fault(path=path, do="json", body=body)


def of_douyin(link: str, path: str, empty: Mapping[str, Any], *words: str, faults: tuple[Fault, ...] = ()) -> Crawl:
    """Crawl a list that the platform answers as empty."""
    every = [answering(f"{API}/{path}/", **empty), *faults]
    return crawl(
        f"url={WWW}/{link}", *words, world=DOUYIN_WORLD, command=("crawl", "douyin"), configs=DOUYIN_LOGIN, faults=every
    )


def of_mix(detail: Mapping[str, Any]) -> Crawl:
    answers = answering(f"{API}/mix/detail/", **{"status_code": 0, **detail})
    return of_douyin(f"collection/{MIX}", "mix/aweme", NO_WORKS, faults=(answers,))


def of_related(video: str) -> Crawl:
    return of_douyin(f"video/{video}", "aweme/related", NO_WORKS, "router=fetch_related_videos")


@pytest.fixture(scope="module")
def douyin() -> Mapping[str, Crawl]:
    gone, banned, empty = (DOUYIN.special_creator(f"user_{name}").sec_uid for name in ("gone", "banned", "empty"))
    no_hashtag = answering(f"{API}/challenge/detail/", status_code=0, ch_info=None)
    no_mixes = (
        "mix/list",
        {"status_code": 0, "mix_infos": None, "cursor": 0, "has_more": 0, "total": 0},
        "router=fetch_user_mix_list",
    )
    no_fans = (
        "user/follower/list",
        {"status_code": 0, "followers": [], "has_more": False, "total": 0},
        "router=fetch_user_followers",
    )
    return together(
        mixes_gone=lambda: of_douyin(f"user/{gone}", *no_mixes),
        mixes_banned=lambda: of_douyin(f"user/{banned}", *no_mixes),
        mixes_empty=lambda: of_douyin(f"user/{empty}", *no_mixes),
        fans_gone=lambda: of_douyin(f"user/{gone}", *no_fans),
        fans_empty=lambda: of_douyin(f"user/{empty}", *no_fans),
        related_gone=lambda: of_related(DOUYIN.special_work("status_deleted").id),
        related_empty=lambda: of_related(DOUYIN.video(0, 0).id),
        mix_untold=lambda: of_mix({"mix_info": None}),
        mix_empty=lambda: of_mix({"mix_info": MIX_INFO}),
        mix_counted=lambda: of_mix({"mix_info": {**MIX_INFO, "statis": {"updated_to_episode": 3}}}),
        mix_gone=lambda: of_mix({"status_code": 2065}),
        sound_untold=lambda: of_douyin(f"music/{SOUND}", "music/aweme", NO_WORKS),
        hashtag_untold=lambda: of_douyin(f"hashtag/{HASHTAG}", "challenge/aweme", NO_WORKS, faults=(no_hashtag,)),
        hashtag_empty=lambda: of_douyin(f"hashtag/{HASHTAG}", "challenge/aweme", NO_WORKS),
    )  # fmt: skip


def outcome(done: Crawl) -> str:
    envelope = done.only()
    return "" if envelope["code"] == 200 else envelope["data"]["error"]["name"]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("mixes_gone", "NOT_FOUND"),
        ("mixes_banned", "NOT_FOUND"),
        ("mixes_empty", ""),
        ("fans_gone", "NOT_FOUND"),
        ("fans_empty", ""),
        ("related_gone", "NOT_FOUND"),
        ("related_empty", ""),
        ("mix_untold", "INCOMPLETE"),
        ("mix_empty", ""),
        ("mix_counted", "INCOMPLETE"),
        ("mix_gone", "NOT_FOUND"),
        ("sound_untold", "INCOMPLETE"),
        ("hashtag_untold", "INCOMPLETE"),
        ("hashtag_empty", ""),
    ],
)
def test_an_empty_list_of_douyin_is_one_only_if_its_owner_exists(
    douyin: Mapping[str, Crawl], name: str, expected: str
) -> None:
    done = douyin[name]
    assert (outcome(done), done.code == 0) == (expected, expected != "INCOMPLETE")
    if not expected:
        assert done.only()["data"]["count"] == 0


PLAYLIST, TIKTOK_SOUND = "7300000000000000077", TIKTOK.gathered.sound_id(TIKTOK.video(0, 0))
NO_ITEMS = {"statusCode": 0, "hasMore": False, "cursor": "0"}


def playlist(**detail: Any) -> Crawl:
    answers = [answering("/api/mix/item_list/", **NO_ITEMS), answering("/api/mix/detail/", **detail)]
    return go(f"url={SITE}/@a/playlist/songs-{PLAYLIST}", faults=answers)


def of_post(video: str, router: str) -> Crawl:
    answers = [
        answering("/api/comment/list/", status_code=0, comments=None, has_more=0, cursor=0, total=0),
        answering("/api/related/item_list/", statusCode=0, itemList=[]),
    ]
    return go(f"url={SITE}/@a/video/{video}", f"router={router}", faults=answers)


@pytest.fixture(scope="module")
def tiktok() -> Mapping[str, Crawl]:
    mix = {"id": PLAYLIST, "videoCount": 0}
    return together(
        gone=lambda: playlist(statusCode=100002),
        empty=lambda: playlist(statusCode=0, mixInfo={"mix": mix}),
        counted=lambda: playlist(statusCode=0, mixInfo={"mix": {**mix, "videoCount": 4}}),
        untold=lambda: playlist(statusCode=0),
        no_sound=lambda: go(
            f"url={SITE}/music/a-7200000000000000077", faults=[answering("/api/music/item_list/", **NO_ITEMS)]
        ),
        sound=lambda: go(f"url={SITE}/music/a-{TIKTOK_SOUND}", faults=[answering("/api/music/item_list/", **NO_ITEMS)]),
        related_gone=lambda: of_post(TIKTOK.special_work("status_deleted").id, "fetch_related_videos"),
        related_empty=lambda: of_post(TIKTOK.video(0, 0).id, "fetch_related_videos"),
        comments_gone=lambda: of_post(TIKTOK.special_work("status_deleted").id, "fetch_post_comment"),
    )


@pytest.mark.parametrize(
    "name, expected",
    [
        ("gone", "NOT_FOUND"),
        ("empty", ""),
        ("counted", "INCOMPLETE"),
        ("untold", "INCOMPLETE"),
        ("no_sound", "NOT_FOUND"),
        ("sound", ""),
        ("comments_gone", "NOT_FOUND"),
        ("related_gone", "NOT_FOUND"),
        ("related_empty", ""),
    ],
)
def test_an_empty_list_of_tiktok_is_one_only_if_its_owner_exists(
    tiktok: Mapping[str, Crawl], name: str, expected: str
) -> None:
    assert outcome(tiktok[name]) == expected


def test_a_list_whose_pages_are_all_empty_is_of_an_owner_who_is_gone() -> None:
    pages = [
        {"code": 0, "data": {"items": [], "has_more": has_more, "offset": offset}}
        for has_more, offset in ((True, "800000000000000001"), (False, ""))
    ]
    feed = "/x/polymer/web-dynamic/v1/feed/space"
    faults = [Fault(path=feed, first=2, do="json", body=pages[0]), Fault(path=feed, do="json", body=pages[1])]
    done = of(WORLD.special["user_gone"], "router=fetch_user_dynamic", faults=faults)
    assert (done.code, done.only()["code"]) == (0, 404), done.err
    assert len(done.asked(feed)) == 3 and len(done.asked(CARD)) == 1
    assert [row["stopped"] for row in done.rows] == ["target_gone"]
