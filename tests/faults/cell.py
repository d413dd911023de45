"""A cell of the matrix: one fault, one output and one form of input; how it is run and judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.crawling import Crawl, Running, crawl
from tests.faults.inputs import CONFIG, INPUTS, OTHER_SERVICES, WORLD, Given
from tests.faults.oracle import Verdict, warnings_of
from tests.faults.outputs import Place, Store
from tests.simulator import Fault as Answered


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where a fault happens.

    :ivar folder: of the crawl
    """

    given: Given
    place: Place
    folder: Path
    store: Store | None = None


def _nothing(cell: Cell) -> AbstractContextManager[object]:
    return nullcontext()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    :ivar codes: the exit codes that it may have; 0 always stands for a crawl that it did not reach
    :ivar around: what holds while the crawl runs
    :ivar meanwhile: what happens while it runs
    :ivar answers: what the platform's side does
    :ivar process: whether the crawl has a process of its own, since it ends with things open
    :ivar below: a folder that its output is in, which the fault takes away
    """

    codes: Collection[int]
    around: Callable[[Cell], AbstractContextManager[object]] = _nothing
    meanwhile: Callable[[Cell, Running], None] | None = None
    settings: Callable[[Cell], Mapping[str, object]] = lambda cell: {}
    env: Callable[[Cell], Mapping[str, str]] = lambda cell: {}
    answers: Callable[[], Iterable[Answered]] = tuple
    below: str = "."
    process: bool = False


def reached(running: Running, requests: int) -> bool:
    """Wait until a crawl has sent so many requests, and return whether it did before its end."""
    while len(running.sim.requests) < requests:
        if running.has_ended():
            return False
        time.sleep(0.005)
    return True


def run(fault: Fault, output: str, given: str, folder: Path, store: Store | None = None) -> None:
    """Run a cell and judge what it left."""
    cell = Cell(given=INPUTS[given], place=Place(output, folder / fault.below), folder=folder, store=store)
    if store and output == "s3":
        store.client.create_bucket(Bucket=cell.place.bucket)
    (folder / fault.below).mkdir(exist_ok=True)
    with fault.around(cell):
        done = _crawl(cell, fault)
    rows, failures = cell.place.rows(done, store), cell.place.failures(done, store)
    Verdict(cell.given, done, rows, failures).check(cell.place.uri)
    assert done.code in {0, *fault.codes}, (done.code, warnings_of(done.err))


def _crawl(cell: Cell, fault: Fault) -> Crawl:
    settings = {**(cell.store.settings if cell.store else {}), **fault.settings(cell)}
    meanwhile = fault.meanwhile
    return crawl(
        *cell.given.words,
        *cell.place.words,
        world=WORLD,
        command=("crawl", cell.given.spider),
        feed=None,
        folder=cell.folder,
        config=CONFIG,
        configs=dict.fromkeys(OTHER_SERVICES, ""),
        settings=settings,
        env={"PYTHONPATH": str(cell.folder), "RETRY_TIMES": "1", "no_proxy": "127.0.0.1", **fault.env(cell)},
        faults=fault.answers(),
        meanwhile=(lambda running: meanwhile(cell, running)) if meanwhile else None,
        process=fault.process,
        may_raise=True,
    )
