"""What is measured, and the bars that are held."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.bench.clients import AGAIN, BARE, LIMIT, OURS, RAW, STOCK, STOCK_ITEMS
from tests.bench.meter import Used
from tests.bench.runner import Runs, bench, interleaved
from tests.bench.server import WorldSize
from tests.bench.work import Work, posts, videos
from tests.simulator import World

MET, MISSED, NOISE = "met", "MISSED", "within noise"


class Ratio(NamedTuple):
    """Pairwise ratios of the rounds: `ours` to another client."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.least:.2f}–{self.most:.2f}]"


def ratio(runs: Runs, client: str, figure: str) -> Ratio:
    """Return how ours compares to a client: in CPU (`cpu`, less is better) or in speed (`rate`, more is better)."""
    pairs = zip(runs.used[OURS], runs.used[client], strict=True)
    ratios = [_cpu(ours, other) if figure == "cpu" else _rate(ours, other) for ours, other in pairs]
    return Ratio(median(ratios), min(ratios), max(ratios))


def _cpu(ours: Used, other: Used) -> float:
    return ours.cpu_s / other.cpu_s


def _rate(ours: Used, other: Used) -> float:
    return other.wall_s / ours.wall_s


@dataclass(frozen=True)
class Bar:
    """That ours compares to a client so well, at the least.

    :param figure: cpu or rate
    :param lenient: noise is no failure; for what waits for latency
    """

    client: str
    figure: str
    limit: float
    lenient: bool = False

    def __str__(self) -> str:
        return f"{self.figure} {'≤' if self.figure == 'cpu' else '≥'} {self.limit:.2f} × {self.client}"

    def judge(self, runs: Runs) -> str:
        """Return MET, MISSED, or NOISE where the same crawl against itself differs by as much as is missing."""
        holds = operator.le if self.figure == "cpu" else operator.ge
        measured, same = ratio(runs, self.client, self.figure).median, ratio(runs, AGAIN, self.figure)
        if holds(measured, self.limit):
            return MET
        best = measured * (same.least if self.figure == "cpu" else same.most)
        return NOISE if self.lenient and holds(best, self.limit) else MISSED


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One table of the report.

    :param make: from the world that is served to what every client asks of it
    :param clients: the references; the crawl itself runs before and after them
    """

    id: str
    title: str
    size: WorldSize
    make: Callable[[World], Work]
    clients: Sequence[str]
    bars: Sequence[Bar] = ()

    def run(self, rounds: int) -> Runs:
        return interleaved(self.size, self.make, self.clients, rounds)


SCENARIOS = [
    Scenario(
        id="S1",
        title="user posts: 25 users × 20 pages, 15 000 videos into JSON lines, no latency",
        size=WorldSize(25, 600),
        make=posts,
        clients=[BARE, STOCK, STOCK_ITEMS, RAW, LIMIT],
        bars=[Bar(BARE, "cpu", 3.0), Bar(STOCK, "rate", 1.0)],
    ),
    Scenario(
        id="S2",
        title="S1 with answers after 50 ± 30 ms",
        size=WorldSize(25, 600, 0.05, 0.03),
        make=posts,
        clients=[BARE],
        bars=[Bar(BARE, "rate", 0.9, lenient=True)],
    ),
    Scenario(
        id="S4",
        title="single videos: 500 videos, three requests each, no latency",
        size=WorldSize(25, 20),
        make=videos,
        clients=[BARE],
    ),
]


class Memory(NamedTuple):
    """Peak resident size in MB."""

    few: float
    many: float

    @property
    def growth(self) -> float:
        return self.many - self.few


class MemoryScenario(NamedTuple):
    id: str = "S8"
    title: str = "memory: 25 users, from 1 000 to 100 000 videos"
    few: WorldSize = WorldSize(25, 40)
    many: WorldSize = WorldSize(25, 4000)
    most_mb: float = 25.0

    def run(self) -> Memory:
        """Crawl both worlds."""
        peaks = []
        for size in (self.few, self.many):
            with bench(size, posts) as running:
                peaks.append(running.run(OURS).peak_mb)
        return Memory(*peaks)

    def judge(self, memory: Memory) -> str:
        return MET if memory.growth <= self.most_mb else MISSED


MEMORY = MemoryScenario()
