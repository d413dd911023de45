"""The layout of a database: its version, the tables that it must have, and the steps from older versions.

A part of a database is the ledger or the records. A database that an older program made is brought up to date in one
transaction before it is written: first by the steps of the versions since then, which rename and convert, then by
adding the tables, columns and indexes that are missing. Both databases undo all of that if something fails.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateColumn

from scraper.inputs.hashing import hash64
from scraper.ledger.store import insert_for

VERSION = 2
"""Of the tables."""
FIRST_VERSION = 2
"""The first that was released: databases of an older one are refused."""
STEPS: Mapping[str, Mapping[int, Callable[[Connection], None]]] = {}
"""By part: what makes of a database of this version one of the next."""
_VERSIONS = Table(
    "schema_version",
    MetaData(),
    Column("part", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("definition", Text, nullable=False),  # a hash of the tables, columns and indexes
)


class DatabaseVersionError(SQLAlchemyError):
    """A database has tables of another version."""


class Layout:
    """
    :param part: the name of the part
    :param tables: those that it must have
    :param views: their definitions by name, which begin with SELECT
    """

    def __init__(self, part: str, tables: MetaData, views: Mapping[str, str]):
        self._part, self._tables, self._views = part, tables, views

    def prepare(self, connection: Connection) -> None:
        """Create the tables, or bring them up to date.

        :raises DatabaseVersionError: if that is impossible
        """
        there, version, definition = self._found(connection)
        wanted = self._definition
        if (version, definition) == (VERSION, wanted) and there.issuperset(self._tables.tables):
            return
        for number in range(version or VERSION, VERSION):
            STEPS[self._part][number](connection)
        for name in self._views:
            connection.exec_driver_sql(f'DROP VIEW IF EXISTS "{name}"')
        self._complete(connection)
        for name, select_ in self._views.items():
            connection.exec_driver_sql(f'CREATE VIEW "{name}" AS {select_}')
        _VERSIONS.create(connection, checkfirst=True)
        row = {"part": self._part, "version": VERSION, "definition": wanted}
        added = insert_for(connection.dialect)(_VERSIONS).values(row)
        connection.execute(added.on_conflict_do_update(index_elements=["part"], set_=row))

    def check(self, connection: Connection) -> bool:
        """Return whether there is something to read.

        :raises DatabaseVersionError: if it has another version
        """
        there, version, _ = self._found(connection)
        if version is not None and version < VERSION:
            raise DatabaseVersionError(
                f"it was made by an older program (version {version} of its tables; this program has {VERSION}):"
                " the next crawl that writes to it brings it up to date"
            )
        return not there.isdisjoint(self._tables.tables)

    def _found(self, connection: Connection) -> tuple[set[str], int | None, str]:
        """Return the names of all tables, and the version and the definition of this part."""
        there = set(inspect(connection).get_table_names())
        row = None
        if _VERSIONS.name in there:
            row = connection.execute(select(_VERSIONS).filter_by(part=self._part)).first()
        if (row is None or row.version < FIRST_VERSION) and (old := sorted(there & self._tables.tables.keys())):
            raise DatabaseVersionError(
                f"it has tables of another program, or of version 1 of this one, such as `{old[0]}`: name a database"
                " that is new or empty"
            )
        if row is not None and row.version > VERSION:
            raise DatabaseVersionError(
                f"it was made by a newer program (version {row.version} of its tables; this program has {VERSION}):"
                " update this program"
            )
        return (there, row.version, row.definition) if row else (there, None, "")

    @cached_property
    def _definition(self) -> str:
        """Return a hash of everything that the tables and views consist of."""
        parts: list[Any] = [sorted(self._views.items())]
        for table in self._tables.sorted_tables:
            columns = [(column.name, repr(column.type), column.nullable) for column in table.columns]
            indexes = sorted(str(index.name) for index in table.indexes)
            parts.append((table.name, columns, [*table.primary_key.columns.keys()], indexes))
        return f"{hash64(repr(parts)):016x}"

    def _complete(self, connection: Connection) -> None:
        """Add the tables, columns and indexes that are missing."""
        inspector = inspect(connection)
        there = set(inspector.get_table_names())
        for table in self._tables.sorted_tables:
            if table.name not in there:
                table.create(connection, checkfirst=False)
                continue
            known = {column["name"] for column in inspector.get_columns(table.name)}
            for column in table.columns:
                if column.name not in known:
                    declared = CreateColumn(column).compile(dialect=connection.dialect)
                    connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN {declared}')
            if inspector.get_pk_constraint(table.name)["constrained_columns"] != table.primary_key.columns.keys():
                _rebuild(connection, table)
                continue
            indexes = {index["name"] for index in inspector.get_indexes(table.name)}
            for index in table.indexes:
                if index.name not in indexes:
                    index.create(connection, checkfirst=False)


def _rebuild(connection: Connection, table: Table) -> None:
    """Make a table anew, since it has another primary key now, which databases cannot change."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    before = f"{table.name}_before"
    connection.exec_driver_sql(f'CREATE TABLE "{before}" AS SELECT {columns} FROM "{table.name}"')
    connection.exec_driver_sql(f'DROP TABLE "{table.name}"')
    table.create(connection, checkfirst=False)
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) SELECT {columns} FROM "{before}"')
    connection.exec_driver_sql(f'DROP TABLE "{before}"')


_DATES = {"sqlite": "datetime(\"{}\", 'unixepoch')", "postgresql": 'to_timestamp("{}")'}


def with_dates(table: Table, dialect: str) -> str:
    """Return the definition of a view of a table, with a readable date in UTC for each time."""
    times = [column.name for column in table.columns if column.name.endswith("_time")]
    dates = [f'{_DATES[dialect].format(name)} AS "{name.removesuffix("_time")}_date"' for name in times]
    return ", ".join(["SELECT *", *dates]) + f' FROM "{table.name}"'
