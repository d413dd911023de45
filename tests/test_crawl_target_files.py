"""Crawls of target files: each row has its own limits, endpoints and tags, whatever the form of the file."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.crawling import COMMENTS, LIST, PROFILE, VIDEO, Crawl, crawl, together
from tests.simulator import World

WORLD = World(seed=1, creators=3, videos=40)
USERS = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
ONE, OTHER = WORLD.video(0, 0).bvid, WORLD.video(0, 1).bvid
ROWS: list[dict[str, Any]] = [
    {"url": USERS[0], "max_items": 5, "tags": {"team": "red", "region": "north"}, "note": "a, b"},
    {"url": USERS[1]},
    {"url": USERS[0], "router": "fetch_user_profile", "tags": {"team": "blue"}},
    {"url": ONE, "with": "comments", "max_items": 3, "tags": {"team": "red"}},
    {"url": USERS[2], "max_items": "all", "tags": {"team": "green"}},
    {"url": "https://www.bilibili.com/video/BV1xx411c7mD", "tags": {"team": "gone"}},
    {"url": "nothing at all", "tags": {"team": "none"}},
    {"url": OTHER, "every": "6h"},
]


def as_csv(rows: list[dict[str, Any]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, ["note", "url", "max_items", "router", "with", "every", "tags"])
    writer.writeheader()
    for row in rows:
        tags = ";".join(f"{name}={value}" for name, value in row.get("tags", {}).items())
        writer.writerow({**row, "tags": tags})
    return file.getvalue()


TEXTS = {
    "yaml": yaml.safe_dump(ROWS),
    "jsonl": "".join(f"{json.dumps(row)}\n" for row in ROWS),
    "csv": as_csv(ROWS),
}


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Crawl]:
    folder = tmp_path_factory.mktemp("targets")
    for ending, text in TEXTS.items():
        (folder / f"t.{ending}").write_text(text, "utf-8")
    files = {
        ending: lambda path=folder / f"t.{ending}": crawl(f"file={path}", "max_items=7", world=WORLD)
        for ending in TEXTS
    }
    inputs = {
        f"- {ending}": lambda text=text: crawl("file=-", "max_items=7", world=WORLD, stdin=text)
        for ending, text in TEXTS.items()
    }
    return together(**files, **inputs)


NAMES = [f"{source}{ending}" for source in ("", "- ") for ending in TEXTS]


@pytest.mark.parametrize("name", NAMES)
def test_each_row_has_its_own_limits_and_tags(crawls: dict[str, Crawl], name: str) -> None:
    done = crawls[name]
    red, blue = {"team": "red", "region": "north"}, {"team": "blue"}
    records = Counter(
        (record["meta"]["router"], record["meta"]["target"], json.dumps(record["meta"]["tags"], sort_keys=True))
        for record in done.records
    )
    assert records == {
        (LIST, USERS[0], json.dumps(red, sort_keys=True)): 5,
        (LIST, USERS[1], "null"): 7,
        (PROFILE, USERS[0], json.dumps(blue)): 1,
        (VIDEO, ONE, '{"team": "red"}'): 1,
        (COMMENTS, ONE, '{"team": "red"}'): 3,
        (VIDEO, OTHER, "null"): 1,
    }
    failures = {failure["meta"]["tags"]["team"]: failure["error"] for failure in done.failures}
    assert {team: error["name"] for team, error in failures.items()} == {
        "green": "BAD_INPUT", "gone": "NOT_FOUND", "none": "BAD_INPUT"
    }  # fmt: skip
    assert "max_items=all" in failures["green"]["message"] and failures["green"]["input"] == USERS[2]
    assert done.code == 3


def test_an_ignored_column_is_named_in_the_log(crawls: dict[str, Crawl]) -> None:
    for name in NAMES:
        assert crawls[name].err.count("ignored columns: note\n") == 1, name


def test_rows_of_a_higher_priority_are_requested_first(tmp_path: Path) -> None:
    priorities = [0, 2, None, 9, -1, 2]
    videos = [WORLD.video(1, number) for number in range(len(priorities))]
    rows = [{"url": video.bvid, "priority": priority} for video, priority in zip(videos, priorities, strict=True)]
    (tmp_path / "t.yaml").write_text(yaml.safe_dump(rows))
    done = crawl(f"file={tmp_path / 't.yaml'}", world=WORLD, pace={"delay_s": 0, "concurrency": 1})
    order = list(dict.fromkeys(request.query["bvid"] for request in done.asked("/x/web-interface/view")))
    assert order == [videos[place].bvid for place in (3, 1, 5, 0, 2, 4)]
    assert done.code == 0


def test_tags_are_a_column_of_the_database(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"url,tags.team\n{ONE},red\n{OTHER},\n")
    settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'out.db'}"}
    done = crawl(f"file={tmp_path / 't.csv'}", "tags=team=blue;region=north", world=WORLD, settings=settings)
    assert done.code == 0
    with sqlite3.connect(tmp_path / "out.db") as database:
        rows = dict(database.execute("SELECT video_id, meta_tags FROM video"))
    assert {ident: tags and json.loads(tags) for ident, tags in rows.items()} == {
        ONE: {"team": "red", "region": "north"},
        OTHER: {"team": "blue", "region": "north"},
    }
