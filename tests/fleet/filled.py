"""Rows of the fleet's tables, as its workers leave them."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, insert

from scraper.fleet.database import FleetDatabase, present
from scraper.fleet.schema import ALARM, COUNT, IDENTITY, TABLES, TARGET, WORKER, layout
from scraper.ledger.schema import TABLES as LEDGER_TABLES
from scraper.ledger.schema import layout as ledger_layout
from tests.postgres import shared

_NUMBERS = count(1)
LINK = "https://space.bilibili.com/{}"


class Fleet:
    """A database with the tables of the fleet and of the ledger. Times are seconds from now."""

    def __init__(self, url: str):
        self.url, self.database = url, FleetDatabase(url)
        self.database.do(self._prepare)
        self.now = self.database.do(present)

    def _prepare(self, connection: Connection) -> None:
        ledger_layout("postgresql").prepare(connection)
        layout("postgresql").prepare(connection)

    def clear(self) -> None:
        """Remove all rows."""
        tables = [*TABLES.sorted_tables, *reversed(LEDGER_TABLES.sorted_tables)]
        delete = "; ".join(f"DELETE FROM {table.name}" for table in tables)  # of few rows faster than TRUNCATE
        self.database.do(lambda connection: connection.exec_driver_sql(delete))
        self.now = self.database.do(present)

    def add(self, table: Table, *rows: dict[str, Any]) -> None:
        """Add rows, of which `*_time` are seconds from now."""
        self.database.do(lambda connection: connection.execute(insert(table), [self._row(row) for row in rows]))

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self.now + value if name.endswith("_time") and value is not None else value
            for name, value in row.items()
        }

    def worker(self, name: str, **values: Any) -> None:
        """Add a worker that is alive."""
        row = {
            "worker": name, "host": "host-1", "process": 7, "concurrency": 4, "started_time": -100, "seen_time": -1,
            "expires_time": 300, "ended_time": None, "running": 0, "finished": 0, "requests": 0,
        }  # fmt: skip
        self.add(WORKER, row | values)

    def target(self, **values: Any) -> str:
        """Add a target that is crawled every hour, and was complete half an hour ago. Return its link."""
        number = next(_NUMBERS)
        row = {column.name: None for column in TARGET.columns if column.name != "target_id"} | {
            "key": number, "spider": "bilibili", "link": LINK.format(number), "arguments": "{}", "priority": 0,
            "every": 3600, "added_time": -9000, "due_time": 1800, "expected_time": 1800, "lease": 1,
            "completed_time": -1800, "stopped": "end", "exit_code": 0, "attempts": 0,
        }  # fmt: skip
        self.add(TARGET, row | values)
        return str((row | values)["link"])

    def identity(self, name: str, **values: Any) -> None:
        """Add an identity that nobody uses."""
        row = {column.name: None for column in IDENTITY.columns} | {
            "identity": f"hash-{name}", "service": "bilibili_web", "name": name, "lease": 0, "next_time": 0, "sent": 0,
            "login": True, "stops": 0,
        }  # fmt: skip
        self.add(IDENTITY, row | values)

    def counted(self, part: str, source: str, ago: int = 0, worker: str = "w", **numbers: int) -> None:
        """Add numbers that a worker counted some seconds ago."""
        span = int(self.now - ago) // 600 * 600
        key = {"worker": worker, "part": part, "source": source, "time": span}
        rows = [{**key, "name": name, "number": number} for name, number in numbers.items()]
        self.database.do(lambda connection: connection.execute(insert(COUNT), rows))

    def alarm(self, monitor: str, subject: str, **values: Any) -> None:
        """Add an alarm that is on."""
        self.add(ALARM, {"monitor": monitor, "subject": subject, "message": "m", "since_time": -60} | values)


@cache
def _made() -> Fleet:
    return Fleet(shared().new_database())


def empty_fleet() -> Fleet:
    """Return a fleet without rows, of which a process has one."""
    fleet = _made()
    fleet.clear()
    return fleet
