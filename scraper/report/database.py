"""Read the database of a crawl for a report."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, inspect, text

from scraper.ledger.database_url import sqlite_url
from scraper.ledger.list_end import ListEnd
from scraper.ledger.run import in_database
from scraper.records import RECORDS
from scraper.report.facts import Counters, Facts, Failed, Meta, Post, RunRow
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import Outcome

_SQLITE = b"SQLite format 3\0"
_AT_ONCE = 1_000
_POSTS = """SELECT key, meta_platform, meta_fetched_at, url, text, desc_language, create_time, author_uid,
    author_unique_id, author_nickname, statistics_play_count, statistics_digg_count, statistics_comment_count, data
    FROM video"""
_LISTS = "SELECT router, target, collected, stopped, declared, declared_by_record FROM list_run ORDER BY id"
_RUNS = "SELECT run_id, spider, started_time, ended_time, stopped, exit_code FROM run"
_FAILURES = "SELECT router, name, message, input, code, run_id FROM failure"
_ANSWERS = """SELECT meta_router, meta_target, max(meta_run_id), count(*) FROM "{}" GROUP BY meta_router, meta_target"""
_SNAPSHOTS = "SELECT key, time, counts FROM snapshot WHERE key LIKE '%:video:%' ORDER BY time"


class _Rest(msgspec.Struct):
    """What a report reads of the column `data`."""

    hashtags: Any = None
    author_url: str | None = msgspec.field(default=None, name="author.url")


def is_database(source: str) -> bool:
    """Return whether a source is a database: a URL, or an SQLite file."""
    if "://" in source:
        return True
    try:
        with Path(source).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def read_database(source: str, facts: Facts) -> None:
    """Add the records, failures, lists and runs of a database.

    :param source: its URL, or the path of an SQLite file
    :raises ArgumentError: if it cannot be read, or has no records
    """
    url = source if "://" in source else sqlite_url(Path(source).absolute())
    if in_database(url, lambda connection: _read(connection, facts)) is None:
        raise ArgumentError(f"{source} has no records of a crawl")


def _read(connection: Connection, facts: Facts) -> bool | None:
    names = inspect(connection).get_table_names()
    if "video" not in names:
        return None
    for name in RECORDS:
        if name in names:
            _read_records(connection, name, facts)
    for key, time, counts in _rows(connection, _SNAPSHOTS):
        facts.add_counters(key, time, msgspec.convert(_json(counts), Counters))
    for row in _rows(connection, _LISTS):
        facts.add_list(ListEnd(*row))
    for router, name, message, given, code, run_id in _rows(connection, _FAILURES):
        facts.add_failure(Failed(router, name, message, Outcome(code).advice(""), given), run_id)
    facts.runs |= {row[0]: RunRow(*row) for row in _rows(connection, _RUNS)}
    return True


def _read_records(connection: Connection, name: str, facts: Facts) -> None:
    for router, target, run_id, number in _rows(connection, _ANSWERS.format(name)):
        facts.answered[router or ""] += number
        facts.add_answer(router or "", target, run_id)
    if name == "video":
        for row in _rows(connection, _POSTS):
            facts.add_post(_post(row))
        return
    for key, platform, fetched_at in _rows(connection, f'SELECT key, meta_platform, meta_fetched_at FROM "{name}"'):
        facts.add_record(_meta(name, key, platform, fetched_at))


def _post(row: Any) -> Post:
    key, platform, fetched_at, url, words, language, create_time, uid, unique_id, nickname, *counts, data = row
    rest = msgspec.convert(_json(data), _Rest)
    author = {"uid": uid, "unique_id": unique_id, "nickname": nickname, "url": rest.author_url}
    counters = dict(zip(("play_count", "digg_count", "comment_count"), counts, strict=True))
    return msgspec.convert(
        {
            "meta": _meta("video", key, platform, fetched_at),
            "url": url,
            "text": words,
            "desc_language": language,
            "create_time": create_time,
            "author": author,
            "statistics": counters,
            "hashtags": rest.hashtags,
        },
        Post,
    )


def _meta(name: str, key: str, platform: str | None, fetched_at: str | None) -> Meta:
    values = {"record_type": name, "platform": platform, "key": key, "fetched_at": fetched_at}
    return msgspec.convert(values, Meta)


def _json(value: Any) -> Any:
    """Return the value of a JSON column, which some drivers decode."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def _rows(connection: Connection, query: str) -> Iterator[Any]:
    return iter(connection.execution_options(yield_per=_AT_ONCE).execute(text(query)))
