"""Faults of code, the program's or the user's: pipelines and parsers that raise; and of state and configuration."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from scraper.platform import Endpoint
from tests.crawling import write_config
from tests.faults.cell import Cell, Fault, at_request

_PIPELINE = """
import asyncio
from scrapy.exceptions import CloseSpider

class Raising:
    number = 0

{methods}
"""
_NUMBERED = """
    {kind} process_item(self, item):
        Raising.number += 1
        if {when}:
            {act}
        return item
"""


_BROKEN = """
    def {head}:
        raise ArithmeticError("of the user")

    def process_item(self, item):
        return item
"""


def _pipeline(methods: str, *, may_leave: bool = False) -> Fault:
    def written(cell: Cell) -> Mapping[str, object]:
        (cell.folder / "raising.py").write_text(
            _PIPELINE.format(methods=methods.replace("LAST", str(len(cell.given.keys))))
        )
        return {"ITEM_PIPELINES": json.dumps({"raising.Raising": 500})}

    return Fault(codes={1, 3}, settings=written, may_leave=may_leave)


def _on(when: str, act: str = 'raise ArithmeticError("of the user")', kind: str = "def") -> Fault:
    return _pipeline(_NUMBERED.format(when=when, act=act, kind=kind))


def _method(head: str, *, may_leave: bool = False) -> Fault:
    return _pipeline(_BROKEN.format(head=head), may_leave=may_leave)


def _parser(error: type[BaseException], after: int = 0) -> Fault:
    def around(cell: Cell) -> AbstractContextManager[object]:
        return _raising(error, after)

    return Fault(codes={1}, around=around)


@contextmanager
def _raising(error: type[BaseException], after: int) -> Iterator[None]:
    sound, calls = Endpoint.read, iter(range(10**6))

    def read(*args: object) -> object:
        if next(calls) >= after:
            raise error("from a parser")
        return sound(*args)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Endpoint, "read", read)
        yield


def _file_in_place_of(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where a folder has to be")


@contextmanager
def _no_state(cell: Cell) -> Iterator[None]:
    _file_in_place_of(cell.folder / "state")
    yield


FAULTS: Mapping[str, Fault] = {
    "pipeline cannot be made": _method("__init__(self)", may_leave=True),
    "pipeline raises as it opens": _method("open_spider(self, spider)"),
    "pipeline raises on the first record": _on("Raising.number == 1"),
    "pipeline raises on one record": _on("Raising.number == 7"),
    "pipeline raises on the last record": _on("Raising.number == LAST"),
    "pipeline raises on each record": _on("True"),
    "pipeline raises RecursionError": _on("Raising.number % 3 == 1", 'raise RecursionError("of the user")'),
    "pipeline fails later": _on(
        "Raising.number % 3 == 1", 'raise await asyncio.sleep(0, KeyError("of the user"))', "async def"
    ),
    "pipeline is cancelled": _on("Raising.number % 3 == 1", "raise asyncio.CancelledError", "async def"),
    "pipeline exits": _on("Raising.number % 3 == 1", "raise SystemExit(0)"),
    "pipeline panics": _on("Raising.number % 3 == 1", 'raise type("Panic", (BaseException,), {})'),
    "pipeline ends a generator": _on("Raising.number % 3 == 1", "raise GeneratorExit", "async def"),
    "pipeline stops the crawl": _on("Raising.number == 7", 'raise CloseSpider("enough")'),
    "pipeline returns nothing": _on("Raising.number % 3 == 1", "return None"),
    "pipeline raises as it closes": _method("close_spider(self, spider)"),
    "parser: RecursionError": _parser(RecursionError),
    "parser: MemoryError": _parser(MemoryError),
    "parser: OverflowError": _parser(OverflowError),
    "parser: StopIteration": _parser(StopIteration),
    "parser: CancelledError": _parser(asyncio.CancelledError),
    "parser: SystemExit": _parser(SystemExit),
    "parser: GeneratorExit": _parser(GeneratorExit),
    "parser: KeyError after the first answer": _parser(KeyError, 1),
    "parser: RecursionError after some answers": _parser(RecursionError, 3),
    "no state": Fault(codes={7}, around=_no_state),
    "state replaced in mid crawl": Fault(
        codes={7}, around=at_request(1, lambda cell: _file_in_place_of(cell.folder / "state"))
    ),
    "state removed in mid crawl": Fault(
        codes={7}, around=at_request(1, lambda cell: shutil.rmtree(cell.folder / "state"))
    ),
    "bad configuration in mid crawl": Fault(
        codes=(), around=at_request(1, lambda cell: write_config(cell.folder, "cookie: [unclosed"))
    ),
    "no configuration in mid crawl": Fault(
        codes=(), around=at_request(1, lambda cell: shutil.rmtree(cell.folder / "config"))
    ),
}
