"""`scrapy convert`: the rows of the feed, with the types of the definition, and a sentence for each bad line."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from backports import zstd

from tests.crawling import Crawl, crawl
from tests.kills.histories import rows
from tests.simulator import World
from tests.test_tables import table
from tests.test_workbooks import sheets

ROOT = Path(__file__).parents[1]
WORLD = World(seed=5, creators=2, videos=20, comments=12)
USER = f"https://space.bilibili.com/{WORLD.creator(1).mid}"
GONE = f"https://www.bilibili.com/video/{WORLD.special['deleted']}"
PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    folder = tmp_path_factory.mktemp("feed")
    words = (f"url={USER} {GONE}", "with=comments", "max_items=5", f"-O{folder}/table.csv")
    settings = {"OBSERVE": "placement", "DATABASE_URL": f"sqlite:///{folder}/crawl.db"}
    return crawl(*words, world=WORLD, folder=folder, settings=settings)


def convert(folder: Path, output: str, *feeds: bytes | Path) -> Crawl:
    paths = []
    for number, feed in enumerate(feeds):
        paths.append(feed if isinstance(feed, Path) else folder / f"feed{number}.jsonl")
        if isinstance(feed, bytes):
            paths[-1].write_bytes(feed)
    command = ("convert", *map(str, paths), "-o", str(folder / output))
    return crawl(command=command, feed=None, folder=folder, world=WORLD)


def by_type(done: Crawl) -> dict[str, list[dict[str, Any]]]:
    """Return what a feed holds, as it is to stand in the table of each record type."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for envelope in done.envelopes:
        is_record = envelope["code"] == 200
        name = envelope["data"]["meta"]["record_type"] if is_record else "failure"
        row = envelope["data"] if is_record else {**envelope, **envelope["data"]}
        tables.setdefault(name, []).append({key: value for key, value in row.items() if key != "data"})
    return tables


def rows_of(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("packed", PACK)
def test_parquet_holds_what_the_feed_holds(done: Crawl, tmp_path: Path, packed: str) -> None:
    feed = tmp_path / f"out.jsonl{packed}"
    feed.write_bytes(PACK[packed](done.files["out.jsonl"]))
    assert convert(tmp_path, "out.parquet", feed).code == 0
    tables = {path.name.split(".")[1]: rows_of(duckdb.read_parquet(str(path))) for path in tmp_path.glob("*.parquet")}
    assert tables == by_type(done) and {"video", "comment", "failure"} <= tables.keys()


def arrow_types() -> dict[str, dict[str, str]]:
    """Return the types that the documentation names, by record type and field."""
    types: dict[str, dict[str, str]] = {}
    for line in (ROOT / "docs" / "schema" / "arrow.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            types[name := line.strip("[]")] = {}
        elif line and not line.startswith("#"):
            field, _, kind = line.partition(": ")
            types[name][field] = kind
    return types


def as_arrow(kind: Any) -> str:
    """Return the name that Arrow has for a type of DuckDB."""
    if kind.id == "list":
        return f"list<item: {as_arrow(kind.children[0][1])}>"
    if kind.id == "map":
        return f"map<{', '.join(as_arrow(part) for _, part in kind.children)}>"
    if kind.id == "struct":
        return f"struct<{', '.join(f'{name}: {as_arrow(part)}' for name, part in kind.children)}>"
    return {"varchar": "string", "bigint": "int64", "double": "double", "boolean": "bool"}[kind.id]


def test_its_types_are_those_of_the_documentation_whatever_is_known(done: Crawl, tmp_path: Path) -> None:
    assert convert(tmp_path, "out.parquet", done.files["out.jsonl"]).code == 0
    for name in by_type(done).keys() - {"failure"}:
        relation = duckdb.read_parquet(str(tmp_path / f"out.{name}.parquet"))
        own = {field: as_arrow(kind) for field, kind in zip(relation.columns, relation.types, strict=True)}
        assert own == {field: kind.replace(" not null", "") for field, kind in arrow_types()[name].items()}


def test_a_database_has_a_table_for_each_record_type(done: Crawl, tmp_path: Path) -> None:
    assert convert(tmp_path, "out.duckdb", done.files["out.jsonl"]).code == 0
    with duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True) as database:
        tables = {name: rows_of(database.table(name)) for (name,) in database.execute("SHOW TABLES").fetchall()}
    assert tables == by_type(done)


def test_sqlite_is_what_a_crawl_writes(done: Crawl, tmp_path: Path) -> None:
    converted = convert(tmp_path, "out.db", done.files["out.jsonl"])
    assert converted.code == 0 and "left out: they are in feeds only" in converted.out
    (tmp_path / "crawl.db").write_bytes(done.files["crawl.db"])
    made, written = rows(tmp_path / "out.db"), rows(tmp_path / "crawl.db")
    assert made["video"].total() == 5 and made["comment"].total() > 5
    assert all(made[name] == written[name] for name in by_type(done).keys() - {"failure"})


def test_a_record_without_a_key_costs_no_other_row(done: Crawl, tmp_path: Path) -> None:
    lines = done.files["out.jsonl"].splitlines()
    place, keyless = next((n, json.loads(line)) for n, line in enumerate(lines) if json.loads(line)["code"] == 200)
    keyless["data"]["meta"]["key"] = None
    lines[place] = json.dumps(keyless).encode()
    converted = convert(tmp_path, "out.db", b"\n".join(lines) + b"\n")
    assert converted.code == 3 and f"line {place + 1}: a record without meta.key has no row" in converted.err
    assert rows(tmp_path / "out.db")[keyless["data"]["meta"]["record_type"]].total() > 0


def test_a_name_may_have_signs_of_urls(done: Crawl, tmp_path: Path) -> None:
    assert convert(tmp_path, "50%41 #1?.db", done.files["out.jsonl"]).code == 0
    assert rows(tmp_path / "50%41 #1?.db")["video"].total() == 5
    words = ("report", str(tmp_path / "50%41 #1?.db"), "-o", str(tmp_path / "r.html"))
    assert f"{len(done.records)} records" in crawl(command=words, feed=None).out


def test_a_database_of_crawls_is_not_replaced(done: Crawl, tmp_path: Path) -> None:
    (tmp_path / "out.db").write_bytes(done.files["crawl.db"])
    ran = convert(tmp_path, "out.db", done.files["out.jsonl"])
    assert ran.code == 2 and "is the database of 1 run" in ran.err
    assert (tmp_path / "out.db").read_bytes() == done.files["crawl.db"]


def test_changes_to_a_database_before_are_not_applied_to_the_new_one(done: Crawl, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("CREATE TABLE note (words)")
        old.commit()
        (tmp_path / "out.db-wal").write_bytes((tmp_path / "old.db-wal").read_bytes())
    assert convert(tmp_path, "out.db", done.files["out.jsonl"]).code == 0
    assert rows(tmp_path / "out.db")["video"].total() == 5


def test_files_that_it_did_not_make_stay(done: Crawl, tmp_path: Path) -> None:
    (tmp_path / "out.video.xlsx").write_bytes(b"of mine")
    assert convert(tmp_path, "out.xlsx", done.files["out.jsonl"]).code == 0
    assert (tmp_path / "out.video.xlsx").read_bytes() == b"of mine"


def test_an_empty_feed_is_named(tmp_path: Path) -> None:
    ran = convert(tmp_path, "out.xlsx", b"")
    assert ran.code == 3 and "out.xlsx is empty: no line is a record" in ran.err


def test_csv_is_what_a_crawl_writes(done: Crawl, tmp_path: Path) -> None:
    (tmp_path / "out.music.csv").write_text("of an earlier conversion")
    assert convert(tmp_path, "out.csv", done.files["out.jsonl"]).code == 0
    written = {path.name: path.read_bytes() for path in tmp_path.glob("out.*.csv")}
    assert written == {name.replace("table", "out"): body for name, body in done.files.items() if "table." in name}


def test_excel_has_a_sheet_for_each_record_type(done: Crawl, tmp_path: Path) -> None:
    assert convert(tmp_path, "out.xlsx", done.files["out.jsonl"]).code == 0
    book, rows = sheets(tmp_path / "out.xlsx"), by_type(done)
    assert {name: len(book[name]) for name in book} == {name: len(rows[name]) for name in rows}
    assert [row["video_id"] for row in book["video"]] == [row["video_id"] for row in rows["video"]]


def changed(line: bytes, **fields: Any) -> bytes:
    envelope = json.loads(line)
    envelope["data"].update(fields)
    return json.dumps(envelope).encode() + b"\n"


def test_bad_lines_are_named_and_the_others_are_converted(done: Crawl, tmp_path: Path) -> None:
    good = [line for line in done.files["out.jsonl"].splitlines(True) if b'"record_type":"video"' in line]
    bad = {
        2: (changed(good[1], create_time="yesterday"), "Expected `int"),
        3: (changed(good[1], create_time=2**70), "has more than 64 bits"),
        4: (b"\xff\xfe\n", "line 4"),
        5: (b'{"name": "of a pipeline"}\n', "missing required field"),
        6: (good[1].replace(b'"record_type":"video"', b'"record_type":"film"'), "unknown record type film"),
        7: (changed(good[1], meta=None), "line 7"),
        9: (good[1][:-20], "line 9"),
    }
    feed = b"".join([good[0], *(line for line, _ in [*bad.values()][:-1]), good[1], bad[9][0]])
    ran = convert(tmp_path, "out.parquet", feed)
    assert ran.code == 3 and f"{len(bad)} lines could not be converted" in ran.err, ran.err
    for number, (_, reason) in bad.items():
        assert any(f"line {number}: " in line and reason in line for line in ran.err.splitlines()), (number, ran.err)
    ids = duckdb.read_parquet(str(tmp_path / "out.video.parquet")).project("video_id").fetchall()
    assert ids == [(json.loads(line)["data"]["video_id"],) for line in good[:2]]


def test_sqlite_lacks_only_what_it_cannot_store_and_blank_lines_are_nothing(done: Crawl, tmp_path: Path) -> None:
    good = [line for line in done.files["out.jsonl"].splitlines(True) if b'"record_type":"video"' in line]
    feed = good[0] + b"\n \r\n" + changed(good[1], create_time=2**70) + good[1] + b"\n"
    ran = convert(tmp_path, "out.db", feed)
    assert ran.code == 3 and "line 4: " in ran.err and "1 line could not be converted" in ran.err, ran.err
    with closing(sqlite3.connect(tmp_path / "out.db")) as database:
        ids = database.execute("SELECT video_id FROM video ORDER BY rowid").fetchall()
    assert ids == [(json.loads(line)["data"]["video_id"],) for line in good[:2]]


@pytest.mark.parametrize("packed", [".gz", ".zst"])
def test_an_incomplete_end_is_a_bad_line(done: Crawl, tmp_path: Path, packed: str) -> None:
    lines = [line for line in done.files["out.jsonl"].splitlines(True) if b'"record_type":"video"' in line]
    feed = tmp_path / f"out.jsonl{packed}"
    feed.write_bytes((PACK[packed](lines[0]) + PACK[packed](lines[1]))[:-60])
    ran = convert(tmp_path, "out.csv", feed)
    assert ran.code == 3 and "its last page is incomplete" in ran.err
    assert len(table((tmp_path / "out.video.csv").read_bytes())) == 1


def test_records_without_some_fields_have_all_columns(done: Crawl, tmp_path: Path) -> None:
    line = next(line for line in done.files["out.jsonl"].splitlines(True) if b'"record_type":"video"' in line)
    envelope = json.loads(line)
    kept = {"text": "a", "author": {"uid": "1"}, "meta": {"record_type": "video"}}
    feed = json.dumps({**envelope, "data": kept}).encode() + b"\n" + line
    assert convert(tmp_path, "out.parquet", feed).code == 0
    [first, second] = rows_of(duckdb.read_parquet(str(tmp_path / "out.video.parquet")))
    assert (first["text"], first["video_id"], first["author"]["nickname"]) == ("a", None, None)
    assert second == envelope["data"]


def test_a_feed_of_another_schema_version_is_refused(done: Crawl, tmp_path: Path) -> None:
    (tmp_path / "out.video.parquet").write_bytes(b"of mine")
    line = next(line for line in done.files["out.jsonl"].splitlines(True) if b'"record_type":"video"' in line)
    meta = {**json.loads(line)["data"]["meta"], "schema_version": 1}
    ran = convert(tmp_path, "out.parquet", line + changed(line, meta=meta))
    assert ran.code == 2 and "line 2: its schema version is 1" in ran.err
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out.video.parquet"]
    assert (tmp_path / "out.video.parquet").read_bytes() == b"of mine"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("-o", "out.parquet"), "give feeds and a file"),
        (("nowhere.jsonl", "-o", "out.parquet"), "nowhere.jsonl: there is no such file"),
        ((__file__, "-o", "out.txt"), "give a file that ends in .parquet, .csv, .xlsx, .duckdb or .db"),
    ],
)
def test_wrong_usage_is_explained(words: tuple[str, ...], sentence: str) -> None:
    ran = crawl(command=("convert", *words), feed=None, world=WORLD)
    assert ran.code == 2 and sentence in ran.err


def test_a_place_that_cannot_be_written_is_named(done: Crawl, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ran = convert(tmp_path, "file/out.csv", done.files["out.jsonl"])
    assert ran.code == 7 and "file/out.csv was not written" in ran.err
