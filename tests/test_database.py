"""The tables of both databases: what a newer record changes, counters over time, versions."""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scraper.ledger import layout
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.sinks import OUTPUT_FAILURES
from tests.pages import run
from tests.test_items import envelope

if TYPE_CHECKING:
    from tests.postgres import Server

ROOT = Path(__file__).parents[1]
START = datetime(2026, 3, 1, tzinfo=UTC)
Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Query]]:
    """An empty database: its URL, and what runs a statement in it."""
    if request.param == "sqlite":
        path = tmp_path / "a.db"

        def query(text: str) -> list[tuple[Any, ...]]:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                return connection.execute(text).fetchall()

        yield f"sqlite:///{path}", query
        return
    server: Server = request.getfixturevalue("postgres")
    url = server.new_database()
    with server.connect(url.rpartition("/")[2]) as connection:

        def run_there(text: str) -> list[tuple[Any, ...]]:
            cursor = connection.execute(text)
            return cursor.fetchall() if cursor.description else []

        yield url, run_there


def video(after: timedelta = timedelta(), **statistics: int | None) -> Any:
    """Return a video that was fetched some time after the start."""
    made = envelope("a title")
    made.data.meta.key, made.data.meta.run_id = "toy:video:7", f"run-{after}"
    made.data.meta.fetched_at = f"{(START + after).replace(tzinfo=None).isoformat()}Z"
    for name in made.data.statistics.__struct_fields__:
        setattr(made.data.statistics, name, statistics.get(name))
    return made


def stored(url: str, *videos: Any) -> None:
    stats = run([[one] for one in videos], DATABASE_URL=url)
    assert of_crawl(stats) == 0, stats


def test_a_relative_path_is_of_the_folder_of_each_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may crawl in several folders one after the other."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        stored("sqlite:///made/crawl.db", video(play_count=5))
        with closing(sqlite3.connect(tmp_path / name / "made" / "crawl.db")) as connection:
            assert connection.execute("SELECT count(*) FROM video").fetchone() == (1,)


def test_null_overwrites_nothing_and_a_thinner_record_says_nothing_of_gaps(database: tuple[str, Query]) -> None:
    url, query = database
    full, thin = video(play_count=5), video(play_count=6)
    full.data.desc, full.data.flags.duet, full.data.alt_ids = "words", True, {"aid": "1"}
    thin.data.meta.partial, thin.data.meta.missing = True, ["streams"]
    thin.data.video_data, thin.data.flags.ad, thin.data.alt_ids = None, False, {"cid": "2"}
    stored(url, full, thin)
    columns = 'title, "desc", statistics_play_count, meta_partial'
    [(title, desc, plays, is_partial)] = query(f"SELECT {columns} FROM video")
    assert (title, desc, plays, bool(is_partial)) == ("a title", "words", 6, False)
    paths = ", ".join(f"data ->> '{path}'" for path in ("flags_duet", "flags_ad", "alt_ids_aid", "alt_ids_cid"))
    [row] = query(f"SELECT {paths} FROM video")
    assert [str(value).lower() for value in row] in (["true", "false", "1", "2"], ["1", "0", "1", "2"])
    [(streams, missing)] = query("SELECT data ->> 'video_data_streams', meta_missing FROM video")
    assert json.loads(streams)[0]["urls"] and missing in ("[]", [])


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def test_a_snapshot_is_added_when_a_counter_changed_or_a_day_has_passed(database: tuple[str, Query]) -> None:
    url, query = database
    hour = timedelta(hours=1)
    stored(
        url,
        video(play_count=5, digg_count=1),
        video(hour, play_count=5, digg_count=1),
        video(2 * hour, play_count=6),
        video(3 * hour, play_count=6, digg_count=1),
        video(25 * hour, digg_count=1),
        video(26 * hour),
        video(27 * hour, play_count=6, digg_count=1),
    )
    rows = query("SELECT time, counts FROM snapshot ORDER BY time")
    seen = [(timedelta(seconds=time - START.timestamp()) / hour, decoded(counts)) for time, counts in rows]
    assert seen == [
        (0, {"play_count": 5, "digg_count": 1}),
        (2, {"play_count": 6}),
        (27, {"play_count": 6, "digg_count": 1}),
    ]
    [*_, (date, plays, likes)] = query("SELECT date, play_count, digg_count FROM v_snapshot ORDER BY time LIMIT 2")
    assert (str(date)[:16], plays, likes) == ("2026-03-01 02:00", 6, None)
    [(created,)] = query("SELECT create_date FROM v_video")
    assert str(created).startswith("1970-01-01 00:00:01")


def refusal(url: str) -> str:
    stats = run([[video()]], DATABASE_URL=url)
    assert of_crawl(stats) == OUTPUT and "response_received_count" not in stats
    [sentence] = stats[OUTPUT_FAILURES]
    return str(sentence)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_of_version_1_is_refused(database: tuple[str, Query]) -> None:
    url, query = database
    query("CREATE TABLE video (key TEXT PRIMARY KEY, title TEXT)")
    query("INSERT INTO video VALUES ('a', 'b')")
    assert "of version 1 of this one, such as `video`: name a database that is new or empty" in refusal(url)
    assert query("SELECT * FROM video") == [("a", "b")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_says_version_1_is_refused(database: tuple[str, Query]) -> None:
    url, query = database
    stored(url, video())
    query("UPDATE schema_version SET version = 1")
    assert "version 1" in refusal(url)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_of_a_newer_program_is_refused(database: tuple[str, Query]) -> None:
    url, query = database
    stored(url, video())
    query("UPDATE schema_version SET version = 99")
    assert "newer program (version 99 of its tables; this program has 2): update" in refusal(url)


def older(query: Query) -> None:
    """Make of a database one of an older program: a column had another name, others were not there."""
    query("DROP VIEW v_video")
    query("DROP VIEW v_hashtag")
    query("ALTER TABLE video RENAME COLUMN title TO headline")
    query("DROP INDEX video_create_time")
    query("ALTER TABLE video DROP COLUMN region")
    query("DROP TABLE hashtag")
    query("UPDATE schema_version SET definition = 'older'")


def renamed(connection: Any) -> None:
    connection.exec_driver_sql("ALTER TABLE video RENAME COLUMN headline TO title")


def test_an_older_database_is_brought_up_to_date(database: tuple[str, Query], monkeypatch: pytest.MonkeyPatch) -> None:
    url, query = database
    stored(url, video(play_count=5))
    older(query)
    monkeypatch.setattr(layout, "VERSION", 3)
    monkeypatch.setattr(layout, "STEPS", {"records": {2: renamed}})
    other = video(play_count=1)
    other.data.meta.key, other.data.region = "toy:video:8", "US"
    stored(url, other)
    rows = query("SELECT key, title, region, statistics_play_count FROM v_video ORDER BY key")
    assert rows == [("toy:video:7", "a title", None, 5), ("toy:video:8", "a title", "US", 1)]
    assert query("SELECT part, version FROM schema_version") == [("records", 3)]
    assert query("SELECT * FROM v_hashtag") == []


def test_values_are_converted_though_the_tables_stay(
    database: tuple[str, Query], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, query = database
    stored(url, video())

    def converted(connection: Any) -> None:
        connection.exec_driver_sql("UPDATE video SET region = 'US'")

    monkeypatch.setattr(layout, "VERSION", 3)
    monkeypatch.setattr(layout, "STEPS", {"records": {2: converted}})
    stored(url, video())
    assert query("SELECT region FROM video") == [("US",)]
    assert query("SELECT part, version FROM schema_version") == [("records", 3)]


def test_a_step_that_fails_changes_nothing(database: tuple[str, Query], monkeypatch: pytest.MonkeyPatch) -> None:
    url, query = database
    stored(url, video())
    older(query)

    def failing(connection: Any) -> None:
        renamed(connection)
        connection.exec_driver_sql("UPDATE video SET no_such_column = 1")

    monkeypatch.setattr(layout, "VERSION", 3)
    monkeypatch.setattr(layout, "STEPS", {"records": {2: failing}})
    assert "no_such_column" in refusal(url)
    assert query("SELECT headline FROM video") == [("a title",)]
    assert query("SELECT version FROM schema_version") == [(2,)]


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values":
            yield node


def _is_list(node: ast.expr) -> bool:
    return isinstance(node, (ast.List, ast.ListComp, ast.GeneratorExp))


def test_no_statement_is_compiled_for_a_list_of_rows() -> None:
    files: Sequence[Path] = [*(ROOT / "scraper").rglob("*.py"), *(ROOT / "pipelines").rglob("*.py")]
    wrong = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file in files
        for call in _calls(ast.parse(file.read_text("utf-8")))
        if any(map(_is_list, call.args))
    ]
    assert not wrong, f"values([…]) compiles a statement anew for each list of rows; give a list to execute(): {wrong}"
