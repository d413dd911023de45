"""`python -m tests.bench`: measure, print what was measured, and fail if a bar is missed."""

import argparse
import sys
from collections.abc import Sequence

from tests.bench import cost
from tests.bench.browser import BROWSER
from tests.bench.crawls import CRAWLS
from tests.bench.database import DATABASE
from tests.bench.files import FILES
from tests.bench.growth import GROWTH, IDS
from tests.bench.media import MEDIA
from tests.bench.parse_cost import PARSE_COST
from tests.bench.renormalize import RENORMALIZE_SCENARIOS
from tests.bench.report import MISSED, Bar, Scenario, table
from tests.bench.runner import WrongError
from tests.bench.serve import SERVE
from tests.bench.startup import STARTUPS
from tests.bench.waterfall import WATERFALL

_OTHERS = WATERFALL, *STARTUPS, GROWTH, IDS, BROWSER
SCENARIOS: dict[str, Scenario] = {
    scenario.id: scenario
    for scenario in (
        PARSE_COST,
        cost.CALLS,
        *CRAWLS,
        *RENORMALIZE_SCENARIOS,
        WATERFALL,
        *STARTUPS,
        FILES,
        DATABASE,
        GROWTH,
        IDS,
        MEDIA,
        SERVE,
        BROWSER,
    )
}
_ON_DEMAND = {BROWSER.id}  # it needs a Chromium
LEGEND = """Ratios are ours to the line's client, pair by pair: median [least–most].
CPU: less is better. Rate: more is better.
≈ no difference: the same crawl against itself (A/A) differs by as much. Other processes on the machine disturb."""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 1 if a bar is missed or a result is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write_cost:
        print(cost.write())
        return 0
    chosen = options.only.split(",") if options.only else [name for name in SCENARIOS if name not in _ON_DEMAND]
    if options.rounds < 1 or not set(chosen) <= set(SCENARIOS):
        parser.error(f"rounds from 1 on, and scenarios out of {', '.join(SCENARIOS)}")
    try:
        bars = _run(chosen, options.rounds)
    except WrongError as error:
        print(f"wrong: {error}", file=sys.stderr)
        return 1
    print(f"{LEGEND}\n\n{table(bars)}")
    return int(any(bar.verdict == MISSED for bar in bars))


def _run(names: Sequence[str], rounds: int) -> list[Bar]:
    """Run some scenarios, print their lines, and return their bars."""
    bars: list[Bar] = []
    for name in names:
        report = SCENARIOS[name].run(rounds)
        print(*report.lines, sep="\n", end="\n\n", flush=True)
        bars += report.bars
    return bars


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count, after a run that warms up")
    parser.add_argument("--only", metavar="IDS", help=f"some of {','.join(SCENARIOS)}")
    parser.add_argument("--write-cost", action="store_true", help="count the calls anew for tests/test_cost.py")
    return parser


if __name__ == "__main__":
    sys.exit(main())
