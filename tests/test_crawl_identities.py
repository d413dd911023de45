"""Crawls with two identities: they share the work, and one goes on where the other cannot."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.crawling import LIST, ROOT, VIDEO, Crawl, Running, crawl, together
from tests.simulator import Fault, World
from tests.tiktok import go, user, works

WORLD = World(seed=1, creators=3, videos=60)
SLOW = World(seed=1, creators=1, videos=1500, page_latency=(0.05, 0.0))
VIEW, POSTS = "/x/web-interface/view", "/x/space/wbi/arc/search"
VIDEOS = [WORLD.video(0, number).bvid for number in range(6)]
USERS = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
FIRST, SECOND = "Mozilla/5.0 First/1", "Mozilla/5.0 Second/2"
OTHER = "SESSDATA=another%2C1893456000%2Csession"
TWO = (
    f"identities:\n- {{name: first, cookie: '{WORLD.login_cookie}', user_agent: '{FIRST}'}}\n"
    f"- {{name: second, cookie: '{OTHER}', user_agent: '{SECOND}'}}\n"
)
WORKS = [WORLD.tiktok.video(0, place).id for place in range(8)]
TWO_OF_TIKTOK = f"identities:\n- {{name: first, cookie: '{WORLD.tiktok.login_cookie}'}}\n- {{name: second}}\n"
LIKED, LIKES = "/api/favorite/item_list/", "/api/tiktok/web/fetch_user_like"
TWICE = {"RETRY_TIMES": 2}
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}


def two(*words: str, **more: object) -> Crawl:
    return crawl(*words, world=WORLD, config=TWO, pace=ONE_BY_ONE, **more)


def without_browser(*faults: Fault) -> Crawl:
    """Crawl a list of three pages that is asked for by a plain route first, where no browser is there for the other."""
    nowhere = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere"}'}
    words = f"url={user('user_likes')}", "router=fetch_user_like"
    configs = {"tiktok_web": TWO_OF_TIKTOK}
    return go(*words, faults=faults, browser=True, configs=configs, env=nowhere, pace=ONE_BY_ONE, settings=TWICE)


def update(running: Running) -> None:
    """Give a running crawl a cookie by the command."""
    running.until(lambda: len(running.sim.requests) >= 6)
    running.sim.hold()
    running.until(lambda: running.sim.held > 0)  # nothing is on its way now
    words = ["update_cookie", "--service", "bilibili", "--cookie", "-", "-s", f"CONFIG_DIR={running.folder / 'config'}"]
    line = WORLD.login_cookie.encode()
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", *words], input=line, cwd=ROOT, capture_output=True, check=True
    )
    assert b"logged in, until 2030-01-01" in done.stdout and WORLD.sessdata.encode() not in done.stdout + done.stderr
    (running.folder / "asked").write_text(str(len(running.sim.requests)))
    running.sim.release()


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    videos = f"url={' '.join(VIDEOS)}"
    return together(
        spread=lambda: two(f"url={' '.join(USERS)}"),
        challenged=lambda: two(videos, faults=[Fault(path=VIEW, nth=1, do="risk")]),
        both=lambda: two(videos, faults=[Fault(path=VIEW, do="risk")]),
        expired=lambda: two(videos, faults=[Fault(path=VIEW, nth=1, do="login")]),
        all_expired=lambda: two(videos, faults=[Fault(path=VIEW, do="login")]),
        updated=lambda: crawl(f"url={USERS[0]}", world=SLOW, pace=ONE_BY_ONE, config="# mine\n", meanwhile=update),
        ladder=lambda: crawl(
            f"url={' '.join(WORKS)}",
            world=WORLD,
            command=("crawl", "tiktok"),
            configs={"tiktok_web": TWO_OF_TIKTOK},
            pace=ONE_BY_ONE,
            faults=[
                Fault(host="www.tiktok.com", nth=1, do="captcha"),
                Fault(host="www.tiktok.com", nth=5, do="rate_limit"),
            ],
        ),
        no_browser=lambda: without_browser(Fault(path=LIKED, nth=3, do="captcha")),
        no_browser_limited=lambda: without_browser(
            *(Fault(path=LIKED, nth=number, do="rate_limit") for number in (3, 4, 5))
        ),
        no_browser_both=lambda: without_browser(Fault(path=LIKED, after=2, do="captcha")),
        limited=lambda: two(videos, settings={"RETRY_TIMES": 1}, faults=[Fault(path=VIEW, first=2, do="rate_limit")]),
    )


def stat(done: Crawl, what: str) -> list[int]:
    return sorted(
        int(count) for count in re.findall(rf"'identities/bilibili_web/[0-9a-f]{{8}}/{what}': (\d+)", done.err)
    )


def test_listings_are_spread_and_each_keeps_its_identity(crawls: dict[str, Crawl]) -> None:
    done = crawls["spread"]
    agents: dict[str, set[str]] = {}
    for request in done.asked(POSTS):
        agents.setdefault(request.query["mid"], set()).add(request.headers["user-agent"])
    assert len(agents) == 3 and all(len(used) == 1 for used in agents.values())
    assert set.union(*agents.values()) == {FIRST, SECOND}
    assert done.code == 0 and len(done.of(LIST)) == 180
    assert len(stat(done, "sent")) == 2 and sum(stat(done, "ok")) == len(done.asked(POSTS))


def test_a_cookie_goes_with_its_own_browser(crawls: dict[str, Crawl]) -> None:
    for done in (crawls["spread"], crawls["challenged"], crawls["limited"]):
        for request in done.requests:
            own = WORLD.sessdata if request.headers["user-agent"] == FIRST else OTHER.partition("=")[2]
            assert request.cookies["SESSDATA"] == own


@pytest.mark.parametrize("name, outcome", [("challenged", "CHALLENGE"), ("expired", "COOKIE_EXPIRED")])
def test_where_one_is_stopped_the_other_serves(crawls: dict[str, Crawl], name: str, outcome: str) -> None:
    done = crawls[name]
    assert done.code == 0 and {record["video_id"] for record in done.of(VIDEO)} == set(VIDEOS)
    stopped, *others = done.asked(VIEW)
    assert {request.headers["user-agent"] for request in others[1:]} == {FIRST, SECOND} - {
        stopped.headers["user-agent"]
    }
    assert stat(done, outcome) == stat(done, "stopped") == [1]
    assert re.search(rf"paused for 60 s, other identities continue: {outcome}", done.err)


def test_where_both_are_stopped_it_ends_and_says_why(crawls: dict[str, Crawl]) -> None:
    done = crawls["both"]
    assert done.code == 4 and done.codes == [423] * len(VIDEOS)
    assert len(done.asked(VIEW)) == 2, "one each, and nothing more is asked"
    messages = [failure["error"]["message"] for failure in done.failures]
    assert sum("all 2 identities were stopped (first: CHALLENGE, second: CHALLENGE)" in text for text in messages) >= 4
    assert stat(done, "stopped") == [1, 1]


def test_a_rate_limit_holds_back_one_only(crawls: dict[str, Crawl]) -> None:
    done = crawls["limited"]
    assert done.code == 0 and {record["video_id"] for record in done.of(VIDEO)} == set(VIDEOS)
    assert sum(stat(done, "waits")) == sum(stat(done, "RATE_LIMITED")) == 2


def test_the_last_one_goes_on_without_a_login(crawls: dict[str, Crawl]) -> None:
    done = crawls["all_expired"]
    assert done.code == 5 and done.codes == [440] * len(VIDEOS) and stat(done, "stopped") == [1]
    assert all("scrapy update_cookie --service bilibili" in failure["error"]["remedy"] for failure in done.failures)


def test_the_command_renews_the_cookie_of_a_running_crawl(crawls: dict[str, Crawl]) -> None:
    done = crawls["updated"]
    assert done.code == 0 and len(done.of(LIST)) == 1500
    before = int(done.files["asked"])
    after = done.asked(POSTS)[before:]
    assert after and {request.cookies.get("SESSDATA") for request in after} == {WORLD.sessdata}
    assert b"# mine" in done.files["config/bilibili_web/config.yaml"]


def test_another_identity_is_asked_before_another_route(crawls: dict[str, Crawl]) -> None:
    done = crawls["ladder"]
    assert done.codes == [200] * 8 and done.code == 0
    assert {request.host for request in done.requests} == {"www.tiktok.com"}, "no feed was needed"
    assert len(done.requests) == 8 + 2
    challenged = done.requests[0].cookies.get("sessionid")
    assert [request.cookies.get("sessionid") for request in done.requests].count(challenged) == 1, "it rests"
    assert len(re.findall(r"'identities/tiktok_web/[0-9a-f]{8}/stopped': 1", done.err)) == 1


@pytest.mark.parametrize("name", ["no_browser", "no_browser_limited"])
def test_where_no_further_route_is_there_the_other_goes_on_with_the_list(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert not done.failures and [record["video_id"] for record in done.of(LIKES)] == works(0)[:75]
    sessions = [request.cookies.get("sessionid") for request in done.asked(LIKED)]
    assert sessions[0] == sessions[2] != sessions[-1]
    assert "other identities continue" in done.err


def test_where_both_are_refused_the_line_says_what_stopped_the_list(crawls: dict[str, Crawl]) -> None:
    done = crawls["no_browser_both"]
    [failure] = done.failures
    assert (failure["error"]["name"], failure["meta"]["cursor"]) == ("CHALLENGE", "60")
    assert "/nowhere" in failure["error"]["message"], "and what is missing"
    assert len(done.asked(LIKED)) == 2 + 2, "each was asked once"
    assert "collected 60, stopped: challenge" in done.err
