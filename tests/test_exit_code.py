"""Which exit code a crawl ends with."""

import pytest

from scraper.output.exit_code import of_crawl

ROUTER = "/api/toy/web/one"


def stats(*outcomes: str, reason: str = "finished", **more: int) -> dict[str, object]:
    return {f"envelopes/{ROUTER}/{name}": 1 for name in outcomes} | {"finish_reason": reason} | more


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["OK", "NOT_FOUND"], 0),
        (["OK", "BUG"], 1),
        (["BUG", "BAD_INPUT"], 1),
        (["BAD_INPUT"], 2),
        (["OK", "UPSTREAM"], 3),
        (["CHALLENGE"], 4),
        (["LOGIN_REQUIRED"], 5),
        (["UPSTREAM_CHANGED"], 6),
    ],
)
def test_the_code_follows_from_the_outcomes(outcomes: list[str], code: int) -> None:
    assert of_crawl(stats(*outcomes)) == code


def test_an_exception_that_scrapy_counted_is_an_error_of_this_program() -> None:
    assert of_crawl(stats("OK", **{"spider_exceptions/count": 1, "spider_exceptions/KeyError": 1})) == 1


def test_a_crawl_that_was_stopped_is_not_complete() -> None:
    assert of_crawl(stats("OK", reason="shutdown")) == 3
