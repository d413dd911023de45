"""What came of a crawl: counts by router and outcome, in the stats and the summary."""

from collections import Counter
from collections.abc import Iterable, Mapping

from scrapy.statscollectors import StatsCollector

from scraper.output.envelope import Envelope
from scraper.responses.outcomes import Outcome

_PREFIX, _RECORDS = "envelopes/", "records/"


class OutcomeCounts:
    """Counts envelopes."""

    def __init__(self, stats: StatsCollector):
        self._stats = stats
        self.example: Envelope | None = None

    def add(self, envelopes: Iterable[Envelope]) -> None:
        """Count envelopes by router and outcome, and keep one success as an example."""
        for (router, code), count in Counter((each.router, each.code) for each in envelopes).items():
            self._stats.inc_value(f"{_PREFIX}{router}/{Outcome(code).name}", count)
        for kind, count in Counter(each.data.record_type for each in envelopes if not each.failed).items():
            self._stats.inc_value(f"{_RECORDS}{kind}", count)
        if self.example is None:
            self.example = next((each for each in envelopes if not each.failed), None)

    def counts(self) -> dict[tuple[str, Outcome], int]:
        """Return how many envelopes each router gave of each outcome."""
        return counts(self._stats.get_stats())


def counts(stats: Mapping[str, object]) -> dict[tuple[str, Outcome], int]:
    """Read the counts back from a crawl's stats."""
    found = {}
    for name, value in stats.items():
        if name.startswith(_PREFIX) and isinstance(value, int):
            router, _, outcome = name.removeprefix(_PREFIX).rpartition("/")
            found[router, Outcome[outcome]] = value
    return found


def outcomes(stats: Mapping[str, object]) -> dict[Outcome, int]:
    """Return how many envelopes a crawl gave of each outcome."""
    found: Counter[Outcome] = Counter()
    for (_, outcome), number in counts(stats).items():
        found[outcome] += number
    return dict(found)


def records(stats: Mapping[str, object]) -> dict[str, int]:
    """Return how many records a crawl gave of each type."""
    own = {name.removeprefix(_RECORDS): value for name, value in stats.items() if name.startswith(_RECORDS)}
    return {name: value for name, value in sorted(own.items()) if isinstance(value, int)}
