"""Crawls whose answers the platform's own page asks for, in a real Chromium: what goes well, and what goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests import canaries
from tests.browsers import chromium
from tests.crawling import Crawl, Running, crawl, write_config
from tests.simulator import Fault, World
from tests.simulator.signing import Signing
from tests.windows import below, free_port, left_of, screen, words_of

COMMENTS = "router=fetch_video_comments"
WORLD = World(seed=1, creators=10, videos=25, comments=5, replies=1)
DOUYIN = WORLD.douyin
WORKS = [DOUYIN.video(creator, number).id for creator in range(10) for number in range(20)]
FOUR = {"delay_s": 0, "concurrency": 4}
PLAIN = {"douyin_web": ""}  # else it would have the pace of the example
SHORT = {"PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1500}
PROBE = "/aweme/v1/web/query/user/"
LIST = "/aweme/v1/web/comment/list/"
DEAD = "sessionid=00000000000000000000000000000000; sid_tt=00000000000000000000000000000000"


@pytest.fixture(autouse=True)
def browser() -> str:
    return chromium()


def comments(works: Iterable[str], *words: str, signing: Signing | None = None, **more: Any) -> Crawl:
    """Crawl the first page of the comments of some works, where nothing is told unsigned."""
    world = World(seed=1, creators=10, videos=25, comments=5, replies=1, signing={"douyin": signing or Signing()})
    options: dict[str, Any] = {"world": world, "command": ("crawl", "douyin"), "pace": FOUR, "configs": PLAIN, **more}
    links = " ".join(f"https://www.douyin.com/video/{work}" for work in works)
    return crawl(f"url={links}", COMMENTS, "max_pages=1", *words, **options, process=True)


def served(done: Crawl) -> set[str]:
    """The works that were answered."""
    return {record["meta"]["target"].rpartition("/")[2] for record in done.records}


def of_chromium(pid: int) -> set[int]:
    """The processes of a crawl's browser that show pages."""
    return {child for child in below(pid) if b"--type=renderer" in words_of(child)}


def is_main(pid: int) -> bool:
    """Whether a process is a browser's first, which has all others."""
    words = words_of(pid)
    return b"--remote-debugging-p" in words and b"--type=" not in words


@pytest.mark.nightly
def test_pages_are_opened_once_and_used_by_all() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
    done = comments(WORKS[:16], configs={"douyin_web": f'user_agent: "{agent}"\n'})
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:16]))
    assert {record["meta"]["surface"] for record in done.records} == {"browser"}
    (session,) = done.notaries["douyin"].sessions
    assert session.pages <= 5  # four, and one that Douyin has loaded twice at a first visit
    assert session.verdicts == {"accepted": 16}
    assert session.agents == {agent}
    signed = [request for request in done.requests if "a_bogus" in request.query]
    assert {request.query["browser_version"] for request in signed} == {"131.0.0.0"}
    assert {request.query["os_name"] for request in signed} == {"Linux"}
    assert not [request.path for request in done.requests if request.path.startswith("/decor/")]


@pytest.mark.nightly
def test_what_the_page_was_given_belongs_to_the_identity() -> None:
    one = {"delay_s": 0.02, "concurrency": 1}
    done = comments(WORKS[:40], pace=one, settings={"ROUTE_REST": 0.05})
    assert (done.code, done.failures) == (0, [])
    (session,) = done.notaries["douyin"].sessions
    plain = [request for request in done.asked(LIST) if "a_bogus" not in request.query]
    assert "msToken" not in plain[0].cookies
    assert (plain[-1].cookies["msToken"], plain[-1].cookies["ttwid"]) == (session.token, session.visitor)


@pytest.mark.nightly
def test_a_crash_and_a_new_version_in_between_lose_nothing() -> None:
    def disturb(running: Running) -> None:
        notary = running.sim.notaries["douyin"]
        running.until(lambda: notary.verdicts["accepted"] >= 50)
        os.kill(min(of_chromium(running.process.pid)), signal.SIGKILL)
        running.until(lambda: notary.verdicts["accepted"] >= 100)
        notary.rotate()

    done = comments(WORKS, meanwhile=disturb)
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS))
    notary = done.notaries["douyin"]
    assert notary.verdicts["version"] >= 1 and notary.verdicts["accepted"] >= len(WORKS)


def test_a_browser_that_dies_is_started_again() -> None:
    def kill(running: Running) -> None:
        notary = running.sim.notaries["douyin"]
        running.until(lambda: notary.verdicts["accepted"] >= 8)
        (browser,) = {child for child in below(running.process.pid) if is_main(child)}
        os.kill(browser, signal.SIGKILL)

    done = comments(WORKS[:30], meanwhile=kill)
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:30]))
    assert "fault of this program" not in done.err
    assert "'playwright/browser_count': 2" in done.err


@pytest.mark.nightly
def test_a_browser_that_hangs_does_not_hang_the_crawl(tmp_path: Path) -> None:
    pids: set[int] = set()

    def stop(running: Running) -> None:
        notary = running.sim.notaries["douyin"]
        running.until(lambda: notary.verdicts["accepted"] >= 10)
        pids.update(below(running.process.pid))
        (browser,) = {child for child in pids if is_main(child)}
        os.kill(browser, signal.SIGSTOP)

    settings = {**SHORT, "DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 0}
    done = comments(WORKS[:14], settings=settings, meanwhile=stop, folder=tmp_path / "crawl")
    assert done.records and {failure["error"]["name"] for failure in done.failures} == {
        "SIGNATURE_REJECTED"
    }  # what the other route said
    assert "fault of this program" not in done.err
    assert left_of(pids, str(tmp_path)) == set()


@pytest.mark.nightly
def test_the_plain_route_rests_and_is_tried_again() -> None:
    def open_up(running: Running) -> None:
        running.until(lambda: running.sim.notaries["douyin"].verdicts["accepted"] >= 20)
        running.sim.notaries["douyin"].signing = Signing(open=True)

    slow = {"delay_s": 0.05, "concurrency": 4}
    done = comments(WORKS[:100], pace=slow, settings={"ROUTE_REST": 0.5}, meanwhile=open_up)
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:100]))
    surfaces = [record["meta"]["surface"] for record in done.records]
    assert {"web", "browser"} == set(surfaces) and "web" in surfaces[surfaces.index("browser") :]
    assert "skipping api for" in done.err and "the api route works again" in done.err
    assert "'routes//api/douyin/web/fetch_video_comments/browser/served'" in done.err


@pytest.mark.parametrize(
    "signing, concurrency",
    [
        pytest.param(Signing(ready_after=1.0), 4, id="ready late", marks=pytest.mark.nightly),
        pytest.param(Signing(leave_after=4), 4, id="navigates away", marks=pytest.mark.nightly),
        pytest.param(Signing(rotate_after=7), 1, id="new versions", marks=pytest.mark.nightly),
        pytest.param(Signing(limit=(10, 0.5)), 4, id="rate limit", marks=pytest.mark.nightly),
    ],
)
def test_it_gets_over(signing: Signing, concurrency: int) -> None:
    pace = {"delay_s": 0, "concurrency": concurrency}
    done = comments(WORKS[:30], signing=signing, pace=pace, settings={"RETRY_TIMES": 6})
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:30]))


def test_an_echo_of_the_platform_shows_no_secret(tmp_path: Path) -> None:
    cookie = canaries.header(DOUYIN.login_cookie)
    proxy = canaries.PROXY.replace("127.0.0.1:1", "{simulator}")
    done = comments(
        WORKS[:8],
        configs={"douyin_web": canaries.config(cookie, {"proxy": proxy})},
        faults=canaries.faults(LIST, "aweme_id", WORKS[:6], "https://www.douyin.com/", cookie),
        settings={"LOG_LEVEL": "DEBUG", "RETRY_TIMES": 0, "DATABASE_URL": f"sqlite:///{tmp_path}/crawl.db"},
        folder=tmp_path,
    )
    (session,) = done.notaries["douyin"].sessions
    assert session.verdicts["accepted"] >= 2 and served(done) >= set(WORKS[6:8])
    assert any("not accepted: ttwid=…" in failure["error"]["message"] for failure in done.failures), done.failures
    of_page = f"msToken={session.token}; ttwid={session.visitor}"
    assert canaries.leaks(done, f"{cookie}; {of_page}") == []


@pytest.mark.nightly
def test_a_page_that_echoes_shows_no_secret() -> None:
    cookie = canaries.header(DOUYIN.login_cookie)
    echo = canaries.echo(cookie)
    page = (
        f"<html><title>{echo}</title><script>console.error({echo!r}); throw new Error({echo!r})</script>{echo}</html>"
    )
    configs = {"douyin_web": canaries.config(cookie)}
    settings = {"LOG_LEVEL": "DEBUG", "RETRY_TIMES": 0, **SHORT}
    done = comments(WORKS[:2], configs=configs, faults=[Fault(path="/", do="html", body=page)], settings=settings)
    assert done.failures and canaries.leaks(done, cookie) == []


def only_failure(done: Crawl) -> dict[str, Any]:
    assert done.records == []
    (name,) = {failure["error"]["name"] for failure in done.failures}
    return done.failures[0]["error"] | {"name": name}


def test_a_check_for_people_stops_the_session_and_is_not_solved() -> None:
    done = comments(WORKS[:12], signing=Signing(challenges=10**6), settings=SHORT)
    assert only_failure(done)["name"] == "CHALLENGE"
    assert done.code == 4 and "stopped for the rest of the crawl: CHALLENGE" in done.err
    assert len([request for request in done.requests if request.path == "/"]) <= 5


@pytest.mark.nightly
def test_a_login_wall_names_the_command_that_helps() -> None:
    done = comments(WORKS[:2], signing=Signing(wall=("home", "api")), settings=SHORT)
    error = only_failure(done)
    assert (error["name"], done.code) == ("LOGIN_REQUIRED", 5) and "scrapy login douyin" in error["remedy"]


@pytest.mark.nightly
def test_a_dead_cookie_is_told_from_a_refused_signature() -> None:
    dead = {"douyin_web": f'cookie: "{DEAD}"\n'}
    done = comments(WORKS[:2], signing=Signing(wall=("api",)), configs=dead, settings=SHORT)
    assert (only_failure(done)["name"], done.code) == ("COOKIE_EXPIRED", 5)


NEVER = Signing(ready_after=10**6)  # the page never signs, so that every route is refused


@pytest.mark.parametrize(
    "config, faults, name, word",
    [
        pytest.param("", [], "SIGNATURE_REJECTED", "works elsewhere", id="stale routes", marks=pytest.mark.nightly),
        pytest.param(
            f'cookie: "{DEAD}"\n',
            [],
            "COOKIE_EXPIRED",
            "session is refused",
            id="dead cookie",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "",
            [Fault(do="captcha", path=PROBE)],
            "CHALLENGE",
            "session is refused",
            id="blocked",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "", [Fault(do="reset", path=PROBE)], "CHALLENGE", "", id="no answer to it", marks=pytest.mark.nightly
        ),
    ],
)
def test_where_every_route_is_refused_a_probe_says_why(config: str, faults: list[Fault], name: str, word: str) -> None:
    done = comments(WORKS[:3], signing=NEVER, configs={"douyin_web": config}, faults=faults, settings=SHORT)
    error = only_failure(done)
    assert error["name"] == name and word in error["message"]
    asked = len(done.asked(PROBE))
    assert asked == 1 if not faults else 1 <= asked <= 2 * 3  # one without an answer, or refused, is believed by none


def test_without_a_browser_other_routes_go_on(tmp_path: Path) -> None:
    env = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    both = "router=fetch_video_comments,fetch_one_video"
    link = f"url=https://www.douyin.com/video/{WORKS[0]}"
    done = crawl(link, both, world=WORLD, command=("crawl", "douyin"), env=env, configs=PLAIN, process=True)
    assert [record["video_id"] for record in done.records] == [WORKS[0]]
    (failure,) = done.failures
    assert "playwright install chromium" in failure["error"]["message"] and "apt install chromium" in done.err
    assert failure["error"]["remedy"].startswith("follow the message")
    assert done.code == 3


def test_a_crawl_that_needs_no_browser_starts_none() -> None:
    done = comments(WORKS[:5], signing=Signing(open=True), env={"PATH": "/nowhere"})
    assert (done.code, {record["meta"]["surface"] for record in done.records}) == (0, {"web"})
    assert "playwright" not in done.err.lower().replace("playwright_", "")


def interrupted(*signals: int) -> Callable[[Running], None]:
    def meanwhile(running: Running) -> None:
        running.until(lambda: running.sim.notaries["douyin"].verdicts["accepted"] >= 10)
        assert of_chromium(running.process.pid)
        STARTED.update(below(running.process.pid))
        for number in signals:
            running.process.send_signal(number)

    return meanwhile


STARTED: set[int] = set()


@pytest.mark.parametrize(
    "signals",
    [
        pytest.param((), id="at its end", marks=pytest.mark.nightly),
        pytest.param((signal.SIGINT,), id="Ctrl-C"),
        pytest.param((signal.SIGINT, signal.SIGINT), id="Ctrl-C twice", marks=pytest.mark.nightly),
        pytest.param((signal.SIGTERM,), id="SIGTERM", marks=pytest.mark.nightly),
        pytest.param((signal.SIGKILL,), id="SIGKILL", marks=pytest.mark.nightly),
    ],
)
def test_nothing_is_left_running(signals: tuple[int, ...], tmp_path: Path) -> None:
    STARTED.clear()
    done = comments(WORKS[:60], meanwhile=interrupted(*signals), folder=tmp_path / "crawl")
    assert STARTED  # the browser's own, and what drives it
    assert left_of(STARTED, str(tmp_path)) == set()
    if signals == (signal.SIGINT,):  # what was under way is kept, and the rest is told
        assert done.records
        assert {failure["error"]["name"] for failure in done.failures} <= {"INCOMPLETE"}


@pytest.mark.nightly
def test_a_new_cookie_is_taken_up_by_a_page_of_its_own(tmp_path: Path) -> None:
    cookie = DOUYIN.login_cookie

    def replace(running: Running) -> None:
        running.until(lambda: running.sim.notaries["douyin"].verdicts["accepted"] >= 6)
        write_config(running.folder, f'cookie: "{cookie}"\n', {"delay_s": 0.1, "concurrency": 2}, "douyin_web")

    done = comments(WORKS[:24], pace={"delay_s": 0.1, "concurrency": 2}, meanwhile=replace)
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:24]))
    first, second = done.notaries["douyin"].sessions
    assert "sessionid" not in first.cookies and second.cookies["sessionid"] in cookie


@pytest.mark.nightly
def test_a_browser_that_runs_already_is_left_as_it_was(tmp_path: Path) -> None:
    port = free_port()
    words = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}"]
    words += [f"--user-data-dir={tmp_path / 'profile'}", "--ignore-certificate-errors", "about:blank"]
    chrome = subprocess.Popen(words, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        done = comments(WORKS[:8], env={"PLAYWRIGHT_CDP_URL": f"http://127.0.0.1:{port}"})
        assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:8]))
        assert {record["meta"]["surface"] for record in done.records} == {"browser"}
        assert chrome.poll() is None
    finally:
        chrome.kill()
        chrome.wait()


@pytest.mark.nightly
def test_it_can_be_watched() -> None:
    with screen() as display:
        done = comments(WORKS[:4], env={"DISPLAY": display, "PLAYWRIGHT_LAUNCH_OPTIONS": '{"headless": false}'})
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:4]))


@pytest.mark.nightly
def test_a_script_that_comes_after_another_one_is_waited_for() -> None:
    done = comments(WORKS[:6], signing=Signing(ready_after=1.5, watched=True))
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:6]))


@pytest.mark.nightly
def test_a_page_that_never_ends_is_asked_all_the_same() -> None:
    done = comments(WORKS[:3], faults=[Fault(do="stall", path="/", after=1)])  # the first visit is loaded twice
    assert (done.code, done.failures, served(done)) == (0, [], set(WORKS[:3]))
    assert "stall" in {request.fault for request in done.requests}
