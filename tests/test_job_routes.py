"""Jobs and batches over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.front_support import served
from tests.long_lived import WORLD, Live
from tests.simulator import Fault

LIST = "/x/space/wbi/arc/search"
LINK = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
VIDEO = WORLD.video(1, 0).bvid


async def events(client: httpx.AsyncClient, path: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the server-sent events of a job, until it is over."""
    async with client.stream("GET", f"{path}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        body = (await answer.aread()).decode()
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in body.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_a_job_over_http(live: Live) -> None:
    async def run() -> None:
        async with served(live) as front:
            client = front.client
            body = {"url": [LINK, VIDEO], "max_items": 40, "with": ["author"], "tags": {"team": "red"}}
            added = await client.post("/api/jobs", json=body)
            job = added.json()["data"]
            assert (added.status_code, added.json()["code"], job["state"]) == (202, 202, "queued")
            path = added.headers["location"]
            changes = await events(client, path)
            feed = await client.get(f"{path}/feed")
            assert feed.headers["content-type"] == "application/x-ndjson"
            lines = [json.loads(line) for line in feed.text.splitlines()]
            (kind, last), known = changes[-1], (await client.get(path)).json()["data"]
            assert kind == "end" and last == known and {name for name, _ in changes[:-1]} <= {"progress"}
            assert known["state"] == "finished" and known["rows"] == len(lines)
            assert {line["data"]["meta"]["run_id"] for line in lines} == {job["id"]}
            assert all(line["data"]["meta"]["tags"] == {"team": "red"} for line in lines)
            assert sum(line["data"]["meta"]["record_type"] == "video" for line in lines) == 41
            listed = (await client.get("/api/jobs", params={"count": 1})).json()["data"]
            assert (listed["items"], listed["has_more"], listed["cursor"]) == ([known], False, None)
            over = await client.delete(path)
            assert (over.status_code, over.json()["data"]["error"]["name"]) == (409, "CONFLICT")

    asyncio.run(run())


def test_a_job_is_cancelled_over_http(live: Live) -> None:
    stuck = Fault("api.bilibili.com", LIST, nth=2, do="slow", delay=60)

    async def run() -> None:
        async with served(live, [stuck], DOWNLOAD_TIMEOUT=1) as front:
            path = (await front.client.post("/api/jobs", json={"url": LINK})).headers["location"]
            rows = 0
            async with front.client.stream("GET", f"{path}/feed") as feed:
                async for _ in feed.aiter_lines():
                    rows += 1
                    if rows == 30:  # the first page, while the second one hangs
                        assert (await front.client.delete(path)).status_code == 202
            assert rows >= 30
            assert (await events(front.client, path))[-1][1]["state"] == "cancelled"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "text"),
    [
        ("POST", "/api/jobs", {"url": LINK, "max_itmes": 1}, 400, "did you mean max_items"),
        ("POST", "/api/jobs", {"url": LINK, "qqqqq": 1}, 400, "arguments are spider, url, router, with,"),
        ("POST", "/api/jobs", {"url": LINK, "qqqqq": 1}, 400, "tags, count, and the parameters of an endpoint (/docs"),
        ("POST", "/api/jobs", {"url": LINK, "spidr": "tiktok"}, 400, "did you mean spider?"),
        ("POST", "/api/jobs", {"url": LINK, "file": "/etc/hostname"}, 400, "file is for crawls from the command line"),
        ("POST", "/api/jobs", {"url": LINK, "spider": "hybrids"}, 400, "unknown spider"),
        ("POST", "/api/jobs", {"url": {"a": 1}}, 400, "url"),
        ("POST", "/api/jobs", {"url": LINK, "max_items": {"a": 1}}, 400, "max_items must be"),
        ("POST", "/api/jobs", {"url": LINK, "cookie": "SESSDATA=1"}, 400, "do not pass a cookie"),
        ("POST", "/api/jobs", [], 400, "the body must be an object"),
        ("POST", "/api/jobs", {}, 400, 'the body names nothing to crawl: give {"url": "https://…"}'),
        ("POST", "/api/jobs", {"url": ""}, 400, "the body names nothing to crawl"),
        ("POST", "/api/jobs", {"router": "fetch_one_video"}, 400, "nothing to crawl: give url=…, or router=… with"),
        ("POST", "/api/jobs", {"url": [1]}, 400, "url.0 must be a text"),
        ("POST", "/api/jobs", {"url": 1}, 400, "url must be a text or a list"),
        (
            "POST",
            "/api/jobs?priority=1",
            {"url": LINK},
            400,
            "unknown parameter priority: this call takes no parameters in its URL",
        ),
        ("GET", "/api/jobs?state=queued", None, 400, "unknown parameter state"),
        ("GET", "/api/jobs?cursor=abc", None, 400, "cursor=abc: give the `cursor` of the page before"),
        ("GET", "/api/jobs?count=many", None, 400, "count must be a whole number"),
        ("GET", "/api/jobs?count=101", None, 400, "count must be at most 100"),
        ("GET", "/api/jobs/20260101T000000Z-0000/feed?from=3", None, 400, "unknown parameter from"),
        ("GET", "/api/jobs/20260101T000000Z-0000", None, 404, "there is no job"),
        ("GET", "/api/jobs/..%2F..%2Fetc", None, 404, ""),
        ("GET", "/api/jobs/20260101T000000Z-0000/feed", None, 404, "there is no job"),
        ("GET", "/api/jobs/20260101T000000Z-0000/events", None, 404, "there is no job"),
        ("DELETE", "/api/jobs/20260101T000000Z-0000", None, 404, "there is no job"),
        ("GET", "/api/jobs?count=0", None, 400, "count"),
        ("POST", "/api/batch", {"urls": [VIDEO] * 51}, 400, "urls"),
        ("POST", "/api/batch", {}, 400, "urls is missing"),
        ("POST", "/api/batch", {"urls": [VIDEO], "url": "x"}, 400, "url is unknown"),
        ("POST", "/api/batch", {"urls": []}, 400, "urls has too few entries: give 1 or more"),
        ("POST", "/api/batch", {"urls": [VIDEO], "dialect": "v9"}, 400, "v9"),
        ("POST", "/api/batch", {"urls": [VIDEO], "minimal": "perhaps"}, 400, "minimal must be true or false"),
        ("POST", "/api/batch?dialect=v4", {"urls": [VIDEO]}, 400, "this call takes no parameters in its URL"),
        ("GET", "/api/download?prefix=perhaps", None, 400, "prefix must be true or false"),
        ("GET", "/api/download?url=x&size=1", None, 400, "unknown parameter size"),
    ],
)
def test_what_is_wrong_is_told(live: Live, method: str, path: str, body: Any, code: int, text: str) -> None:
    async def run() -> None:
        async with served(live) as front:
            answer = await front.client.request(method, path, json=body)
            assert (answer.status_code, answer.json()["code"]) == (code, code), answer.text
            message = answer.json()["data"]["error"]["message"]
            assert text in message and "-a " not in message and "Input should" not in message
            assert (await front.client.get("/api/jobs")).json()["data"]["items"] == []

    asyncio.run(run())


@pytest.mark.parametrize("part", ["events", "feed"])
def test_a_client_that_leaves_a_job_holds_nothing(live: Live, part: str) -> None:
    stuck = Fault("api.bilibili.com", LIST, nth=2, do="slow", delay=60)

    async def run() -> None:
        async with served(live, [stuck], DOWNLOAD_TIMEOUT=1) as front:
            path = (await front.client.post("/api/jobs", json={"url": LINK})).headers["location"]
            async with front.client.stream("GET", f"{path}/{part}") as answer:
                await anext(answer.aiter_bytes())
                assert front.front.limits.open_calls == 1
            async with asyncio.timeout(10):
                while front.front.limits.open_calls:
                    await asyncio.sleep(0.02)
            assert (await front.client.get(path)).json()["data"]["state"] == "running", "the job continues"

    asyncio.run(run())


def test_a_batch_answers_each_link_in_order(live: Live) -> None:
    links = [VIDEO, WORLD.special["deleted"], LINK, "no link", *(WORLD.video(0, place).bvid for place in range(46))]

    async def run() -> None:
        async with served(live) as front:
            answer = await front.client.post("/api/batch", json={"urls": links})
            assert (answer.status_code, answer.json()["router"]) == (200, "/api/batch")
            items = answer.json()["data"]["items"]
            assert [item["code"] for item in items] == [200, 404, 400, 400, *[200] * 46]
            got = [items[0]["data"]["video_id"], *(item["data"]["video_id"] for item in items[4:])]
            assert got == [VIDEO, *links[4:]]
            alone = await front.client.get("/api/hybrid/video_data", params={"url": LINK})
            assert items[2]["data"]["error"] == alone.json()["data"]["error"]

    asyncio.run(run())


def test_a_batch_has_the_forms_that_hybrid_has(live: Live) -> None:
    forms: list[dict[str, Any]] = [
        {"minimal": True}, {"dialect": "v4"}, {"dialect": "v4", "minimal": True}, {"minimal": False}
    ]  # fmt: skip

    async def run() -> None:
        async with served(live) as front:
            for form in forms:
                body = {"urls": [VIDEO, WORLD.special["deleted"]], **form}
                post, failed = (await front.client.post("/api/batch", json=body)).json()["data"]["items"]
                params = {"url": VIDEO, **{name: str(value).lower() for name, value in form.items()}}
                alone = (await front.client.get("/api/hybrid/video_data", params=params)).json()
                assert (
                    post["data"].keys() == alone["data"].keys()
                    and post["data"]["meta"].keys() == alone["data"]["meta"].keys()
                )
                assert post["data"]["video_id"] == VIDEO and failed["code"] == 404

    asyncio.run(run())
