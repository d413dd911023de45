"""A middleware of the user that replaces what we sent or got never stops a crawl."""

from __future__ import annotations

import json

from scrapy.utils.project import get_project_settings

from tests.crawling import crawl
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=1, videos=6)
LINKS = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(6)]
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}


def test_requests_that_a_middleware_replaces_leave_their_place() -> None:
    ours = get_project_settings().getdict("DOWNLOADER_MIDDLEWARES")
    middlewares = json.dumps({**ours, "tests.replacing.Replacing": 950})
    settings = {"DOWNLOADER_MIDDLEWARES": middlewares, "COMPRESSION_ENABLED": False}
    faults = [Fault(nth=5, do="reset")]
    done = crawl(f"url={' '.join(LINKS)}", world=WORLD, pace=ONE_BY_ONE, settings=settings, faults=faults)
    assert done.code == 0 and len(done.records) == 6, done.err
    assert max(request.under_way for request in done.requests) == 1


def test_a_mistake_in_a_middleware_is_named() -> None:
    ours = get_project_settings().getdict("DOWNLOADER_MIDDLEWARES")
    settings = {"DOWNLOADER_MIDDLEWARES": json.dumps({**ours, "tests.replacing.Failing": 950})}
    done = crawl(f"url={LINKS[0]}", world=WORLD, settings=settings, may_raise=True)
    error = done.only()["data"]["error"]
    assert (done.code, error["name"], error["message"]) == (1, "BUG", "tests.replacing.Failing raised LookupError")
    assert error["remedy"].startswith("fix tests.replacing.Failing") and "a mistake of a middleware" in done.err
