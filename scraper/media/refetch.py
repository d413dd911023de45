"""How a download asks for a post again: the crawl provides it, since its own identities, pace and routes are used."""

from collections.abc import Awaitable, Callable, Sequence

from scrapy.crawler import Crawler

from scraper.output.envelope import Envelope
from scraper.records import Meta
from scraper.responses.of_crawl import OfCrawl

Refetch = Callable[[Meta, str | None], Awaitable[Sequence[Envelope]]]
"""Takes the `meta` of a record and the page of its post, and returns the envelopes of a new answer."""

_REFETCHES: OfCrawl[Refetch] = OfCrawl("refetch")


def provide_refetch(crawler: Crawler, refetch: Refetch) -> None:
    """Set how a crawl asks for a post again."""
    _REFETCHES.keep(crawler, refetch)


def refetch_of(crawler: Crawler) -> Refetch:
    """Return how a crawl asks for a post again."""
    provided = _REFETCHES.get(crawler)
    assert provided, "the spider provides it before any file is wanted"
    return provided
