"""What a page costs in Python function calls, which no noise of a machine touches: the gate of tests/test_cost.py.

Counted by cProfile over a whole crawl, as the slope between 20 and 60 pages, so that start-up drops out.
"""

import cProfile
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.clients import OURS, main
from tests.bench.runner import bench
from tests.bench.server import WorldSize
from tests.bench.work import PAGE, posts, videos

FILE = Path(__file__).with_name("cost.json")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_USERS, _FEW, _MANY = 4, 5, 15
_SIZES = {
    "user posts, a page": (posts, _FEW * PAGE, _MANY * PAGE),
    "single videos, a video": (videos, _FEW, _MANY),
}


def committed() -> dict[str, int]:
    """Return the numbers that are held for this version of Python: each counts in its own way."""
    return json.loads(FILE.read_text("utf-8")).get(VERSION, {})


def measured() -> dict[str, int]:
    """Return function calls a page, of each kind of crawl."""
    with ThreadPoolExecutor(len(_SIZES)) as pool:
        return dict(zip(_SIZES, pool.map(slope, _SIZES), strict=True))


def write() -> str:
    """Replace the committed numbers by measured ones, and return the new file."""
    numbers = json.loads(FILE.read_text("utf-8")) | {VERSION: measured()}
    FILE.write_text(json.dumps(numbers, indent=2) + "\n", "utf-8")
    return FILE.read_text("utf-8")


def slope(name: str) -> int:
    """Return function calls a page of one kind of crawl."""
    make, few, many = _SIZES[name]
    calls = [_calls(WorldSize(_USERS, size), make) for size in (few, many)]
    return round((calls[1] - calls[0]) / (_USERS * (_MANY - _FEW)))


def _calls(size: WorldSize, make) -> int:
    with bench(size, make) as running:
        running.run(OURS, ["-m", "tests.bench.cost"])
        return int((running.folder / "calls").read_text("ascii"))


def _count(arguments: list[str]) -> None:
    """Run one client and leave the number of its calls beside its output."""
    profile = cProfile.Profile()
    try:
        profile.runcall(main, arguments)
    finally:  # a command of Scrapy's ends by SystemExit
        total = sum(entry.callcount for entry in profile.getstats())
        Path(arguments[2]).with_name("calls").write_text(str(total), "ascii")


if __name__ == "__main__":
    _count(sys.argv[1:])
