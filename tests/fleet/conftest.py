"""What tests of the fleet share. The folder `clock` is left out: it changes the process that imports it."""

from collections.abc import Iterator

import pytest

from tests.fleet.rows import Rows, rows_of
from tests.postgres import Server

collect_ignore = ["clock"]


@pytest.fixture(scope="module")
def database(postgres: Server) -> Iterator[Rows]:
    """A database with the tables of a fleet."""
    with rows_of(postgres.new_database()) as made:
        yield made


@pytest.fixture
def rows(database: Rows) -> Rows:
    """The same without rows."""
    database.clear()
    return database
