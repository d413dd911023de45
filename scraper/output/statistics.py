"""What came of a crawl: counts by router and outcome, in the stats, the summary and the exit code."""

from collections import Counter
from collections.abc import Iterable, Mapping

from scrapy.statscollectors import StatsCollector

from scraper.output.envelope import Envelope
from scraper.responses.outcomes import DEFINITE, Outcome

_PREFIX, _RECORDS = "envelopes/", "records/"
_BLOCKED = {Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.SIGNATURE_REJECTED}
_LOGIN = {Outcome.LOGIN_REQUIRED, Outcome.COOKIE_EXPIRED}

DONE, USAGE, SOME_FAILED, BLOCKED, LOGIN, CHANGED = 0, 2, 3, 4, 5, 6


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


def exit_code(seen: set[Outcome], finished: bool) -> int:
    """Return the exit code of a crawl.

    0: each input got its record or a definite answer. 2: nothing but bad input. 3: some failed. Where nothing
    succeeded: 4 blocked, 5 login needed, 6 the platform's answers changed.

    >>> exit_code({Outcome.OK, Outcome.NOT_FOUND}, True), exit_code({Outcome.BAD_INPUT}, True)
    (0, 2)
    >>> exit_code({Outcome.OK, Outcome.CHALLENGE}, True), exit_code({Outcome.CHALLENGE, Outcome.UPSTREAM}, True)
    (3, 4)
    >>> exit_code({Outcome.OK}, False), exit_code({Outcome.BAD_INPUT, Outcome.LOGIN_REQUIRED}, True)
    (3, 5)
    """
    failed = seen - {Outcome.OK} - DEFINITE
    if not failed:
        return DONE if finished else SOME_FAILED
    if failed == seen == {Outcome.BAD_INPUT}:
        return USAGE
    if failed != seen:
        return SOME_FAILED
    for kinds, code in ((_BLOCKED, BLOCKED), (_LOGIN, LOGIN), ({Outcome.UPSTREAM_CHANGED}, CHANGED)):
        if failed & kinds:
            return code
    return SOME_FAILED
