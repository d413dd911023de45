"""All tables of the records, and how rows are written to them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, MetaData

from pipelines.snapshots import Snapshots, with_counters
from pipelines.tables import RecordTable
from scraper.ledger.layout import Layout, with_dates
from scraper.ledger.store import once_for_each_kind
from scraper.records import RECORDS


class Row(NamedTuple):
    """A row to write: the index of its item, its table, its values, and when it was fetched, in epoch seconds."""

    number: int
    table: RecordTable
    values: tuple[Any, ...]
    time: int


class Schema:
    """
    :ivar records: the tables of the record types, by name
    :ivar tables: all tables
    :ivar views: the definitions of the views, by name
    """

    def __init__(self, dialect: Dialect):
        self.tables = tables = MetaData()
        self.records = {name: RecordTable(record, tables, dialect) for name, record in RECORDS.items()}
        self._snapshots = Snapshots(tables, dialect, self.records.values())
        self.views = {f"v_{name}": with_dates(record.table, dialect.name) for name, record in self.records.items()}
        self.views["v_snapshot"] = with_counters(self.records.values(), dialect.name)
        self._layout = Layout("records", tables, self.views)

    def prepare(self, connection: Connection) -> None:
        """Create the tables, or bring them up to date.

        :raises DatabaseVersionError: if that is impossible
        """
        self._layout.prepare(connection)

    def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows, by table."""
        by_table: dict[str, list[Row]] = {}
        for row in rows:
            by_table.setdefault(row.table.table.name, []).append(row)
        for own in by_table.values():
            table, values = own[0].table, [row.values for row in own]
            self._snapshots.write(connection, table, values, [row.time for row in own])
            table.upsert.run(connection, values)


schema_of = once_for_each_kind(Schema)
