"""Declare what is read of an answer, and decode just that.

A `Shape` is a JSON object of a platform. Its fields are what the parsers read; everything else is skipped while
decoding. An answer that fits its declaration is decoded in one step. In one that does not, each field of another type
is converted by the function that its type names (see `scraper.responses.values`), or becomes None; the others stay.

>>> class Counts(Shape):
...     digg_count: Count = None
...     play_count: Count = None
>>> shaped(Counts, {"digg_count": "1.2万", "play_count": {}, "unknown": 1})
(Counts(digg_count=12000, play_count=None), ['play_count'])
"""

from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType

from scraper.responses.values import LARGEST, count, dig, flag, ident, integer, text

S = TypeVar("S", bound="Shape")
Read = Callable[[Any, str, list[str]], Any]
"""Converts a value of any type: takes it, its path, and the list of paths to add to if it cannot be converted."""

Count = Annotated[Annotated[int, Meta(ge=0, le=LARGEST)] | None, count]
RoundedCount = Annotated[
    Annotated[int, Meta(ge=0, le=LARGEST)] | str | None,
    lambda value: value if isinstance(value, str) else count(value),
]
"""A count that the platform may round and write as a text, such as "1.2万". Read it with `values.count`."""
Integer = Annotated[Annotated[int, Meta(ge=-LARGEST, le=LARGEST)] | None, integer]
Flag = Annotated[bool | None, flag]
Text = Annotated[str | None, text]
String = Annotated[str | None, lambda value: value if isinstance(value, str) else None]
"""A text that may be empty."""
Ident = Annotated[str | int | None, ident]
"""An id as the platform writes it. Read it with `values.ident`, since 0 means that there is none."""
Texts = Annotated[list[str] | None, lambda value: _texts(value)]
"""A list of texts; entries of other types are left out."""


class Shape(msgspec.Struct, kw_only=True, gc=False):
    """A JSON object of a platform, with the fields that are read.

    Fields have a default, since any may be missing. `UNSET` tells a missing field from null.
    """

    @classmethod
    def renamed(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Return an object that another surface of the platform writes differently, in this shape's names."""
        return raw


class AnswerShape(Shape):
    """A whole answer: its code and its cursor, as any type, and its rows.

    :cvar rows: the dotted path of the rows. If there are none, or the first is empty, the answer is decoded without a
        declaration, because its other parts may tell why
    """

    rows: ClassVar[str]


def decode_as(shape: type[AnswerShape], body: bytes) -> dict[str, Any] | None:
    """Decode an answer that has rows: it is a dict, its rows are shapes. None if it does not fit its declaration."""
    try:
        answer = _as_dict(_decoder(shape)(body))
    except (ValueError, RecursionError):
        return None
    rows = dig(answer, shape.rows)
    first = rows[0] if rows and isinstance(rows, list) else rows
    return answer if isinstance(first, Shape) and first != type(first)() else None


def shaped(shape: type[S], raw: S | dict[str, Any]) -> tuple[S, list[str]]:
    """Return a decoded object in its shape, and the paths of fields that could not be converted."""
    if isinstance(raw, shape):
        return raw, []
    odd: list[str] = []
    return _convert(shape, raw, "", odd), odd  # type: ignore[arg-type]  # it is a dict


def as_shape(shape: type[S], raw: Any) -> S:
    """Return an object in its shape; an empty one if it is no object."""
    if type(raw) is shape:
        return raw
    return shaped(shape, raw if isinstance(raw, dict | shape) else {})[0]


@cache
def _decoder(shape: type[AnswerShape]) -> Callable[[bytes], Any]:
    return msgspec.json.Decoder(shape, strict=False).decode


def _as_dict(answer: AnswerShape) -> dict[str, Any]:
    """Return an answer as a dict without its missing fields; rows stay shapes."""
    fields = {}
    for name, written in _names(type(answer)):
        value = getattr(answer, name)
        if value is not UNSET:
            fields[written] = _as_dict(value) if isinstance(value, AnswerShape) else value
    return fields


@cache
def _names(shape: type[Shape]) -> list[tuple[str, str]]:
    """Return each field's name, and its name in JSON."""
    return [(field.name, field.encode_name) for field in msgspec.structs.fields(shape)]


def _convert(shape: type[S], raw: dict[str, Any], path: str, odd: list[str]) -> S:
    raw = shape.renamed(raw)
    try:
        return msgspec.convert(raw, shape, strict=False)
    except (ValueError, RecursionError):
        pass
    values = {
        name: read(raw[written], f"{path}.{written}" if path else written, odd)
        for name, written, read in _readers(shape)
        if written in raw
    }
    return shape(**values)


@cache
def _readers(shape: type[Shape]) -> list[tuple[str, str, Read]]:
    """Return each field's name, its name in JSON and what converts it."""
    hints = get_type_hints(shape, include_extras=True)
    return [(name, written, _reader(hints[name])) for name, written in _names(shape)]


def _reader(kind: Any) -> Read:
    """Return what converts a value to a declared type."""
    if get_origin(kind) is Annotated:
        return _converted(get_args(kind)[1])
    if get_origin(kind) in (Union, UnionType):
        return _either([_reader(part) for part in get_args(kind) if part not in (NoneType, UnsetType)])
    if get_origin(kind) is list:
        (item,) = get_args(kind)
        return _listed(_reader(item), keep_null=NoneType in get_args(item))
    if isinstance(kind, type) and issubclass(kind, Shape):
        return _nested(kind)
    return lambda value, path, odd: value


def _converted(convert: Callable[[Any], Any]) -> Read:
    def read(value: Any, path: str, odd: list[str]) -> Any:
        known = convert(value)
        if known is None and value not in (None, "", 0, "0"):
            odd.append(path)
        return known

    return read


def _either(readers: list[Read]) -> Read:
    """Return what converts a value of several types: the first that can."""
    if len(readers) == 1:
        return readers[0]

    def read(value: Any, path: str, odd: list[str]) -> Any:
        for reader in readers:
            fields: list[str] = []
            known = reader(value, path, fields)
            if known is not None:
                odd.extend(fields)
                return known
        return readers[0](value, path, odd)

    return read


def _listed(item: Read, keep_null: bool) -> Read:
    def read(value: Any, path: str, odd: list[str]) -> list[Any] | None:
        if not isinstance(value, list):
            odd.extend([path] if value is not None else [])
            return None
        items = [item(entry, f"{path}[]", odd) for entry in value]
        return items if keep_null else [entry for entry in items if entry is not None]

    return read


def _nested(shape: type[Shape]) -> Read:
    def read(value: Any, path: str, odd: list[str]) -> Shape | None:
        if isinstance(value, dict):
            return _convert(shape, value, path, odd)
        odd.extend([path] if value is not None else [])
        return None

    return read


def _texts(value: Any) -> list[str] | None:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else None
