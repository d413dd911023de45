"""What a crawl may ask for: so many requests an hour, at no quiet hour, within its budget, and as the platform asks.

The simulator counts what really arrives. An hour is scaled to seconds.
"""

from __future__ import annotations

import json
import re
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from scraper.identities import hourly_limit
from tests.crawling import VIDEO, Crawl, Running, by_target, crawl, quiet_now, together, write_config
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=3, videos=60)
HOUR_S, PER_HOUR = 2.0, 6
LATE_S = 0.5  # by which an answer may be late on a busy machine
BILIBILI, TIKTOK = "api.bilibili.com", "www.tiktok.com"
VIDEOS = [WORLD.video(0, place).bvid for place in range(20)]
USERS = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
WORKS = [f"https://www.tiktok.com/@_/video/{WORLD.tiktok.video(0, place).id}" for place in range(6)]
SHORT = f"https://b23.tv/{WORLD.special['b23_video']}"
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}
AGENTS = [f"Mozilla/5.0 Number/{number}" for number in range(3)]
THREE = "identities:\n" + "".join(
    f"- {{name: n{number}, cookie: 'SESSDATA=s{number}%2C1893456000%2Csession', user_agent: '{agent}'}}\n"
    for number, agent in enumerate(AGENTS)
)
VIEW = "/x/web-interface/view"
BUDGET = 12


def text(*inputs: str) -> str:
    """One input a line."""
    return "url=" + "\n".join(inputs)


def most_in_an_hour(done: Crawl, agent: str = "") -> int:
    """The largest number of requests in what is an hour here, but for what may come late."""
    times = sorted(request.time for request in done.requests if agent in request.headers["user-agent"])
    return max(bisect_left(times, start + HOUR_S - LATE_S) - number for number, start in enumerate(times))


def hourly(*words: str, **more: object) -> Crawl:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hourly_limit, "WINDOW_S", HOUR_S)
        return crawl(*words, world=WORLD, **more)


def until_others_ended_then_by_day(running: Running) -> None:
    """End the quiet hours when all other work is done, by another file."""
    running.until(lambda: len([seen for seen in running.sim.requests if seen.host == TIKTOK]) >= len(WORKS))
    time.sleep(1.5)  # a progress line is written every second
    assert not any(seen.host == BILIBILI for seen in running.sim.requests)
    write_config(running.folder)


def until_asked_to_wait(running: Running) -> None:
    running.until(lambda: len(running.sim.requests) >= 1)
    running.interrupt()


def answered_late(value: str, status: int, **more: object) -> Crawl:
    """Crawl a work of each platform and a short link, where each platform first asks to wait."""
    hosts = ("*.bilibili.com", "*.tiktok.com", "*douyin.com", "b23.tv")
    wait = {"do": "status", "status": status, "body": "{}", "headers": {"Retry-After": value}}
    douyin = f"https://www.douyin.com/video/{WORLD.douyin.video(0, 0).id}"
    words = text(VIDEOS[0], WORKS[0], douyin, SHORT)
    faults = [Fault(host=host, nth=1, **wait) for host in hosts]
    configs = dict.fromkeys(("douyin_web", "tiktok_web", "tiktok_app"), "")
    options = {"configs": configs, "pace": ONE_BY_ONE, **more}
    return crawl(words, world=WORLD, command=("crawl", "hybrid"), faults=faults, **options)


def two_faults() -> list[Fault]:
    return [Fault(path=VIEW, nth=2, do="status"), Fault(path=VIEW, nth=4, do="reset")]


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    few, eight = text(*VIDEOS[:3]), {"delay_s": 0, "concurrency": 8}
    quick = {"delay_s": 0, "concurrency": 4, "per_hour": PER_HOUR}
    quiet = f"pace: {{delay_s: 0, concurrency: 2, quiet_hours: ['{quiet_now()}']}}\n"
    in_two_seconds = format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True)
    return together(
        unlimited=lambda: hourly(few),
        per_hour=lambda: hourly(few, pace=quick),
        per_hour_faults=lambda: hourly(text(SHORT, *VIDEOS[3:5]), pace=quick, faults=two_faults()),
        per_hour_each=lambda: hourly(text(*VIDEOS[:8]), pace=quick, config=THREE),
        quiet=lambda: crawl(
            text(*VIDEOS[:3], *WORKS),
            world=WORLD,
            command=("crawl", "hybrid"),
            configs={"bilibili_web": quiet, "tiktok_web": "", "tiktok_app": ""},
            meanwhile=until_others_ended_then_by_day,
            settings={"SUMMARY": "on", "LOG_LEVEL": "INFO"},
        ),
        budget=lambda: crawl(
            text(SHORT, *VIDEOS), f"max_requests={BUDGET}", world=WORLD, pace=eight, faults=two_faults()
        ),
        budget_of_lists=lambda: crawl(text(*USERS), f"max_requests={BUDGET - 6}", world=WORLD, pace=eight),
        enough=lambda: crawl(f"url={VIDEOS[0]}", "max_requests=1000", world=WORLD),
        challenged=lambda: crawl(
            text(*VIDEOS),
            world=WORLD,
            config=THREE,
            pace=ONE_BY_ONE,
            faults=[Fault(path=VIEW, do="risk")],
            settings={"CHALLENGE_STOP": 2},
        ),
        challenged_between=lambda: crawl(
            text(*VIDEOS),
            world=WORLD,
            config=THREE,
            pace=ONE_BY_ONE,
            faults=[Fault(path=VIEW, nth=number, do="risk") for number in (1, 6)],
            settings={"CHALLENGE_STOP": 2},
        ),
        busy=lambda: answered_late("1", 429),
        down=lambda: answered_late("1", 503),
        down_at_a_date=lambda: answered_late(in_two_seconds, 503, meanwhile=until_asked_to_wait),
        absurd=lambda: answered_late("999999", 503, meanwhile=until_asked_to_wait),
        absurd_limit=lambda: answered_late("999999", 429, meanwhile=until_asked_to_wait),
    )


def test_the_progress_line_tells_what_is_left() -> None:
    slow = World(seed=1, creators=3, videos=400, page_latency=(0.3, 0.0))
    links = [f"https://space.bilibili.com/{slow.creator(number).mid}" for number in range(2)]
    on, later = (
        {"SUMMARY": "on"},
        re.compile(r"^bilibili 0:\d\d · \d+ answers · .* · (about|more than) (0:\d\d) left$", re.M),
    )
    done = crawl(text(*links), world=slow, env=on, pace={"delay_s": 0, "concurrency": 2})
    shown = later.findall(done.err)
    assert shown and "about" in {word for word, _ in shown}, done.err
    assert shown[-1][1] <= shown[0][1] <= "0:59"


def test_no_hour_holds_more_than_it_may(crawls: dict[str, Crawl]) -> None:
    assert most_in_an_hour(crawls["unlimited"]) > PER_HOUR, "the limit is what holds the others back"
    for name in ("per_hour", "per_hour_faults"):
        assert most_in_an_hour(crawls[name]) <= PER_HOUR, name
        assert len(crawls[name].requests) > PER_HOUR
        assert crawls[name].code == 0
    log = crawls["per_hour"].err
    assert len(re.findall(r"bilibili_web:default spreads its requests .* at most 6 an hour", log)) == 1
    assert {seen.host for seen in crawls["per_hour_faults"].requests} == {"b23.tv", BILIBILI}


def test_each_identity_has_an_hour_of_its_own(crawls: dict[str, Crawl]) -> None:
    done = crawls["per_hour_each"]
    assert {seen.headers["user-agent"] for seen in done.requests} == set(AGENTS)
    assert all(most_in_an_hour(done, agent) <= PER_HOUR for agent in AGENTS)
    assert most_in_an_hour(done) > PER_HOUR and done.code == 0


def test_nothing_is_sent_in_quiet_hours_and_other_services_are_not_delayed(crawls: dict[str, Crawl]) -> None:
    done = crawls["quiet"]
    assert done.code == 0 and len(done.records) == 3 + len(WORKS)
    until = datetime.now() + timedelta(hours=2)
    (line,) = re.findall(r"INFO: bilibili_web:default sends nothing until (\S+ \S+) \(pace.quiet_hours\)", done.err)
    assert abs(datetime.fromisoformat(line) - until) < timedelta(minutes=10)
    assert f" · bilibili_web:default waits until {line[-5:]}:00" in done.err


def test_a_budget_counts_whatever_is_sent(crawls: dict[str, Crawl]) -> None:
    for name, most in (("budget", BUDGET), ("budget_of_lists", BUDGET - 6)):
        done = crawls[name]
        assert len(done.requests) == most, name
        assert done.code == 3 and f"max_requests={most} requests were sent: stopping" in done.err
    assert {"status", "reset"} <= {request.fault for request in crawls["budget"].requests}
    (report,) = [json.loads(body) for name, body in crawls["budget"].files.items() if name.endswith(".run.json")]
    left = report["requests_left"]
    assert report["stopped"] == "budget" and left > 0
    assert (
        f"The crawl is incomplete (budget: {left} requests left). To continue: {report['resume']}\n"
        in crawls["budget"].err
    )


@pytest.mark.parametrize(("links", "most"), [([SHORT, *VIDEOS], 30), (USERS, 6)])
def test_each_start_of_a_run_has_its_budget(tmp_path: Path, links: list[str], most: int) -> None:
    whole = crawl(text(*links), world=WORLD)
    done = crawl(text(*links), f"max_requests={most}", world=WORLD, folder=tmp_path)
    assert done.code == 3
    for _ in range(8):
        if done.code:
            assert done.code == 3 and len(done.requests) <= most
            done = crawl(command=("resume",), world=WORLD, folder=tmp_path)
    assert done.code == 0
    keys = [sorted(record["meta"]["key"] for record in crawled.records) for crawled in (whole, done)]
    assert keys[0] == keys[1]


def test_a_budget_that_is_too_small_for_a_page_says_so(tmp_path: Path) -> None:
    """Its session needs a request before the first page, and the keys of signatures one before the second."""
    done = crawl(text(VIDEOS[0]), "max_requests=1", world=WORLD, folder=tmp_path / "one")
    assert "max_requests=1, so that no page was requested" in done.err and "-a max_requests=10" in done.err
    first = crawl(text(VIDEOS[0]), "max_requests=2", world=WORLD, folder=tmp_path / "two")
    assert "To continue: scrapy resume" in first.err
    stuck = crawl(command=("resume",), world=WORLD, folder=tmp_path / "two")
    assert "no page was requested" in stuck.err and "-a max_requests=20" in stuck.err


def test_a_budget_that_is_not_reached_stops_nothing(crawls: dict[str, Crawl]) -> None:
    assert crawls["enough"].code == 0 and crawls["enough"].codes == [200]
    needed = len(crawls["enough"].requests)
    exact = crawl(f"url={VIDEOS[0]}", f"max_requests={needed}", world=WORLD)
    assert exact.code == 0 and exact.codes == [200] and len(exact.requests) == needed


def test_challenges_in_a_row_stop_a_service(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged"]
    assert len(done.asked(VIEW)) <= 3, "no more than were under way"
    assert done.code == 4 and done.codes == [423] * len(VIDEOS)
    left = [envelopes[0]["data"]["error"] for envelopes in by_target(done).values()]
    explained = [error for error in left if "challenged 2 times in a row (CHALLENGE_STOP)" in error["message"]]
    assert len(explained) >= len(VIDEOS) - 3
    assert all("pass the check by hand" in error["remedy"] for error in explained)


def test_a_success_between_them_makes_them_two(crawls: dict[str, Crawl]) -> None:
    done = crawls["challenged_between"]
    assert done.code == 0 and {record["video_id"] for record in done.of(VIDEO)} == set(VIDEOS)


@pytest.mark.parametrize("name", ["busy", "down"])
def test_a_platform_is_given_the_time_that_it_asks_for(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.code == 0 and done.codes == [200] * 4
    for hosts in ("bilibili.com b23.tv", "tiktok.com", "douyin.com"):
        seen = [request for request in done.requests if any(request.host.endswith(host) for host in hosts.split())]
        waits = [(after.time - before.time) for before, after in pairwise(seen) if before.fault]
        assert waits and min(waits) >= 1 - 0.01, hosts


@pytest.mark.parametrize("name, asks", [("absurd", "waits"), ("absurd_limit", "Rate limited")])
def test_an_absurd_time_is_an_hour_and_said_so(crawls: dict[str, Crawl], name: str, asks: str) -> None:
    done = crawls[name]
    assert asks in done.err and "(the platform asks for 999999 s)" in done.err and "3600.0 s" in done.err
    assert all(request.fault for request in done.requests)


def test_a_date_to_wait_for_is_as_good(crawls: dict[str, Crawl]) -> None:
    done = crawls["down_at_a_date"]
    assert "(the platform asks for 71" in done.err or "(the platform asks for 72" in done.err, done.err


@pytest.mark.parametrize("word", ["max_requests=0", "max_requests=many", "max_requests=-1"])
def test_a_budget_is_a_number(word: str) -> None:
    done = crawl(f"url={VIDEOS[0]}", word)
    assert done.code == 2 and word in done.err and not done.requests
