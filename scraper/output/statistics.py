"""Count the results of a crawl by router and outcome, for the stats and the summary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.extensions.corestats import CoreStats
from scrapy.statscollectors import MemoryStatsCollector

from scraper.output.envelope import Envelope
from scraper.records import Meta
from scraper.responses.outcomes import Outcome

ITEM_ERRORS = "item_error_count"  # items lost by an exception in a pipeline or exporter
PIPELINE_ERRORS = "pipeline_error_count"  # exceptions of pipelines as they opened or closed
DATABASE_ROWS = "database/rows"
UNANSWERED = "inputs_unanswered"  # at the end of a crawl
DRIFTED = "drift_beyond_threshold"  # whether a field is known so much less often than usual
NOT_DUE = "skipped/not_due"  # targets that `due=1` left out
NEXT_DUE = "skipped/next_due"  # the time from when on the first of them is due
ARCHIVED = "media/archived"  # posts of which MEDIA_ARCHIVE names all files
_OK = Outcome.OK.value  # compared for each record: comparing an enum is slow
_PREFIX, _RECORDS = "envelopes/", "records/"


class CrawlStats(MemoryStatsCollector):
    """Scrapy's stats, without the check in each access for an argument that Scrapy deprecated."""

    __getattribute__ = object.__getattribute__


class PageCoreStats(CoreStats):
    """Scrapy's own stats. The item processor counts items, a page at a time."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = super().from_crawler(crawler)
        crawler.signals.disconnect(self.item_scraped, signals.item_scraped)
        return self


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The origin of an envelope, noted before pipelines change it.

    :ivar record_type: None for a failure
    """

    router: str
    code: int
    record_type: str | None
    meta: Meta


def origin_of(envelope: Envelope) -> Origin:
    """Return the origin of an envelope."""
    code, meta = envelope.code, envelope.data.meta
    return Origin(envelope.router, code, meta.record_type if code == _OK else None, meta)


def counts_of(origins: Sequence[Origin]) -> Counter[str]:
    """Return the numbers of answered envelopes, by stats key."""
    types = [origin.record_type for origin in origins if origin.record_type]
    numbers = Counter({f"{_RECORDS}{name}": count for name, count in Counter(types).items()})
    for (router, code), count in Counter([(origin.router, origin.code) for origin in origins]).items():
        numbers[f"{_PREFIX}{router}/{Outcome(code).name}"] = count
    return numbers


def counts(stats: Mapping[str, object]) -> dict[tuple[str, Outcome], int]:
    """Read the counts back from a crawl's stats."""
    numbers = {}
    for name, value in stats.items():
        if name.startswith(_PREFIX) and isinstance(value, int):
            router, _, outcome = name.removeprefix(_PREFIX).rpartition("/")
            numbers[router, Outcome[outcome]] = value
    return numbers


def outcomes(stats: Mapping[str, object]) -> dict[Outcome, int]:
    """Return the number of envelopes by outcome."""
    numbers: Counter[Outcome] = Counter()
    for (_, outcome), number in counts(stats).items():
        numbers[outcome] += number
    return dict(numbers)


def records(stats: Mapping[str, object]) -> dict[str, int]:
    """Return the number of records by type."""
    own = {name.removeprefix(_RECORDS): value for name, value in stats.items() if name.startswith(_RECORDS)}
    return {name: value for name, value in sorted(own.items()) if isinstance(value, int)}
