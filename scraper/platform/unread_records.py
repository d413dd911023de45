"""Verdicts on answers and raw records that could not be read. Parsers do not import it, since it imports Scrapy."""

from scraper.platform.raw_records import reason
from scraper.responses import Verdict
from scraper.responses.exceptions import bug
from scraper.responses.outcomes import Outcome
from scraper.responses.values import UnexpectedShapeError

_UNREAD, _BUG = "a record could not be read", " could not be read: "


def of_answer(error: UnexpectedShapeError) -> Verdict:
    """Return the verdict on an answer of unknown shape."""
    return Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer")


def of_fault(text: str) -> Verdict:
    """Return the verdict on a raw record that could not be parsed; see `raw_records.fault`."""
    return Verdict(Outcome.UPSTREAM_CHANGED, f"{_UNREAD}: {text}")


def of_bug(path: str, error: Exception) -> Verdict:
    """Return the verdict on a raw record whose parser has a bug."""
    verdict = bug(error)
    return verdict._replace(message=f"{path}{_BUG}{verdict.message}")


def is_of_record(message: str) -> bool:
    """Return whether a message is that of `of_fault` or `of_bug`."""
    return message.startswith(_UNREAD) or _BUG in message
