"""Settings are checked before a crawl starts, and a wrong one is named with its right form."""

from pathlib import Path

import pytest
from scrapy.settings import BaseSettings

from scraper.crawling.settings_check import check
from scraper.ledger.database_url import sqlite_path
from scraper.responses.exceptions import ArgumentError

SOUND = {
    "RETRY_TIMES": 3,
    "RATE_LIMIT_WAIT": "60.5",
    "ROUTE_REST": 60,
    "CHALLENGE_STOP": 5,
    "KEEP_RUNS": "100",
    "DRIFT_RECORDS": 20,
    "DRIFT_FALL": 0.25,
    "DRIFT_EXIT": "0.5",
    "PLAYWRIGHT_MAX_CONTEXTS": 16,
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": "4",
    "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 20_000,
    "SERVE_JOBS": 2,
    "WORKER_LEASE": "30",
    "SERVE_MAX_CALLS": 200,
    "SERVE_MAX_CALLS_EACH": "100",
    "SERVE_CALLS_PER_MINUTE": 0,
    "SUMMARY": "auto",
    "DATABASE_URL": None,
    "OBSERVE": "",
    "RAW_CAPTURE": "0",
    "DOWNLOAD_HANDLERS": {"https": "scraper.network.download_handler.DownloadHandler"},
    "TWISTED_REACTOR_ENABLED": True,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}


def test_sound_settings() -> None:
    check(BaseSettings(SOUND))
    check(BaseSettings({**SOUND, "RETRY_TIMES": "0", "DATABASE_URL": "sqlite:///output/crawl.db", "SUMMARY": "off"}))
    check(BaseSettings({**SOUND, "OBSERVE": " placement, edge"}))


@pytest.mark.parametrize(
    "name, value",
    [("RETRY_TIMES", "-1"), ("RETRY_TIMES", "many"), ("RETRY_TIMES", "1.5"), ("RETRY_TIMES", None),
     ("RATE_LIMIT_WAIT", "-0.1"), ("RATE_LIMIT_WAIT", "nan"), ("RATE_LIMIT_WAIT", []), ("SUMMARY", "perhaps"),
     ("WORKER_LEASE", 1), ("CHALLENGE_STOP", "-1"), ("KEEP_RUNS", "-1"), ("KEEP_RUNS", "all"),
     ("RUN_WEBHOOK", "ftp://h/SECRET"), ("RUN_WEBHOOK", "h.test/SECRET"), ("RUN_WEBHOOK", "http://h.test:x/SECRET"),
     ("RUN_WEBHOOK", "http:///SECRET"), ("RUN_WEBHOOK", "http://h.test/SECRET a"),
     ("SERVE_MAX_CALLS", 0), ("SERVE_MAX_CALLS_EACH", "all"), ("SERVE_CALLS_PER_MINUTE", "-1"),
     ("DRIFT_RECORDS", 0), ("DRIFT_FALL", "much"), ("DRIFT_EXIT", "-1"),
     ("PLAYWRIGHT_MAX_CONTEXTS", "0"), ("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 0), ("PLAYWRIGHT_MAX_CONTEXTS", "all"),
     ("RAW_CAPTURE", "perhaps"), ("OBSERVE", "all"), ("OBSERVE", "placement,edges"),
     ("DOWNLOAD_HANDLERS", {"ftp": None}),
     ("TWISTED_REACTOR", "twisted.internet.pollreactor.PollReactor"),
     ("DATABASE_URL", "postgres://u:SECRET@db.test/x"), ("DATABASE_URL", "sqlite://"), ("DATABASE_URL", "sqlite:///"),
     ("DATABASE_URL", "sqlite:///:memory:"), ("DATABASE_URL", "crawl.db"), ("DATABASE_URL", "postgres://u:SECRET[@db/x")],
)  # fmt: skip
def test_a_wrong_setting_is_named(name: str, value: object) -> None:
    with pytest.raises(ArgumentError, match=name) as error:
        check(BaseSettings({**SOUND, name: value}))
    assert "SECRET" not in str(error.value)


def test_the_path_of_a_database() -> None:
    assert sqlite_path("sqlite:///a%20b.db") == Path("a b.db")
    assert sqlite_path("sqlite:////var/crawl.db") == Path("/var/crawl.db")
