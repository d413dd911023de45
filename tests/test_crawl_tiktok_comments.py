"""Whole crawls of TikTok's comments and replies, where its paths are answered unsigned."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawling import STUBBORN, Crawl, together
from tests.simulator import Fault
from tests.simulator.worlds.realm import Work
from tests.tiktok import ROUTER, TIKTOK, go

COMMENTS, REPLIES = f"{ROUTER}/fetch_post_comment", f"{ROUTER}/fetch_post_comment_reply"
PATH, REPLY_PATH = "/api/comment/list/", "/api/comment/list/reply/"
TALK = TIKTOK.talk
BUSY = TIKTOK.special_work("busy")
CLOSED = TIKTOK.special_work("comments_closed")
SILENT = next(work for maker in range(3) for place in range(80) if not TALK.count(work := TIKTOK.video(maker, place)))
QUIET = [work for place in range(10) if 25 < TALK.count(work := TIKTOK.video(0, place)) < 80][:2]
FAULTS = [
    Fault(path="/api/comment/*", every=7, times=2, do=kind) for kind in ("reset", "truncate", "rate_limit", "garbage")
]
NULL = {"status_code": 0, "comments": None, "cursor": 60, "has_more": 1}
UNSHOWN = {"path": PATH, "query": {"cursor": "40"}}


def link(work: Work) -> str:
    return f"url={TIKTOK.url(work)}"


def tree(work: Work) -> Iterator[tuple[str, str | None]]:
    """Every comment and reply of a work with its root, None where it is one."""
    for index in range(TALK.count(work)):
        root = TALK.ident(work, index)
        yield root, None
        yield from ((reply, root) for reply in TALK.reply_idents(work, index))


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    replied = f"item_id={BUSY.id}", f"comment_id={TALK.ident(BUSY, 0)}"
    three = " ".join(map(TIKTOK.url, [BUSY, *QUIET]))
    return together(
        all=lambda: go(link(BUSY), "router=fetch_post_comment", "count=50"),
        start=lambda: go(f"aweme_id={BUSY.id}", "router=fetch_post_comment", "cursor=100"),
        replies=lambda: go("router=fetch_post_comment_reply", *replied),
        missing=lambda: go("router=fetch_post_comment_reply", f"item_id={BUSY.id}", "comment_id=7400000000000000099"),
        closed=lambda: go(link(CLOSED), "router=fetch_post_comment"),
        silent=lambda: go(link(SILENT), "router=fetch_post_comment"),
        tree=lambda: go(f"url={three}", "with=replies", faults=FAULTS, settings=STUBBORN),
        again=lambda: go(link(BUSY), "router=fetch_post_comment", faults=[Fault(**UNSHOWN, do="repeat")]),
        null=lambda: go(
            link(BUSY), "router=fetch_post_comment",
            faults=[Fault(**UNSHOWN, do="json", body=NULL)],
        ),
        code=lambda: go(link(BUSY), "router=fetch_post_comment", faults=[Fault(**UNSHOWN, do="unknown_code")]),
    )  # fmt: skip


def ids(done: Crawl, router: str = COMMENTS) -> list[str]:
    return [record["comment_id"] for record in done.of(router)]


def test_all_comments_in_their_order(crawls: dict[str, Crawl]) -> None:
    done = crawls["all"]
    assert ids(done) == list(TALK.idents(BUSY)) and len(ids(done)) == 130 and not done.failures
    assert [request.query["cursor"] for request in done.asked(PATH)] == ["0", "50", "100"]
    asked = done.asked(PATH)[0]
    assert asked.query["browser_version"] in asked.headers["user-agent"] and asked.query["aweme_id"] == BUSY.id
    assert f"declared {TALK.all(BUSY)}, collected 130, stopped: end" in done.err
    pinned = [record for record in done.records if record["pinned"]]
    assert {record["video_id"] for record in done.records} == {BUSY.id} and len(pinned) == (BUSY.hash % 3 == 0)


def test_a_list_may_be_begun_further_on(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["start"]) == list(TALK.idents(BUSY))[100:]


def test_all_replies(crawls: dict[str, Crawl]) -> None:
    done = crawls["replies"]
    assert ids(done, REPLIES) == list(TALK.reply_idents(BUSY, 0)) and len(done.asked(REPLY_PATH)) == 3
    assert {record["root_id"] for record in done.records} == {TALK.ident(BUSY, 0)}
    assert {record["depth"] for record in done.records} == {1, 2}


def test_no_comments_and_no_such_comment(crawls: dict[str, Crawl]) -> None:
    silent, closed = crawls["silent"].only(), crawls["closed"].only()
    assert (silent["code"], silent["data"]["meta"]["record_type"], silent["data"]["count"]) == (200, "listing", 0)
    assert (closed["code"], closed["data"]["error"]["message"]) == (404, "the comments are closed")
    assert crawls["missing"].only()["code"] == 404


def test_a_tree_under_faults_is_whole(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    assert not done.failures and len(done.of(f"{ROUTER}/fetch_one_video")) == 3
    pairs = {(record["comment_id"], record["root_id"]) for router in (COMMENTS, REPLIES) for record in done.of(router)}
    expected = {pair for work in (BUSY, *QUIET) for pair in tree(work)}
    assert pairs == expected and len(done.of(COMMENTS)) + len(done.of(REPLIES)) == len(expected)


@pytest.mark.parametrize("stop, name", [("again", "INCOMPLETE"), ("null", "INCOMPLETE"), ("code", "UPSTREAM_CHANGED")])
def test_a_stop_that_is_no_end_has_a_name(crawls: dict[str, Crawl], stop: str, name: str) -> None:
    done = crawls[stop]
    [failure] = done.failures
    assert failure["error"]["name"] == name and failure["meta"]["cursor"] == "40"
    assert ids(done) == list(TALK.idents(BUSY))[:40]
