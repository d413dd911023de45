"""What scenarios return: their lines, and the bars that were measured."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, Protocol, Self

MET, MISSED, NOISE = "met", "MISSED", "within noise"
_WIDTHS = (64, 10, 22)


class Ratio(NamedTuple):
    """Ratios of pairs, of which there is one a round."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, pairs: Sequence[float]) -> Self:
        return cls(median(pairs), min(pairs), max(pairs))

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.least:.2f}–{self.most:.2f}]"


class Bar(NamedTuple):
    """A bar, and what was measured.

    :param what: what is measured
    :param limit: the bar itself, such as `≤ 2.0`
    :param value: what was measured
    :param verdict: MET, MISSED or NOISE
    """

    what: str
    limit: str
    value: str
    verdict: str


class Report(NamedTuple):
    """What a scenario found."""

    lines: Sequence[str]
    bars: Sequence[Bar]


class Scenario(Protocol):
    """Something that is measured.

    :ivar id: the name by which it is run alone
    """

    @property
    def id(self) -> str: ...

    def run(self, rounds: int) -> Report:
        """Measure it.

        :param rounds: how often each client runs, after one run that warms up
        :raises tests.bench.runner.WrongError: if a client gave a wrong result
        """


def at_most(what: str, limit: float, value: float, shown: object = "", unit: str = "") -> Bar:
    """Return a bar that is met by at most `limit`.

    :param shown: how the value is printed, if not as a number
    """
    return Bar(what, f"≤ {limit:g}{unit}", str(shown or f"{value:.2f}{unit}"), MET if value <= limit else MISSED)


def at_least(what: str, limit: float, value: float, shown: object = "", unit: str = "") -> Bar:
    """Return a bar that is met by at least `limit`; see `at_most`."""
    return Bar(what, f"≥ {limit:g}{unit}", str(shown or f"{value:.2f}{unit}"), MET if value >= limit else MISSED)


def table(bars: Sequence[Bar]) -> str:
    """Return the table of all bars, a line each."""
    rows = [("", "bar", "measured", ""), *bars]
    return "\n".join(
        "  ".join([*(f"{cell:<{width}}" for cell, width in zip(row, _WIDTHS, strict=False)), row[3]]) for row in rows
    )
