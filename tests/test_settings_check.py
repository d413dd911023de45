"""Settings are checked before a crawl starts, and a wrong one is named with its right form."""

from pathlib import Path

import pytest
from scrapy.settings import BaseSettings

from scraper.crawling.settings_check import check, sqlite_path
from scraper.responses.exceptions import ArgumentError

SOUND = {
    "RETRY_TIMES": 3,
    "RATE_LIMIT_WAIT": "60.5",
    "ROUTE_REST": 60,
    "PLAYWRIGHT_MAX_CONTEXTS": 16,
    "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": "4",
    "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 20_000,
    "SUMMARY": "auto",
    "DATABASE_URL": None,
    "OBSERVE": "",
    "DOWNLOAD_HANDLERS": {"https": "scraper.network.download_handler.DownloadHandler"},
    "TWISTED_REACTOR_ENABLED": True,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}


def test_sound_settings() -> None:
    check(BaseSettings(SOUND))
    check(BaseSettings({**SOUND, "RETRY_TIMES": "0", "DATABASE_URL": "sqlite:///output/crawl.db", "SUMMARY": "off"}))
    check(BaseSettings({**SOUND, "OBSERVE": " listing, edge"}))


@pytest.mark.parametrize(
    "name, value",
    [("RETRY_TIMES", "-1"), ("RETRY_TIMES", "many"), ("RETRY_TIMES", "1.5"), ("RETRY_TIMES", None),
     ("RATE_LIMIT_WAIT", "-0.1"), ("RATE_LIMIT_WAIT", "nan"), ("RATE_LIMIT_WAIT", []), ("SUMMARY", "perhaps"),
     ("PLAYWRIGHT_MAX_CONTEXTS", "0"), ("PLAYWRIGHT_MAX_PAGES_PER_CONTEXT", 0), ("PLAYWRIGHT_MAX_CONTEXTS", "all"),
     ("OBSERVE", "all"), ("OBSERVE", "listing,edges"), ("DOWNLOAD_HANDLERS", {"ftp": None}),
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
