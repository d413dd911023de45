"""Scenarios that compare a crawl with its references, in turn and over the same pages."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from tests.bench.clients import AGAIN, BARE, CAPTURING, LIMIT, LOOP, OURS, STOCK, WITHOUT_LEDGER
from tests.bench.meter import Used
from tests.bench.report import MET, MISSED, NOISE, Bar, Ratio, Report
from tests.bench.runner import Runs, interleaved
from tests.bench.shapes import PLATFORMS
from tests.bench.work import WorkSize

_HEAD = ("", "CPU ms/request", "requests/s", "records/s", "CPU s/10 000", "ours: CPU ×", "ours: rate ×")
_WIDTHS = (24, 14, 10, 9, 12, 18, 18)
_AHEAD = 3.0  # how many times faster than every client the server should be
_LATENCY_S, _JITTER_S = 0.05, 0.03


class Limit(NamedTuple):
    """How ours must compare to a client.

    :param figure: cpu (less is better) or rate (more is better)
    :param is_lenient: whether noise is no failure, as for what waits for latency
    """

    client: str
    figure: str
    limit: float
    is_lenient: bool = False

    def bar(self, id: str, runs: Runs) -> Bar:
        """Return the bar with what was measured."""
        holds, sign = (operator.le, "≤") if self.figure == "cpu" else (operator.ge, "≥")
        measured, same = ratio(runs, self.client, self.figure), ratio(runs, AGAIN, self.figure)
        verdict = MET if holds(measured.median, self.limit) else MISSED
        best = measured.median * (same.least if self.figure == "cpu" else same.most)
        if verdict == MISSED and self.is_lenient and holds(best, self.limit):
            verdict = NOISE
        return Bar(f"{id}: {self.figure} against {self.client}", f"{sign} {self.limit:g}", str(measured), verdict)


@dataclass(frozen=True, kw_only=True)
class CrawlScenario:
    """One table of the report.

    :param clients: the references; the crawl itself runs before and after them
    """

    id: str
    title: str
    size: WorkSize
    clients: Sequence[str]
    limits: Sequence[Limit] = ()

    def run(self, rounds: int) -> Report:
        runs = interleaved(self.size, self.clients, rounds)
        same = ratio(runs, AGAIN, "cpu"), ratio(runs, AGAIN, "rate")
        rows = [_figures(runs, client, same) for client in (OURS, *self.clients, AGAIN)]
        lines = [self.title, _row(_HEAD), *map(_row, rows), _server(runs)]
        return Report(lines, [limit.bar(self.id, runs) for limit in self.limits])


def ratio(runs: Runs, client: str, figure: str) -> Ratio:
    """Return how ours compares to a client, in CPU or in rate."""
    pairs = zip(runs.used[OURS], runs.used[client], strict=True)
    return Ratio.of([ours.cpu_s / its.cpu_s if figure == "cpu" else its.wall_s / ours.wall_s for ours, its in pairs])


def _figures(runs: Runs, client: str, same: tuple[Ratio, Ratio]) -> tuple[str, ...]:
    cpu, wall = _median(runs.used[client], "cpu_s"), _median(runs.used[client], "wall_s")
    absolute = (
        client,
        f"{1000 * cpu / runs.requests:.2f}",
        f"{runs.requests / wall:.0f}",
        f"{runs.records / wall:.0f}",
        f"{10_000 * cpu / runs.records:.2f}",
    )
    if client == OURS:
        return absolute
    if client == AGAIN:
        return (f"{client} (A/A)", *absolute[1:], *map(str, same))
    pairs = zip(("cpu", "rate"), same, strict=True)
    return (*absolute, *(_marked(ratio(runs, client, figure), noise) for figure, noise in pairs))


def _marked(measured: Ratio, noise: Ratio) -> str:
    """Return a ratio, with a mark if the same crawl against itself differs by as much."""
    return f"{measured}{' ≈' if noise.least <= measured.median <= noise.most else ''}"


def _server(runs: Runs) -> str:
    fetching = [name for name in runs.used if name != LIMIT]
    fastest = min(_median(runs.used[name], "cpu_s") for name in fetching) * 1000 / runs.requests
    times = fastest / runs.server_ms
    mark = "" if times >= _AHEAD else f", less than {_AHEAD:.0f}: it may hold the fastest client back"
    return f"  the server took {runs.server_ms:.2f} ms CPU a request, the fastest client {times:.1f} times that{mark}"


def _median(used: list[Used], name: str) -> float:
    return median(getattr(one, name) for one in used)


def _row(cells: tuple[str, ...]) -> str:
    padded = [
        f"{cell:>{width}}" if place else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=False))
    ]
    return "  ".join(["", *padded]).rstrip()


def _posts(platform: str, targets: int, pages: int, weight: str) -> CrawlScenario:
    name = f"{platform}_posts"
    return CrawlScenario(
        id=name,
        title=f"{name}: {targets} users × {pages} pages, {weight} a post",
        size=WorkSize([name], targets, pages),
        clients=[BARE, STOCK, LOOP, LIMIT],
        limits=[Limit(BARE, "cpu", 2.0), Limit(STOCK, "rate", 4.0)],
    )


def _videos(platform: str, targets: int, what: str) -> CrawlScenario:
    name = f"{platform}_videos"
    return CrawlScenario(
        id=name,
        title=f"{name}: {targets} posts, {what}",
        size=WorkSize([name], targets),
        clients=[BARE],
        limits=[Limit(BARE, "cpu", 1.8)],
    )


def _comments(platform: str) -> CrawlScenario:
    name, targets, pages = f"{platform}_comments", 40, 5
    return CrawlScenario(
        id=name,
        title=f"{name}: {targets} posts × {pages} pages",
        size=WorkSize([name], targets, pages),
        clients=[BARE, LOOP],
        limits=[Limit(BARE, "cpu", 1.8)],
    )


def _ledger(platform: str, targets: int) -> CrawlScenario:
    name, pages = f"{platform}_posts", 15
    return CrawlScenario(
        id=f"ledger_{platform}",
        title=f"ledger_{platform}: {name} with a ledger and without, {targets} users × {pages} pages",
        size=WorkSize([name], targets, pages),
        clients=[WITHOUT_LEDGER],
        limits=[Limit(WITHOUT_LEDGER, "cpu", 1.1)],
    )


def _capture(platform: str) -> CrawlScenario:
    name, targets, pages = f"{platform}_posts", 8, 15
    return CrawlScenario(
        id=f"capture_{platform}",
        title=f"capture_{platform}: {name} without raw capture and with it, {targets} users × {pages} pages",
        size=WorkSize([name], targets, pages),
        clients=[CAPTURING],
    )


CRAWLS = [
    _posts("douyin", 8, 15, "28 kB"),
    _posts("tiktok", 8, 15, "28 kB"),
    _posts("bilibili", 16, 15, "1.6 kB"),
    _videos("douyin", 300, "a share page each"),
    _videos("tiktok", 150, "a page of 240 kB each"),
    _videos("bilibili", 150, "three requests each"),
    *map(_comments, PLATFORMS),
    CrawlScenario(
        id="hybrid",
        title="hybrid: 50 posts of each platform in one file",
        size=WorkSize([f"{platform}_videos" for platform in PLATFORMS], 50),
        clients=[BARE],
    ),
    *(_ledger(platform, targets) for platform, targets in (("douyin", 24), ("tiktok", 24), ("bilibili", 32))),
    *map(_capture, ("douyin", "bilibili")),
    CrawlScenario(
        id="latency",
        title="latency: bilibili_posts with answers after 50 ± 30 ms",
        size=WorkSize(["bilibili_posts"], 16, 10, _LATENCY_S, _JITTER_S),
        clients=[BARE],
        limits=[Limit(BARE, "rate", 0.9, is_lenient=True)],
    ),
]
