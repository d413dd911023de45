"""Faults × files × inputs: nothing is lost without a word, and no output holds half a row, one twice, or another's.

`make nightly PART=faults` runs every cell, `make test` a fifteenth of them.
"""

from pathlib import Path

import pytest

from tests.faults.cell import run
from tests.faults.matrix import FAULTS, cells
from tests.faults.outputs import FILES


@pytest.mark.parametrize(("fault", "output", "given"), cells(FILES))
def test_nothing_is_lost_without_a_word(fault: str, output: str, given: str, tmp_path: Path) -> None:
    run(FAULTS[fault], output, given, tmp_path)
