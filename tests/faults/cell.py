"""A cell of the matrix: one fault, one output and one form of input; how it is run and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.crawling import Crawl, crawl
from tests.faults.inputs import CONFIG, INPUTS, OTHER_SERVICES, WORLD, Given
from tests.faults.oracle import Verdict, warnings_of, without_repeated
from tests.faults.outputs import Database, Place, Row, Store
from tests.simulator import Fault as Answered
from tests.simulator import Simulator
from tests.simulator.messages import Answer, Request

_MOST_STARTS = 3


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
    :ivar mend: what its user corrects before the run is resumed
    :ivar may_leave: whether the crawl may end with something open, because Scrapy could not start it
    :ivar is_refused: whether the crawl must find it before its first request
    :ivar below: a folder that its output is in, which the fault takes away
    """

    codes: Collection[int]
    around: Callable[[Cell], AbstractContextManager[object]] = _nothing
    settings: Callable[[Cell], Mapping[str, object]] = lambda cell: {}
    env: Callable[[Cell], Mapping[str, str]] = lambda cell: {}
    answers: Callable[[], Iterable[Answered]] = tuple
    below: str = "."
    mend: Callable[[Cell], object] = lambda cell: None
    may_leave: bool = False
    is_refused: bool = False


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


def run(
    fault: Fault, output: str, given: str, folder: Path, store: Store | None = None, database: Database | None = None
) -> None:
    """Run a cell and judge what it left."""
    place = Place(output, folder / fault.below, database=database)
    cell = Cell(given=INPUTS[given], place=place, folder=folder, store=store)
    if store and output == "s3":
        store.client.create_bucket(Bucket=cell.place.bucket)
    (folder / fault.below).mkdir(exist_ok=True)
    with fault.around(cell):
        done = _crawl(cell, fault)
    verdict = _verdict(cell, done)
    fault.mend(cell)
    verdict.check(cell.place.uri)
    if done.reports and (output == "postgres" or (output == "sqlite" and place.path.exists())):
        assert done.reports[0]["database"]["rows"] == len([row for row in verdict.rows if row.code == 200])
    assert done.code in ({*fault.codes} if fault.is_refused else {0, *fault.codes}), (done.code, warnings_of(done.err))
    assert not (fault.is_refused and done.requests)


def _verdict(cell: Cell, done: Crawl, starts: int = 1, printed: Sequence[Row] = ()) -> Verdict:
    """Return what a crawl left, and what it leaves when its run is resumed.

    :param printed: the records that earlier starts wrote to standard output, which keeps them
    """

    def resumed(run_id: str) -> Verdict | None:
        kept = [row for row in rows if row.code == 200] if cell.place.name == "stdout" else []
        return None if starts > _MOST_STARTS else _verdict(cell, _resume(cell, run_id), starts + 1, kept)

    rows, failures = cell.place.rows(done, cell.store), cell.place.failures(done, cell.store)
    rows = [*without_repeated(printed, rows), *rows]
    return Verdict(cell.given, done, rows, failures, resumed)


def _environment(cell: Cell) -> dict[str, str]:
    database = {"DATABASE_URL": cell.place.database.url} if cell.place.database else {}
    return {"PYTHONPATH": str(cell.folder), "no_proxy": "127.0.0.1", **database}


def _resume(cell: Cell, run_id: str) -> Crawl:
    return crawl(
        world=WORLD,
        command=("resume", run_id),
        feed=None,
        folder=cell.folder,
        config=CONFIG,
        configs=dict.fromkeys(OTHER_SERVICES, ""),
        settings=cell.store.settings if cell.store else {},
        env=_environment(cell),
        may_raise=True,
    )


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
        env={**_environment(cell), "RETRY_TIMES": "1", **fault.env(cell)},
        faults=fault.answers(),
        may_leave=fault.may_leave,
        may_raise=True,
    )
