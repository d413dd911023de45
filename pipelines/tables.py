"""The tables of a database, generated from the record definitions.

What people filter and join by has a column of its own: the fields of the record itself, the counters, and of the
objects in it what names them. The column `data` is one JSON object with the rest: `data ->> 'flags_pinned'`, in SQLite
and in PostgreSQL. Since it is flat, a newer value replaces an older one, and null nothing.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Literal, NamedTuple, get_origin

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Dialect, Double, Index, MetaData, Table, Text, case, func
from sqlalchemy.types import TypeEngine

from pipelines.writing import Upsert
from scraper.records import Record
from scraper.records.definition import members

KEY, DATA = "key", "data"
_TYPES: dict[Any, type[TypeEngine[Any]]] = {int: BigInteger, bool: Boolean, float: Double, str: Text}
_NAMING = ("uid", "sec_uid", "unique_id", "nickname", "music_id", "id", "room_id")  # of objects within a record
_OF_META = ("platform", "fetched_at", "run_id", "router", "target", "partial")
_JSON = (("meta", "tags"), ("meta", "missing"), ("meta", "approximate"))
_KEPT_IF_PARTIAL = ("meta_partial", "meta_missing", "meta_approximate")
_JOINED = ("video_id", "author_uid", "author_sec_uid", "uid", "sec_uid", "create_time", "item_key", "src_key",
           "dst_key", "room_id", "part_cid", "music_music_id", "mix_id", "parent_id")  # fmt: skip
_NO_HISTORY = ("danmaku", "listing", "placement", "edge")  # too many, or of one moment


class Field(NamedTuple):
    """A value of a record that is not an object.

    :ivar path: the attribute names that lead to it
    :ivar optional: how many of these names lead to the innermost object that may be missing, 0 if none may
    :ivar type: None if it is stored in `data`
    """

    path: tuple[str, ...]
    optional: int
    type: type[TypeEngine[Any]] | None
    is_dict: bool
    unit: str

    @property
    def is_counter(self) -> bool:
        """Whether it counts something that changes with time."""
        return self.path[0] == "statistics" or (len(self.path) == 1 and self.unit == "count")

    @property
    def is_json_column(self) -> bool:
        """Whether it has a column of its own that holds JSON."""
        return self.path in _JSON

    @property
    def column(self) -> str:
        """The name of its column."""
        return KEY if self.path == ("meta", "key") else "_".join(self.path)


def fields(struct: type[msgspec.Struct], path: tuple[str, ...] = (), optional: int = 0) -> Iterator[Field]:
    """Yield the fields of a record, including those of its nested objects."""
    for member in members(struct):
        here = (*path, member.name)
        if member.struct and not member.is_list:
            yield from fields(member.struct, here, len(here) if member.is_nullable else optional)
        else:
            yield Field(here, optional, _column_type(here, member.kind), get_origin(member.kind) is dict, member.unit)


def _column_type(path: tuple[str, ...], kind: Any) -> type[TypeEngine[Any]] | None:
    scalar = Text if get_origin(kind) is Literal else _TYPES.get(kind)
    if len(path) == 1 or path == ("meta", "key") or path[0] == "statistics":
        return scalar
    if path[0] == "meta":
        return scalar if path[1] in _OF_META else None
    return scalar if len(path) == 2 and path[1] in _NAMING else None


class Reader:
    """Reads the values of some fields of a record.

    :param fields: in the order that `ordered` returns
    """

    def __init__(self, fields: Sequence[Field]):
        self._required = _getter([field for field in fields if not field.optional], 0)
        self._groups = []
        for prefix in dict.fromkeys(field.path[: field.optional] for field in fields if field.optional):
            members = [field for field in fields if field.path[: field.optional] == prefix and field.optional]
            within = _getter(members, len(prefix))
            self._groups.append((attrgetter(prefix[0]), prefix[1:], within, (None,) * len(members)))

    @staticmethod
    def ordered(fields: Sequence[Field]) -> list[Field]:
        """Return fields in the order in which their values come."""
        return sorted(fields, key=lambda field: field.path[: field.optional])

    def values(self, record: Record) -> tuple[Any, ...]:
        """Return the values of the fields."""
        values: tuple[Any, ...] = self._required(record)
        for first, further, within, missing in self._groups:
            owner = first(record)
            for name in further:
                owner = owner and getattr(owner, name)
            values += missing if owner is None else within(owner)
        return values


def _getter(fields: Sequence[Field], skipped: int) -> Any:
    names = [".".join(field.path[skipped:]) for field in fields]
    if not names:
        return lambda owner: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda owner: (get(owner),)


class RecordTable:
    """The table of one record type.

    :ivar counters: the places of the counters in a row, by their names
    """

    def __init__(self, record: type[Record], tables: MetaData, dialect: Dialect):
        every = Reader.ordered([*fields(record)])
        own = [field for field in every if field.type or field.is_json_column]
        rest = [field for field in every if field not in own]
        self._own, self._rest = Reader(own), Reader(rest)
        names = ["_".join(field.path) for field in rest]
        self._dicts = [(number, names[number]) for number, field in enumerate(rest) if field.is_dict]
        data = [(name, Any, None) for name in names]
        self._data = msgspec.defstruct("Data", data, omit_defaults=True, gc=False)  # it leaves out nulls while encoding
        self._json = [number for number, field in enumerate(own) if field.is_json_column]
        self.names = [*(field.column for field in own), DATA]
        self.key = self.names.index(KEY)
        counters = enumerate(own) if record.record_type not in _NO_HISTORY else ()
        self.counters = {field.path[-1]: number for number, field in counters if field.is_counter}
        json = json_type(dialect)
        columns = [Column(field.column, field.type or json, primary_key=field.column == KEY) for field in own]
        self.table = Table(record.record_type, tables, *columns, Column(DATA, json, nullable=False))
        for name in _JOINED:
            if name in self.table.c:
                Index(f"{self.table.name}_{name}", self.table.c[name])
        newer = partial(self._newer, is_sqlite=dialect.name == "sqlite")
        self.upsert = Upsert(self.table, self.names, [KEY], newer, dialect)

    def row(self, record: Record) -> tuple[Any, ...]:
        """Return the values of a record in the order of the names."""
        values = list(self._own.values(record))
        for place in self._json:
            if values[place]:
                values[place] = msgspec.json.encode(values[place]).decode()
            elif values[place] is not None:
                values[place] = "[]" if isinstance(values[place], list) else "{}"
        values.append(self._rest_of(record))
        return tuple(values)

    def _rest_of(self, record: Record) -> str:
        """Return what has no column as a JSON object. An object of free form becomes part of it."""
        values = self._rest.values(record)
        free: dict[str, Any] = {}
        for place, name in self._dicts:
            if values[place] is not None:
                free.update((f"{name}_{key}", part) for key, part in values[place].items() if part is not None)
                values = (*values[:place], None, *values[place + 1 :])
        encoded = msgspec.json.encode(self._data(*values))
        if free:
            encoded = encoded[:-1] + (b"," if len(encoded) > 2 else b"") + msgspec.json.encode(free)[1:]
        return encoded.decode()

    def _newer(self, old: Any, new: Any, *, is_sqlite: bool) -> dict[str, Any]:
        """Return the values of a row that is updated. Null overwrites nothing."""
        newer: dict[str, Any] = {name: func.coalesce(new[name], old[name]) for name in self.names if name != KEY}
        newer[DATA] = func.json_patch(old.data, new.data) if is_sqlite else old.data.op("||")(new.data)
        is_thinner = new.meta_partial & ~old.meta_partial
        for name in _KEPT_IF_PARTIAL:
            newer[name] = case((is_thinner, old[name]), else_=new[name])
        return newer


def json_type(dialect: Dialect) -> TypeEngine[Any]:
    """Return the type of a column with a JSON object."""
    if dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import JSONB  # it takes long, and only PostgreSQL needs it

        return JSONB()
    return Text()
