"""Crawls as identities that a fleet holds, before the simulator."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response

from scraper.fleet import held_identities
from scraper.identities.holding import InMemory, NotHeldError, sends_as
from scraper.identities.identity import Identity
from scraper.identities.service_config import Credentials
from scraper.network.browser.page import WarmPage
from scraper.network.transports.direct import Direct
from scraper.network.transports.impersonate import Impersonate
from spiders.bilibili.spider import BILIBILI
from tests.browsers import chromium
from tests.cases import ROOT
from tests.fleet.workers import SERVICE, change, configure, crawler, prepared, rows, until, wait_for
from tests.long_lived import WORLD, Live, answers
from tests.postgres import Server
from tests.simulator import Fault, Simulator
from tests.simulator.authority import Authority
from tests.tiktok import ROUTER, SITE
from tests.wire import CHROME, FIREFOX, OK, answering, ask, certified, request

DELAY_S = 0.1
PACE = {"delay_s": DELAY_S, "concurrency": 1}


@pytest.fixture
def url(postgres: Server) -> str:
    return prepared(postgres)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_identities, "_UPKEEP_S", 0.05)


def videos(number: int, first: int = 0) -> str:
    return " ".join(f"https://www.bilibili.com/video/{WORLD.video(1, first + n).bvid}" for n in range(number))


def gaps(times: Sequence[float]) -> list[float]:
    """Return the times between every fifth request: one that arrives late shortens the gap to the next."""
    return [(after - before) / 4 for before, after in zip(times, times[4:], strict=False)]


@pytest.mark.nightly
def test_two_workers_crawl_in_turns_as_one_identity(postgres: Server, url: str, live: Live) -> None:
    live.configure("bilibili_web", **PACE)

    async def run() -> None:
        with live.simulator() as (sim, settings):
            workers = crawler(settings, url, idle_s=0.3), crawler(settings, url, idle_s=0.3)
            async with workers[0] as (one, _), workers[1] as (other, _):
                wanted = (answers(one, url=videos(5)), answers(other, url=videos(5, first=5)))
                for envelopes in await asyncio.gather(*wanted):
                    assert [envelope.code for envelope in envelopes] == [200] * 5
                times = [seen.time for seen in sim.requests]
                assert min(gaps(times)) >= 0.95 * DELAY_S
                assert {seen.under_way for seen in sim.requests} == {1}
                assert rows(postgres, url, "SELECT sent FROM fleet_identity WHERE sent > 0") == [(len(times),)]
                assert rows(postgres, url, "SELECT max(lease) > 1 FROM fleet_identity") == [(True,)]

    asyncio.run(run())


def test_inputs_are_left_for_later_if_other_workers_hold_all_identities(
    url: str, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_identities, "_LONGEST_WITHOUT_S", 0.8)

    async def run() -> None:
        with live.simulator() as (sim, settings):
            async with crawler(settings, url) as (one, _), crawler(settings, url) as (other, _):
                await answers(one, url=videos(1))
                number = len(sim.requests)
                (refused,) = await answers(other, url=videos(1))
                assert refused.code == 429 and "other workers hold" in refused.data.error.message
                assert "fewer workers" in refused.data.error.remedy
                assert len(sim.requests) == number

    asyncio.run(run())


@pytest.mark.nightly
def test_requests_wait_for_another_lease_if_theirs_was_lost(postgres: Server, url: str, live: Live) -> None:
    live.configure("bilibili_web", **PACE)

    async def run() -> None:
        with live.simulator() as (sim, settings):
            async with crawler(settings, url, lease_s=1.0) as (one, membership):
                first = membership.worker
                crawled = asyncio.ensure_future(answers(one, url=videos(12)))
                await until(lambda: len(sim.requests) >= 3)
                change(postgres, url, "UPDATE fleet_worker SET expires_time = 0")
                assert [envelope.code for envelope in await crawled] == [200] * 12
                assert membership.worker != first
                assert min(gaps([seen.time for seen in sim.requests])) >= 0.95 * DELAY_S

    asyncio.run(run())


def test_a_challenge_of_one_worker_keeps_the_other_from_sending(postgres: Server, url: str, live: Live) -> None:
    async def run() -> None:
        with live.simulator([Fault(path="*/view*", do="risk")]) as (sim, settings):
            async with crawler(settings, url) as (one, _), crawler(settings, url) as (other, _):
                (challenged,) = await answers(one, url=videos(1))
                assert challenged.code == 423
                await until(lambda: bool(rows(postgres, url, "SELECT 1 FROM fleet_identity WHERE stopped <> ''")))
                number = len(sim.requests)
                (refused,) = await answers(other, url=videos(1))
                assert refused.code == 423 and "stopped in the fleet" in refused.data.error.message
                assert len(sim.requests) == number

    asyncio.run(run())


@pytest.mark.nightly
def test_a_process_that_was_stopped_sends_nothing_when_it_wakes(postgres: Server, url: str, tmp_path: Path) -> None:
    """Two processes have one cookie, and a user agent of their own each, by which the simulator tells them apart."""
    processes: list[subprocess.Popen[str]] = []
    with Simulator(WORLD) as sim, ExitStack() as stack:

        def start(agent: str, links: str) -> subprocess.Popen[str]:
            folder = tmp_path / str(len(processes))
            folder.mkdir()
            path = configure(folder, delay_s=0.2) / SERVICE / "config.yaml"
            path.write_text(f"{path.read_text()}\nuser_agent: {agent}\n")
            words = [sys.executable, "-m", "tests.fleet.crawl_process", url, str(folder), "1.5", links]
            environment = {**os.environ, **sim.env}
            process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
            return process

        def agents() -> list[str]:
            return [seen.headers["user-agent"] for seen in sim.requests]

        first = start(CHROME, videos(12))
        wait_for(lambda: agents().count(CHROME) >= 4)
        second = start(FIREFOX, videos(6, first=12))
        wait_for(lambda: len(rows(postgres, url, "SELECT 1 FROM fleet_worker WHERE ended_time IS NULL")) == 2)
        os.kill(first.pid, signal.SIGSTOP)
        wait_for(lambda: agents().count(FIREFOX) >= 2)
        os.kill(first.pid, signal.SIGCONT)
        for process, number in ((second, 6), (first, 12)):
            codes, _ = process.communicate(timeout=60)
            assert codes.split() == ["200"] * number
        assert [agent for agent, _ in groupby(agents())] == [CHROME, FIREFOX, CHROME]
        assert min(gaps([seen.time for seen in sim.requests])) >= 0.95 * 0.2


@pytest.mark.nightly
def test_pages_of_an_identity_are_closed_when_it_is_given_back(url: str, tmp_path: Path) -> None:
    chromium()
    video = f"{SITE}/@{WORLD.tiktok.creator(0).handle}/video/{WORLD.tiktok.video(0, 3).id}"
    words = [url, str(configure(tmp_path)), "30", video, f"{ROUTER}/fetch_post_comment"]
    with Simulator(WORLD) as sim:
        command = [sys.executable, "-m", "tests.fleet.crawl_process", *words]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **sim.env}, stdout=subprocess.PIPE, timeout=120)
    assert done.stdout.split() == [*[b"200"] * 5, b"1", b"0"] * 2


# The last check, for every transport


class Losing(InMemory):
    """Holds an identity until it was checked some times."""

    def __init__(self, checks: int):
        super().__init__()
        self.checks = checks

    def is_held(self, identity: Identity) -> bool:
        self.checks -= 1
        return self.checks >= 0


def identity() -> Identity:
    return Identity(Credentials("a", {}, "agent", None), BILIBILI.service, lambda: 7.0)


@pytest.mark.parametrize("kind", [Direct, Impersonate])
def test_nothing_is_sent_over_a_connection_that_came_too_late(
    authority: Authority, kind: type[Direct | Impersonate]
) -> None:
    heads: list[bytes] = []

    async def run(sender: Identity, checks: int) -> Response | Exception:
        serve = answering(OK + b"12345", "close", heads)
        context = certified(authority, "127.0.0.1")
        async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listening:
            sends_as(Losing(checks), sender)
            (answer,) = await ask(kind, request(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"))
            return answer

    sender = identity()
    lost = asyncio.run(run(sender, 0))
    assert isinstance(lost, NotHeldError), lost
    assert heads == [] and sender.last_sent == 0.0
    answer = asyncio.run(run(sender, 1))
    assert isinstance(answer, Response) and len(heads) == 1
    assert sender.last_sent == 7.0, "the pace counts from when there is a connection"


def test_no_script_is_run_in_a_page_of_an_identity_that_was_lost() -> None:
    class Page:
        def on(self, event: str, call: Any) -> None: ...

        async def evaluate(self, script: str, argument: Any) -> str:
            return "sent"

        def is_closed(self) -> bool:
            return False

    async def run() -> None:
        page = WarmPage(Page(), "https://site.test/", 0, time.monotonic)  # type: ignore[arg-type]
        sends_as(Losing(1), identity())
        assert await page.run("", None, 5.0) == "sent"
        with pytest.raises(NotHeldError):
            await page.run("", None, 5.0)
        assert not page.is_lost()

    asyncio.run(run())
