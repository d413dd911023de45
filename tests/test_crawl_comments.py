"""Comments and their replies: walls, orders, trees, and areas that are closed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest

from tests.crawling import COMMENTS, REPLIES, STUBBORN, VIDEO, Crawl, by_target, crawl, special, together
from tests.simulator import Fault, Video, World

WORLD = World(seed=1, creators=2, videos=10, comments=130, replies=45)
PATH, REPLY_PATH = "/x/v2/reply/wbi/main", "/x/v2/reply/reply"
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
TWO = f"identities:\n- {{name: a, cookie: SESSDATA=0a1b2c3d}}\n- {{name: b, cookie: '{WORLD.login_cookie}'}}\n"
EXPIRED = 'cookie: "SESSDATA=0a1b2c3d%2C1793456000%2Cffff*11; bili_jct=00; DedeUserID=1"\n'


BUSY = special(WORLD, "busy")
QUIET = [video for place in range(10) if 25 < WORLD.comments(video := WORLD.video(0, place)) < 80][:2]
SLOWLY = {"delay_s": 0, "concurrency": 1}
FAULTS = [Fault(every=7, times=2, do=kind) for kind in ("reset", "truncate", "empty", "rate_limit", "garbage")]


def tree(video: Video) -> Iterator[tuple[int, int]]:
    """Every comment and reply of a work with its root, 0 where it is one."""
    for rpid in WORLD.comment_ids(video):
        yield rpid, 0
        yield from ((reply, rpid) for reply in WORLD.reply_ids(video, rpid))


def ids(done: Crawl, router: str = COMMENTS) -> list[int]:
    return [int(record["comment_id"]) for record in done.of(router)]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    busy, closed = f"url={BUSY.bvid}", ["comments_closed", "comments_closed_area", "no_comments", "deleted"]
    pinned = WORLD.pinned(BUSY)
    return together(
        wall=lambda: crawl(busy, "router=fetch_video_comments", world=WORLD),
        hot=lambda: crawl(busy, "router=fetch_video_comments", world=WORLD, config=LOGIN),
        time=lambda: crawl(busy, "router=fetch_video_comments", "sort=time", world=WORLD, config=LOGIN),
        expired=lambda: crawl(busy, "router=fetch_video_comments", world=WORLD, config=EXPIRED),
        two=lambda: crawl(busy, "router=fetch_video_comments", world=WORLD, config=TWO),
        limited=lambda: crawl(busy, "router=fetch_video_comments", "max_items=7", world=WORLD),
        replies=lambda: crawl(f"bv_id=av{BUSY.aid}", f"rpid={WORLD.rpid(BUSY, 0)}", world=WORLD),
        none=lambda: crawl(f"bv_id={BUSY.bvid}", f"rpid={WORLD.rpid(BUSY, 1)}", world=WORLD),
        missing=lambda: crawl(f"bv_id={BUSY.bvid}", "rpid=17", world=WORLD),
        tree=lambda: crawl(
            f"url={' '.join(video.bvid for video in [BUSY, *QUIET])}",
            "with=comments,replies",
            world=WORLD,
            config=LOGIN,
            faults=FAULTS,
            settings=STUBBORN,
            gzip=True,
        ),
        only_replies=lambda: crawl(f"url={QUIET[0].bvid}", "with=replies", world=WORLD, config=LOGIN),
        closed=lambda: crawl(
            f"url={' '.join(str(WORLD.special[name]) for name in closed)}",
            "router=fetch_video_comments",
            world=WORLD,
        ),
        following=lambda: crawl(f"url={WORLD.special['comments_closed']}", "with=comments", world=WORLD),
        start=lambda: crawl(f"bv_id={BUSY.bvid}", "router=fetch_video_comments", "pn=3", world=WORLD, config=LOGIN),
        hole=lambda: crawl(
            busy,
            "router=fetch_video_comments",
            world=WORLD,
            config=LOGIN,
            settings={"RETRY_TIMES": 1},
            faults=[Fault(path=PATH, after=1, times=2, do="empty_page")],
        ),
        once=lambda: crawl(
            busy,
            "router=fetch_video_comments",
            world=WORLD,
            config=LOGIN,
            faults=[Fault(path=PATH, nth=2, do="empty_page")],
        ),
        pinned=lambda: crawl(f"bv_id={BUSY.bvid}", f"rpid={pinned}", "max_pages=1", world=WORLD),
    )


def test_the_wall_for_guests_is_no_end(crawls: dict[str, Crawl]) -> None:
    done = crawls["wall"]
    assert set(ids(done)) == set(list(WORLD.comment_ids(BUSY))[:20])
    [failure] = done.failures
    assert (done.codes.count(401), failure["error"]["name"]) == (1, "LOGIN_REQUIRED")
    assert f"20 of {WORLD.all_comments(BUSY)}" in failure["error"]["message"] and "cookie" in failure["error"]["remedy"]
    assert failure["meta"]["page"] == 2 and failure["meta"]["cursor"]
    assert done.code == 3


def test_a_cookie_that_the_platform_does_not_know(crawls: dict[str, Crawl]) -> None:
    done = crawls["expired"]
    assert len(ids(done)) == 20
    [failure] = done.failures
    assert (done.codes[-1], failure["error"]["name"]) == (440, "COOKIE_EXPIRED")
    assert "cookie" in failure["error"]["remedy"]
    assert failure["meta"]["logged_in"] is False
    assert "not accepted" in done.err


def test_where_it_stopped_is_where_to_go_on(crawls: dict[str, Crawl]) -> None:
    cursor = crawls["wall"].failures[0]["meta"]["cursor"]
    words = (f"bv_id={BUSY.bvid}", "router=fetch_video_comments", f"cursor={cursor}")
    assert ids(crawl(*words, world=WORLD, config=LOGIN)) == list(WORLD.comment_ids(BUSY))[20:]
    [failure] = crawl(*words, world=WORLD).failures
    assert "the list is incomplete: 0 collected" in failure["error"]["message"], "a wall declares 0"


def test_another_identity_sees_what_an_expired_one_does_not(crawls: dict[str, Crawl]) -> None:
    assert (crawls["two"].code, len(set(ids(crawls["two"])))) == (0, 130)
    assert {record["meta"]["logged_in"] for record in crawls["two"].records} == {False, True}


@pytest.mark.parametrize("sort", ["hot", "time"])
def test_every_comment_once_in_its_order(crawls: dict[str, Crawl], sort: str) -> None:
    done = crawls[sort]
    idents, true = ids(done), list(WORLD.comment_ids(BUSY, sort))
    pinned = WORLD.pinned(BUSY)
    assert done.code == 0
    assert len(idents) == len(set(idents)) == 130 == WORLD.comments(BUSY)
    assert idents[0] == pinned
    assert idents[1:] == [rpid for rpid in true if rpid != pinned]
    records = done.of(COMMENTS)
    assert [record["pinned"] for record in records].count(True) == 1 and records[0]["pinned"] is True
    assert {record["sort"] for record in records} == {sort}
    assert [record["meta"]["position"] for record in records] == list(range(1, 131))


def test_a_page_that_holds_nothing_is_stepped_over(crawls: dict[str, Crawl]) -> None:
    true = [rpid for rpid in WORLD.comment_ids(BUSY) if rpid != WORLD.pinned(BUSY)]
    assert ids(crawls["once"]) == ids(crawls["hot"]), "it is asked for once more"
    done = crawls["hole"]
    assert len(done.asked(PATH)) == len(crawls["hot"].asked(PATH)) + 1 and done.code == 0
    assert ids(done)[1:] == true[:19] + true[39:] and "; skipped" in done.err


def test_a_comment(crawls: dict[str, Crawl]) -> None:
    record = crawls["time"].of(COMMENTS)[-1]
    assert record["comment_id"] == str(WORLD.rpid(BUSY, 0))
    assert (record["video_id"], record["area_id"], record["depth"]) == (BUSY.bvid, str(BUSY.aid), 0)
    assert record["root_id"] is record["parent_id"] is None
    assert record["reply_count"] == 45
    assert record["create_time"] >= BUSY.created
    assert record["ip_location"] and not record["ip_location"].startswith("IP")
    assert record["text"] and record["author"]["uid"]
    assert record["meta"]["key"] == f"bilibili:comment:{record['comment_id']}"
    assert (record["meta"]["page"], record["meta"]["logged_in"]) == (7, True)


def test_limits_and_where_to_start(crawls: dict[str, Crawl]) -> None:
    assert len(ids(crawls["limited"])) == 7 and crawls["limited"].code == 0
    assert ids(crawls["start"]) == list(WORLD.comment_ids(BUSY))[40:]


def test_replies_of_one_comment(crawls: dict[str, Crawl]) -> None:
    done, rpid = crawls["replies"], WORLD.rpid(BUSY, 0)
    assert ids(done, REPLIES) == list(WORLD.reply_ids(BUSY, rpid))
    records = done.of(REPLIES)
    assert {record["root_id"] for record in records} == {str(rpid)}
    assert [record["depth"] for record in records[:3]] == [1, 1, 2]
    assert records[2]["parent_id"] == records[1]["comment_id"]
    assert {record["video_id"] for record in records} == {BUSY.bvid}
    assert [request.query["pn"] for request in done.asked(REPLY_PATH)] == ["1", "2", "3"]


def test_a_comment_without_replies_and_one_that_is_not_there(crawls: dict[str, Crawl]) -> None:
    empty = crawls["none"].only()
    assert (empty["code"], empty["router"], empty["data"]["count"]) == (200, REPLIES, 0)
    missing = crawls["missing"].only()
    assert (missing["code"], missing["data"]["error"]["name"]) == (404, "NOT_FOUND")
    assert "comment" in missing["data"]["error"]["message"]
    assert crawls["none"].code == crawls["missing"].code == 0


def test_the_whole_tree_though_requests_fail(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    assert (done.code, done.failures) == (0, [])
    assert len({request.fault for request in done.requests}) == 6
    assert {record["video_id"] for record in done.of(VIDEO)} == {video.bvid for video in [BUSY, *QUIET]}
    for video in [BUSY, *QUIET]:
        own = [record for record in done.records if "comment_id" in record and record["video_id"] == video.bvid]
        pairs = [(int(record["comment_id"]), int(record["root_id"] or 0)) for record in own]
        assert len(pairs) == WORLD.all_comments(video)
        assert sorted(pairs) == sorted(tree(video))
        assert {record["meta"]["target"] for record in own} == {video.bvid}


def test_replies_imply_comments(crawls: dict[str, Crawl]) -> None:
    done = crawls["only_replies"]
    assert len(ids(done)) + len(ids(done, REPLIES)) == WORLD.all_comments(QUIET[0])
    assert len(done.of(VIDEO)) == 1


def test_what_a_video_declares_is_kept_beside_what_came(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    rows = done.rows
    comments = {row["target"]: row for row in rows if row["router"] == COMMENTS}
    videos = {record["video_id"]: record["statistics"]["comment_count"] for record in done.of(VIDEO)}
    assert {name: row["declared_by_record"] for name, row in comments.items()} == videos
    replies = [row for row in rows if row["router"] == REPLIES]
    assert {row["stopped"] for row in rows} == {"end"} and replies
    assert all(row["declared_by_record"] == row["declared"] == row["collected"] for row in replies)
    assert sum(row["collected"] for row in rows) == len(done.of(COMMENTS)) + len(done.of(REPLIES))
    one = next(iter(comments.values()))
    line = f"{COMMENTS} {one['target']}: declared {one['declared']}, collected {one['collected']}, stopped: end"
    assert line in done.err


def test_closed_and_empty_areas(crawls: dict[str, Crawl]) -> None:
    answers = {target: envelopes[0] for target, envelopes in by_target(crawls["closed"]).items()}
    for name in ("comments_closed", "comments_closed_area", "deleted"):
        envelope = answers[str(WORLD.special[name])]
        assert (envelope["code"], envelope["router"]) == (404, COMMENTS)
        assert ("closed" in envelope["data"]["error"]["message"]) == (name != "deleted")
    empty = answers[str(WORLD.special["no_comments"])]
    assert (empty["code"], empty["data"]["listing"], empty["data"]["sort"]) == (200, "fetch_video_comments", "hot")
    assert crawls["closed"].code == 0


def test_closed_comments_of_a_video_that_is_followed(crawls: dict[str, Crawl]) -> None:
    done = crawls["following"]
    assert [(envelope["code"], envelope["router"]) for envelope in done.envelopes] == [(200, VIDEO), (404, COMMENTS)]
    assert done.code == 0


@pytest.mark.parametrize(
    "name, path, router, tuned",
    [
        ("comments", PATH, COMMENTS, []),
        ("comments", PATH, COMMENTS, ["sort=time"]),
        ("replies", REPLY_PATH, REPLIES, ["count=7"]),
    ],
)
def test_a_list_in_a_tree_that_breaks_off_is_gone_on_with_by_its_own_line(
    name: str, path: str, router: str, tuned: list[str]
) -> None:
    """The line alone says which list it was and how the rest of it is asked for, in the same order and pages."""
    broken, single = [Fault(path=path, after=2, do="status")], {"RETRY_TIMES": 0}
    ways = {"world": WORLD, "config": LOGIN}
    hurt = crawl(f"url={BUSY.bvid}", f"with={name}", *tuned, faults=broken, settings=single, pace=SLOWLY, **ways)
    failure = next(
        failure for failure in hurt.failures if failure["meta"]["router"] == router and failure["meta"]["cursor"]
    )
    kind, ident = failure["meta"]["key"].split(":")[1:]
    assert kind == ("video" if router == COMMENTS else "comment") and failure["meta"]["target"] == BUSY.bvid
    _, separator, command = failure["error"]["remedy"].partition("this alone: ")
    words = shlex.split(command)
    assert separator and words[:3] == ["scrapy", "crawl", "bilibili"]
    assert set(tuned) < set(words)
    rest = crawl(*(word for word in words[3:] if word != "-a"), **ways)
    came = [record for record in hurt.of(router) if ident in (record["video_id"], record["root_id"])]
    whole = WORLD.comment_ids(BUSY) if router == COMMENTS else WORLD.reply_ids(BUSY, int(ident))
    assert rest.code == 0 and came and rest.records
    assert sorted({int(record["comment_id"]) for record in [*came, *rest.records]}) == sorted(whole)
    row = next(row for row in hurt.rows if row["target"] == ident and row["cursor"])
    assert (row["router"], row["cursor"]) == (router, failure["meta"]["cursor"])
    assert row["arguments"] == dict(word.split("=", 1) for word in words[4::2])
