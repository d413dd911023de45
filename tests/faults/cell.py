"""A cell of the matrix: one fault, one output and one form of input; how it is run and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.crawling import Crawl, crawl
from tests.faults.inputs import CONFIG, INPUTS, OTHER_SERVICES, WORLD, Given
from tests.faults.oracle import Verdict, warnings_of
from tests.faults.outputs import Place, Store
from tests.simulator import Fault as Answered
from tests.simulator import Simulator
from tests.simulator.messages import Answer, Request


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
    :ivar answers: what the platform's side does
    :ivar may_leave: whether the crawl may end with something open, because Scrapy could not start it
    :ivar below: a folder that its output is in, which the fault takes away
    """

    codes: Collection[int]
    around: Callable[[Cell], AbstractContextManager[object]] = _nothing
    settings: Callable[[Cell], Mapping[str, object]] = lambda cell: {}
    env: Callable[[Cell], Mapping[str, str]] = lambda cell: {}
    answers: Callable[[], Iterable[Answered]] = tuple
    below: str = "."
    may_leave: bool = False


def at_request(number: int, act: Callable[[Cell], object]) -> Callable[[Cell], AbstractContextManager[None]]:
    """Return what has something happen before the answer to a request, by its number; never if there are fewer."""

    @contextmanager
    def acting(cell: Cell) -> Iterator[None]:
        sound, numbers = Simulator.answer, count(1)

        def answer(simulator: Simulator, request: Request) -> Answer:
            if next(numbers) == number:
                act(cell)
            return sound(simulator, request)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Simulator, "answer", answer)
            yield

    return acting


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
        may_leave=fault.may_leave,
        may_raise=True,
    )
