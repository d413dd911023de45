"""Write rows with one statement, which is compiled once."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Table, Text, bindparam, cast, column, func, select
from sqlalchemy.types import TypeEngine

from scraper.ledger.store import Statement, insert_for

Row = tuple[Any, ...]


class Upsert:
    """Inserts rows, or updates those that are there.

    PostgreSQL gets all rows as one JSON text: a statement for each costs several times as much.

    :param key: the columns of the primary key
    :param newer: makes the values of an update, from the columns as they are and as they come
    """

    def __init__(self, table: Table, names: Sequence[str], key: Sequence[str], newer: Any, dialect: Dialect):
        self._table, self._names, self._key, self._newer, self._dialect = table, names, key, newer, dialect
        self._is_json = dialect.name == "postgresql"
        self._key_places = [names.index(name) for name in key]
        self._raw = [place for place, name in enumerate(names) if not _is_scalar(table.c[name].type)]

    @cached_property
    def _statement(self) -> Statement:
        """The statement, compiled when the first row comes: most crawls write few kinds of records."""
        table, names = self._table, self._names
        insert = insert_for(self._dialect)(table)
        if self._is_json:
            kinds = {name: table.c[name].type for name in names}
            added = insert.from_select(names, _recordset(kinds), include_defaults=False)
        else:
            added = insert.values({name: bindparam(name) for name in names})
        newer = self._newer(table.c, added.excluded)
        upsert = added.on_conflict_do_update(index_elements=self._key, set_=newer)
        return Statement(upsert, ["rows"] if self._is_json else names, self._dialect)

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows; the last of several with the same key wins."""
        if not self._is_json:
            self._statement.run(connection, rows)
            return
        for distinct in self._distinct(rows):
            self._statement.run(connection, [(self._encoded(distinct),)])

    def _distinct(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Yield rows so that no key comes twice: a statement may not update a row again."""
        while rows:
            first: dict[Row, Row] = {}
            later = []
            for row in rows:
                if first.setdefault(tuple(row[place] for place in self._key_places), row) is not row:
                    later.append(row)
            yield list(first.values())
            rows = later

    def _encoded(self, rows: Sequence[Row]) -> str:
        made = []
        for row in rows:
            values = list(row)
            for place in self._raw:
                if values[place] is not None:
                    values[place] = msgspec.Raw(values[place].encode())
            made.append(dict(zip(self._names, values, strict=True)))
        return msgspec.json.encode(made).decode()


def _is_scalar(kind: TypeEngine[Any]) -> bool:
    return kind.__visit_name__ != "JSONB"


def _recordset(kinds: Mapping[str, TypeEngine[Any]]) -> Any:
    """Return a query of the rows in a JSON text."""
    from sqlalchemy.dialects.postgresql import JSONB  # it takes long, and only PostgreSQL needs it

    rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB))
    columns = [column(name, kind) for name, kind in kinds.items()]
    given = rows.table_valued(*columns, name="given").render_derived(name="given", with_types=True)
    return select(*(given.c[name] for name in kinds))
