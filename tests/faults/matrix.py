"""All cells of the matrix: faults × outputs × inputs. Each night runs all, each day a tenth, chosen by FAULTS_SEED."""

from __future__ import annotations

import os
import random
from collections.abc import Collection, Mapping

from tests.faults import output_faults, outside_faults, program_faults
from tests.faults.cell import Fault
from tests.faults.inputs import INPUTS
from tests.faults.outputs import FILES, STORES
from tests.parts import IS_NIGHTLY

SEED = int(os.environ.get("FAULTS_SEED", "1"))
FAULTS: Mapping[str, Fault] = {
    "none": Fault(codes=()),
    **output_faults.FAULTS,
    **program_faults.FAULTS,
    **outside_faults.FAULTS,
}
_CELLS = [(fault, output, given) for fault in FAULTS for output in (*FILES, *STORES) for given in INPUTS]
_CHOSEN = _CELLS if IS_NIGHTLY else random.Random(SEED).sample(_CELLS, len(_CELLS) // 10)


def cells(outputs: Collection[str]) -> list[tuple[str, str, str]]:
    """The cells to run of some outputs: fault, output, input."""
    return [cell for cell in _CHOSEN if cell[1] in outputs]
