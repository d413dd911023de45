"""A middleware of the user that replaces what we sent or got never stops a crawl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scraper.identities.service_config import example_user_agent
from spiders.bilibili.spider import BILIBILI
from tests.crawling import crawl
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=1, videos=6)
LINKS = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(6)]
FULL = json.dumps({"/dev/full": {"format": "jsonl"}})
AGENT = example_user_agent(BILIBILI.service)
ONE_BY_ONE = {"delay_s": 0, "concurrency": 1}


def test_requests_that_a_middleware_replaces_leave_their_place() -> None:
    middlewares = json.dumps({"tests.replacing.Replacing": 950})
    settings = {"DOWNLOADER_MIDDLEWARES": middlewares, "COMPRESSION_ENABLED": False}
    faults = [Fault(nth=5, do="reset")]
    done = crawl(f"url={' '.join(LINKS)}", world=WORLD, pace=ONE_BY_ONE, settings=settings, faults=faults)
    assert done.code == 0 and len(done.records) == 6, done.err
    assert max(request.under_way for request in done.requests) == 1


def test_a_mistake_in_a_middleware_is_named() -> None:
    settings = {"DOWNLOADER_MIDDLEWARES": json.dumps({"tests.replacing.Failing": 950})}
    done = crawl(f"url={LINKS[0]}", world=WORLD, settings=settings, may_raise=True)
    error = done.only()["data"]["error"]
    assert (done.code, error["name"], error["message"]) == (1, "BUG", "tests.replacing.Failing raised LookupError")
    assert error["remedy"].startswith("fix tests.replacing.Failing") and "a mistake of a middleware" in done.err


def test_a_request_that_a_middleware_drops_is_no_change_of_the_platform() -> None:
    settings = {"DOWNLOADER_MIDDLEWARES": json.dumps({"tests.replacing.Dropping": 950})}
    done = crawl(f"url={LINKS[0]}", world=WORLD, settings=settings)
    error = done.only()["data"]["error"]
    assert (done.code, error["name"]) == (2, "BAD_INPUT")
    assert error["message"] == "a middleware dropped the request: not on Sundays" and "middleware" in error["remedy"]


def test_an_extension_that_ends_the_program_is_no_success(tmp_path: Path) -> None:
    settings = {"EXTENSIONS": json.dumps({"tests.replacing.Exiting": 0})}
    links = f"url={' '.join(LINKS)}"
    more = {"world": WORLD, "process": True, "may_raise": True, "folder": tmp_path}
    done = crawl(links, settings=settings, pace=ONE_BY_ONE, **more)
    assert done.code == 1 and len(done.records) < len(LINKS)
    assert "The crawl was ended by sys.exit(0) in a component" in done.err and "scrapy resume" in done.err
    whole = crawl(command=("resume",), settings={"EXTENSIONS": "{}"}, **more)
    assert {record["video_id"] for record in whole.records} == {link.rpartition("/")[2] for link in LINKS}


@pytest.mark.parametrize(
    "setting",
    [
        {"EXTENSIONS": {"scrapy.extensions.periodic_log.PeriodicLog": 0}},
        {"DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 351}},
        {"SPIDER_MIDDLEWARES": {"scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50}},
        {"FEED_EXPORTERS": {"mine": "scrapy.exporters.PprintItemExporter"}},
        {"FEED_STORAGES": {"mine": "scrapy.extensions.feedexport.FileFeedStorage"}},
    ],
    ids=str,
)
def test_components_of_the_user_turn_off_none_of_ours(setting: dict[str, dict[str, object]]) -> None:
    """Otherwise an output that fails would go unnoticed, or requests would be sent without an identity."""
    settings = {name: json.dumps(value) for name, value in setting.items()}
    full = crawl(f"url={LINKS[0]}", world=WORLD, settings={**settings, "FEEDS": FULL}, feed=None)
    assert full.code == 7 and "/dev/full cannot be written: No space left on device" in full.err
    done = crawl(f"url={LINKS[0]}", world=WORLD, settings=settings, config=f'cookie: "{WORLD.login_cookie}"')
    assert done.code == 0 and len(done.records) == 1 and "'item_scraped_count': 1," in done.err
    assert {request.headers["user-agent"] for request in done.requests} == {AGENT}
