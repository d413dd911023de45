"""An output that cannot be written stops the crawl before its first request, or at the first write that fails."""

from __future__ import annotations

import asyncio
import bz2
import csv
import errno
import gzip
import io
import json
import logging
import lzma
import os
import resource
import sqlite3
import stat
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
from moto.server import ThreadedMotoServer
from scrapy import signals
from scrapy.extensions.feedexport import BlockingFeedStorage

import scraper.ledger.backends
import scraper.ledger.store
from scraper.output.envelope import Envelope
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.sinks import OUTPUT_FAILURES, OUTPUT_GONE
from tests.pages import run
from tests.test_items import envelope


def pages(count: int = 3, size: int = 4) -> list[list[Envelope]]:
    made = [[envelope(f"{page}-{place}") for place in range(size)] for page in range(count)]
    for item in (item for page in made for item in page):
        item.data.meta.key = f"toy:video:{item.data.title}"
        item.data.meta.target = item.data.title
    return made


def file(folder: Path) -> Path:
    path = folder / "file"
    path.write_text("x")
    return path


def broken_database(folder: Path) -> str:
    (folder / "broken.db").write_bytes(b"this is no database" * 100)
    return f"sqlite:///{folder}/broken.db"


def not_null(folder: Path) -> str:
    url = f"sqlite:///{folder}/strict.db"
    run([], DATABASE_URL=url)
    with closing(sqlite3.connect(folder / "strict.db")) as connection:
        of_video = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'video'"
        [declared] = connection.execute(of_video).fetchone()
        connection.execute("DROP TABLE video")
        connection.execute(declared.replace("PRIMARY KEY", "mine TEXT NOT NULL, PRIMARY KEY"))
    return url


def feeds(uri: object, **options: Any) -> dict[str, Any]:
    return {"FEEDS": {str(uri): {"format": "jsonl", **options}}}


AT_START: dict[str, Callable[[Path], dict[str, Any]]] = {
    "a folder in place of the file": lambda folder: feeds(folder),
    "a file in place of the folder": lambda folder: feeds(file(folder) / "out.jsonl"),
    "a name that is too long": lambda folder: feeds(folder / ("x" * 300)),
    "no such storage": lambda folder: feeds("s4://bucket/x.jsonl"),
    "no such format": lambda folder: feeds(folder / "out", format="parquet"),
    "no such option": lambda folder: feeds(folder / "out", format="xml", item_export_kwargs={"no_such": 1}),
    "no such filter": lambda folder: feeds(folder / "out", item_filter="no.such.Filter"),
    "no such placeholder": lambda folder: feeds(folder / "%(no_such)s"),
    "batches without a number": lambda folder: feeds(folder / "out", batch_item_count=2),
    "one wrong feed of two": lambda folder: {
        "FEEDS": {f"{folder}/good": {"format": "jsonl"}, f"{folder}/bad": {"format": "x"}}
    },
    "a folder in place of the database": lambda folder: {"DATABASE_URL": f"sqlite:///{folder}"},
    "no database": lambda folder: {"DATABASE_URL": broken_database(folder)},
}


@pytest.mark.parametrize("output", AT_START)
def test_what_cannot_be_written_stops_the_crawl_before_its_first_request(tmp_path: Path, output: str) -> None:
    stats = run(pages(), **AT_START[output](tmp_path))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert "downloader/request_count" not in stats and "response_received_count" not in stats
    [sentence] = stats[OUTPUT_FAILURES]
    assert "cannot be written" in sentence and "Traceback" not in sentence
    assert "[Errno" not in sentence and "items are in it" not in sentence


@pytest.mark.parametrize("names", [("a.csv", "a.video.csv"), ("%(record_type)s.jl", "video.jl"), ("a.jl", "x/../a.jl")])
def test_two_feeds_in_one_file_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    stats = run(pages(), FEEDS={str(tmp_path / name): {"format": name.split(".")[-1]} for name in names})
    assert "several feeds of this crawl have this place" in stats[OUTPUT_FAILURES][0]
    assert of_crawl(stats) == OUTPUT and not [*tmp_path.iterdir()]


def test_a_name_with_signs_of_urls_is_that_of_the_file(tmp_path: Path) -> None:
    names = {"ü 50%41 #1?.jl", "ü 50%41 #2?.jl"}
    assert of_crawl(run(pages(), FEEDS={str(tmp_path / name): {"format": "jl"} for name in names})) == 0
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_path_that_cannot_be_written_says_what_to_correct() -> None:
    [sentence] = run(pages(), **feeds("/proc/nope/out.jsonl"))[OUTPUT_FAILURES]
    assert sentence == (
        "/proc/nope/out.jsonl cannot be written: No such file or directory: /proc/nope;"
        " correct the path or its permissions first"
    )


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Refuse to write more than that to any file, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("format_", ["jsonl", "json", "csv", "xml", "pickle"])
def test_a_full_disk_stops_the_crawl_at_the_first_write_that_fails(tmp_path: Path, format_: str) -> None:
    path = tmp_path / ("out.video" if format_ == "csv" else "out")
    with largest_file(40_000):
        stats = run(pages(120), **feeds(tmp_path / "out", format=format_))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert 0 < stats["item_scraped_count"] < 480 and stats["response_received_count"] < 120
    assert stats[OUTPUT_FAILURES] == [
        f"{path} cannot be written: File too large ({stats['item_scraped_count']} items are in it)"
    ]
    if format_ == "jsonl":
        assert len([json.loads(line) for line in path.read_text().splitlines()]) == stats["item_scraped_count"]


def of_the_crawl(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what was logged, but for what the event loops of earlier crawls left to the garbage collector."""
    return [
        record for record in caplog.records if record.name.startswith(("scraper", "scrapy", "spiders", "pipelines"))
    ]


def test_a_full_device_is_no_success(caplog: pytest.LogCaptureFixture) -> None:
    stats = run(pages(), **feeds("/dev/full"))
    failed = [record for record in of_the_crawl(caplog) if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in failed] == [
        "/dev/full cannot be written: No space left on device (0 items are in it)"
    ]
    assert not any(record.exc_info for record in of_the_crawl(caplog))
    assert of_crawl(stats) == OUTPUT and "No space left" in stats[OUTPUT_FAILURES][0]
    assert "item_scraped_count" not in stats and not any(name.startswith("envelopes/") for name in stats)
    assert stats["finish_reason"] == "output_failed"


@pytest.mark.parametrize("format_", ["jsonl", "json", "csv"])
def test_a_full_device_stops_the_crawl_at_its_first_page(format_: str) -> None:
    stats = run(pages(30), **feeds("/dev/full", format=format_))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert stats["response_received_count"] <= 3, "one page, and what was under way"
    assert "log_count/CRITICAL" not in stats and "item_error_count" not in stats


def test_an_end_that_cannot_be_removed_does_not_delay_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "no cut today")

    monkeypatch.setattr(os, "ftruncate", refused)
    with largest_file(40_000):
        stats = run(pages(30), **feeds(tmp_path / "out"))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert stats["response_received_count"] < 30
    assert "may end in an incomplete row: no cut today" in caplog.text


class Elsewhere(BlockingFeedStorage):
    """A storage that is filled at the end, from a temporary file."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None):
        """Take any place."""

    def _store_in_thread(self, file: Any) -> None:
        file.close()


def test_a_complete_part_that_cannot_be_stored_does_not_delay_the_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EIO, "no link today")

    monkeypatch.setattr(os, "link", refused)
    with largest_file(40_000):
        stats = run(pages(30), FEED_STORAGES={"elsewhere": Elsewhere}, **feeds("elsewhere://there"))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert stats["response_received_count"] < 30
    assert "elsewhere://there: the complete part of it was not stored" in caplog.text


@pytest.mark.parametrize("scheme", ["", "elsewhere://"])
def test_a_batch_that_cannot_be_written_is_the_one_that_is_named(tmp_path: Path, scheme: str) -> None:
    made = pages(1, size=8)
    made[0][5].data.title = "x" * 50_000
    storages = {"elsewhere": Elsewhere} if scheme else {}
    place = f"{scheme}{tmp_path}/%(batch_id)d"
    with largest_file(40_000):
        stats = run(made, FEED_STORAGES=storages, **feeds(place, batch_item_count=2))
    assert of_crawl(stats) == OUTPUT
    assert [sentence.partition(" ")[0] for sentence in stats[OUTPUT_FAILURES]] == [f"{scheme}{tmp_path}/3"]
    if not scheme:
        rows = {path.name: path.read_text() for path in tmp_path.iterdir()}
        assert {name: text.count("\n") for name, text in rows.items()} == {"1": 2, "2": 2, "3": 0}
        assert all(json.loads(line) for text in rows.values() for line in text.splitlines())


@pytest.mark.parametrize("plugin", ["GzipPlugin", "Bz2Plugin", "LZMAPlugin"])
def test_a_compressed_feed_that_does_not_fit_is_no_success(tmp_path: Path, plugin: str) -> None:
    made = pages(30)
    for item in (item for page in made for item in page):
        item.data.title = os.urandom(4_000).hex()  # which does not become small
    path, plugins = tmp_path / "out", [f"scrapy.extensions.postprocessing.{plugin}"]
    with largest_file(40_000):
        stats = run(made, **feeds(path, postprocessing=plugins))
    assert of_crawl(stats) == OUTPUT
    [sentence] = stats[OUTPUT_FAILURES]
    if plugin == "GzipPlugin":
        rows = zlib.decompressobj(wbits=31).decompress(path.read_bytes()).splitlines()
        assert rows and len([json.loads(row) for row in rows]) == stats["item_scraped_count"]
        assert f"{path} cannot be written: File too large ({stats['item_scraped_count']} items are in it)" == sentence
    else:
        assert "some items in it cannot be read" in sentence and stats[OUTPUT_GONE], "all is to be crawled again"


def test_a_compressed_feed_fails_with_its_first_page() -> None:
    plugins = ["scrapy.extensions.postprocessing.GzipPlugin"]
    stats = run(pages(40), **feeds("/dev/full", postprocessing=plugins))
    assert of_crawl(stats) == OUTPUT and "item_scraped_count" not in stats
    assert stats[OUTPUT_FAILURES] == ["/dev/full cannot be written: No space left on device (0 items are in it)"]


def test_a_half_row_that_cannot_be_cut_off_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(file: int, size: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "ftruncate", refuse)
    with largest_file(40_000):
        stats = run(pages(30), **feeds(tmp_path / "out"))
    assert of_crawl(stats) == OUTPUT and "File too large" in stats[OUTPUT_FAILURES][0]
    assert f"{tmp_path}/out may end in an incomplete row: Input/output error" in caplog.messages
    assert not any(record.exc_info for record in of_the_crawl(caplog))


def test_a_sound_feed_beside_a_broken_one_keeps_what_it_got(tmp_path: Path) -> None:
    good = {"FEEDS": {f"{tmp_path}/good": {"format": "jsonl"}, "/dev/full": {"format": "jsonl"}}}
    assert of_crawl(run(pages(1), **good)) == OUTPUT
    assert len((tmp_path / "good").read_text().splitlines()) == 4


class Flat:
    """Makes rows of its own of all records but the first."""

    def process_item(self, item: Envelope) -> Any:
        return item if item.data.title == "0-0" else {"title": item.data.title}


def test_a_database_says_how_many_items_it_lacks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    stats = run(pages(2), DATABASE_URL=url, ITEM_PIPELINES={Flat: 1})
    assert (stats["database/rows"], stats["database/left_out"]) == (1, 7)
    [warning] = [record for record in of_the_crawl(caplog) if record.name == "pipelines.database"]
    assert warning.getMessage().startswith(f"{url} lacks 7 items ")


def test_a_table_that_refuses_records_stops_the_crawl(tmp_path: Path) -> None:
    stats = run(pages(), DATABASE_URL=not_null(tmp_path), ITEM_PIPELINES={"pipelines.database.Database": 1})
    assert of_crawl(stats) == OUTPUT and "NOT NULL" in stats[OUTPUT_FAILURES][0]


@pytest.mark.parametrize(("tries", "code"), [(40, 0), (2, OUTPUT)])
def test_a_locked_database_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tries: int, code: int
) -> None:
    monkeypatch.setattr(scraper.ledger.backends, "LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(scraper.ledger.store, "_TRIES", tries)
    other: list[sqlite3.Connection] = []

    def lock(crawler: Any) -> None:
        def taken() -> None:
            other.append(sqlite3.connect(tmp_path / "a.db", check_same_thread=False))
            other[0].execute("BEGIN EXCLUSIVE")
            if not code:
                threading.Timer(0.5, other[0].rollback).start()

        crawler.signals.connect(taken, signals.spider_opened, weak=False)

    stats = run(pages(), lock, DATABASE_URL=f"sqlite:///{tmp_path}/a.db")
    other[0].close()
    assert of_crawl(stats) == code
    assert (stats.get("database/rows", 0) == 12) == (code == 0)


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_REGION_NAME": "us-east-1"}
    keys |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    client(keys).create_bucket(Bucket="mine")
    yield keys
    server.stop()


def client(keys: dict[str, str]) -> Any:
    names = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=keys["AWS_ENDPOINT_URL"], **names)


def test_a_bucket_is_tried_before_the_first_request(s3: dict[str, str]) -> None:
    stats = run(pages(), **feeds("s3://key:secret@no-such-bucket/out.jsonl"), **s3)
    assert of_crawl(stats) == OUTPUT and "response_received_count" not in stats
    assert "s3://no-such-bucket/out.jsonl cannot be written" in stats[OUTPUT_FAILURES][0]
    assert "secret" not in stats[OUTPUT_FAILURES][0]


def test_what_is_uploaded_is_all_there(s3: dict[str, str]) -> None:
    assert of_crawl(run(pages(), **feeds("s3://mine/out.jsonl"), **s3)) == 0
    body = client(s3).get_object(Bucket="mine", Key="out.jsonl")["Body"].read()
    assert len(body.splitlines()) == 12


def test_what_cannot_be_uploaded_is_kept_and_named(s3: dict[str, str], tmp_path: Path) -> None:
    def vanish(crawler: Any) -> None:
        def remove() -> None:
            client(s3).delete_bucket(Bucket="short-lived")

        crawler.signals.connect(remove, signals.spider_idle, weak=False)

    client(s3).create_bucket(Bucket="short-lived")
    stats = run(pages(), vanish, **feeds("s3://short-lived/out.jsonl"), **s3, OUTPUT_DIR=str(tmp_path / "output"))
    [kept] = (tmp_path / "output").iterdir()
    assert of_crawl(stats) == OUTPUT and str(kept) in stats[OUTPUT_FAILURES][0]
    assert len(kept.read_text().splitlines()) == 12


class Stopping:
    """Has the crawl stopped, as a signal does, while it closes by itself."""

    def __init__(self, crawler: Any):
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> Stopping:
        return cls(crawler)

    async def close_spider(self) -> None:
        self._stop = asyncio.create_task(self._crawler.stop_async())
        for _ in range(1_000):  # turns of the event loop, which are enough for the crawl to end
            await asyncio.sleep(0)

    def process_item(self, item: Any) -> Any:
        return item


def test_a_stop_does_not_cut_what_a_crawl_does_at_its_end(tmp_path: Path) -> None:
    stats = run(pages(), **feeds(tmp_path / "out"), ITEM_PIPELINES={"tests.test_sinks.Stopping": 1})
    assert (of_crawl(stats), stats.get("finish_reason")) == (0, "finished")
    assert stats["feedexport/success_count/LocalFile"] == 1


@pytest.mark.parametrize(
    ("there", "kept"),
    [
        (b'{"code":200}\n{"co', 1),
        (b'{"code":200}\n{"code":200,"data":{"a":"b', 1),
        (b'{"code":200}\n{"code":404}', 2),
        (b"", 0),
    ],
)
def test_a_feed_that_is_appended_to_ends_its_last_line_first(tmp_path: Path, there: bytes, kept: int) -> None:
    path = tmp_path / "out.jsonl"
    path.write_bytes(there)
    assert of_crawl(run(pages(1), **feeds(path))) == 0
    assert len([json.loads(line) for line in path.read_bytes().splitlines()]) == kept + 4


@pytest.mark.parametrize("plugin", ["GzipPlugin", "LZMAPlugin", "Bz2Plugin"])
def test_a_compressed_feed_is_whole(tmp_path: Path, plugin: str) -> None:
    path = tmp_path / "out.jsonl.packed"
    assert of_crawl(run(pages(), **feeds(path, postprocessing=[f"scrapy.extensions.postprocessing.{plugin}"]))) == 0
    opened = {"GzipPlugin": gzip.open, "LZMAPlugin": lzma.open, "Bz2Plugin": bz2.open}[plugin]
    with opened(path) as file:
        assert len([json.loads(line) for line in file]) == 12


def removed(path: Path) -> Callable[[Any], None]:
    """Remove a file as soon as the first page is in it."""

    def prepare(crawler: Any) -> None:
        crawler.signals.connect(lambda: path.unlink(missing_ok=True), signals.response_received, weak=False)

    return prepare


@pytest.mark.parametrize("form", ["jsonl", "csv", "database"])
def test_an_output_that_is_removed_meanwhile_is_no_success(tmp_path: Path, form: str) -> None:
    path = tmp_path / "out"
    settings = {"DATABASE_URL": f"sqlite:///{path}"} if form == "database" else feeds(path, format=form)
    stats = run(pages(), removed(tmp_path / "out.video" if form == "csv" else path), **settings)
    [sentence] = stats[OUTPUT_FAILURES]
    assert of_crawl(stats) == OUTPUT and "removed or replaced" in sentence and "(0 items are in it)" in sentence


def appended(path: Path, format_: str, at: int) -> tuple[int, bytes]:
    """Append a page to a feed that was cut, and return the exit code and what is in the feed then."""
    assert of_crawl(run(pages(1), **feeds(path, format=format_))) == 0
    written = path.with_suffix(".video.csv") if format_ == "csv" else path
    written.write_bytes(written.read_bytes()[:at])
    return of_crawl(run(pages(1), **feeds(path, format=format_))), written.read_bytes()


@pytest.mark.parametrize("at", [-1, -2, -3, -400, -2_000, 25])
def test_a_table_that_is_appended_to_loses_its_half_row_and_no_other(tmp_path: Path, at: int) -> None:
    code, body = appended(tmp_path / "out.csv", "csv", at)
    rows = list(csv.reader(io.StringIO(body.decode()), strict=True))
    assert code == 0 and rows[0][0] == "video_id" and {len(row) for row in rows} == {len(rows[0])}
    titles, place = [f"0-{number}" for number in range(4)], rows[0].index("title")
    whole = {-1: 4, 25: 0, -2_000: 0}.get(at, 3)  # of a row without a line end, the last cell may be incomplete
    assert [row[place] for row in rows[1:]] == titles[:whole] + titles


def test_a_whole_table_that_is_appended_to_has_one_header(tmp_path: Path) -> None:
    code, body = appended(tmp_path / "out.csv", "csv", 10**9)
    assert code == 0 and len(list(csv.DictReader(io.StringIO(body.decode())))) == 8 and body.count(b"video_id,") == 1


@pytest.mark.parametrize("format_", ["json", "xml"])
def test_what_has_an_end_is_not_appended_to(tmp_path: Path, format_: str) -> None:
    code, body = appended(tmp_path / "whole", format_, 10**9)
    assert code == OUTPUT and len(json.loads(body) if format_ == "json" else ElementTree.fromstring(body)) == 4


@pytest.mark.parametrize("format_", ["pickle", "marshal"])
def test_what_cannot_be_repaired_is_not_appended_to(tmp_path: Path, format_: str) -> None:
    done, whole = appended(tmp_path / "whole", format_, 10**9)
    code, body = appended(tmp_path / "cut", format_, -3)
    assert (done, code) == (0, OUTPUT) and len(body) < len(whole) / 2


def test_a_printed_item_starts_on_a_line_of_its_own(tmp_path: Path) -> None:
    code, body = appended(tmp_path / "out", "pprint", -3)
    assert code == 0 and len([line for line in body.splitlines() if line.startswith(b"{'code'")]) == 8


def test_a_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    run([], **feeds(tmp_path / "new" / "out.jsonl", store_empty=False))
    assert list((tmp_path / "new").iterdir()) == []


def test_a_pipe_is_no_file_to_try(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:  # it is there before the crawl
        assert of_crawl(run(pages(1), **feeds(pipe))) == 0
        assert len(reader.read().splitlines()) == 4 and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_that_nothing_reads_stops_the_crawl_before_its_first_request(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    stats = run(pages(1), **feeds(tmp_path / "pipe"))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert "response_received_count" not in stats and "nothing reads" in stats[OUTPUT_FAILURES][0]


def test_a_closed_standard_output_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)  # as Python leaves it
    stats = run(pages(1), **feeds("stdout:"))
    assert (of_crawl(stats), stats["finish_reason"]) == (OUTPUT, "output_failed")
    assert "response_received_count" not in stats and "standard output is closed" in stats[OUTPUT_FAILURES][0]


def test_a_database_of_another_program_gets_no_tables(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE video (a)")
    stats = run(pages(), DATABASE_URL=f"sqlite:///{tmp_path}/other.db")
    assert "tables of another program" in stats[OUTPUT_FAILURES][0]
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("video",)]
