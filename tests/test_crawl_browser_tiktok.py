"""Crawls of TikTok whose answers its own page asks for, in a real Chromium: nothing is told unsigned."""

from __future__ import annotations

import pytest

from tests.browsers import chromium
from tests.crawling import Crawl, together
from tests.simulator import Fault, World
from tests.tiktok import ROUTER, SITE, go

pytestmark = pytest.mark.nightly  # `test_crawl_tiktok_signed` has what every day needs
WORLD = World(seed=1, creators=2, videos=60, comments=60, replies=25)
TIKTOK = WORLD.tiktok
TALK = TIKTOK.talk
BUSY, MAKER = TIKTOK.special_work("busy"), TIKTOK.creator(0)
UNSIGNED = [Fault(path="/api/creator/item_list/", do="sign")]
PATHS = ("/api/comment/list/", "/api/comment/list/reply/", "/api/post/item_list/", "/api/item/detail/")


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    chromium()
    work = f"{SITE}/@{MAKER.handle}/video/{TIKTOK.video(0, 3).id}"
    own = f"url={SITE}/@{MAKER.handle}"
    refused = [*UNSIGNED, Fault(path="/@_/video/*", do="captcha"), Fault(host="api*", do="empty")]
    return together(
        tree=lambda: go(f"url={TIKTOK.url(BUSY)}", "with=replies", browser=True, world=WORLD),
        posts=lambda: go(own, browser=True, world=WORLD, faults=UNSIGNED),
        work=lambda: go(f"url={work}", browser=True, world=WORLD, faults=refused),
    )


def test_comments_and_replies(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    assert done.code == 0 and not done.failures
    comments = [record["comment_id"] for record in done.of(f"{ROUTER}/fetch_post_comment")]
    assert comments == list(TALK.idents(BUSY)) and len(comments) == 60
    replies = {record["comment_id"] for record in done.of(f"{ROUTER}/fetch_post_comment_reply")}
    assert replies == {reply for index in range(60) for reply in TALK.reply_idents(BUSY, index)}
    assert {record["meta"]["surface"] for record in done.records} == {"page", "browser"}


def test_the_works_of_a_creator_whose_unsigned_list_is_refused(crawls: dict[str, Crawl]) -> None:
    done = crawls["posts"]
    assert [record["video_id"] for record in done.records] == list(TIKTOK.ids(0)) and not done.failures
    assert len([request for request in done.asked("/api/post/item_list/") if "X-Bogus" in request.query]) == 2


def test_a_work_that_is_shown_nowhere_else(crawls: dict[str, Crawl]) -> None:
    envelope = crawls["work"].only()
    assert (envelope["code"], envelope["data"]["meta"]["surface"]) == (200, "browser")


def test_what_a_page_asks_says_what_the_browser_is(crawls: dict[str, Crawl]) -> None:
    signed = [
        request
        for done in crawls.values()
        for path in PATHS
        for request in done.asked(path)
        if "X-Bogus" in request.query
    ]
    assert len(signed) > 10
    for request in signed:
        assert request.headers["user-agent"] == f"Mozilla/{request.query['browser_version']}"
        assert request.query["msToken"] and list(request.query)[-3:] == ["msToken", "X-Bogus", "X-Gnarly"]
