"""A database with the tables of a fleet, and rows for its tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from scraper.fleet.database import present
from scraper.fleet.membership import end_expired
from scraper.fleet.schema import TABLES, TARGET, WORKER, layout
from scraper.ledger.backends import PostgresServer
from scraper.ledger.schema import layout as ledger_layout


class Rows:
    """One connection to the database of a fleet. Each call is a transaction."""

    def __init__(self, url: str):
        self.url = url
        self.connection = PostgresServer(url).connect(writes=False)
        for tables in (ledger_layout, layout):
            self.run(tables("postgresql").prepare)

    def run(self, work: Any, *values: Any, **named: Any) -> Any:
        """Call a function with the connection in a transaction of its own."""
        with self.connection.begin():
            return work(self.connection, *values, **named)

    @property
    def now(self) -> float:
        """The time of the database."""
        return float(self.run(present))

    def clear(self) -> None:
        """Remove all rows."""
        self.sql(f"TRUNCATE {', '.join(TABLES.tables)} RESTART IDENTITY")

    def worker(self, name: str = "one", lasts_s: float = 30.0) -> str:
        """Add a worker whose leases last for some time. A negative one makes it dead."""
        now = self.now
        row = {"worker": name, "host": "here", "process": 1, "concurrency": 1, "started_time": now, "seen_time": now}
        row |= {"expires_time": now + lasts_s, "running": 0, "finished": 0, "requests": 0}
        self.run(lambda connection: connection.execute(insert(WORKER).values(row)))
        return name

    def bury(self, name: str) -> None:
        """Let the lease of a worker expire, as if it had not been seen for long, and end it."""
        change = update(WORKER).where(WORKER.c.worker == name).values(expires_time=0.0)
        self.run(lambda connection: connection.execute(change))
        self.run(end_expired)

    def target(self, number: int = 1, due_s: float | None = 0.0, **values: Any) -> int:
        """Add a target that is due after some seconds, None for never. Return its id."""
        row = {"key": number, "spider": "toys", "link": f"toy{number}", "arguments": f'{{"url":"toy{number}"}}'}
        now = self.now
        row |= {"priority": 0, "added_time": now, "due_time": None if due_s is None else now + due_s}
        row |= {"lease": 0, "attempts": 0, **values}
        added = insert(TARGET).values(row).returning(TARGET.c.target_id)
        return int(self.run(lambda connection: connection.execute(added).scalar_one()))

    def get(self, target_id: int) -> Any:
        """Return the row of a target."""
        query = select(TARGET).where(TARGET.c.target_id == target_id)
        return self.run(lambda connection: connection.execute(query).one())

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement, and return its rows."""

        def work(connection: Connection) -> list[Any]:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

        return list(self.run(work))


@contextmanager
def rows_of(url: str) -> Iterator[Rows]:
    """Make the tables of a fleet."""
    rows = Rows(url)
    try:
        yield rows
    finally:
        rows.connection.close()
