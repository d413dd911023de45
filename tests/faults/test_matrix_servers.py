"""The same as `test_matrix` for a PostgreSQL server, whose database is the output, or one in addition to a file."""

from pathlib import Path

import pytest

from tests.faults.cell import run
from tests.faults.matrix import server_cells
from tests.faults.outputs import Database
from tests.faults.server_faults import FAULTS
from tests.postgres import Server


@pytest.mark.parametrize(("fault", "output", "given"), server_cells())
def test_nothing_is_lost_without_a_word(fault: str, output: str, given: str, tmp_path: Path, postgres: Server) -> None:
    run(FAULTS[fault], output, given, tmp_path, database=Database(postgres))
