"""Which exit code a crawl ends with."""

import re
from typing import Any

import pytest

from scraper.output import exit_code
from scraper.output.exit_code import of_crawl
from tests.cases import ROOT

ROUTER = "/api/toy/web/one"


def stats(*outcomes: str, reason: str = "finished", **more: Any) -> dict[str, object]:
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


@pytest.mark.parametrize(
    ("failed", "code"),
    [
        ({"output_failures": ["out.jsonl cannot be written"]}, 7),
        ({"output_failures": ["out.jsonl cannot be written"], "reason": "output_failed"}, 7),
        ({"output_failures": ["out.jsonl cannot be written"], "item_error_count": 1}, 1),
        ({"item_error_count": 1}, 1),
        ({"pipeline_error_count": 1}, 1),
        ({"pipeline_error_count": 1, "reason": "pipeline_failed"}, 1),
        ({"inputs_unanswered": 1}, 1),
        ({"inputs_unanswered": 1, "reason": "shutdown"}, 3),
    ],
)
def test_success_needs_sinks_that_took_all_and_a_line_for_each_input(failed: dict[str, Any], code: int) -> None:
    assert of_crawl(stats("OK", **failed)) == code


def test_the_table_in_the_docs_is_in_the_order_of_the_rules() -> None:
    """The first row, wrong usage, is the command's: no crawl starts."""
    text = (
        (ROOT / "docs" / "reading-a-crawl.md").read_text("utf-8").partition("## The exit code")[2].partition("\n## ")[0]
    )
    rows = [int(code) for code in re.findall(r"^\| (\d) \|", text, re.M)]
    rules = [int(code) for code in re.findall(r"^(\d)  ", exit_code.__doc__ or "", re.M)]
    assert rows[1:] and sorted(rows[1:]) == sorted(rules) and rows[1:5] == rules[:4] == [1, 7, 6, 0]


def test_an_exception_that_scrapy_counted_is_an_error_of_this_program() -> None:
    assert of_crawl(stats("OK", **{"spider_exceptions/count": 1, "spider_exceptions/KeyError": 1})) == 1


def test_a_crawl_that_was_stopped_is_not_complete() -> None:
    assert of_crawl(stats("OK", reason="shutdown")) == 3
