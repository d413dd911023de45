"""Count the results of a crawl by router and outcome, for the stats and the summary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.extensions.corestats import CoreStats
from scrapy.statscollectors import StatsCollector

from scraper.output.envelope import Envelope
from scraper.records import Meta
from scraper.responses.outcomes import Outcome

ITEM_ERRORS = "item_error_count"  # items lost by an exception in a pipeline or exporter
PIPELINE_ERRORS = "pipeline_error_count"  # exceptions of pipelines as they opened or closed
UNANSWERED = "inputs_unanswered"  # at the end of a crawl
_PREFIX, _RECORDS = "envelopes/", "records/"


class PageCoreStats(CoreStats):
    """Scrapy's own stats. The item processor counts items, a page at a time."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        self = super().from_crawler(crawler)
        crawler.signals.disconnect(self.item_scraped, signals.item_scraped)
        return self


class Origin(NamedTuple):
    """The origin of an envelope, noted before pipelines change it.

    :ivar record_type: None for a failure
    """

    router: str
    code: int
    record_type: str | None
    meta: Meta


def origin_of(envelope: Envelope) -> Origin:
    """Return the origin of an envelope."""
    data = envelope.data
    return Origin(envelope.router, envelope.code, None if envelope.failed else data.meta.record_type, data.meta)


class OutcomeCounts:
    """Counts envelopes in the stats, by router and outcome."""

    def __init__(self, stats: StatsCollector):
        self._stats = stats

    def add(self, origins: Sequence[Origin]) -> None:
        """Count answered envelopes."""
        for (router, code), count in Counter((origin.router, origin.code) for origin in origins).items():
            self._stats.inc_value(f"{_PREFIX}{router}/{Outcome(code).name}", count)
        for kind, count in Counter(origin.record_type for origin in origins if origin.record_type).items():
            self._stats.inc_value(f"{_RECORDS}{kind}", count)


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
