"""`-O out.csv`: a table for each record type, with fixed columns, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scraper.output.envelope import Envelope
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.sinks import OUTPUT_FAILURES
from tests.crawling import Crawl, crawl
from tests.pages import run
from tests.simulator import World
from tests.test_items import envelope
from tests.test_sinks import client, s3  # noqa: F401  a fixture

WORLD = World(seed=5, creators=2, videos=20, comments=12)
USER = f"https://space.bilibili.com/{WORLD.creator(1).mid}"
GONE = f"https://www.bilibili.com/video/{WORLD.special['deleted']}"
WORDS = (f"url={USER} {GONE}", "with=comments", "max_items=5")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "out.comment.csv").write_text("of an earlier crawl")
    (folder / "out.author.csv").write_text("of an earlier crawl")
    feeds = (f"-O{folder}/out.csv", f"-O{folder}/by-%(record_type)s.jsonl")
    return crawl(*WORDS, *feeds, world=WORLD, folder=folder)


def numbers(done: Crawl) -> dict[str, int]:
    assert len(done.failures) == 1 and len(done.records) > 10
    failures = {"failure": len(done.failures)}
    return {**Counter(record["meta"]["record_type"] for record in done.records), **failures}


def table(body: bytes) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(body.decode(), newline=""), strict=True)]


def leaves(value: Any, cells: dict[str, str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of an object by the names of their columns."""
    if isinstance(value, dict) and path not in cells:
        for name, part in value.items():
            yield from leaves(part, cells, f"{path}.{name}".lstrip("."))
    elif path in cells:
        yield path, value
    else:  # an object that is not known
        assert value is None and not any(cell for name, cell in cells.items() if name.startswith(f"{path}."))


def shown(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, separators=(",", ":"))


def compact(cell: str) -> str:
    return shown(json.loads(cell)) if cell[:1] in ("[", "{") else cell


def test_the_tables_hold_what_the_lines_hold(done: Crawl) -> None:
    tables = {name.split(".")[1]: table(body) for name, body in done.files.items() if name.endswith(".csv")}
    assert {kind: len(rows) for kind, rows in tables.items()} == numbers(done)
    by_key = {row["meta.key"]: row for rows in tables.values() for row in rows if row["meta.key"]}
    for record in done.records:
        cells = by_key[record["meta"]["key"]]
        lacking = {path: value for path, value in leaves(record, cells) if compact(cells[path]) != shown(value)}
        assert not lacking
    [failure] = tables["failure"]
    assert (failure["code"], failure["error.name"]) == ("404", "NOT_FOUND")
    assert failure["error.input"] == GONE


def test_each_record_type_has_a_feed_of_its_own(done: Crawl) -> None:
    feeds = {name: body for name, body in done.files.items() if name.startswith("by-")}
    assert set(feeds) == {f"by-{kind}.jsonl" for kind in numbers(done)}
    assert sorted(b"".join(feeds.values()).splitlines()) == sorted(done.files["out.jsonl"].splitlines())


def test_nothing_of_an_earlier_crawl_is_left(done: Crawl) -> None:
    assert not any(b"earlier" in body for name, body in done.files.items() if name.endswith(".csv"))
    [report] = done.reports
    stored = {Path(feed["uri"]).name: feed["rows"] for feed in report["feeds"]}
    tables = {name: rows for name, rows in stored.items() if name.endswith("csv")}
    assert tables == {f"out.{kind}.csv": number for kind, number in numbers(done).items()}


def made(**fields: Any) -> Envelope:
    one = envelope("a")
    for name, value in fields.items():
        setattr(one.data, name, value)
    return one


def one_row(tmp_path: Path, item: Envelope, **options: Any) -> dict[str, str]:
    stats = run([[item]], FEEDS={f"{tmp_path}/out.csv": options})
    assert of_crawl(stats) == 0
    [row] = table((tmp_path / "out.video.csv").read_bytes())
    return row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_text_that_looks_like_a_formula_is_harmless(tmp_path: Path, start: str) -> None:
    row = one_row(tmp_path, made(title=f"{start}1+1", desc="-", labels=["=1"]))
    assert row["title"] == f"'{start}1+1" and row["desc"] == "'-" and row["labels"] == '["=1"]'


def test_numbers_are_plain_digits_and_text_is_whole(tmp_path: Path) -> None:
    text = 'a "quoted", text;\r\nof two lines \0\ud800' + "x" * 100_000
    row = one_row(tmp_path, made(video_id="7300000000000000001", create_time=1793000000, desc=text))
    assert (row["video_id"], row["create_time"]) == ("7300000000000000001", "1793000000")
    assert row["desc"] == text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    fields = {"video_id": "id", "statistics.play_count": "plays", "of_another_type": "x"}
    assert list(one_row(tmp_path, made(), fields=fields)) == ["id", "plays"]


def test_a_delimiter_can_be_chosen_and_is_kept(tmp_path: Path) -> None:
    options = {"item_export_kwargs": {"delimiter": ";"}, "fields": ["video_id", "title"], "overwrite": False}
    for _ in range(2):
        assert of_crawl(run([[made()]], FEEDS={f"{tmp_path}/out.csv": options})) == 0
    assert (tmp_path / "out.video.csv").read_text().splitlines() == ["video_id;title", "7;a", "7;a"]


class Own:
    """Adds a field to one record, and makes an item of its own of another."""

    def process_item(self, item: Envelope) -> Any:
        if item.data.title == "own":
            return {"name": "own"}
        plain = item.to_dict()
        plain["data"]["mood"] = "good"
        return plain


def test_other_items_are_in_the_file_that_was_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pages = [[made(), made(title="own")]]
    assert of_crawl(run(pages, ITEM_PIPELINES={Own: 1}, FEEDS={f"{tmp_path}/out.csv": {}})) == 0
    assert table((tmp_path / "out.csv").read_bytes()) == [{"name": "own"}]
    assert [row["title"] for row in table((tmp_path / "out.video.csv").read_bytes())] == ["a"]
    assert "Tables lack mood" in caplog.text


def test_nothing_is_appended_below_other_columns(tmp_path: Path) -> None:
    (tmp_path / "out.video.csv").write_bytes(b"id,name\r\n1,a\r\n")
    stats = run([[made()]], FEEDS={f"{tmp_path}/out.csv": {"overwrite": False}})
    assert of_crawl(stats) == OUTPUT and "its columns differ" in stats[OUTPUT_FAILURES][0]
    assert "response_received_count" not in stats


def test_tables_are_uploaded(tmp_path: Path, s3: dict[str, str]) -> None:  # noqa: F811
    feeds = {"s3://mine/day/out.csv": {}, "s3://mine/day/%(record_type)s.jsonl.zst": {}}
    assert of_crawl(run([[made()]], FEEDS=feeds, FEED_TEMPDIR=str(tmp_path), **s3)) == 0
    keys = [entry["Key"] for entry in client(s3).list_objects_v2(Bucket="mine", Prefix="day/")["Contents"]]
    assert sorted(keys) == ["day/out.video.csv", "day/video.jsonl.zst"]
    assert table(client(s3).get_object(Bucket="mine", Key="day/out.video.csv")["Body"].read())[0]["title"] == "a"


@pytest.mark.skipif(find_spec("google") is not None, reason="needs a machine without Google's library")
def test_a_missing_library_is_named_before_the_first_request() -> None:
    stats = run([[made()]], FEEDS={"gs://mine/out.csv": {}})
    assert of_crawl(stats) == OUTPUT and "pip install google-cloud-storage" in stats[OUTPUT_FAILURES][0]
    assert "response_received_count" not in stats


def test_a_bucket_of_google_that_is_not_there_is_named_before_the_first_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("google.cloud.storage")

    class Bucketless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Bucketless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
        stats = run([[made()]], FEEDS={"gs://mine/out.csv": {}}, GCS_PROJECT_ID="any")
        server.shutdown()
    assert of_crawl(stats) == OUTPUT and "there is no bucket mine" in stats[OUTPUT_FAILURES][0]


def test_a_stream_cannot_be_several_files() -> None:
    refused = crawl(f"url={USER}", "-O", "-:csv", world=WORLD, feed=None)
    assert refused.code == 2 and "CSV has one file per record type" in refused.err and not refused.requests
