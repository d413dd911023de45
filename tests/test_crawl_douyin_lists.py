"""Whole crawls of Douyin's lists of works and of users: their ends, their walls, and what is no end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browsers import chromium
from tests.crawling import Crawl, Running, crawl, together
from tests.simulator import Fault, World
from tests.simulator.signing import OPEN
from tests.simulator.worlds.realm import Maker, Work

ROUTER, WWW, API = "/api/douyin/web", "https://www.douyin.com", "/aweme/v1/web"
NO_BROWSER = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere/chromium"}'}
WORLD = World(seed=1, creators=3, videos=50, signing=OPEN)
DOUYIN, SHELVES = WORLD.douyin, WORLD.douyin.shelves
LOGIN = f'cookie: "{DOUYIN.login_cookie}"\n'
EXPIRED = 'cookie: "sessionid=0123456789abcdef0123456789abcdef"\n'
FAULTS = [Fault(every=2, times=1, do=kind) for kind in ("reset", "truncate", "rate_limit")]


def run(*words: str, config: str = "", **more) -> Crawl:
    options = {"world": WORLD, "command": ("crawl", "douyin"), "env": NO_BROWSER, **more}
    return crawl(*words, configs={"douyin_web": config}, **options)


def page_of(name: str) -> str:
    return f"url={WWW}/user/{DOUYIN.special_creator(name).sec_uid}"


def sec_uid_of(name: str) -> str:
    """The secUid of whose list is looked at, by the name of the crawl."""
    maker = FIRST if name == "hidden_likes" else DOUYIN.special_creator(f"user_{name}")
    return maker.sec_uid


def works(maker: Maker) -> list[Work]:
    return [DOUYIN.listed(maker, place) for place in range(DOUYIN.count(maker))]


def ids(done: Crawl) -> list[str]:
    return [record["video_id"] for record in done.records]


FIRST, SECOND = DOUYIN.creator(0), DOUYIN.creator(1)
MIX = SHELVES.mix(FIRST, 0)
SOUND = str(int(DOUYIN.video(0, 3).id) - 1_000_000)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    likes, followers = "router=fetch_user_like_videos", "router=fetch_user_followers"
    walled = page_of("user_walled")
    return together(
        posts=lambda: run(f"url={WWW}/user/{FIRST.sec_uid}"),
        pinned=lambda: run(f"url={SECOND.sec_uid}", faults=FAULTS, gzip=True),
        start=lambda: run(
            "router=fetch_user_post_videos",
            f"sec_user_id={FIRST.sec_uid}",
            f"max_cursor={DOUYIN.video(0, 29).created * 1000}",
            "count=10",
        ),
        limited=lambda: run(f"url={FIRST.sec_uid}", "max_pages=2"),
        unsigned=lambda: run(walled, process=True),
        logged_in=lambda: run(walled, config=LOGIN),
        gap=lambda: run(page_of("user_gap")),
        stalled=lambda: run(page_of("user_stalled")),
        private=lambda: run(page_of("user_private"), config=LOGIN),
        gone=lambda: run(page_of("user_gone")),
        empty=lambda: run(page_of("user_empty"), config=LOGIN),
        banned=lambda: run(page_of("user_banned"), config=LOGIN),
        guest_of_nothing=lambda: run(page_of("user_empty")),
        unexplained=lambda: run(page_of("user_empty"), faults=[Fault(path="/user/*", do="status")], config=LOGIN),
        both=lambda: run(
            page_of("user_private"),
            f"router=fetch_user_post_videos,{likes.partition('=')[2]}",
            config=LOGIN,
            pace={"delay_s": 0, "concurrency": 1},
        ),
        likes=lambda: run(page_of("user_likes"), likes),
        hidden_likes=lambda: run(f"url={FIRST.sec_uid}", likes, config=LOGIN),
        mix=lambda: run(f"url={WWW}/collection/{DOUYIN.mix_id(MIX.number)}"),
        episode=lambda: run(f"url={WWW}/collection/{DOUYIN.mix_id(MIX.number)}/43"),
        far=lambda: run(f"url={WWW}/collection/{DOUYIN.mix_id(MIX.number)}/500"),
        beyond=lambda: run(f"mix_id={DOUYIN.mix_id(MIX.number)}", "episode=58"),
        whole=lambda: run(f"url={WWW}/collection/{DOUYIN.mix_id(MIX.number)}/3", "router=fetch_user_mix_videos"),
        old_name=lambda: run("router=fetch_user_mix_videos", f"mix_id={DOUYIN.mix_id(MIX.number)}", "max_cursor=40"),
        sound=lambda: run(f"url={WWW}/music/{SOUND}"),
        hashtag=lambda: run(f"url={WWW}/hashtag/1600000000000001"),
        related=lambda: run(f"aweme_id={DOUYIN.video(0, 0).id}", "router=fetch_related_videos"),
        followers=lambda: run(f"url={FIRST.sec_uid}", followers, config=LOGIN),
        following=lambda: run(f"url={FIRST.sec_uid}", "router=fetch_user_following", config=LOGIN),
        guest=lambda: run(f"url={FIRST.sec_uid}", followers),
        edges=lambda: run(f"url={FIRST.sec_uid}", followers, config=LOGIN, settings={"OBSERVE": "edge"}),
        hidden=lambda: run(page_of("user_private"), followers, config=LOGIN),
    )


def test_every_work_of_a_creator_once_and_newest_first(crawls: dict[str, Crawl]) -> None:
    done = crawls["posts"]
    assert done.code == 0 and ids(done) == [work.id for work in works(FIRST)] and len(done.records) == 50
    asked = done.asked(f"{API}/aweme/post/")
    assert [request.query["need_time_list"] for request in asked] == ["1", "0", "0"]
    assert [request.query["max_cursor"] for request in asked][1:] == [
        str(DOUYIN.video(0, place).created * 1000) for place in (17, 35)
    ]
    assert {record["author"]["sec_uid"] for record in done.records} == {FIRST.sec_uid}


def test_a_pinned_work_comes_first_and_once(crawls: dict[str, Crawl]) -> None:
    done, pinned = crawls["pinned"], SHELVES.pinned(SECOND)
    assert pinned and done.code == 0 and len(ids(done)) == 50
    assert ids(done) == [pinned.id, *(work.id for work in works(SECOND) if work.id != pinned.id)]
    assert [record["flags"]["pinned"] for record in done.records] == [True] + [False] * 49
    assert len({request.fault for request in done.requests}) >= 3


def test_a_list_that_is_paused_knows_what_it_gave(tmp_path: Path) -> None:
    """The work that is pinned came before the pause, and comes again in its own place after it."""

    def stop(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= 2)
        running.interrupt()

    slowly = {"pace": {"delay_s": 0.5, "concurrency": 1}, "folder": tmp_path}
    paused = run(f"url={SECOND.sec_uid}", **slowly, meanwhile=stop)
    whole = run(command=("resume",), folder=tmp_path)
    assert paused.records and paused.code == 3 and not whole.failures
    assert len(paused.records) < len(whole.records)
    assert sorted(ids(whole)) == sorted(work.id for work in works(SECOND))
    assert "collected 50, stopped: end" in whole.err


def test_where_a_list_starts_and_how_far_it_goes(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["start"]) == [work.id for work in works(FIRST)[30:]]
    assert ids(crawls["limited"]) == [work.id for work in works(FIRST)[:36]] and crawls["limited"].code == 0


@pytest.mark.parametrize("config, error, code", [("", "LOGIN_REQUIRED", 401), (EXPIRED, "COOKIE_EXPIRED", 440)])
def test_the_wall_behind_the_first_page_is_no_end(config: str, error: str, code: int) -> None:
    chromium()
    done = run(page_of("user_walled"), config=config, env={}, process=True)
    [failure] = done.failures
    assert (len(done.records), done.codes[-1], done.code) == (18, code, 3)
    assert failure["error"]["name"] == error and failure["meta"]["page"] == 2 and failure["meta"]["cursor"]


def test_without_a_browser_the_wall_may_be_one_of_signatures(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["unsigned"].failures
    assert len(crawls["unsigned"].records) == 18 and failure["error"]["name"] == "SIGNATURE_REJECTED"
    assert "logged-in" in failure["error"]["message"] and "no browser" in failure["error"]["message"]


@pytest.mark.parametrize(
    "fault, code",
    [
        ({"do": "captcha", "json": True}, 423),
        ({"do": "login", "code": 2483}, 401),
        ({"do": "rate_limit", "status": 200}, 429),
        ({"do": "status", "status": 500}, 502),
        ({"do": "unknown_code"}, 422),
    ],
    ids=lambda fault: fault["do"] if isinstance(fault, dict) else "",
)
def test_a_list_that_breaks_off_says_where_and_why(fault: dict[str, object], code: int) -> None:
    broken = [Fault(path=f"{API}/aweme/post/", after=1, **fault)]
    done = run(f"url={FIRST.sec_uid}", faults=broken, settings={"RETRY_TIMES": 1})
    [failure] = done.failures
    assert (len(done.records), failure["meta"]["page"]) == (18, 2) and failure["meta"]["cursor"]
    assert done.codes[-1] in (code, 206) and "page 2" in failure["error"]["message"]


def test_a_login_sees_behind_the_wall(crawls: dict[str, Crawl]) -> None:
    assert crawls["logged_in"].code == 0 and len(crawls["logged_in"].records) == 60


def test_a_time_that_does_not_move_is_no_end(crawls: dict[str, Crawl]) -> None:
    [failure] = crawls["stalled"].failures
    assert failure["error"]["name"] == "INCOMPLETE" and "repeated a cursor" in failure["error"]["message"]
    assert crawls["stalled"].code == 3


def test_nothing_to_see(crawls: dict[str, Crawl]) -> None:
    """Private, empty, banned and gone accounts are four different answers, though three of the lists look the same."""
    answers = {name: crawls[name].only() for name in ("private", "empty", "banned", "gone", "hidden_likes")}
    assert {name: answer["code"] for name, answer in answers.items()} == {
        "private": 451, "empty": 200, "banned": 404, "gone": 404, "hidden_likes": 451,
    }  # fmt: skip
    messages = {name: answer["data"]["error"]["message"] for name, answer in answers.items() if answer["code"] != 200}
    assert (messages["private"], messages["banned"]) == ("the account is private", "the account is banned")
    assert messages["hidden_likes"] == "the user hides their likes"
    listing = answers["empty"]["data"]
    assert (listing["listing"], listing["count"]) == ("fetch_user_post_videos", 0)
    for name in ("private", "empty", "banned", "hidden_likes"):
        assert crawls[name].code == 0 and len(crawls[name].asked(f"/user/{sec_uid_of(name)}")) == 1


def test_without_the_profile_it_is_not_said_that_there_is_nothing(crawls: dict[str, Crawl]) -> None:
    for name in ("unexplained", "guest_of_nothing"):
        (failure,) = crawls[name].failures
        assert failure["error"]["name"] == "PRIVATE" and "has none or hides them" in failure["error"]["message"]


def test_two_lists_of_one_account_are_explained_by_one_profile(crawls: dict[str, Crawl]) -> None:
    done = crawls["both"]
    assert [failure["error"]["message"] for failure in done.failures] == ["the account is private"] * 2
    assert len(done.asked(f"/user/{sec_uid_of('private')}")) == 1


def test_what_a_user_likes(crawls: dict[str, Crawl]) -> None:
    assert crawls["likes"].code == 0 and ids(crawls["likes"]) == [work.id for work in works(FIRST)]


def test_the_link_of_an_episode_gives_that_episode_of_its_mix(crawls: dict[str, Crawl]) -> None:
    record = crawls["episode"].only()["data"]
    assert (record["video_id"], record["mix"]["episode"]) == (SHELVES.items(MIX)[42].id, 43)
    [asked] = crawls["episode"].asked(f"{API}/mix/aweme/")
    assert (asked.query["cursor"], asked.query["count"]) == ("32", "20")
    for name in ("beyond", "far"):
        failure = crawls[name].only()
        assert (failure["code"], crawls[name].code) == (404, 0)
        assert "the mix has no such episode" in failure["data"]["error"]["message"]
    assert [record["mix"]["episode"] for record in crawls["whole"].records] == list(range(1, 51))


def test_a_mix_in_its_order(crawls: dict[str, Crawl]) -> None:
    done = crawls["mix"]
    assert done.code == 0 and ids(done) == [work.id for work in SHELVES.items(MIX)]
    assert [record["mix"]["episode"] for record in done.records] == list(range(1, 51))
    assert [request.query["cursor"] for request in done.asked(f"{API}/mix/aweme/")] == ["0", "20", "40"]
    assert ids(crawls["old_name"]) == [work.id for work in SHELVES.items(MIX)[40:]]


def test_works_with_a_sound_and_with_a_hashtag(crawls: dict[str, Crawl]) -> None:
    assert crawls["sound"].code == 0 and ids(crawls["sound"]) == [work.id for work in works(FIRST)]
    maker = SHELVES.hashtag_maker("1600000000000001")
    assert maker and crawls["hashtag"].code == 0 and ids(crawls["hashtag"]) == [work.id for work in works(maker)]


def test_related_works_are_one_page(crawls: dict[str, Crawl]) -> None:
    assert crawls["related"].code == 0 and ids(crawls["related"]) == [work.id for work in works(SECOND)[:20]]


def test_who_follows_whom(crawls: dict[str, Crawl]) -> None:
    for name, first, count in (("followers", 0, 45), ("following", 45, 55)):
        done = crawls[name]
        expected = [SHELVES.stranger(FIRST, first + place).sec_uid for place in range(count)]
        assert done.code == 0 and [record["sec_uid"] for record in done.records] == expected
        assert all(
            record["meta"]["partial"] and record["statistics"]["follower_count"] is None for record in done.records
        )
    sources = [request.query["source_type"] for request in crawls["followers"].asked(f"{API}/user/follower/list/")]
    assert sources == ["2", "1", "1"]


@pytest.mark.parametrize("name, code", [("guest", 401), ("hidden", 451)])
def test_who_may_not_see_it_is_told_so(crawls: dict[str, Crawl], name: str, code: int) -> None:
    assert crawls[name].only()["code"] == code


def test_an_empty_page_in_the_middle_is_no_end(crawls: dict[str, Crawl]) -> None:
    done, maker = crawls["gap"], DOUYIN.special_creator("user_gap")
    assert done.code == 0 and ids(done) == [work.id for work in works(maker)] and len(ids(done)) == 60
    assert len(done.asked(f"{API}/aweme/post/")) == 4 + 3 * 2, "each page but the first came empty twice"
    assert [row["gaps"] for row in done.rows] == [3]


def test_who_follows_whom_is_told_by_edges(crawls: dict[str, Crawl]) -> None:
    edges = [record for record in crawls["edges"].records if record["meta"]["record_type"] == "edge"]
    ends = {(edge["src_key"], edge["dst_key"], edge["edge_kind"]) for edge in edges}
    user, others = f"douyin:author:{FIRST.sec_uid}", [SHELVES.stranger(FIRST, place).sec_uid for place in range(45)]
    assert ends == {(f"douyin:author:{other}", user, "follows") for other in others}
