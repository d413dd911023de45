"""A count of 0 beside signs of life is not known; a count of 0 alone is 0."""

from typing import Any

import pytest

from scraper.records import AuthorRef, AuthorStatistics, Can, Cover, Flags, Refs, Video, VideoStatistics, meta_for
from scraper.records.unknown_zeros import SIGNS_OF_LIFE, forget_all_zeros, forget_unknown_zeros
from tests.cases import ROOT
from tests.recordings import context, endpoint_of

DOUYIN, TIKTOK, BILIBILI = "/api/douyin/web", "/api/tiktok/web", "/api/bilibili/web"
HASHTAG = {"id": "7", "title": "cats"}
MIX = {"mix_id": "7", "author": {"uid": "8"}}

# endpoint, raw record, what it must give
CASES: list[tuple[str, dict[str, Any], dict[str, int | None]]] = [
    (f"{TIKTOK}/fetch_hashtag_detail", {"challenge": HASHTAG, "stats": {"videoCount": 0, "viewCount": 9}},
     {"video_count": None, "view_count": 9}),
    (f"{TIKTOK}/fetch_hashtag_detail", {"challenge": HASHTAG, "stats": {"videoCount": 9, "viewCount": 0}},
     {"video_count": 9, "view_count": None}),
    (f"{TIKTOK}/fetch_hashtag_detail", {"challenge": HASHTAG, "stats": {"videoCount": 0, "viewCount": 0}},
     {"video_count": 0, "view_count": 0}),
    (f"{TIKTOK}/fetch_hashtag_detail",
     {"challenge": HASHTAG, "statsV2": {"videoCount": "0", "viewCount": "9"}, "stats": {"videoCount": 5}},
     {"video_count": 5, "view_count": 9}),
    (f"{DOUYIN}/fetch_hashtag_detail", {"cid": "7", "cha_name": "cats", "user_count": 0, "view_count": 9},
     {"user_count": None, "view_count": 9}),
    (f"{DOUYIN}/fetch_mix_detail", {**MIX, "statis": {"play_vv": 0, "collect_vv": 4, "updated_to_episode": 3}},
     {"statistics.play_count": None, "item_count": 3}),
    (f"{DOUYIN}/fetch_mix_detail", {**MIX, "statis": {"play_vv": 9, "updated_to_episode": 0}},
     {"statistics.play_count": 9, "item_count": None}),
    (f"{DOUYIN}/fetch_mix_detail", {**MIX, "statis": {"play_vv": 0, "collect_vv": 0, "updated_to_episode": 0}},
     {"statistics.play_count": 0, "statistics.collect_count": 0, "item_count": 0}),
    (f"{BILIBILI}/fetch_one_video",
     {"bvid": "BV1L9Uoa9EUx", "pubdate": 1700000000, "owner": {"mid": 5}, "stat": {"view": 0, "like": 3, "coin": 0}},
     {"statistics.play_count": None, "statistics.digg_count": 3, "statistics.coin_count": 0}),
    (f"{TIKTOK}/fetch_user_profile",
     {"user": {"id": "7", "uniqueId": "cat"}, "stats": {"videoCount": 0, "heartCount": 40, "followerCount": 0}},
     {"statistics.video_count": None, "statistics.total_favorited": 40, "statistics.follower_count": 0}),
]  # fmt: skip


@pytest.mark.parametrize("router, raw, right", CASES)
def test_a_zero_that_cannot_be_is_null(router: str, raw: dict[str, Any], right: dict[str, int | None]) -> None:
    endpoint = endpoint_of(router)
    record = endpoint.routes[0].parse(raw, context(endpoint.kind, "7"))
    assert record is not None
    forget_unknown_zeros(record)
    assert {name: value_at(record, name) for name in right} == right


def value_at(value: Any, name: str) -> Any:
    for step in name.split("."):
        value = getattr(value, step)
    return value


def test_every_route_forgets_them() -> None:
    endpoint = endpoint_of(f"{TIKTOK}/fetch_hashtag_detail")
    raw = {"challenge": HASHTAG, "stats": {"videoCount": 0, "viewCount": 9}}
    for route in endpoint.routes:
        record = route.requested_record(raw, context(endpoint.kind, "cats"))
        assert record is not None and record.video_count is None


def test_a_video_without_reactions_may_have_no_views() -> None:
    quiet = video(play_count=0, digg_count=0, comment_count=None)
    forget_unknown_zeros(quiet)
    assert (quiet.statistics.play_count, quiet.statistics.digg_count) == (0, 0)


def test_a_watched_video_may_have_no_reactions() -> None:
    watched = video(play_count=500, digg_count=0, share_count=0)
    forget_unknown_zeros(watched)
    assert (watched.statistics.digg_count, watched.statistics.share_count) == (0, 0)


def test_users_of_a_list_have_no_zeros() -> None:
    statistics = AuthorStatistics(follower_count=0, video_count=3)
    forget_all_zeros(statistics)
    assert (statistics.follower_count, statistics.video_count, statistics.friend_count) == (None, 3, None)


def video(**counts: int | None) -> Video:
    return Video(
        video_id="7",
        url="https://a.test/7",
        create_time=1,
        author=AuthorRef(uid="8"),
        statistics=VideoStatistics(**counts),
        flags=Flags(),
        can=Can(),
        availability="unknown",
        refs=Refs(),
        cover_data=Cover(),
        meta=meta_for(Video, "tiktok", "7"),
    )


def test_the_documentation_lists_every_rule() -> None:
    page = (ROOT / "docs" / "unknown-values.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    for rules in SIGNS_OF_LIFE.values():
        for name, signs in rules.items():
            wanted = {f"`{sign}`" for sign in signs}
            listed = [set(row[3].replace(",", " ").split()) for row in rows if f"{name}`" in row[2]]
            assert any(wanted <= named for named in listed), name
