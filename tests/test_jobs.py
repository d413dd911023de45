"""Jobs: runs next to the calls of a long-lived crawler. They end, are cancelled, or continue in another process."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from sqlalchemy import text

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.front import jobs as jobs_module
from scraper.front.jobs import IS_OVER, Job, Jobs
from scraper.identities.file_lock import try_lock
from scraper.ledger.run import read_run
from scraper.ledger.run_lock import unfinished_runs
from scraper.ledger.schema import layout
from scraper.ledger.store import Store, default_url
from scraper.responses.exceptions import ArgumentError
from tests import in_process
from tests.long_lived import WORLD, Live, answers
from tests.postgres import Server
from tests.simulator import Fault, Simulator

LIST = "/x/space/wbi/arc/search"
CREATOR = WORLD.creator(0)
LINK = f"https://space.bilibili.com/{CREATOR.mid}"
ALL = WORLD.count(CREATOR)
VIEW, KEYS = "/x/web-interface/view", "/x/web-interface/nav"
DELAY_S = 0.1


@asynccontextmanager
async def jobs_of(settings: Settings, at_once: int = 2) -> AsyncIterator[tuple[Jobs, LongLivedCrawler]]:
    """Yield the jobs of one process, and its crawler."""
    settings = settings.copy()
    settings.set("SERVE_JOBS", at_once, priority="cmdline")
    async with LongLivedCrawler(settings) as crawler, Jobs(settings, crawler) as jobs:
        yield jobs, crawler


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def ended(jobs: Jobs, job: Job) -> Job:
    """Return a job that is over."""
    async with asyncio.timeout(60):
        states = [change async for change in jobs.changes(job.id)]
    assert states[-1].state in IS_OVER
    return states[-1]


async def lines(jobs: Jobs, job: Job) -> list[dict[str, Any]]:
    """Return the envelopes of a job's feed."""
    return [json.loads(line) for line in b"".join([block async for block in jobs.feed(job.id)]).splitlines()]


def keys(envelopes: list[dict[str, Any]]) -> list[str]:
    return [envelope["data"]["meta"]["key"] for envelope in envelopes]


def listed(sim: Simulator) -> Counter[str]:
    """How often each page of the list was requested."""
    return Counter(request.query["pn"] for request in sim.requests if request.path == LIST)


def test_a_job_is_a_run_with_a_feed(live: Live) -> None:
    async def run() -> None:
        with live.simulator() as (_, settings):
            async with jobs_of(settings) as (jobs, _):
                job = await jobs.add("hybrid", {"url": LINK, "max_items": "40"})
                assert job.state == "queued"
                following = asyncio.create_task(lines(jobs, job))  # from its start
                done = await ended(jobs, job)
                envelopes = await lines(jobs, job)
                assert await following == envelopes
                assert [one.id for one in await jobs.latest("", 10)] == [job.id]
                assert await jobs.latest(job.id, 10) == [] and await jobs.find("20260101T000000Z-0000") is None
        assert (done.state, done.exit_code, done.rows, done.resume) == ("finished", 0, 40, None)
        assert len(envelopes) == len(set(keys(envelopes))) == 40
        assert {envelope["data"]["meta"]["run_id"] for envelope in envelopes} == {job.id}
        known = read_run(default_url(settings["STATE_DIR"]), job.id)
        assert known and known.state == "finished" and known.arguments == {"url": LINK, "max_items": "40"}
        assert json.loads(Path(known.report or "").read_text())["exit_code"] == 0
        states.append(settings["STATE_DIR"])

    states: list[str] = []
    asyncio.run(run())
    (row,) = json.loads(in_process.run(["runs", "--json"], env={**os.environ, "STATE_DIR": states[0]}).out)
    assert (row["spider"], row["state"], row["records"], row["exit_code"]) == ("hybrid", "finished", 40, 0)


def test_a_job_that_a_process_left_continues_in_the_next_one(live: Live) -> None:
    stuck = Fault("api.bilibili.com", LIST, nth=3, do="slow", delay=60)

    async def run() -> None:
        with live.simulator([stuck], DOWNLOAD_TIMEOUT=1) as (sim, settings):
            async with jobs_of(settings, at_once=1) as (jobs, _):
                first = await jobs.add("hybrid", {"url": LINK})
                second = await jobs.add("bilibili", {"url": WORLD.video(1, 0).bvid})
                await until(lambda: listed(sim)["3"] == 1)
                assert len([row async for row in some(jobs, first, 60)]) == 60
            folder = settings["STATE_DIR"]
            assert {run for run, _ in unfinished_runs(folder, None)} == {first.id, second.id}
            async with jobs_of(settings, at_once=1) as (jobs, _):
                one, other = await ended(jobs, first), await ended(jobs, second)
                envelopes = await lines(jobs, first)
                assert len(await lines(jobs, second)) == 1
            assert unfinished_runs(folder, None) == []
        assert (one.state, other.state, one.rows) == ("finished", "finished", ALL)
        assert len(set(keys(envelopes))) == len(envelopes) == ALL
        assert listed(sim) == {"1": 1, "2": 1, "3": 2, "4": 1}

    asyncio.run(run())


async def some(jobs: Jobs, job: Job, most: int) -> AsyncIterator[bytes]:
    """Yield the first lines of a feed while the job is under way."""
    rows: list[bytes] = []
    async for block in jobs.feed(job.id):
        rows += block.splitlines()
        if len(rows) >= most:
            break
    for row in rows[:most]:
        yield row


def test_a_cancelled_job_stops_and_keeps_its_rows(live: Live) -> None:
    stuck = Fault("api.bilibili.com", LIST, nth=2, do="slow", delay=60)

    async def run() -> None:
        with live.simulator([stuck], DOWNLOAD_TIMEOUT=1) as (sim, settings):
            async with jobs_of(settings, at_once=1) as (jobs, crawler):
                job = await jobs.add("hybrid", {"url": LINK})
                waiting = await jobs.add("hybrid", {"url": LINK})
                await until(lambda: listed(sim)["2"] == 1)
                assert await jobs.cancel(waiting.id) and await jobs.cancel(job.id)
                done, unbegun = await ended(jobs, job), await ended(jobs, waiting)
                assert not await jobs.cancel(job.id)
                (call,) = await answers(crawler, url=WORLD.video(1, 0).bvid)  # the others continue
                rows = await lines(jobs, job)
            async with jobs_of(settings) as (jobs, _):
                assert [one.state for one in await jobs.latest("", 10)] == ["cancelled", "cancelled"]
        assert call.code == 200
        assert (done.state, unbegun.state, unbegun.rows) == ("cancelled", "cancelled", 0)
        assert done.resume == f"scrapy resume {job.id}" and done.rows == 30
        assert [row["code"] for row in rows][:30] == [200] * 30 and listed(sim) == {"1": 1, "2": 1}

    asyncio.run(run())


def test_equal_jobs_do_not_replace_each_other(live: Live) -> None:
    async def run() -> None:
        with live.simulator() as (_, settings):
            async with jobs_of(settings, at_once=1) as (jobs, _):
                equal = [await jobs.add("bilibili", {"url": WORLD.video(1, 0).bvid}) for _ in range(4)]
                cancelled = [job for job in equal if job.id in sorted(job.id for job in equal)[2:]]
                assert [await jobs.cancel(job.id) for job in cancelled] == [True, True]
                done = [await ended(jobs, job) for job in equal if job not in cancelled]
                assert [(job.state, job.rows) for job in done] == [("finished", 1)] * 2
                assert Counter(job.state for job in await jobs.latest("", 10)) == {"finished": 2, "cancelled": 2}

    asyncio.run(run())


@pytest.mark.parametrize("turns", range(0, 30, 6))
def test_a_job_that_begins_is_cancelled(live: Live, turns: int) -> None:
    """At any moment of its start."""

    async def run() -> None:
        with live.simulator() as (_, settings):
            async with jobs_of(settings) as (jobs, _):
                job = await jobs.add("hybrid", {"url": LINK})
                for _ in range(turns):
                    await asyncio.sleep(0.002)
                await jobs.cancel(job.id)
                assert (await ended(jobs, job)).state in ("cancelled", "finished")

    asyncio.run(asyncio.wait_for(run(), 60))  # a crawl that is stopped too early would never end


def test_jobs_and_calls_share_identities_and_pace(live: Live) -> None:
    live.configure("bilibili_web", delay_s=DELAY_S, concurrency=1)
    slow = Fault("api.bilibili.com", do="slow", delay=DELAY_S / 2)

    async def run() -> list[Any]:
        with live.simulator([slow]) as (sim, settings):
            async with jobs_of(settings) as (jobs, crawler):
                job = await jobs.add("hybrid", {"url": "\n".join(WORLD.video(0, place).bvid for place in range(3))})
                calls = [answers(crawler, url=WORLD.video(1, place).bvid) for place in range(3)]
                got = await asyncio.gather(*calls)
                await ended(jobs, job)
            assert [envelope.code for envelopes in got for envelope in envelopes] == [200] * 3
            return sim.requests

    seen = asyncio.run(run())
    assert len([request for request in seen if request.path == VIEW]) == 6
    assert max(request.under_way for request in seen) == 1
    gaps = [after.time - before.time for before, after in zip(seen, seen[4:], strict=False)]
    assert min(gaps) >= 3 * DELAY_S, "one that arrives late shortens the gap to the next, so each is over several"
    assert len([request for request in seen if request.path == KEYS]) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("hybrid", {"url": LINK, "max_itmes": "3"}, "did you mean max_items"),
        ("hybrid", {"file": "/etc/hostname"}, "file is for crawls from the command line"),
        ("hybrid", {"url": LINK, "dry_run": "1"}, "dry_run is for crawls"),
        ("hybrids", {"url": LINK}, "unknown spider hybrids"),
        ("hybrid", {}, "nothing to crawl"),
    ],
)
def test_wrong_arguments_make_no_job(live: Live, name: str, arguments: dict[str, str], message: str) -> None:
    async def run() -> None:
        with live.simulator() as (_, settings):
            async with jobs_of(settings) as (jobs, _):
                with pytest.raises(ArgumentError, match=message):
                    await jobs.add(name, arguments)
                assert await jobs.latest("", 10) == []

    asyncio.run(run())


def test_a_job_that_another_process_continues_is_left_to_it(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "AGAIN_S", 0.1)

    async def run() -> None:
        with live.simulator() as (sim, settings):
            async with jobs_of(settings) as (jobs, _):
                jobs.stop()  # so that the next job is not begun here
                job = await jobs.add("hybrid", {"url": LINK})
            with Path(settings["STATE_DIR"], "runs", f"{job.id}.lock").open("r+b") as file:
                assert try_lock(file)
                asked = len(sim.requests)
                async with jobs_of(settings) as (jobs, _):
                    await asyncio.sleep(1.5)  # it tries to hold the lock for half a second
                    known = await jobs.find(job.id)
                    assert known and known.state in ("queued", "running") and len(sim.requests) == asked
                    file.close()
                    done = await ended(jobs, job)
        assert (done.state, done.rows) == ("finished", ALL)

    asyncio.run(run())


def test_a_job_has_a_budget_of_its_own(live: Live) -> None:
    async def run() -> None:
        with live.simulator() as (_, settings):
            async with jobs_of(settings) as (jobs, crawler):
                job = await jobs.add("hybrid", {"url": LINK, "max_requests": "2"})
                calls = await asyncio.gather(*(answers(crawler, url=WORLD.video(1, place).bvid) for place in range(8)))
                done = await ended(jobs, job)
        assert [envelope.code for envelopes in calls for envelope in envelopes] == [200] * 8
        assert (done.state, done.stopped, done.requests) == ("unfinished", "budget", 2)
        assert done.resume == f"scrapy resume {job.id}"

    asyncio.run(run())


def test_a_job_whose_feed_was_replaced_says_so(live: Live) -> None:
    stuck = Fault("api.bilibili.com", LIST, nth=2, do="slow", delay=60)

    async def run() -> None:
        with live.simulator([stuck], DOWNLOAD_TIMEOUT=1) as (sim, settings):
            async with jobs_of(settings) as (jobs, _):
                job = await jobs.add("hybrid", {"url": LINK})
                await until(lambda: listed(sim)["2"] == 1)
            Path(job.feed).unlink()
            async with jobs_of(settings) as (jobs, _):
                done = await ended(jobs, job)
        assert done.state == "failed" and "the file is gone" in (done.error or "")

    asyncio.run(run())


def test_to_look_into_a_ledger_holds_up_nobody(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"

    async def look() -> None:
        store = Store(url)
        await store.open([lambda connection: layout(connection.dialect.name).prepare(connection)])
        assert await store.look(lambda connection: connection.scalar(text("SELECT count(*) FROM run"))) == 0
        with closing(sqlite3.connect(tmp_path / "ledger.db", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        store.close()

    asyncio.run(look())


@pytest.mark.parametrize("sink", ["feed", "sqlite", "postgresql"])
def test_many_jobs_at_once_all_end(live: Live, tmp_path: Path, request: pytest.FixtureRequest, sink: str) -> None:
    """Jobs with a database wait for it in turn, while the event loop serves the others."""

    def url() -> str | None:
        if sink == "postgresql":
            server: Server = request.getfixturevalue("postgres")
            return server.new_database()
        return f"sqlite:///{tmp_path / 'crawl.db'}" if sink == "sqlite" else None

    async def calls() -> None:
        with live.simulator(DATABASE_URL=url()) as (_, settings):
            async with jobs_of(settings, at_once=4) as (jobs, _):
                links = [f"https://www.bilibili.com/video/{WORLD.video(1, number).bvid}" for number in range(8)]
                added = await asyncio.gather(*(jobs.add("bilibili", {"url": link}) for link in links))
                done = [await ended(jobs, job) for job in added]
                assert [(job.state, job.rows, job.error) for job in done] == [("finished", 1, None)] * 8

    asyncio.run(calls())
