"""Remove a person from a database: from the tables of records, and from what a ledger keeps."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, MetaData, Table, and_, delete, inspect, select, tuple_, update

from scraper.forgetting.person import Person
from scraper.ledger.run import Run, finish_run, runs
from scraper.ledger.schema import (
    FAILURE,
    LIST,
    LIST_RUN,
    LOOKUP,
    MEDIA_FILE,
    MEDIA_POST,
    OWED_MEDIA,
    PAGE,
    REQUEST,
    RUN,
    SEEN,
    SHARED,
    WATCHED,
)
from scraper.ledger.schema import TABLES as LEDGER
from scraper.records import RECORDS
from scraper.records.definition import members

_REMOVED = (REQUEST, LIST, PAGE, SHARED, LOOKUP, LIST_RUN, FAILURE, WATCHED, SEEN, OWED_MEDIA, MEDIA_POST, MEDIA_FILE)
_POINTERS = ("key", "target", "post")
_OF_KEYS = ("snapshot",)
_OF_FLEET = ("fleet_target", "fleet_alarm")
_KEPT = ("progress", "feeds", "report", "folder")  # the paths of files
_AT_ONCE = 1_000


class Database:
    """
    :param connection: in a transaction that the caller commits
    :ivar removed: numbers of rows that were removed, by table
    :ivar changed: the same of rows that were changed
    """

    def __init__(self, connection: Connection):
        self._connection = connection
        there = {*inspect(connection).get_table_names()}
        self._ledger = [table for table in LEDGER.sorted_tables if table.name in there]
        known = MetaData()
        known.reflect(connection, only=[name for name in (*RECORDS, *_OF_KEYS, *_OF_FLEET) if name in there])
        self._fleet = [known.tables[name] for name in _OF_FLEET if name in there]
        self._records = [
            table for table in known.tables.values() if "key" in table.c and table not in self._fleet
        ]  # others are not ours
        self.removed: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self._files: set[tuple[str, str]] = set()

    def runs(self) -> list[Run]:
        """Return the runs that the ledger knows."""
        return runs(self._connection) if RUN in self._ledger else []

    def learn(self, person: Person) -> bool:
        """Take further ids of a person, and the keys of its records. Return whether there were further ids."""
        is_new = False
        for table in self._records:
            for row in self._rows(table) if table.name in RECORDS else ():
                if person.names(_text(row)):
                    is_new |= person.learn(record_of(table.name, row))
        return is_new

    def remove(self, person: Person) -> None:
        """Remove a person from the tables of records, from what the ledger keeps, and from the watch list.

        A worker that crawls a target which is removed writes nothing more.
        """
        for table in self._records:
            for row in self._rows(table):
                self._remove_from(table, row, person)
        for table in self._ledger:
            for row in self._rows(table):
                self._remove_from_ledger(table, row, person)
        for table in self._fleet:
            for row in self._rows(table):
                if person.names(_text(row)):
                    self._delete(table, row)

    def stores(self) -> set[str]:
        """Return the stores of the media files that the ledger knows."""
        if MEDIA_FILE not in self._ledger:
            return set()
        return {*self._connection.execute(select(MEDIA_FILE.c.store).distinct()).scalars()}

    def files(self) -> list[tuple[str, str]]:
        """Return store and path of the media files of which nothing is left, after `remove`."""
        columns = MEDIA_FILE.c

        def is_left(store: str, path: str) -> bool:
            query = select(columns.key).where(columns.store == store, columns.path == path).limit(1)
            return self._connection.execute(query).first() is not None

        return sorted(file for file in self._files if not is_left(*file))

    def finish(self, run: Run) -> None:
        """Have nothing of a run left to resume."""
        finish_run(self._connection, run)

    def note_positions(self, run: Run) -> None:
        """Note where the feeds of a run end now."""
        progress = msgspec.json.encode(run.progress).decode()
        self._connection.execute(update(RUN).where(RUN.c.run_id == run.run_id).values(progress=progress))

    def _remove_from(self, table: Table, row: Mapping[str, Any], person: Person) -> None:
        if table.name in _OF_KEYS:
            is_to_go = row["key"] in person.keys or person.names(row["key"])
        else:
            is_to_go = person.is_to_go(record_of(table.name, row))
        if is_to_go:
            self._delete(table, row)
        else:
            self._redact(table, row, person)

    def _remove_from_ledger(self, table: Table, row: Mapping[str, Any], person: Person) -> None:
        packed = any(isinstance(value, bytes) and person.is_in(value) for value in row.values())
        is_named = packed or person.names(_text(row)) or any(row.get(name) in person.keys for name in _POINTERS)
        if not is_named:
            return
        if table not in _REMOVED:
            self._redact(table, row, person)
            return
        self._delete(table, row)
        if table is MEDIA_FILE and row["path"]:
            self._files.add((row["store"], row["path"]))
        if table is WATCHED:
            self._connection.execute(delete(SEEN).where(SEEN.c.list == row["list"]))

    def _redact(self, table: Table, row: Mapping[str, Any], person: Person) -> None:
        """Remove a person from the texts of a row."""
        new = {}
        for column in table.columns:
            value = row[column.name]
            if column.primary_key or value is None or column.name in _KEPT or isinstance(value, bytes):
                continue
            after = _redacted(value, person)
            if after != value:
                new[column.name] = after
        if new:
            self.changed[table.name] += 1
            self._connection.execute(update(table).where(_is_row(table, row)).values(new))

    def _delete(self, table: Table, row: Mapping[str, Any]) -> None:
        self.removed[table.name] += self._connection.execute(delete(table).where(_is_row(table, row))).rowcount

    def _rows(self, table: Table) -> Iterator[Mapping[str, Any]]:
        """Yield the rows of a table, some at a time, in the order of their keys."""
        keys = [*table.primary_key.columns]
        last: tuple[Any, ...] | None = None
        while True:
            query = select(table).order_by(*keys).limit(_AT_ONCE)
            if last is not None:
                query = query.where(_is_after(keys, last))
            rows = self._connection.execute(query).mappings().all()
            yield from ({str(name): value for name, value in row.items()} for row in rows)
            if len(rows) < _AT_ONCE:
                return
            last = tuple(rows[-1][key.name] for key in keys)


def record_of(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row as the record that they were."""
    record: dict[str, Any] = {}
    for member in members(RECORDS[table]):
        if member.struct and not member.is_list:
            names = [inner.name for inner in members(member.struct)]
            record[member.name] = {name: row.get(f"{member.name}_{name}") for name in names}
        else:
            record[member.name] = row.get(member.name)
    record["meta"] |= {"key": row["key"], "record_type": table}
    data = row.get("data") or {}
    for path, value in (msgspec.json.decode(data) if isinstance(data, str) else data).items():
        *objects, name = path.split(".")
        place = record
        for part in objects:
            place = place.setdefault(part, {}) or {}
        place[name] = value
    return record


def _redacted(value: Any, person: Person) -> Any:
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            parsed = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return person.redacted_text(value)
        after = person.redacted(parsed)
        return value if after == parsed else msgspec.json.encode(after).decode()
    return person.redacted(value)


def _text(row: Mapping[str, Any]) -> str:
    return "\n".join(str(value) for value in row.values() if value is not None and not isinstance(value, bytes))


def _is_row(table: Table, row: Mapping[str, Any]) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key.columns))


def _is_after(keys: Collection[Column[Any]], last: tuple[Any, ...]) -> Any:
    return tuple_(*keys) > tuple_(*last)


def compact(connection: Connection) -> str:
    """Have an SQLite file without the rests of rows that were deleted, and return why it is not, "" if it is.

    A server does so by itself.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        return ""
    try:
        raw.execute("VACUUM")
        is_busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return "another program reads it" if is_busy else ""
