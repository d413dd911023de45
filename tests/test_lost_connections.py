"""A connection to PostgreSQL that is lost: nothing of it stays open."""

from __future__ import annotations

import gc
import warnings

import pytest
from sqlalchemy.exc import OperationalError

from scraper.ledger.backends import backend_of
from tests.postgres import Server


@pytest.mark.parametrize("read", [0, 1])
def test_no_cursor_stays_open(postgres: Server, read: int) -> None:
    url = postgres.new_database()
    connection = backend_of(url).connect(writes=False).execution_options(yield_per=10)
    connection.exec_driver_sql("SELECT 1").close()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        rows = connection.exec_driver_sql("SELECT generate_series(1, 5000)") if read else None
        postgres.cut(url.rpartition("/")[2])
        with pytest.raises(OperationalError):
            _ = rows.all() if rows else connection.exec_driver_sql("SELECT generate_series(1, 5000)")
        del rows
        connection.close()
        gc.collect()
    assert [str(warning.message) for warning in warned] == []
