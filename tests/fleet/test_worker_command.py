"""`scrapy worker`: what it refuses. What it does is in `test_worker`."""

from pathlib import Path

import pytest

from scraper.ledger import store
from tests.commands import Shell


@pytest.mark.parametrize(
    "words, reason",
    [
        ([], "set DATABASE_URL=postgresql://user:password@host/database"),
        (["-s", "DATABASE_URL=sqlite:///crawl.db"], "the fleet needs a PostgreSQL server"),
        (["-s", "DATABASE_URL=mysql://me:secret@host/db"], "mysql databases are not supported"),
        (["--concurrency", "0"], "must be a number from 1 to 64"),
        (["more"], "unknown option or argument more"),
        (["-s", "DATABASE_URL=postgresql://me:secret@host/db", "-s", "WORKER_LEASE=1"], "WORKER_LEASE=1: must be"),
    ],
)
def test_wrong_usage_ends_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    done = Shell(tmp_path)("worker", *words)
    assert done.code == 2 and reason in done.err and "secret" not in done.err
    assert "Traceback" not in done.err


def test_a_database_that_is_away_at_the_start_is_a_failed_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_TRIES", 1)
    done = Shell(tmp_path)("worker", "-s", "DATABASE_URL=postgresql://me:secret@127.0.0.1:9/db")
    assert done.code == 7 and "127.0.0.1:9/db cannot be used: " in done.err and "secret" not in done.err
    assert "Traceback" not in done.err
