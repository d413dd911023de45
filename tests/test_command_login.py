"""`scrapy login`: a real browser on a screen of its own, the simulator, and somebody who logs in, or does not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
import yaml

from scraper.platform.registry import services_of
from scraper.platform.service import Service
from tests.browsers import chromium, trusting
from tests.cases import PLATFORMS, ROOT
from tests.commands import Shell
from tests.crawling import crawl
from tests.simulator import Simulator, World
from tests.windows import below, free_port, left_of, screen, words_of

SERVICES = [service for service in services_of(PLATFORMS) if service.login_page]
DOUYIN = next(service for service in SERVICES if service.label == "douyin")
PATIENCE_S = 60
SOON = 0.5
DEAD = "http://127.0.0.1:9"
DIRECT = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as name:
        yield name


@dataclass
class Person:
    """Someone at a screen, who runs `scrapy login`.

    :ivar started: processes that were seen below it
    """

    sim: Simulator
    folder: Path
    display: str
    started: set[int] = field(default_factory=set)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    out: str = ""
    err: str = ""

    def path(self, service: Service = DOUYIN) -> Path:
        return self.folder / "config" / service.name / "config.yaml"

    def start(
        self, *words: str, service: Service = DOUYIN, env: Mapping[str, str | None] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        self.sim.forget()
        (self.folder / "config").mkdir(exist_ok=True)
        own = {
            "CONFIG_DIR": str(self.folder / "config"),
            "STATE_DIR": str(self.folder / "state"),
            "DISPLAY": self.display,
            "PLAYWRIGHT_LAUNCH_OPTIONS": json.dumps({"executable_path": chromium(), "headless": True, **options}),
        }
        whole = {**os.environ, **self.sim.env, **own, **(env or {})}
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "login", service.label, *words],
            cwd=ROOT, env={name: value for name, value in whole.items() if value is not None and "COOKIE" not in name},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def until_shown(self, process: subprocess.Popen[str], service: Service = DOUYIN) -> None:
        """Wait until the page is there."""
        end = time.monotonic() + PATIENCE_S
        host = service.login_page.split("/")[2]
        while not any(request.host == host for request in self.sim.requests):
            assert process.poll() is None and time.monotonic() < end, process.communicate()
            time.sleep(0.05)
        self.started |= below(process.pid)
        assert any(map(is_browser, self.started))

    def ended(self, process: subprocess.Popen[str]) -> int:
        """The exit code, once nothing of it is left."""
        self.out, self.err = process.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in self.err and "never retrieved" not in self.err, self.err
        assert left_of(self.started, str(self.folder)) == set()
        assert self.sim.refused == [] and self.sim.violations == []
        return process.returncode

    def run(self, *words: str, **more: Any) -> int:
        return self.ended(self.start(*words, **more))


@pytest.fixture
def person(sim: Simulator, tmp_path: Path, display: str) -> Iterator[Person]:
    sim.desk.presses_after = None
    user = Person(sim, tmp_path, display)
    yield user
    for process in user.processes:
        process.kill()
        process.communicate()


def unseen(person: Person, cookie: str) -> None:
    """No value of a cookie may be told."""
    for value in {morsel.value for morsel in SimpleCookie(cookie).values() if len(morsel.value) > 5}:
        assert value not in person.out + person.err


@pytest.mark.parametrize(
    "service",
    [
        pytest.param(service, id=service.name, marks=[] if service is DOUYIN else pytest.mark.nightly)
        for service in SERVICES
    ],
)
def test_the_session_of_who_logged_in_is_stored(person: Person, service: Service) -> None:
    person.sim.desk.presses_after = SOON
    process = person.start(service=service)
    person.until_shown(process, service)
    assert person.ended(process) == 0, person.err
    stored = yaml.safe_load(person.path(service).read_text("utf-8"))
    platform = next(
        platform for platform in person.sim.platforms if service.cookie_domains[0] in platform.cookie_domains
    )
    pairs = dict(pair.split("=", 1) for pair in stored["cookie"].split("; "))
    account = dict(pair.split("=", 1) for pair in platform.login_cookie.split("; "))
    assert account.items() <= pairs.items()
    agents = {request.headers["user-agent"] for request in person.sim.requests}
    assert agents == {stored["user_agent"]} and "Headless" not in stored["user_agent"]
    assert person.path(service).stat().st_mode & 0o777 == 0o600
    assert f"{len(pairs)} cookies, logged in, until" in person.out and ", ".join(pairs) in person.out
    unseen(person, stored["cookie"])
    if service is DOUYIN:
        check_that_a_crawl_uses_it(person, stored["user_agent"])


def check_that_a_crawl_uses_it(person: Person, user_agent: str) -> None:
    world = World(seed=1, creators=1, videos=3)
    assert world.douyin.login_cookie == person.sim.world.douyin.login_cookie
    url = f"https://www.douyin.com/user/{world.douyin.creator(0).sec_uid}"
    done = crawl(
        f"url={url}", "router=handler_user_profile", command=("crawl", "douyin"), world=world, folder=person.folder
    )
    assert done.only()["code"] == 200, done.err
    for request in done.requests:
        assert request.cookies["sessionid"] in world.douyin.secrets()
        assert request.headers["user-agent"] == user_agent


@pytest.mark.nightly
def test_one_of_several_identities_through_its_own_proxy(person: Person) -> None:
    person.path().parent.mkdir(parents=True)
    proxy = person.sim.env["https_proxy"]
    rows = f"- {{name: a, cookie: x=1, proxy: {DEAD}}} # A\n- name: b\n  proxy: {proxy}\n"
    person.path().write_text(f"identities:\n{rows}")
    assert person.run() == 2 and "select one with --identity: a, b" in person.err
    assert person.run("--identity", "c") == 2 and "no 'c' among its identities" in person.err
    assert person.sim.requests == []
    person.sim.desk.presses_after = SOON
    assert person.run("--identity", "b", env={"https_proxy": DEAD, "HTTPS_PROXY": DEAD}) == 0, person.err
    first, second = yaml.safe_load(text := person.path().read_text())["identities"]
    assert first == {"name": "a", "cookie": "x=1", "proxy": DEAD} and "# A" in text
    assert "sessionid=" in second["cookie"] and "Chrome/" in second["user_agent"]


def untouched(person: Person) -> bool:
    return person.path().read_text() == "cookie: old=1 # mine\n"


@pytest.fixture
def before(person: Person) -> None:
    person.path().parent.mkdir(parents=True)
    person.path().write_text("cookie: old=1 # mine\n")


@pytest.mark.nightly
@pytest.mark.usefixtures("before")
def test_who_does_not_log_in_in_time(person: Person) -> None:
    process = person.start("--timeout", "2")
    person.until_shown(process)
    assert person.ended(process) == 5
    assert "nobody logged in within 2 s; nothing was changed" in person.err and untouched(person)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    "all_of_them",
    [pytest.param(False, id="the command", marks=pytest.mark.nightly), pytest.param(True, id="the terminal's group")],
)
def test_who_presses_ctrl_c(person: Person, all_of_them: bool) -> None:
    process = person.start()
    person.until_shown(process)
    (os.killpg if all_of_them else os.kill)(process.pid, signal.SIGINT)
    assert person.ended(process) == 5
    assert "nothing was changed" in person.err and untouched(person)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.nightly), signal.SIGKILL])
def test_a_command_that_is_killed_leaves_no_browser(person: Person, number: signal.Signals) -> None:
    process = person.start()
    person.until_shown(process)
    process.send_signal(number)
    assert person.ended(process) == -number and untouched(person)


@pytest.mark.nightly
@pytest.mark.usefixtures("before")
def test_who_closes_the_window(person: Person) -> None:
    port = free_port()
    process = person.start(args=[f"--remote-debugging-port={port}"])
    person.until_shown(process)
    (page,) = pages(port, DOUYIN.login_page)
    DIRECT.open(f"http://127.0.0.1:{port}/json/close/{page['id']}").close()
    assert person.ended(process) == 5
    assert "the window was closed; nothing was changed" in person.err and untouched(person)


@pytest.mark.nightly
@pytest.mark.usefixtures("before")
def test_a_browser_that_ends(person: Person) -> None:
    process = person.start()
    person.until_shown(process)
    (browser,) = [pid for pid in person.started if is_browser(pid)]
    os.kill(browser, signal.SIGKILL)
    assert person.ended(process) == 5
    assert "closed; nothing was changed" in person.err and untouched(person)


def is_browser(pid: int) -> bool:
    """Whether a process is the browser itself, and none of those that it started."""
    words = words_of(pid)
    return b"--remote-debugging-pipe" in words and b"--type=" not in words


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("env", "options", "code", "message"),
    [
        ({"DISPLAY": None, "WAYLAND_DISPLAY": None}, {}, 1, "there is no display: set DISPLAY"),
        pytest.param({"DISPLAY": ":4999"}, {}, 1, "there is no display: set DISPLAY", marks=pytest.mark.nightly),
        ({"https_proxy": DEAD, "HTTPS_PROXY": DEAD}, {}, 1, "https://www.douyin.com/: the proxy does not work"),
        pytest.param(
            {}, {"executable_path": "/no/such"}, 1, "there is no browser at /no/such", marks=pytest.mark.nightly
        ),
        ({}, {"executable_path": "/bin/false"}, 1, "the browser could not be used"),
        pytest.param(
            {}, {"args": "--x"}, 2, "PLAYWRIGHT_LAUNCH_OPTIONS must be a JSON object", marks=pytest.mark.nightly
        ),
        ({"PLAYWRIGHT_CDP_URL": DEAD}, {}, 1, f"no browser answers at {DEAD}"),
    ],
    ids=["no display", "no screen", "dead proxy", "no browser", "no program", "wrong options", "none runs"],
)  # fmt: skip
def test_where_no_page_can_be_shown(
    person: Person, env: dict[str, str | None], options: dict[str, Any], code: int, message: str
) -> None:
    assert person.run(env=env, **options) == code
    assert message in person.err and "nothing was changed" in person.err and untouched(person)
    assert person.sim.requests == []


@pytest.mark.parametrize(
    "words", [(), ("nowhere",), ("tiktok_app",), ("douyin", "tiktok_web"), ("douyin", "--timeout", "0")]
)
def test_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = Shell(tmp_path)("login", *words)
    assert done.code == 2 and "nothing was changed" in done.err and list(tmp_path.iterdir()) == []


@pytest.mark.nightly
def test_the_session_of_a_browser_that_runs_already(person: Person, tmp_path: Path) -> None:
    person.sim.desk.presses_after = SOON
    port, profile = free_port(), tmp_path / "profile"
    words = [chromium(), "--headless", "--no-sandbox", "--disable-gpu", f"--remote-debugging-port={port}"]
    words += [f"--user-data-dir={profile}", f"--proxy-server={person.sim.env['https_proxy']}", "about:blank"]
    other = tmp_path.with_name(f"{tmp_path.name}-other")  # where the processes of the command are not looked for
    chrome = subprocess.Popen(
        words,
        env={**os.environ, **trusting(other, person.sim.authority.path)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        before = pages(port)
        process = person.start("--cdp", f"http://127.0.0.1:{port}")
        person.out, person.err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, person.err
        assert chrome.poll() is None and [page["id"] for page in pages(port)] == [page["id"] for page in before]
    finally:
        os.killpg(chrome.pid, signal.SIGKILL)
        chrome.wait()
    stored = yaml.safe_load(person.path().read_text("utf-8"))
    assert "sessionid=" in stored["cookie"] and "HeadlessChrome" in stored["user_agent"]
    unseen(person, stored["cookie"])


def pages(port: int, url: str = "about:blank") -> list[dict[str, Any]]:
    """The pages of a browser, as it tells them, once one of them is there."""
    end = time.monotonic() + PATIENCE_S
    targets: list[dict[str, Any]] = []
    while not any(page["url"] == url for page in targets):
        assert time.monotonic() < end, targets
        time.sleep(0.1)
        with suppress(OSError), DIRECT.open(f"http://127.0.0.1:{port}/json/list") as answer:
            targets = [page for page in json.load(answer) if page["type"] == "page"]
    return targets
