"""All cells of the matrix: faults × outputs × inputs. Each night runs all, each day a fifteenth (FAULTS_SEED)."""

from __future__ import annotations

import os
import random
from collections.abc import Collection, Mapping

from tests.faults import output_faults, outside_faults, program_faults, server_faults
from tests.faults.cell import Fault
from tests.faults.inputs import INPUTS
from tests.faults.outputs import FILES, SERVERS, STORES
from tests.parts import IS_NIGHTLY

SEED = int(os.environ.get("FAULTS_SEED", "1"))
FAULTS: Mapping[str, Fault] = {
    "none": Fault(codes=()),
    **output_faults.FAULTS,
    **program_faults.FAULTS,
    **outside_faults.FAULTS,
}
_CELLS = [(fault, output, given) for fault in FAULTS for output in (*FILES, *STORES) for given in INPUTS]
_SERVER_CELLS = [
    (fault, output, given) for fault in server_faults.FAULTS for output in (*SERVERS, "jsonl") for given in INPUTS
]


def cells(outputs: Collection[str]) -> list[tuple[str, str, str]]:
    """Return the cells to run of some outputs: fault, output, input."""
    return [cell for cell in _chosen(_CELLS) if cell[1] in outputs]


def server_cells() -> list[tuple[str, str, str]]:
    """Return the cells to run with a database of a server, as the output or in addition to a file."""
    return _chosen(_SERVER_CELLS)


def _chosen(every: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return every if IS_NIGHTLY else random.Random(SEED).sample(every, len(every) // 15)
