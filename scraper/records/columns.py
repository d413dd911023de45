"""The flat columns of records, for tables: a nested object becomes columns, a list stays one value."""

from functools import cache
from typing import Any, NamedTuple

import msgspec

from scraper.records.definition import members


class Column(NamedTuple):
    """A field, or a nested object with columns of its own.

    :param columns: those of a nested object; None for a value
    """

    name: str
    columns: "tuple[Column, ...] | None"


@cache
def columns(struct: type[msgspec.Struct]) -> tuple[Column, ...]:
    """Return the columns of a record or of another object, in the order of its definition."""
    flat = []
    for member in members(struct):
        nested = None if member.is_list else member.struct
        flat.append(Column(member.name, columns(nested) if nested else None))
    return tuple(flat)


def names(tree: tuple[Column, ...], prefix: str = "") -> list[str]:
    """Return the complete names of columns, such as `statistics.play_count`."""
    flat = []
    for column in tree:
        name = f"{prefix}{column.name}"
        flat += [name] if column.columns is None else names(column.columns, f"{name}.")
    return flat


def values(tree: tuple[Column, ...], data: Any) -> list[Any]:
    """Return the values of columns, in the order of their names.

    :param data: a plain object, or None if it is unknown
    :raises TypeError: if something else is in place of an object
    """
    if data is not None and not isinstance(data, dict):
        raise TypeError(f"an object with {', '.join(column.name for column in tree[:3])} … is {type(data).__name__}")
    flat: list[Any] = []
    for name, nested in tree:
        value = data.get(name) if data else None
        if nested is None:
            flat.append(value)
        else:
            flat += values(nested, value)
    return flat
