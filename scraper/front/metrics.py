"""Numbers for those who watch the server, in the text format of Prometheus."""

from collections import Counter
from collections.abc import Iterator, Mapping

_PREFIX = "scraper_"
OTHER = "other"
"""The route of calls that no route takes, so that a caller cannot make up new ones."""


class Metrics:
    """Counts calls."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, float] = {}

    def note(self, route: str, status: int, seconds: float) -> None:
        """Note a call that was answered.

        :param status: of HTTP; 499 if its client went away before
        """
        self._calls[route, status] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def text(self, gauges: Mapping[str, tuple[str, float]], counters: Mapping[str, tuple[str, float]]) -> str:
        """Return all numbers.

        :param gauges: further present values: an explanation and a value by name
        :param counters: further totals, in the same form
        """
        return "".join(f"{line}\n" for line in self._lines(gauges, counters))

    def _lines(
        self, gauges: Mapping[str, tuple[str, float]], counters: Mapping[str, tuple[str, float]]
    ) -> Iterator[str]:
        yield from _head("calls_total", "calls that were answered, by route and HTTP status", "counter")
        for (route, status), number in sorted(self._calls.items()):
            yield f'{_PREFIX}calls_total{{route="{route}",status="{status}"}} {number}'
        yield from _head("call_seconds_total", "seconds that these calls took", "counter")
        for route, seconds in sorted(self._seconds.items()):
            yield f'{_PREFIX}call_seconds_total{{route="{route}"}} {seconds:.6f}'
        for kind, values in (("gauge", gauges), ("counter", counters)):
            for name, (about, value) in values.items():
                yield from _head(name, about, kind)
                yield f"{_PREFIX}{name} {value}"


def _head(name: str, about: str, kind: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {about}"
    yield f"# TYPE {_PREFIX}{name} {kind}"
