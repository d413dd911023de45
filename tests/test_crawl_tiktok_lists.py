"""Whole crawls of the works of TikTok's users: their own, and those that they like, save and repost."""

from __future__ import annotations

import shlex

import pytest

from tests.crawling import STUBBORN, Crawl, together
from tests.simulator import Fault
from tests.tiktok import ROUTER, TIKTOK, go, user, works

POSTS, LIKES, SAVED, REPOSTS = (
    f"{ROUTER}/fetch_user_{name}" for name in ("post", "like", "collect", "repost")
)  # fmt: skip
CREATOR, POST, LIKED = "/api/creator/item_list/", "/api/post/item_list/", "/api/favorite/item_list/"
DRY = {"statusCode": 0, "itemList": None, "hasMorePrevious": True}
HIDDEN = {"statusCode": 0, "hasMorePrevious": False, "hasMoreLatest": False}
SINGLE = {"RETRY_TIMES": 0}
BROKEN = [Fault(path=CREATOR, after=2, do="status"), Fault(path=POST, do="status")]
NOBODY = [Fault(path="/@*", after=1, do="status"), Fault(path="/api/user/detail/", do="status")]
FAULTS = [Fault(path="/api/*", every=6, times=2, do=kind) for kind in ("reset", "truncate", "rate_limit", "garbage")]


def ids(done: Crawl, router: str = POSTS) -> list[str]:
    return [record["video_id"] for record in done.of(router)]


def moment(place: int) -> int:
    """Where the list of the first creator goes on after so many works, in ms."""
    return TIKTOK.listed(TIKTOK.creator(0), place - 1).created * 1000


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    liker = f"url={user('user_likes')}"
    return together(
        posts=lambda: go(f"url={user(0)} {user(1, 'sec_uid')}", faults=FAULTS, settings=STUBBORN),
        some=lambda: go(f"url={user(0)}", "max_items=20", "with=author"),
        holes=lambda: go(f"url={user('user_holes')}"),
        private=lambda: go(f"url={user('user_private_counted')} {user('user_private')} {user('user_gone')}"),
        empty=lambda: go(f"url={user('user_empty')}"),
        browser=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, after=2, do="sign")]),
        withheld=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, do="json", body=HIDDEN)]),
        waf=lambda: go(f"url={user(0)}", faults=[Fault(path="/@*", do="risk")]),
        again=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, after=2, do="repeat")]),
        dry=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, after=2, do="json", body=DRY)]),
        dry_once=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, nth=3, do="json", body=DRY)]),
        broken=lambda: go(f"url={user(0)}", faults=BROKEN, settings=SINGLE),
        made=lambda: go(f"url={user(0)}", "max_items=2", "with=author", faults=NOBODY, settings=SINGLE),
        rest=lambda: go(f"secUid={TIKTOK.creator(0).sec_uid}", "router=fetch_user_post", f"cursor={moment(30)}"),
        again_once=lambda: go(f"url={user(0)}", faults=[Fault(path=CREATOR, nth=3, do="repeat")]),
        likes=lambda: go(liker, "router=fetch_user_like"),
        likes_again=lambda: go(liker, "router=fetch_user_like", faults=[Fault(path=LIKED, after=2, do="repeat")]),
        likes_null=lambda: go(liker, "router=fetch_user_like", faults=[Fault(path=LIKED, after=1, do="json", body={
            "statusCode": 0, "itemList": None, "cursor": "60", "hasMore": True,
        })]),
        hidden=lambda: go(f"url={user(0)}", "router=fetch_user_like"),
        saved=lambda: go(f"url={user(0)}", "router=fetch_user_collect", login=True),
        unsaved=lambda: go(f"secUid={TIKTOK.creator(0).sec_uid}", "router=fetch_user_collect"),
        reposts=lambda: go(f"url={user(0)}", "router=fetch_user_repost"),
        start=lambda: go(f"secUid={TIKTOK.creator(0).sec_uid}", "router=fetch_user_repost", "cursor=60"),
    )  # fmt: skip


def test_all_works_of_two_creators_under_faults(crawls: dict[str, Crawl]) -> None:
    done = crawls["posts"]
    assert not done.failures and sorted(ids(done)) == sorted([*works(0), *works(1)])
    assert [ident for ident in ids(done) if ident in works(0)] == works(0)
    assert not done.asked(POST) and len(done.asked(CREATOR)) >= 12
    assert done.err.count("declared 80, collected 80, stopped: end") == 2
    assert {record["meta"]["surface"] for record in done.records} == {"web"}
    devices = {request.query["secUid"]: request.query["device_id"] for request in done.asked(CREATOR)}
    assert len(set(devices.values())) == 2 and not any(device.endswith("0") for device in devices.values())
    asked = done.asked(CREATOR)[0]
    assert asked.query["browser_version"] in asked.headers["user-agent"] and "X-Bogus" not in asked.query


def test_a_limit(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["some"]) == works(0)[:20] and len(crawls["some"].asked(CREATOR)) == 2


def test_who_made_the_works_is_asked_for_once(crawls: dict[str, Crawl]) -> None:
    [author] = crawls["some"].of(f"{ROUTER}/fetch_user_profile")
    assert author["sec_uid"] == TIKTOK.creator(0).sec_uid


def test_the_works_of_a_user_go_on_by_the_line_that_says_where_they_broke_off(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["broken"].failures
    words = shlex.split(failure["error"]["remedy"].partition("this alone: ")[2])
    assert words[:5] == ["scrapy", "crawl", "tiktok", "-a", "router=fetch_user_post"]
    rest = go(*words[4::2])
    assert (
        f"uniqueId={TIKTOK.creator(0).handle}" in words
        and ids(crawls["broken"]) + ids(rest) == works(0)
        and rest.code == 0
    )


def test_a_maker_who_did_not_come_is_named_by_his_key(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["made"].failures
    assert failure["meta"]["key"] == f"tiktok:author:{TIKTOK.creator(0).sec_uid}"
    assert f"uniqueId={TIKTOK.creator(0).handle}" in failure["error"]["remedy"]


def test_a_list_with_holes_of_weeks(crawls: dict[str, Crawl]) -> None:
    done = crawls["holes"]
    assert not done.failures and ids(done) == works("user_holes")
    assert len(done.asked(CREATOR)) > 3 + 2  # three pages, and steps of a week before the third
    assert done.rows[0]["gaps"] > 0 and "WARNING" not in done.err, "they are no loss, since all that is counted came"
    assert crawls["posts"].rows[0]["gaps"] == 0


def test_a_list_that_runs_dry_before_all_its_works_came_is_no_end(crawls: dict[str, Crawl]) -> None:
    done = crawls["dry"]
    [failure] = done.failures
    assert failure["error"]["name"] == "INCOMPLETE" and "showed nothing on its last" in failure["error"]["message"]
    assert ids(done) == works(0)[:30] and failure["meta"]["cursor"] == str(moment(30)), "before the empty pages"
    assert "declared 80, collected 30, stopped: cursor_stalled" in done.err
    assert ids(crawls["rest"]) == works(0)[30:] and not crawls["rest"].failures


def test_a_page_that_came_empty_is_no_hole(crawls: dict[str, Crawl]) -> None:
    done = crawls["dry_once"]
    assert ids(done) == works(0) and not done.failures
    assert done.asked(CREATOR)[2].query["cursor"] == done.asked(CREATOR)[3].query["cursor"]


def test_private_gone_and_empty_accounts(crawls: dict[str, Crawl]) -> None:
    assert crawls["private"].codes and sorted(crawls["private"].codes) == [404, 451, 451]
    assert not crawls["private"].asked(POST)
    nothing = crawls["empty"].only()
    assert (nothing["code"], nothing["data"]["meta"]["record_type"]) == (200, "listing")


def test_where_the_unsigned_list_is_refused_the_page_goes_on(crawls: dict[str, Crawl]) -> None:
    done = crawls["browser"]
    assert not done.failures and ids(done) == works(0)
    assert {record["meta"]["surface"] for record in done.records} == {"web", "browser"}
    assert ids(crawls["withheld"]) == works(0) and len(crawls["withheld"].asked(CREATOR)) == 1


def test_a_profile_page_that_is_refused_is_made_up_for(crawls: dict[str, Crawl]) -> None:
    done = crawls["waf"]
    assert not done.failures and ids(done) == works(0) and done.asked("/api/user/detail/")


def test_a_page_that_comes_again_is_no_end(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["likes_again"].failures
    assert failure["error"]["name"] == "INCOMPLETE" and "earlier pages held" in failure["error"]["message"]
    assert len(ids(crawls["likes_again"], LIKES)) == 60
    [failure] = crawls["likes_null"].failures
    assert "no list at all" in failure["error"]["message"] and failure["meta"]["cursor"] == "30"


def test_a_page_that_comes_again_is_asked_for_by_other_devices_and_then_by_the_page(crawls: dict[str, Crawl]) -> None:
    once, always = crawls["again_once"], crawls["again"]
    assert ids(once) == ids(always) == works(0) and not once.failures + always.failures
    devices = [request.query["device_id"] for request in once.asked(CREATOR)]
    assert len({*devices}) == 2 and not once.asked(POST), "another one is shown more"
    assert len({request.query["device_id"] for request in always.asked(CREATOR)}) > 2 and always.asked(POST)


def test_likes(crawls: dict[str, Crawl]) -> None:
    done = crawls["likes"]
    assert ids(done, LIKES) == works(0)[:75] and len(done.asked(LIKED)) == 3 and not done.failures
    hidden = crawls["hidden"].only()
    assert (hidden["code"], hidden["data"]["error"]["name"]) == (451, "PRIVATE")


def test_what_the_account_saved(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["saved"], SAVED) == works(1)[:75] and not crawls["saved"].failures
    assert crawls["unsaved"].only()["data"]["error"]["name"] == "LOGIN_REQUIRED"


def test_reposts(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["reposts"], REPOSTS) == works(1)[:75] and not crawls["reposts"].failures
    assert ids(crawls["start"], REPOSTS) == works(1)[60:75]
