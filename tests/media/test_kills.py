"""Kills at 20 points of a crawl that downloads files: after `scrapy resume`, every file is whole and has one record."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import Crawl, Running, crawl
from tests.test_crawl_texts import LOGIN, LONG, MANY, WORLD
from tests.test_media_crawl import lengths, media, posts, stored
from tests.tiktok import SITE, go, works

IDS = works(0)[:6]
LINKS = f"url={' '.join(f'{SITE}/@_/video/{ident}' for ident in IDS)}"
SETTINGS = {"MEDIA": "video,cover,music", "MEDIA_CONCURRENCY": 2}
POINTS = [("requests", number) for number in range(1, 13)] + [("files", number) for number in range(1, 17, 2)]
EXPECTED = {f"{ident}:{role}:1" for ident in IDS for role in ("video", "cover", "music")}


def of_cdn(running: Running) -> int:
    return len([request for request in running.sim.requests if not request.path.startswith("/@_/")])


def stored_files(folder: Path) -> int:
    root = folder / "output" / "media" / "tiktok"
    return len([path for path in root.rglob("*") if path.suffix in (".mp4", ".jpg", ".mp3")])


TEXTS = {"MEDIA": "subtitle,danmaku", "MEDIA_SUBTITLES": "srt,txt", "MEDIA_CONCURRENCY": 1}
TEXT_POINTS = [("requests", number) for number in range(1, 12, 2)] + [("files", number) for number in range(1, 9)]
LONG_AND_MANY = f"url={LONG.bvid} {MANY.bvid}"


def texts(*words: str, **more: Any) -> Crawl:
    return crawl(*words, world=WORLD, config=LOGIN, process=True, **more)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The crawl of texts that nothing interrupted."""
    return texts(LONG_AND_MANY, settings=TEXTS, folder=tmp_path_factory.mktemp("whole"))


@pytest.mark.nightly
@pytest.mark.parametrize(
    "what, number", [("requests", n) for n in range(1, 12, 2)] + [("files", n) for n in range(1, 9)]
)
def test_the_texts_of_a_killed_run_are_completed(tmp_path: Path, whole: Crawl, what: str, number: int) -> None:
    def kill(running: Running) -> None:
        root = tmp_path / "output" / "media" / "bilibili"
        running.until(
            lambda: (len(running.sim.requests) if what == "requests" else len([*root.rglob("*.*")])) >= number
        )
        running.kill()

    texts(LONG_AND_MANY, settings=TEXTS, folder=tmp_path, meanwhile=kill)
    done = texts(command=("resume",), folder=tmp_path)
    assert done.code == 0, (done.err, done.failures)
    assert stored(done) == stored(whole) and len(stored(whole)) > 8
    assert Counter(record["media_id"] for record in media(done)) == Counter(r["media_id"] for r in media(whole))
    for record in media(done):
        assert sha256(stored(done)[record["path"]]).hexdigest() == record["sha256"]


@pytest.mark.nightly
@pytest.mark.parametrize("what, number", POINTS)
def test_a_killed_run_is_completed(tmp_path: Path, what: str, number: int) -> None:
    def kill(running: Running) -> None:
        running.until(lambda: (of_cdn(running) if what == "requests" else stored_files(tmp_path)) >= number)
        running.kill()

    killed = go(LINKS, settings=SETTINGS, folder=tmp_path, process=True, meanwhile=kill)
    for path, body in stored(killed).items():
        if path.endswith(".mp4"):
            assert set(lengths(tmp_path / "output" / "media" / path)) == {"video", "audio"}, path
        if path.endswith(".json") and not path.startswith(".parts"):
            json.loads(body)
    done = go(command=("resume",), folder=tmp_path, process=True)
    assert done.code == 0, (done.err, done.failures)
    assert Counter(record["media_id"] for record in media(done)) == Counter(EXPECTED)
    assert Counter(post["data"]["video_id"] for post in posts(done)) == Counter(IDS)
    files = stored(done)
    for record in media(done):
        assert record["media_status"] == "done"
        assert sha256(files[record["path"]]).hexdigest() == record["sha256"]
        assert f"{record['path']}.json" in files
        if record["role"] == "video":
            assert set(lengths(tmp_path / "output" / "media" / record["path"])) == {"video", "audio"}
    names = {record["path"] for record in media(done)}
    assert set(files) == names | {f"{name}.json" for name in names}, "nothing incomplete is left"
