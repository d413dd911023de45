"""Lists that look empty: of an owner who has nothing, is gone, is banned, hides them, or of whom nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.worlds import bilibili as shelves

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
    assert "did not say whether the owner of the list exists" in failure["data"]["error"]["message"]
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
