"""`python -m tests.bench`: run the scenarios, print their tables, and fail where a bar is missed."""

import argparse
import sys

from tests.bench.browser import BROWSER, browser_table
from tests.bench.report import memory_table, table
from tests.bench.runner import WrongError
from tests.bench.scenarios import MEMORY, MISSED, SCENARIOS

_KNOWN = {scenario.id for scenario in (*SCENARIOS, MEMORY, BROWSER)}
_BROWSER_ROUNDS = 3
LEGEND = """Ratios are ours to the line's client, pair by pair: median [least–most].
CPU: less is better. Rate: more is better.
≈ no difference: the same crawl against itself (A/A) differs by as much. Other processes on the machine disturb."""


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 1 where a bar is missed or a result is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write_cost:
        from tests.bench import cost

        print(cost.write())
        return 0
    wanted = set(options.only.split(",")) if options.only else _KNOWN
    if options.rounds < 1 or not wanted <= _KNOWN:
        parser.error(f"rounds from 1 on, and scenarios out of {', '.join(sorted(_KNOWN))}")
    try:
        missed = _run(wanted, options.rounds)
    except WrongError as error:
        print(f"wrong: {error}", file=sys.stderr)
        return 1
    print(LEGEND)
    print(f"missed: {', '.join(missed)}" if missed else "no bar was missed")
    return 1 if missed else 0


def _run(wanted: set[str], rounds: int) -> list[str]:
    """Run the wanted scenarios, and return the ids of those that missed a bar."""
    missed = []
    for scenario in SCENARIOS:
        if scenario.id in wanted:
            runs = scenario.run(rounds)
            print(table(scenario, runs), end="\n\n", flush=True)
            missed += [scenario.id for bar in scenario.bars if bar.judge(runs) == MISSED]
    if MEMORY.id in wanted:
        memory = MEMORY.run()
        print(memory_table(MEMORY, memory), end="\n\n", flush=True)
        missed += [MEMORY.id] * (MEMORY.judge(memory) == MISSED)
    if BROWSER.id in wanted:
        cost = BROWSER.run(min(rounds, _BROWSER_ROUNDS))
        print(browser_table(BROWSER, cost), end="\n\n", flush=True)
        missed += [BROWSER.id] * (BROWSER.judge(cost) == MISSED)
    return missed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="rounds that count, after one that warms up")
    parser.add_argument("--only", metavar="IDS", help=f"some of {','.join(sorted(_KNOWN))}")
    parser.add_argument("--write-cost", action="store_true", help="count the calls anew for tests/test_cost.py")
    return parser


if __name__ == "__main__":
    sys.exit(main())
