"""Records of an older schema version are not mixed with new ones."""

import gzip
import json
from pathlib import Path

import pytest

from scraper.output.feed_version import other_version
from scraper.records import SCHEMA_VERSION
from tests.crawling import VIDEO, crawl
from tests.simulator import World

OLDER = SCHEMA_VERSION - 1
WORLD = World(seed=1, creators=1, videos=3)


def line(version: int) -> bytes:
    data = {"video_id": "BV1L9Uoa9EUx", "meta": {"schema_version": version, "key": "bilibili:video:BV1L9Uoa9EUx"}}
    return json.dumps({"code": 200, "router": "/api/bilibili/web/fetch_one_video", "data": data}).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "format_", "is_refused"),
    [
        (line(OLDER), "jsonl", True), (line(OLDER) * 3, "jsonl", True), (line(SCHEMA_VERSION), "jsonl", False),
        (gzip.compress(line(OLDER), mtime=0), "gz", True), (gzip.compress(line(SCHEMA_VERSION), mtime=0), "gz", False),
        (gzip.compress(line(OLDER), mtime=0)[:20], "gz", False), (b"", "jsonl", False), (b'{"code": 2', "jsonl", False),
        (b'{"title": "an item of a plain spider"}\n', "jsonl", False), (b"\xff\xfe\n", "jsonl", False),
    ],
)  # fmt: skip
def test_a_feed_of_another_version_is_known(tmp_path: Path, content: bytes, format_: str, is_refused: bool) -> None:
    path = tmp_path / f"feed.{format_}"
    path.write_bytes(content)
    reason = other_version(path, format_)
    assert bool(reason) == is_refused
    assert not is_refused or f"schema version {OLDER}, new ones have {SCHEMA_VERSION}" in reason


def test_an_older_feed_is_not_appended_to(tmp_path: Path) -> None:
    feed = tmp_path / "old.jsonl"
    feed.write_bytes(line(OLDER))
    done = crawl(f"url={WORLD.video(0, 0).bvid}", f"-o{feed}", world=WORLD, feed=None)
    assert done.code == 7 and "old.jsonl" in done.err and "give a new file, or overwrite it" in done.err
    assert feed.read_bytes() == line(OLDER) and done.asked(VIDEO) == []
