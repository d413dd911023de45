"""The fleet in the HTTP front: a page, a call and metrics, from the rows of a real database."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import text

from scraper.fleet.counts import ANSWER, LINE, RUN
from scraper.front.front import Access
from tests.fleet.filled import Fleet, empty_fleet
from tests.front_support import served
from tests.in_process import ROOT
from tests.postgres import Server
from tests.test_pages import HTML, get, text_of
from tests.test_pages_browser import check_accessibility

TOKEN = "a-token-of-this-test"


@pytest.fixture
def fleet(postgres: Server) -> Fleet:
    fleet = empty_fleet()
    fleet.worker("a", running=3, finished=1_234_567)
    fleet.worker("b", host="host-2", expires_time=-90)
    fleet.identity("main", holder="a", next_time=90, cookie_expires_time=3 * 86_400)
    fleet.identity("other", stopped="CHALLENGE", message="a captcha", rested_time=600, login=False)
    fleet.target(expected_time=-7200, completed_time=-3 * 7200, collected=10, declared=40)
    fleet.target(link='<script>alert("x")</script>', attempts=4, error="no answer", run_id="20260101T000000-abc")
    fleet.target(due_time=-60)
    fleet.target(due_time=-60, queued_time=-50, holder="a")
    fleet.counted(RUN, "bilibili", 1200, starts=10, complete=9, requests=100, records=2000)
    fleet.counted(LINE, "/api/bilibili/web/fetch_user_post_videos", 1200, OK=1990, NOT_FOUND=10)
    fleet.counted(ANSWER, "bilibili_web", 1200, sent=100, ok=99, CHALLENGE=1)
    fleet.alarm("worker_gone", 'host-2 "b"', message="the worker on host-2 is gone")
    return fleet


def test_the_page_shows_the_fleet_in_both_languages(live: Any, fleet: Fleet) -> None:
    async def calls() -> None:
        async with served(live, DATABASE_URL=fleet.url) as front:
            html = await get(front, "/fleet")
            shown = text_of(html)
            for words in (
                "1 workers alive", "4 targets", "1 due", "1 running", "1 failing", "1 late", "3 of 4", "gone",
                "the worker on host-2 is gone", "1,234,567", "main logged in used by a worker", "resting until",
                "CHALLENGE: a captcha", "10 / 40", "2 h", "no answer", "scrapy jobs --retry", "1,990",
                "It does not exist, or was deleted",
            ):  # fmt: skip
                assert words in shown, words
            assert "<script" not in html and "style=" not in html
            chinese = text_of(await get(front, "/fleet", lang="zh"))
            assert "存活的工作进程" in chinese and "失联" in chinese and "workers alive" not in chinese

    asyncio.run(calls())


def test_the_call_answers_what_openapi_describes(live: Any, fleet: Fleet) -> None:
    async def calls() -> None:
        async with served(live, DATABASE_URL=fleet.url) as front:
            answer = (await front.client.get("/api/fleet")).json()
            data = answer["data"]
            assert answer["router"] == "/api/fleet" and data["targets"]["all"] == 4
            assert data["failing"][0]["retry"] == f"scrapy jobs --retry {data['failing'][0]['target_id']}"
            described = (await front.client.get("/openapi.json")).json()["paths"]["/api/fleet"]["get"]["responses"]
            schema = described["200"]["content"]["application/json"]["schema"]["properties"]["data"]
            assert "$ref" not in str(schema) and schema["properties"].keys() == data.keys()
            wrong = await front.client.get("/api/fleet", params={"since": "1"})
            assert wrong.status_code == 400 and "since" in wrong.json()["data"]["error"]["message"]

    asyncio.run(calls())


def test_metrics_have_the_numbers_of_the_fleet(live: Any, fleet: Fleet) -> None:
    async def calls() -> None:
        async with served(live, DATABASE_URL=fleet.url) as front:
            lines = (await front.client.get("/metrics")).text.splitlines()
            assert {
                "fleet_up 1",
                'fleet_workers{state="gone"} 1',
                "fleet_targets 4",
                'fleet_targets_by_state{state="due"} 1',
                'fleet_targets_by_state{state="running"} 1',
                'fleet_targets_by_state{state="failing"} 1',
                'fleet_targets_by_state{state="late"} 1',
                'fleet_targets_by_age{intervals="1"} 3',
                'fleet_targets_by_completeness{share="0.5"} 1',
                'fleet_lines_last_day{router="/api/bilibili/web/fetch_user_post_videos",outcome="NOT_FOUND"} 10',
                'fleet_identities{service="bilibili_web",state="resting"} 1',
                'fleet_answers_last_day{service="bilibili_web",answer="CHALLENGE"} 1',
                'fleet_alarm{monitor="worker_gone",subject="host-2 \\"b\\""} 1',
            } <= set(lines)
            form = re.compile(r'(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})? -?[\d.e+-]+)')
            assert [line for line in lines if not form.fullmatch(line)] == []
            [throughput] = [line for line in lines if line.startswith('fleet_per_hour_of_last_hour{of="requests"} ')]
            assert 190 < float(throughput.split()[1]) <= 300  # in 20 to 30 minutes
            names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
            assert len(names) == len(set(names))

    asyncio.run(calls())


def test_many_readers_cost_one_reading(live: Any, fleet: Fleet) -> None:
    async def calls() -> None:
        async with served(live, DATABASE_URL=fleet.url) as front:
            await asyncio.gather(*[front.client.get("/api/fleet") for _ in range(20)])
            fleet.target()
            assert (await front.client.get("/api/fleet")).json()["data"]["targets"]["all"] == 4
            front.front.fleet._fresh_until = 0.0
            assert (await front.client.get("/api/fleet")).json()["data"]["targets"]["all"] == 5

    asyncio.run(calls())


def test_without_a_fleet_it_is_explained_how_to_begin(live: Any, postgres: Server) -> None:
    async def calls() -> None:
        for settings in ({}, {"DATABASE_URL": postgres.new_database()}):
            async with served(live, **settings) as front:
                shown = text_of(await get(front, "/fleet"))
                assert "There is no fleet yet" in shown and "scrapy watch add targets.yaml" in shown
                got = await front.client.get("/api/fleet")
                assert got.status_code == 404 and "scrapy watch add" in got.json()["data"]["error"]["remedy"]
                assert "fleet_" not in (await front.client.get("/metrics")).text

    asyncio.run(calls())


def test_a_database_that_cannot_be_read_costs_only_the_fleet(live: Any, fleet: Fleet, postgres: Server) -> None:
    def rename(name: str, new: str) -> None:
        fleet.database.do(lambda connection: connection.execute(text(f"ALTER TABLE {name} RENAME TO {new}")))

    async def calls() -> None:
        async with served(live, DATABASE_URL=fleet.url) as front:
            rename("fleet_worker", "away")
            try:
                got = await front.client.get("/api/fleet")
                shown = await front.client.get("/fleet", headers=HTML)
                metrics = await front.client.get("/metrics")
            finally:
                rename("away", "fleet_worker")
            assert (got.status_code, got.json()["data"]["error"]["name"]) == (503, "NOT_READ")
            assert shown.status_code == 503 and "The database cannot be read" in text_of(shown.text)
            assert "owner-secret" not in got.text + shown.text
            assert metrics.status_code == 200 and "fleet_up 0" in metrics.text and "scraper_ready 1" in metrics.text
            assert (await front.client.get("/api/fleet")).status_code == 503, "it is not sought again at once"
            for _ in range(2):  # it recovers, also if its connection was cut meanwhile
                front.front.fleet._fresh_until = 0.0
                assert (await front.client.get("/api/fleet")).status_code == 200
                assert postgres.cut(fleet.url.rpartition("/")[2])

    asyncio.run(calls())


def test_the_fleet_is_behind_the_token(live: Any, fleet: Fleet) -> None:
    async def calls() -> None:
        async with served(live, access=Access(token=TOKEN), DATABASE_URL=fleet.url) as front:
            for path in ("/api/fleet", "/fleet", "/metrics"):
                assert (await front.client.get(path)).status_code == 401, path
            headers = {"Authorization": f"Bearer {TOKEN}"}
            assert (await front.client.get("/api/fleet", headers=headers)).status_code == 200

    asyncio.run(calls())


@pytest.mark.nightly
def test_the_page_is_accessible_at_any_width_in_both_themes(live: Any, fleet: Fleet) -> None:
    asyncio.run(check_accessibility(live, "/fleet", DATABASE_URL=fleet.url))


@pytest.mark.nightly
def test_the_front_needs_none_of_the_packages_of_the_fleet() -> None:
    code = "import sys; sys.modules.update(procrastinate=None, croniter=None, psycopg=None); import scraper.front.app"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
