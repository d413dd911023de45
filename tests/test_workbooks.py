"""`-O out.xlsx`: a sheet for each record type, with ids as text; nothing is lost by a kill or by Excel's limits."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from scrapy import signals

from scraper.output import workbook
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.sinks import OUTPUT_FAILURES
from tests.crawling import Running, crawl
from tests.pages import run
from tests.simulator import World
from tests.test_sinks import client, s3  # noqa: F401  a fixture
from tests.test_tables import Own, made

WORLD = World(seed=9, creators=1, videos=70)
USER = (
    f"url=https://space.bilibili.com/{WORLD.creator(0).mid} https://www.bilibili.com/video/{WORLD.special['deleted']}"
)


def sheets(source: Any) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(source, read_only=True)
    tables = {sheet.title: [*sheet.iter_rows(values_only=True)] for sheet in book}
    return {name: [dict(zip(head, row, strict=True)) for row in rows] for name, (head, *rows) in tables.items()}


def as_csv(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def test_the_sheets_hold_what_the_tables_hold(tmp_path: Path) -> None:
    done = crawl(USER, f"-O{tmp_path}/out.csv", world=WORLD, folder=tmp_path, feed="out.xlsx")
    book = sheets(tmp_path / "out.xlsx")
    assert {name: len(rows) for name, rows in book.items()} == {"video": 70, "failure": 1}
    for name, rows in book.items():
        table = [*csv.DictReader(io.StringIO(done.files[f"out.{name}.csv"].decode(), newline=""))]
        assert [{key: as_csv(value) for key, value in row.items()} for row in rows] == table
    [feed] = [feed for feed in done.reports[0]["feeds"] if feed["uri"].endswith("xlsx")]
    assert (feed["rows"], feed["stored"]) == (71, True)
    assert feed["sha256"] == hashlib.sha256(done.files["out.xlsx"]).hexdigest()
    assert not [name for name in done.files if name.endswith(".feed")]


def test_ids_and_large_numbers_are_text_and_nothing_is_a_formula(tmp_path: Path) -> None:
    item = made(video_id="7300000000000000001", title="=1+1", desc="a\x0b\ufffe\ud800", create_time=2**60, width=1080)
    assert of_crawl(run([[item]], FEEDS={f"{tmp_path}/out.xlsx": {}})) == 0
    [row] = sheets(tmp_path / "out.xlsx")["video"]
    assert (row["video_id"], row["title"], row["desc"]) == ("7300000000000000001", "'=1+1", "a\ufffd\ufffd\ufffd")
    assert (row["create_time"], row["width"], row["flags.ad"]) == (str(2**60), 1080, None)


def test_the_limits_of_excel_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workbook, "_MOST_ROWS", 3)
    pages = [[made(video_id=str(number)) for number in range(5)]]
    pages[0][0].data.desc = "\U0001f600" * 20_000
    assert of_crawl(run(pages, FEEDS={f"{tmp_path}/out.xlsx": {}})) == 0
    book = sheets(tmp_path / "out.xlsx")
    assert {name: [row["video_id"] for row in rows] for name, rows in book.items()} == {
        "video": ["0", "1"], "video 2": ["2", "3"], "video 3": ["4"],
    }  # fmt: skip
    assert book["video"][0]["desc"] == "\U0001f600" * 16_383 + "…"
    assert "the others are in 2 further sheets" in caplog.text and "1 text of over 32767 characters" in caplog.text


def test_columns_can_be_chosen_and_other_items_have_a_sheet(tmp_path: Path) -> None:
    pages = [[made(), made(title="own")]]
    feeds = {f"{tmp_path}/out.xlsx": {"fields": ["video_id", "title"]}}
    assert of_crawl(run(pages, ITEM_PIPELINES={Own: 1}, FEEDS=feeds)) == 0
    assert sheets(tmp_path / "out.xlsx") == {
        "video": [{"video_id": "7", "title": "a"}],
        "item": [{"item": '{"name":"own"}'}],
    }


def test_nothing_is_appended_to_an_excel_file(tmp_path: Path) -> None:
    (tmp_path / "out.xlsx").write_bytes(b"of mine")
    stats = run([[made()]], FEEDS={f"{tmp_path}/out.xlsx": {"overwrite": False}})
    assert of_crawl(stats) == OUTPUT and "nothing can be appended to an Excel file" in stats[OUTPUT_FAILURES][0]
    assert (tmp_path / "out.xlsx").read_bytes() == b"of mine"


def test_a_killed_crawl_is_resumed_and_writes_all_of_it(tmp_path: Path) -> None:
    kept = tmp_path / "state" / "runs"

    def kill(running: Running) -> None:
        running.until(lambda: any(path.stat().st_size for path in kept.glob("*.feed")))
        running.kill()

    ways: dict[str, Any] = {"world": WORLD, "folder": tmp_path, "process": True}
    killed = crawl(USER, f"-o{tmp_path}/out.xlsx", feed=None, meanwhile=kill, **ways)
    assert killed.code == -9 and not (tmp_path / "out.xlsx").exists()
    done = crawl(command=("resume",), feed=None, **ways)
    assert done.code == 0, done.err
    assert sorted(row["video_id"] for row in sheets(tmp_path / "out.xlsx")["video"]) == sorted(WORLD.bvids(0))
    assert not [*kept.glob("*.feed")]


def test_an_interrupted_crawl_writes_what_it_has_and_is_resumed(tmp_path: Path) -> None:
    world = World(seed=9, creators=1, videos=70, page_latency=(0.2, 0.0))

    def interrupt(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= 4)
        running.interrupt()

    feed = f"-O{tmp_path}/out.xlsx"
    stopped = crawl(USER, feed, feed=None, world=world, folder=tmp_path, meanwhile=interrupt, pace={"delay_s": 0})
    assert stopped.code == 3, stopped.err
    before = {row["video_id"] for rows in sheets(tmp_path / "out.xlsx").values() for row in rows if "video_id" in row}
    assert before < {*WORLD.bvids(0)}
    done = crawl(command=("resume",), feed=None, world=WORLD, folder=tmp_path)
    assert done.code == 0, done.err
    assert sorted(row["video_id"] for row in sheets(tmp_path / "out.xlsx")["video"]) == sorted(WORLD.bvids(0))


def test_a_name_with_signs_of_urls_is_that_of_the_file_for_resume_too(tmp_path: Path) -> None:
    state = {"STATE_DIR": str(tmp_path / "st 50%41 #1?")}
    names = {"ü 50%41 #1?.jl", "ü 50%41 #1?.xlsx"}
    feeds = [f"-O{tmp_path}/{name}" for name in names]
    crawl(USER, "max_requests=4", *feeds, feed=None, world=WORLD, folder=tmp_path, env=state)
    done = crawl(command=("resume",), feed=None, world=WORLD, folder=tmp_path, env=state)
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == names and done.code == 0
    assert len((tmp_path / "ü 50%41 #1?.jl").read_bytes().splitlines()) == 71
    assert len(sheets(tmp_path / "ü 50%41 #1?.xlsx")["video"]) == 70


def test_a_run_that_is_dropped_leaves_its_rows(tmp_path: Path) -> None:
    crawl(USER, "max_requests=4", f"-O{tmp_path}/out.xlsx", feed=None, world=WORLD, folder=tmp_path)
    [lines] = (tmp_path / "state" / "runs").glob("*.feed")
    before, run_id = lines.read_bytes(), lines.name.partition(".")[0]
    done = crawl(command=("runs", "--forget", run_id), feed=None, world=WORLD, folder=tmp_path)
    [left] = (tmp_path / "output").glob("not-uploaded-*-out.xlsx.jsonl")
    assert done.code == 0 and str(left) in done.out
    assert left.read_bytes() == before and before.count(b"\n") >= 20 and not lines.exists()


def test_it_is_uploaded(tmp_path: Path, s3: dict[str, str]) -> None:  # noqa: F811
    assert of_crawl(run([[made()]], FEEDS={"s3://mine/out.xlsx": {}}, FEED_TEMPDIR=str(tmp_path), **s3)) == 0
    body = client(s3).get_object(Bucket="mine", Key="out.xlsx")["Body"].read()
    assert [row["title"] for row in sheets(io.BytesIO(body))["video"]] == ["a"]
    assert not [*tmp_path.iterdir()]


def test_what_cannot_be_stored_is_kept_as_lines(tmp_path: Path, s3: dict[str, str]) -> None:  # noqa: F811
    places = {"FEED_TEMPDIR": str(tmp_path), "OUTPUT_DIR": str(tmp_path / "output")}

    def remove(crawler: Any) -> None:
        client(s3).create_bucket(Bucket="gone")
        crawler.signals.connect(lambda: client(s3).delete_bucket(Bucket="gone"), signals.response_received, weak=False)

    stats = run([[made()]], remove, FEEDS={"s3://gone/out.xlsx": {}}, **places, **s3)
    assert of_crawl(stats) == OUTPUT
    [kept] = (tmp_path / "output").iterdir()
    assert kept.name.endswith("out.xlsx.jsonl") and str(kept) in stats[OUTPUT_FAILURES][0]
    assert len(kept.read_text("utf-8").splitlines()) == 1
