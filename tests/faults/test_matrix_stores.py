"""The same as `test_matrix` for a bucket and a database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cell import run
from tests.faults.matrix import FAULTS, cells
from tests.faults.outputs import STORES, Store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.running() as running:
        yield running


@pytest.mark.parametrize(("fault", "output", "given"), cells(STORES))
def test_nothing_is_lost_without_a_word(fault: str, output: str, given: str, tmp_path: Path, store: Store) -> None:
    run(FAULTS[fault], output, given, tmp_path, store)
