"""Whole crawls of Douyin's comments: their trees, the cap, what is closed, and what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crawling import STUBBORN, Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.simulator.worlds.realm import Work

ROUTER = "/api/douyin/web"
VIDEO, COMMENTS = f"{ROUTER}/fetch_one_video", f"{ROUTER}/fetch_video_comments"
REPLIES = f"{ROUTER}/fetch_video_comment_replies"
PATH, REPLY_PATH = "/aweme/v1/web/comment/list/", "/aweme/v1/web/comment/list/reply/"
WORLD = World(seed=1, creators=2, videos=10, comments=130, replies=45, signing=OPEN)
CROWDED = World(seed=1, creators=1, videos=10, comments=1000, replies=3, signing=OPEN)
SEALED = World(seed=1, creators=1, videos=10)
DOUYIN, TALK = WORLD.douyin, WORLD.douyin.talk
BUSY, CLOSED = DOUYIN.special_work("busy"), DOUYIN.special_work("comments_closed")
SILENT = next(
    work
    for maker in map(DOUYIN.creator, range(3))
    for place in range(DOUYIN.count(maker))
    if not DOUYIN.talk.count(work := DOUYIN.listed(maker, place))
)
GONE = DOUYIN.special_work("status_deleted")
QUIET = [work for place in range(10) if 25 < TALK.count(work := DOUYIN.video(0, place)) < 80][:2]
FAULTS = [Fault(every=7, times=2, do=kind) for kind in ("reset", "truncate", "rate_limit", "garbage")]
COMMAND = ("crawl", "douyin")


def run(*words: str, world: World = WORLD, **more) -> Crawl:
    return crawl(*words, world=world, command=COMMAND, configs={"douyin_web": ""}, **more)


def ids(done: Crawl, router: str = COMMENTS) -> list[str]:
    return [record["comment_id"] for record in done.of(router)]


def tree(work: Work) -> Iterator[tuple[str, str | None]]:
    """Every comment and reply of a work with its root, None where it is one."""
    for index in range(TALK.count(work)):
        root = TALK.ident(work, index)
        yield root, None
        yield from ((reply, root) for reply in TALK.reply_idents(work, index))


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    link, of = "url=https://www.douyin.com/video/", "router=fetch_video_comments"
    three, crowded = " ".join(work.id for work in [BUSY, *QUIET]), CROWDED.douyin.special_work("busy").id
    wall = Fault(host="www.douyin.com", path=PATH, query={"cursor": "40"}, do="null_data", shape="status_only")
    return together(
        all=lambda: run(f"{link}{BUSY.id}", of),
        replies=lambda: run(f"item_id={BUSY.id}", f"comment_id={TALK.ident(BUSY, 0)}", f"router={REPLIES}"),
        tree=lambda: run(f"url={three}", "with=replies", faults=FAULTS, settings=STUBBORN, gzip=True),
        closed=lambda: run(f"url={CLOSED.id} {GONE.id} {SILENT.id}", of),
        followed=lambda: run(f"url={CLOSED.id} {SILENT.id}", "with=comments"),
        unexplained=lambda: run(f"url={CLOSED.id}", of, faults=[Fault(path="/share/video/*", do="status")]),
        start=lambda: run(f"aweme_id={BUSY.id}", of, "cursor=100", "count=10"),
        limited=lambda: run(f"aweme_id={BUSY.id}", of, "max_items=7"),
        cap=lambda: run(f"{link}{crowded}", of, world=CROWDED),
        hollow=lambda: run(f"aweme_id={BUSY.id}", of, faults=[wall], env=NO_BROWSER, process=True),
        author=lambda: run(f"url={' '.join(work.id for work in QUIET)}", "with=author"),
        hybrid=lambda: crawl(
            f"{link}{QUIET[0].id} https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}", "with=comments",
            world=WORLD, command=("crawl", "hybrid"),
            configs={"douyin_web": "", "tiktok_web": "", "bilibili_web": f"cookie: '{WORLD.login_cookie}'\n"},
        ),
        sealed=lambda: run(f"{link}{SEALED.douyin.video(0, 0).id}", of, world=SEALED, env=NO_BROWSER, process=True),
    )  # fmt: skip


NO_BROWSER = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere/chromium"}'}


def test_every_comment_once_and_in_order(crawls: dict[str, Crawl]) -> None:
    done = crawls["all"]
    assert done.code == 0 and ids(done) == list(TALK.idents(BUSY)) and len(ids(done)) == 130
    assert [request.query["cursor"] for request in done.asked(PATH)] == ["0", "20", "40", "60", "80", "100", "120"]
    record = next(record for record in done.records if record["comment_id"] == TALK.ident(BUSY, 0))
    assert (record["video_id"], record["depth"], record["reply_count"]) == (BUSY.id, 0, 45)
    assert record["root_id"] is record["parent_id"] is None
    assert record["ip_location"] and record["author"]["sec_uid"] and record["create_time"] == BUSY.created + 60
    assert record["meta"]["surface"] == "web" and record["meta"]["key"] == f"douyin:comment:{record['comment_id']}"


def test_what_is_asked_tells_of_the_browser_as_the_user_agent_does(crawls: dict[str, Crawl]) -> None:
    for request in crawls["all"].asked(PATH):
        name, version = request.query["browser_name"], request.query["browser_version"]
        assert f"{name.replace('Edge', 'Edg')}/{version}" in request.headers["user-agent"]
        assert (request.query["aid"], request.query["device_platform"]) == ("6383", "webapp")


def test_replies_of_one_comment(crawls: dict[str, Crawl]) -> None:
    done, root = crawls["replies"], TALK.ident(BUSY, 0)
    assert ids(done, REPLIES) == list(TALK.reply_idents(BUSY, 0))
    assert {record["root_id"] for record in done.records} == {root} and {
        record["video_id"] for record in done.records
    } == {BUSY.id}
    assert [record["depth"] for record in done.records[:3]] == [1, 1, 2]
    assert [request.query["cursor"] for request in done.asked(REPLY_PATH)] == ["0", "20", "40"]


def test_the_whole_tree_though_requests_fail(crawls: dict[str, Crawl]) -> None:
    done = crawls["tree"]
    assert (done.code, done.failures) == (0, []) and len({request.fault for request in done.requests}) >= 4
    assert {record["video_id"] for record in done.of(VIDEO)} == {work.id for work in [BUSY, *QUIET]}
    for work in [BUSY, *QUIET]:
        own = [record for record in done.records if "comment_id" in record and record["video_id"] == work.id]
        assert sorted((record["comment_id"], record["root_id"] or "") for record in own) == sorted(
            (ident, root or "") for ident, root in tree(work)
        )
        assert len(own) == TALK.all(work)


def test_closed_comments_no_comments_and_a_work_that_is_gone(crawls: dict[str, Crawl]) -> None:
    """Three different answers, though the lists of the first two look the same."""
    done = crawls["closed"]
    empty, *failed = sorted(done.envelopes, key=lambda envelope: envelope["code"])
    assert (empty["code"], empty["data"]["count"], empty["data"]["declared_total"]) == (200, 0, 0)
    assert empty["data"]["meta"]["target"] == SILENT.id
    messages = {envelope["data"]["meta"]["target"]: envelope["data"]["error"]["message"] for envelope in failed}
    assert {envelope["code"] for envelope in failed} == {404} and set(messages) == {CLOSED.id, GONE.id}
    assert messages[CLOSED.id] == "the comments are closed" != messages[GONE.id]
    assert done.code == 0 and len([request for request in done.requests if request.path.startswith("/share/")]) == 2


def test_the_record_that_leads_to_the_comments_tells_that_they_are_closed(crawls: dict[str, Crawl]) -> None:
    done = crawls["followed"]
    own = {
        envelope["data"]["meta"]["target"]: envelope for envelope in done.envelopes if envelope["router"] == COMMENTS
    }
    assert {target: envelope["code"] for target, envelope in own.items()} == {CLOSED.id: 404, SILENT.id: 200}
    assert len([request for request in done.requests if request.path.startswith("/share/")]) == 2, "none is asked again"


def test_without_the_post_it_is_no_failure_that_there_are_no_comments(crawls: dict[str, Crawl]) -> None:
    assert crawls["unexplained"].only()["code"] == 200 and crawls["unexplained"].code == 0


def test_limits_and_where_to_start(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["start"]) == list(TALK.idents(BUSY))[100:]
    assert {request.query["count"] for request in crawls["start"].asked(PATH)} == {"10"}
    assert ids(crawls["limited"]) == list(TALK.idents(BUSY))[:7] and crawls["limited"].code == 0


def test_the_cap_is_no_end(crawls: dict[str, Crawl]) -> None:
    done = crawls["cap"]
    assert len(set(ids(done))) == 900 and done.code == 3
    [failure] = done.failures
    assert failure["error"]["name"] == "INCOMPLETE" and "no more than about" in failure["error"]["message"]
    total = CROWDED.douyin.talk.all(CROWDED.douyin.special_work("busy"))
    assert f"900 of {total} collected" in failure["error"]["message"]


@pytest.mark.parametrize("name, came", [("hollow", 40), ("sealed", 0)])
def test_without_a_browser_what_is_not_answered_unsigned_says_so(
    crawls: dict[str, Crawl], name: str, came: int
) -> None:
    done = crawls[name]
    assert len(ids(done)) == came
    [failure] = done.failures
    assert failure["error"]["name"] == "SIGNATURE_REJECTED" and "no browser" in failure["error"]["message"]


def test_each_platform_is_asked_for_its_own_comments_alone(crawls: dict[str, Crawl]) -> None:
    done = crawls["hybrid"]
    assert done.code == 0 and {record["meta"]["platform"] for record in done.records} == {"douyin", "bilibili"}
    idents = [
        record["comment_id"]
        for record in done.records
        if "comment_id" in record and record["meta"]["platform"] == "douyin"
    ]
    assert idents == list(TALK.idents(QUIET[0]))
    assert {request.query["aweme_id"] for request in done.asked(PATH)} == {QUIET[0].id}


def test_the_author_of_several_works_is_asked_for_once(crawls: dict[str, Crawl]) -> None:
    done = crawls["author"]
    [author] = done.of(f"{ROUTER}/handler_user_profile")
    assert done.code == 0 and author["sec_uid"] == DOUYIN.creator(0).sec_uid and len(done.of(VIDEO)) == len(QUIET)


def test_whole_creators_with_all_that_is_said_of_their_works() -> None:
    world = World(seed=1, creators=4, videos=30, comments=8, replies=3, signing=OPEN)
    realm, talk = world.douyin, world.douyin.talk
    done = run(f"url={' '.join(realm.creator(index).sec_uid for index in range(4))}", "with=replies", world=world)
    works = [realm.video(index, place) for index in range(4) for place in range(30)]
    expected = {ident for work in works for ident in talk.idents(work)}
    replied = {reply for work in works for index in range(talk.count(work)) for reply in talk.reply_idents(work, index)}
    assert (done.code, done.failures) == (0, [])
    assert sorted(record["video_id"] for record in done.of(f"{ROUTER}/fetch_user_post_videos")) == sorted(
        work.id for work in works
    )
    idents = [record["comment_id"] for record in done.of(COMMENTS) if "comment_id" in record]
    assert len(idents) == len(expected) and set(idents) == expected
    assert sorted(ids(done, REPLIES)) == sorted(replied)
