"""Counters over time: a row of `snapshot` for each record whose counters changed, or once a day if they did not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Connection, Dialect, MetaData, Table, Text

from pipelines.tables import RecordTable, json_type
from pipelines.writing import Upsert

_DAY_S = 86_400 - 600  # a crawl that runs daily is never exact
_NAMES = ("key", "time", "run_id", "counts")
_IN = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}
Known = tuple[int | None, list[int | None]]
"""When the counters of a record were last written, and what is known of them."""


class Snapshots:
    """The table `snapshot`. The last counters are read from the tables of the records, before these are written."""

    def __init__(self, tables: MetaData, dialect: Dialect, records: Iterable[RecordTable]):
        counts = Column("counts", json_type(dialect), nullable=False)  # those that were seen
        key = Column("key", Text, primary_key=True)
        self._is_sqlite = dialect.name == "sqlite"
        time, run = Column("time", BigInteger, primary_key=True), Column("run_id", Text)
        self.table = Table("snapshot", tables, key, time, run, counts, sqlite_with_rowid=False)
        self._add = Upsert(self.table, _NAMES, ["key", "time"], _newer, dialect)
        self._of = {table.table.name: _query(table, dialect.name) for table in records if table.counters}

    def write(
        self, connection: Connection, table: RecordTable, rows: Sequence[tuple[Any, ...]], times: Sequence[int]
    ) -> None:
        """Add what is new in some rows.

        :param times: when each was fetched, in epoch seconds
        """
        if not table.counters:
            return
        known = self._known(connection, table, [row[table.key] for row in rows])
        run, names, new = table.names.index("meta_run_id"), [*table.counters], []
        for row, time in zip(rows, times, strict=True):
            key, counts = row[table.key], [row[place] for place in table.counters.values()]
            last, before = known.get(key, (None, counts))
            merged = counts if counts == before else _merged(counts, before)
            is_due = last is None or merged != before or time - last >= _DAY_S
            seen = {name: count for name, count in zip(names, counts, strict=True) if count is not None and is_due}
            if seen:
                new.append((key, time, row[run], msgspec.json.encode(seen).decode()))
                last = time
            known[key] = (last, merged)
        self._add.run(connection, new)

    def _known(self, connection: Connection, table: RecordTable, keys: list[str]) -> dict[str, Known]:
        asked: object = msgspec.json.encode(keys).decode() if self._is_sqlite else keys
        rows = connection.exec_driver_sql(self._of[table.table.name], (asked,))
        return {row[0]: (row[1], list(row[2:])) for row in rows}


def _merged(now: list[int | None], before: list[int | None]) -> list[int | None]:
    return [then if count is None else count for count, then in zip(now, before, strict=True)]


def _newer(old: Any, new: Any) -> dict[str, Any]:
    return {"run_id": new.run_id, "counts": new.counts}


def _query(table: RecordTable, dialect: str) -> str:
    name = table.table.name
    counters = ", ".join(f'"{table.names[place]}"' for place in table.counters.values())
    last = f'(SELECT max(time) FROM snapshot WHERE snapshot.key = "{name}".key)'
    return f'SELECT key, {last}, {counters} FROM "{name}" WHERE key {_IN[dialect]}'


def with_counters(tables: Iterable[RecordTable], dialect: str) -> str:
    """Return the definition of a view of the snapshots with a date and a column for each counter."""
    date = {"sqlite": "datetime(time, 'unixepoch')", "postgresql": "to_timestamp(time)"}[dialect]
    number = {"sqlite": "counts ->> '{0}'", "postgresql": "(counts ->> '{0}')::bigint"}[dialect]
    names: Mapping[str, None] = dict.fromkeys(name for table in tables for name in table.counters)
    counters = [f'{number.format(name)} AS "{name}"' for name in names]
    return ", ".join(["SELECT key, time", f'{date} AS "date"', "run_id", *counters]) + " FROM snapshot"
