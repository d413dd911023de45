"""The tables of a run."""

from statistics import median

from tests.bench.clients import AGAIN, LIMIT, OURS
from tests.bench.meter import Used
from tests.bench.runner import Runs
from tests.bench.scenarios import Memory, MemoryScenario, Ratio, Scenario, ratio

_HEAD = ("", "CPU ms/request", "requests/s", "records/s", "CPU s/10 000", "ours: CPU ×", "ours: rate ×")
_WIDTHS = (24, 14, 10, 9, 12, 18, 18)
_AHEAD = 3.0  # what the server should be faster than every client


def table(scenario: Scenario, runs: Runs) -> str:
    """Return the table of a scenario, its bars and what is to be said of the server."""
    lines = [f"{scenario.id}  {scenario.title}", _row(_HEAD)]
    same = ratio(runs, AGAIN, "cpu"), ratio(runs, AGAIN, "rate")
    for client in (OURS, *scenario.clients, AGAIN):
        lines.append(_row(_figures(runs, client, same)))
    lines += [f"  {bar}: {ratio(runs, bar.client, bar.figure)}  {bar.judge(runs)}" for bar in scenario.bars]
    return "\n".join([*lines, _server(runs)])


def memory_table(scenario: MemoryScenario, memory: Memory) -> str:
    """Return the lines about memory."""
    growth = f"peak RSS {memory.few:.0f} MB → {memory.many:.0f} MB, growth {memory.growth:+.0f} MB"
    bar = f"  growth ≤ {scenario.most_mb:.0f} MB: {scenario.judge(memory)}"
    return f"{scenario.id}  {scenario.title}\n  {growth}\n{bar}"


def _figures(runs: Runs, client: str, same: tuple[Ratio, Ratio]) -> tuple[str, ...]:
    used, requests, records = runs.used[client], runs.work.requests, len(runs.work.ids)
    cpu, wall = _median(used, "cpu_s"), _median(used, "wall_s")
    absolute = (
        client,
        f"{1000 * cpu / requests:.2f}",
        f"{requests / wall:.0f}",
        f"{records / wall:.0f}",
        f"{10_000 * cpu / records:.2f}",
    )
    if client == OURS:
        return absolute
    if client == AGAIN:
        return (f"{client} (A/A)", *absolute[1:], *map(str, same))
    pairs = zip(("cpu", "rate"), same, strict=True)
    return (*absolute, *(_marked(ratio(runs, client, figure), noise) for figure, noise in pairs))


def _marked(measured: Ratio, noise: Ratio) -> str:
    """Return a ratio, with a mark where the same crawl against itself differs by as much."""
    return f"{measured}{' ≈' if noise.least <= measured.median <= noise.most else ''}"


def _server(runs: Runs) -> str:
    fetching = [name for name in runs.used if name != LIMIT]
    fastest = min(_median(runs.used[name], "cpu_s") for name in fetching) * 1000 / runs.work.requests
    times = fastest / runs.server_ms
    mark = "" if times >= _AHEAD else f", less than {_AHEAD:.0f}: the fastest client may be held back"
    return f"  the server took {runs.server_ms:.2f} ms CPU a request, the fastest client {times:.1f} times that{mark}"


def _median(used: list[Used], name: str) -> float:
    return median(getattr(run, name) for run in used)


def _row(cells: tuple[str, ...]) -> str:
    padded = [f"{cell:<{width}}" if not place else f"{cell:>{width}}" for place, (cell, width) in _placed(cells)]
    return "  ".join(["", *padded]).rstrip()


def _placed(cells: tuple[str, ...]) -> enumerate[tuple[str, int]]:
    return enumerate(zip(cells, _WIDTHS, strict=False))
