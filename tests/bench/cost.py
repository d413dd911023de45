"""What a record costs in calls of Python functions, untouched by the noise of a machine: see tests/test_cost.py.

Counted by cProfile over whole crawls in this process, as the slope between two sizes, so that start-up drops out.
Functions in C are not counted.
"""

import cProfile
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests import in_process
from tests.bench.clients import command
from tests.bench.report import Report, at_most
from tests.bench.runner import environment, write_configs
from tests.bench.server import PageServer
from tests.bench.subjects import SUBJECTS, Listing
from tests.bench.work import WorkSize, written

FILE = Path(__file__).with_name("cost.json")
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
MARGIN = 0.10
TRIES = 3  # a loaded machine adds turns of the event loop, never takes calls away
_LISTS, _SINGLES = (WorkSize([], 1, 2), WorkSize([], 1, 6)), (WorkSize([], 4), WorkSize([], 12))


class _Crawled(NamedTuple):
    records: int
    calls: int


class Counter:
    """Counts the calls of crawls."""

    def __init__(self, server: PageServer, folder: Path):
        self._server, self._folder = server, folder
        write_configs(folder / "config")
        self._warm: set[str] = set()
        self._crawl(WorkSize(list(SUBJECTS)[:1], 1))  # which imports what any crawl needs

    def calls(self, name: str) -> int:
        """Return function calls a record of a subject."""
        sizes = [size._replace(subjects=[name]) for size in _sizes(name)]
        if name not in self._warm:  # what happens once in a process would be counted in the smaller crawl alone
            self._warm.add(name)
            self._crawl(sizes[0])
        few, many = map(self._crawl, sizes)
        return round((many.calls - few.calls) / (many.records - few.records))

    def _crawl(self, size: WorkSize) -> _Crawled:
        work, out = size.work(), self._folder / "out.jsonl"
        self._server.pages = size.pages
        profile = cProfile.Profile(builtins=False)
        words, env = command(work, out)[1:], {**environment(self._folder), **self._server.env}
        result = profile.runcall(in_process.run, words, env=env)
        assert sorted(written(out, work.subjects)) == sorted(work.ids), result.err
        return _Crawled(len(work.ids), sum(entry.callcount for entry in profile.getstats()))


def _sizes(name: str) -> tuple[WorkSize, WorkSize]:
    return _LISTS if isinstance(SUBJECTS[name], Listing) else _SINGLES


@contextmanager
def counter() -> Iterator[Counter]:
    """Serve all subjects for as long as the context lasts."""
    with TemporaryDirectory() as folder, PageServer(WorkSize(list(SUBJECTS), 1)) as server:
        yield Counter(server, Path(folder))


def committed() -> dict[str, int]:
    """Return the numbers that are held for this version of Python: each counts in its own way."""
    return json.loads(FILE.read_text("utf-8")).get(VERSION, {})


def write() -> str:
    """Replace the committed numbers by measured ones, and return the new file."""
    with counter() as counting:
        measured = {name: min(counting.calls(name) for _ in range(TRIES)) for name in SUBJECTS}
    FILE.write_text(json.dumps(json.loads(FILE.read_text("utf-8")) | {VERSION: measured}, indent=2) + "\n", "utf-8")
    return FILE.read_text("utf-8")


@dataclass(frozen=True)
class Calls:
    """The calls of all subjects, and the bars of posts."""

    id: str = "calls"
    most: float = 250

    def run(self, rounds: int) -> Report:
        """Count once: rounds make no difference."""
        with counter() as counting:
            counts = {name: counting.calls(name) for name in SUBJECTS}
        lines = [
            "calls: Python functions called a record, in a whole crawl",
            *(f"  {name:<20} {calls:>6}" for name, calls in counts.items()),
        ]
        names = "douyin_posts", "tiktok_posts"
        return Report(
            lines, [at_most(f"{name}: Python calls a record", self.most, counts[name], counts[name]) for name in names]
        )


CALLS = Calls()
