"""Ceilings of files, runs and disks; a disk that fills up; bytes that are there already."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from tests.crawling import Crawl, crawl, special, together
from tests.simulator import World
from tests.test_media_crawl import IDS, LINKS, media, posts, stored
from tests.tiktok import go

BOTH = {"MEDIA": "video,cover"}
WORLD = World(seed=1, creators=3, videos=40)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process become larger, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limits")


@pytest.fixture(scope="module")
def crawls(folder: Path) -> dict[str, Crawl]:
    return together(
        large=lambda: go(LINKS, settings={**BOTH, "MEDIA_MAX_FILE_SIZE": "100K"}),
        total=lambda: go(LINKS, settings={"MEDIA": "video", "MEDIA_MAX_TOTAL": "700K", "MEDIA_CONCURRENCY": 1}),
        little=lambda: go(LINKS, settings={**BOTH, "MEDIA_MIN_FREE": "9999T"}, folder=folder / "little"),
        freed=lambda: go(command=("resume",), settings={"MEDIA_MIN_FREE": "0"}, folder=folder / "little"),
        size=lambda: go(LINKS, settings={**BOTH, "MEDIA_MAX_FILE_SIZE": "big"}),
        nowhere=lambda: go(LINKS, settings={**BOTH, "MEDIA_STORE": "/proc/media"}),
    )


def test_a_file_that_is_too_large_is_skipped(crawls: dict[str, Crawl]) -> None:
    done = crawls["large"]
    assert (done.code, done.failures) == (0, [])
    by_role = {(r["role"], r["media_status"]) for r in media(done)}
    assert by_role == {("video", "skipped"), ("cover", "done")}
    for record in media(done):
        assert ("MEDIA_MAX_FILE_SIZE=102400" in (record["error"] or "")) == (record["role"] == "video")
    assert not [path for path in stored(done) if path.endswith(".mp4")]
    assert max(map(len, stored(done).values())) <= 102_400


def test_the_files_of_a_run_stay_below_their_ceiling(crawls: dict[str, Crawl]) -> None:
    done = crawls["total"]
    assert done.code == 0
    statuses = [record["media_status"] for record in media(done)]
    assert sorted(statuses) == ["done", "done", "skipped"]
    (skipped,) = [record for record in media(done) if record["media_status"] == "skipped"]
    assert skipped["error"].endswith("MEDIA_MAX_TOTAL=716800")


def test_a_disk_without_room_stops_the_run_which_can_be_resumed(crawls: dict[str, Crawl]) -> None:
    stopped, resumed = crawls["little"], crawls["freed"]
    assert stopped.code == 7 and "MEDIA_MIN_FREE" in stopped.err and "scrapy resume" in stopped.err
    assert media(stopped) == []
    assert resumed.code == 0
    assert sorted(r["media_id"] for r in media(resumed)) == sorted(
        f"{ident}:{role}:1" for ident in IDS for role in ("video", "cover")
    )
    assert len(posts(resumed)) == len(IDS)


def test_a_full_disk_leaves_nothing_broken(tmp_path: Path) -> None:
    with largest_file(400_000):
        stopped = go(LINKS, settings=BOTH, folder=tmp_path)
    assert stopped.code == 7 and "scrapy resume" in stopped.err
    assert not [path for path in stored(stopped) if path.endswith(".mp4")]
    resumed = go(command=("resume",), folder=tmp_path)
    assert resumed.code == 0, resumed.failures
    assert len(media(resumed)) == 2 * len(IDS)
    for record in media(resumed):
        assert sha256(stored(resumed)[record["path"]]).hexdigest() == record["sha256"]


def test_wrong_places_and_sizes_are_refused_before_the_crawl(crawls: dict[str, Crawl]) -> None:
    assert crawls["size"].code == 2 and "MEDIA_MAX_FILE_SIZE=big" in crawls["size"].err
    assert crawls["nowhere"].code == 7 and "/proc/media" in crawls["nowhere"].err
    assert crawls["size"].requests == crawls["nowhere"].requests == []


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    """A post and its only part are two records with the same video."""
    link, settings = f"url={special(WORLD, 'charging').bvid}", {"MEDIA": "video", "MEDIA_QUALITY": "smallest"}
    (post,) = media(crawl(link, world=WORLD, settings=settings, folder=tmp_path))
    done = crawl(link, "router=fetch_video_playurl", world=WORLD, settings=settings, folder=tmp_path)
    (part,) = media(done)
    assert part["media_id"] != post["media_id"] and part["media_status"] == "done"
    assert (part["path"], part["sha256"], part["duration_ms"]) == (post["path"], post["sha256"], post["duration_ms"])
    assert [path for path in stored(done) if path.endswith(".mp4")] == [post["path"]]
