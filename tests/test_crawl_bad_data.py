"""Values that a platform should never send: each record that fits goes to every sink, the others become failures."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest

from tests.crawling import Crawl, crawl
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=1, videos=10)
MID = WORLD.creator(0).mid
LONG = "long " * 2_097_152  # 10 MB
NUMBERS = {"play": "PLAY", "comment": 10**30, "video_review": -(10**30), "typeid": 2**64, "copyright": 1e999}
ROWS = [
    {"title": "lone \ud800 surrogate"},
    {"title": "a NUL \0 byte", "description": "\udfff\0" * 3},
    {"title": "long", "description": LONG},
    {"title": "numbers", **NUMBERS},
    {"title": "a time that is an object", "created": {"at": 1}},
    {"title": "a number without end", "created": 10**30},
    {"title": "no object"},
    {"title": "ordinary"},
]
UNREAD = {4: "created is an object", 5: "created is a number", 6: "is a text, not an object"}
READ = ["lone \ufffd surrogate", "a NUL \ufffd byte", "long", "numbers", "ordinary"]


def answer() -> str:
    """A page of a creator's videos. Python's JSON writes NaN and Infinity, as some servers do."""
    rows = [
        {"bvid": WORLD.video(0, place).bvid, "mid": MID, "created": 1_700_000_000 + place, "length": "01:00"} | row
        for place, row in enumerate(ROWS)
    ]
    listed: list[object] = ["a text" if place == 6 else row for place, row in enumerate(rows)]
    page = {"code": 0, "data": {"list": {"vlist": listed}, "page": {"pn": 1, "ps": 40, "count": len(rows)}}}
    return json.dumps(page).replace('"PLAY"', "NaN")


def bad_crawl(database: str, *feeds: str) -> Crawl:
    """Crawl the page into a database, and into feeds."""
    fault = Fault(path="/x/space/wbi/arc/search", do="status", status=200, body=answer())
    words = (f"url=https://space.bilibili.com/{MID}", "max_pages=1", *feeds)
    return crawl(*words, world=WORLD, faults=[fault], settings={"DATABASE_URL": database, "LOG_LEVEL": "INFO"})


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="bad-") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def done(folder: Path) -> Crawl:
    feeds = [f"-O{folder}/{name}" for name in ("bad.csv", "bad.jsonl.gz", "bad.jsonl.zst", "bad.xml", "bad.xlsx")]
    return bad_crawl(f"sqlite:///{folder}/bad.db", *feeds)


def test_the_rest_of_a_page_goes_through(done: Crawl) -> None:
    assert [record["title"] for record in done.records] == READ
    assert done.code == 3


def test_what_does_not_fit_is_named_with_its_path_and_type(done: Crawl) -> None:
    errors = [failure["error"] for failure in done.failures]
    assert {error["name"] for error in errors} == {"UPSTREAM_CHANGED"}
    for place, words in UNREAD.items():
        assert any(f"vlist[{place}]" in error["message"] and words in error["message"] for error in errors), errors


def test_numbers_that_no_sink_can_hold_are_not_known(done: Crawl) -> None:
    (record,) = [record for record in done.records if record["title"] == "numbers"]
    counts = record["statistics"]
    assert (counts["play_count"], counts["comment_count"], counts["danmaku_count"]) == (None, None, None)


def test_every_sink_has_every_record(done: Crawl, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "bad.db")) as database:
        rows = database.execute("SELECT title, length(desc) FROM video ORDER BY create_time").fetchall()
    assert [title for title, _ in rows] == READ and dict(rows)["long"] == len(LONG)
    csv.field_size_limit(2 * len(LONG))
    table = "".join(path.read_text("utf-8") for path in sorted(folder.glob("bad*.csv")))
    with gzip.open(folder / "bad.jsonl.gz", "rt", encoding="utf-8") as lines:
        assert [json.loads(line) for line in lines] == done.envelopes
    sheet = openpyxl.load_workbook(folder / "bad.xlsx", read_only=True)["video"]
    header, *cells = sheet.iter_rows(values_only=True)
    assert [row[header.index("title")] for row in cells] == READ
    for words in READ:
        assert words in table and words in (folder / "bad.xml").read_text("utf-8"), words
