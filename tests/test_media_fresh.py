"""Addresses of files that work no more: the post is asked again, once, and nothing of that answer is written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import Crawl, Running, crawl, together
from tests.simulator import Fault, World
from tests.test_media_crawl import IDS, LINKS, lengths, media, posts, stored
from tests.tiktok import SITE, go

VIDEO = {"MEDIA": "video"}
LINK = f"url={SITE}/@_/video/{IDS[0]}"
STREAMS = ("v1*-webapp*.tiktok.com", "/video/tos/*")
WORK = World(seed=1, creators=3, videos=40).video(0, 0)
PAGES = ("www.tiktok.com", "/@_/video/*")


def refused(*, status: int = 403, **more: Any) -> Fault:
    return Fault(*STREAMS, do="status", status=status, **more)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    broken = Fault(*PAGES, after=1, do="status", status=500)
    forbidden = Fault("i?.hdslb.com", do="status", status=403)
    deleted = Fault("api.bilibili.com", "/x/web-interface/view", after=1, do="json", body={"code": -404})
    return together(
        once=lambda: go(LINK, settings=VIDEO, faults=[refused(first=2)]),
        lost=lambda: go(LINK, settings=VIDEO, faults=[refused(status=410, first=2)]),
        always=lambda: go(LINKS, settings=VIDEO, faults=[refused()]),
        several=lambda: go(
            LINK,
            settings={"MEDIA": "video,cover,music"},
            faults=[Fault("*cdn*", do="status", status=403, times=3), refused(first=2)],
        ),
        unanswered=lambda: go(
            LINK,
            settings={**VIDEO, "RETRY_TIMES": 0},
            faults=[refused(), broken, Fault("*", "/a*", do="status", status=500)],
        ),
        gone=lambda: crawl(f"url={WORK.bvid}", settings={"MEDIA": "cover"}, faults=[forbidden, deleted]),
    )


def pages(crawl: Crawl) -> Counter[str]:
    """How often the page of each post was requested."""
    return Counter(request.path.rpartition("/")[2] for request in crawl.requests if request.path.startswith("/@_/"))


@pytest.mark.parametrize("name", ["once", "lost"])
def test_a_refused_address_is_replaced(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    assert done.code == 0
    assert [record["media_status"] for record in media(done)] == ["done"]
    assert len(posts(done)) == 1 and pages(done) == {IDS[0]: 2}
    assert media(done)[0]["attempts"] == 3


def test_a_post_is_asked_again_once(crawls: dict[str, Crawl]) -> None:
    done = crawls["always"]
    assert done.code == 3
    assert pages(done) == dict.fromkeys(IDS, 2)
    assert len(posts(done)) == len(IDS)
    records, failures = media(done), done.failures
    assert {(record["media_status"], record["path"]) for record in records} == {("failed", None)}
    assert len(failures) == len(records) == len(IDS)
    for failure in failures:
        error = failure["error"]
        assert error["name"] == "MEDIA_EXPIRED" and "HTTP 403" in error["message"]
        assert any(f"video 1 of {ident}" in error["message"] for ident in IDS)
        assert "scrapy media retry" in error["remedy"]
    assert done.reports[-1]["failures"]["number"] == len(IDS)


def test_one_answer_serves_all_files_of_a_post(crawls: dict[str, Crawl]) -> None:
    done = crawls["several"]
    assert done.code == 0, done.failures
    assert {record["media_status"] for record in media(done)} == {"done"} and len(media(done)) == 3
    assert pages(done) == {IDS[0]: 2}


def test_the_reason_names_both_refusals(crawls: dict[str, Crawl]) -> None:
    done = crawls["unanswered"]
    assert done.code == 3
    (failure,) = done.failures
    assert "HTTP 403" in failure["error"]["message"] and "asked again" in failure["error"]["message"]


def test_a_file_of_a_post_that_is_gone_is_gone(crawls: dict[str, Crawl]) -> None:
    done = crawls["gone"]
    assert (done.code, done.failures) == (0, [])
    (record,) = media(done)
    assert (record["media_status"], record["path"]) == ("gone", None)
    assert "HTTP 403" in record["error"] and "asked again" in record["error"]


def test_a_resumed_run_gets_the_cookies_that_a_file_needs(tmp_path: Path) -> None:
    def interrupt(running: Running) -> None:
        running.until(lambda: len([r for r in running.sim.requests if r.path.startswith("/video/tos")]) >= len(IDS))
        running.interrupt()

    slow = [Fault(*STREAMS, do="slow", delay=60)]
    stopped = go(LINKS, settings=VIDEO, folder=tmp_path, faults=slow, meanwhile=interrupt)
    assert stopped.code == 3 and media(stopped) == []
    resumed = go(command=("resume",), folder=tmp_path)
    assert resumed.code == 0
    assert len(posts(resumed)) == len(IDS)
    assert {(record["video_id"], record["media_status"]) for record in media(resumed)} == {
        (ident, "done") for ident in IDS
    }
    for record in media(resumed):
        assert record["path"] in stored(resumed)
        assert set(lengths(tmp_path / "output" / "media" / record["path"])) == {"video", "audio"}


def test_a_list_without_addresses_has_its_posts_asked(tmp_path: Path) -> None:
    world = World(seed=1, creators=3, videos=40)
    link = f"url=https://space.bilibili.com/{world.creator(0).mid}"
    settings = {"MEDIA": "video", "MEDIA_QUALITY": "smallest"}
    done = crawl(link, "max_items=2", world=world, settings=settings, folder=tmp_path)
    assert done.code == 0, done.failures
    assert len(posts(done)) == 2 and all(post["data"]["video_data"] is None for post in posts(done))
    assert {r["video_id"]: r["media_status"] for r in media(done)} == {
        p["data"]["video_id"]: "done" for p in posts(done)
    }
    for record in media(done):
        assert set(lengths(tmp_path / "output" / "media" / record["path"])) == {"video", "audio"}
