"""`scrapy fields`: what it shows is what a crawl of the link gives, and nothing is written."""

from __future__ import annotations

import json
from typing import Any

from tests.crawling import Crawl, crawl
from tests.simulator import World

WORLD = World(seed=3, creators=2, videos=30)
VIDEO = f"https://www.bilibili.com/video/{WORLD.video(0, 0).bvid}"


def shown(*words: str) -> Crawl:
    return crawl(command=("fields", *words), world=WORLD, feed="")


def at(record: dict[str, Any], path: str) -> Any:
    """Return what is at a path of a record; a list stands for its first entry."""
    value: Any = record
    for name in path.replace("[]", ".0").split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        elif value is not None:
            value = value.get(name)
    return value


def paths_of(value: Any, path: str = "") -> set[str]:
    """Return the paths of all values of a record that are known."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return paths_of(value[0], f"{path}[]")
    if isinstance(value, dict) and path not in ("alt_ids", "video_data.headers", "meta.tags"):
        return {below for name, inner in value.items() for below in paths_of(inner, f"{path}.{name}".lstrip("."))}
    return {path} if value not in (None, [], {}) else set()


def test_every_known_field_is_shown_with_its_value() -> None:
    record = crawl(f"url={VIDEO}", world=WORLD, command=("crawl", "hybrid")).records[0]
    done = shown("--json", VIDEO)
    rows = json.loads(done.out)
    values = {row["path"]: row["value"] for row in rows}
    assert done.code == 0 and {row["record_type"] for row in rows} == {"video"}
    assert paths_of(record) == {path for path, value in values.items() if value not in (None, [], {})}
    differ = {path for path, value in values.items() if at(record, path) != value}
    assert all(path.startswith("video_data.") or path in ("meta.fetched_at", "meta.run_id") for path in differ), differ
    assert all(row["description"] for row in rows)
    assert not [name for name in done.files if not name.startswith("config/")]


def test_in_words_the_known_come_first_and_the_others_are_named() -> None:
    done = shown(VIDEO, "-a", "with=author")
    assert done.code == 0 and done.out.startswith("video by /api/bilibili/web/fetch_one_video: ")
    assert "\nauthor by /api/bilibili/web/" in done.out and done.out.count("not known here: ") == 2
    assert "Spider closed" not in done.err


def test_a_link_without_a_record_says_why() -> None:
    done = shown(str(WORLD.special["deleted"]))
    assert "NOT_FOUND" in done.err and WORLD.special["deleted"] in done.err
    assert shown().code == shown("a", "b").code == 2
