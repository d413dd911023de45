"""Database tables generated from the record definitions.

A nested object becomes columns prefixed with its name (`statistics_play_count`); lists and free-form objects are
stored as JSON; `meta.key` becomes the primary key `key`.
"""

import sqlite3
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec

from scraper.records import RECORDS, Record

_TYPES = {int: "INTEGER", bool: "INTEGER", float: "REAL", str: "TEXT"}
_KEPT_IF_PARTIAL = ("meta_partial", "meta_missing", "meta_approximate")


class Column(NamedTuple):
    """
    :param path: the attribute names that lead to the value
    :param json: whether the value is stored as JSON
    :param merged: whether it is a free-form object, which is merged key by key
    """

    name: str
    path: tuple[str, ...]
    type: str
    json: bool
    merged: bool


def _plain(annotation: Any) -> Any:
    """Return an annotation without None; `object` for a union of several types."""
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
        return kinds[0] if len(kinds) == 1 else object
    return annotation


def columns(struct: type[msgspec.Struct], path: tuple[str, ...] = ()) -> Iterator[Column]:
    """Yield the columns of a record, including those of its nested objects."""
    for field in msgspec.structs.fields(struct):
        kind, here = _plain(field.type), (*path, field.name)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from columns(kind, here)
            continue
        name = "key" if here == ("meta", "key") else "_".join(here)
        plain = _TYPES.get(kind) or (
            "TEXT" if get_origin(kind) not in (list, dict) and not isinstance(kind, type) else None
        )
        yield Column(name, here, plain or "TEXT", plain is None, get_origin(kind) is dict)


class Table:
    """The table of one record type."""

    def __init__(self, record: type[Record]):
        self.name = record.record_type
        self.columns = list(columns(record))
        names = ", ".join(f'"{column.name}"' for column in self.columns)
        places = ", ".join("?" * len(self.columns))
        updates = ", ".join(
            f'"{column.name}" = {self._newer(column)}' for column in self.columns if column.name != "key"
        )
        self.upsert = (
            f'INSERT INTO "{self.name}" ({names}) VALUES ({places}) ON CONFLICT ("key") DO UPDATE SET {updates}'
        )

    def _newer(self, column: Column) -> str:
        """Return the SQL expression for the updated value of a column."""
        new, old = f'excluded."{column.name}"', f'"{self.name}"."{column.name}"'
        if column.name in _KEPT_IF_PARTIAL:
            return f'CASE WHEN excluded."meta_partial" AND NOT "{self.name}"."meta_partial" THEN {old} ELSE {new} END'
        if column.merged:
            either = f"COALESCE({new}, {old})"
            return f"CASE WHEN {old} IS NULL OR {new} IS NULL THEN {either} ELSE json_patch({old}, {new}) END"
        return f"COALESCE({new}, {old})"

    def create(self, connection: sqlite3.Connection) -> None:
        """Create the table if it is missing, and add the columns that a table from an older version lacks."""
        declared = ", ".join(
            f'"{column.name}" {column.type}{" PRIMARY KEY" if column.name == "key" else ""}' for column in self.columns
        )
        connection.execute(f'CREATE TABLE IF NOT EXISTS "{self.name}" ({declared})')
        existing = {row[1] for row in connection.execute(f'PRAGMA table_info("{self.name}")')}
        for column in self.columns:
            if column.name not in existing:
                connection.execute(f'ALTER TABLE "{self.name}" ADD COLUMN "{column.name}" {column.type}')

    def row(self, record: Record) -> tuple[object, ...]:
        """Return a record's values in the order of the columns."""
        return tuple(self._value(record, column) for column in self.columns)

    def _value(self, record: Record, column: Column) -> object:
        value: Any = record
        for name in column.path:
            value = getattr(value, name)
            if value is None:
                return None
        return msgspec.json.encode(value).decode() if column.json else value


def tables() -> dict[str, Table]:
    """Return the tables of all record types, by name."""
    return {name: Table(record) for name, record in RECORDS.items()}
