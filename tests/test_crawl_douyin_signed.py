"""Douyin's endpoints where nothing is answered unsigned: by its own page, in a real Chromium."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.browsers import chromium
from tests.crawling import crawl
from tests.simulator import World

WORLD = World(seed=1, creators=3, videos=50, comments=70, replies=3)
DOUYIN = WORLD.douyin
USER, BUSY, STAR = DOUYIN.creator(0).sec_uid, DOUYIN.special["busy"], DOUYIN.special_creator("user_live")
ROOM = DOUYIN.special["room"]


@pytest.mark.parametrize(
    "words, count",
    [
        ([f"url={USER}"], 50),
        ([f"url={USER}", "router=handler_user_profile,fetch_user_followers"], 46),
        ([f"url={BUSY}", "router=fetch_video_comments"], 70),
        (["url=https://www.douyin.com/search/%E7%8C%AB", "router=fetch_general_search,fetch_user_search"], 90),
        (["router=fetch_user_collection_videos"], 50),
        ([f"room_id={ROOM}", f"author_id={STAR.uid}", "router=fetch_live_room_product_result"], 25),
    ],
    ids=["posts", "users", "comments", "search", "favourites", "products"],
)  # fmt: skip
def test_it_is_signed_by_the_page(words: Sequence[str], count: int) -> None:
    chromium()
    login = {"douyin_web": f'cookie: "{DOUYIN.login_cookie}"\n'}
    done = crawl(*words, world=WORLD, command=("crawl", "douyin"), configs=login)
    assert (done.code, done.failures, len(done.records)) == (0, [], count)
    assert {each["meta"]["surface"] for each in done.records} <= {"browser", "page"}
    signed = [each for each in done.requests if "a_bogus" in each.query]
    assert signed and {each.status for each in signed} == {200}
    for each in signed:
        assert each.query["browser_version"] in each.headers["user-agent"]
