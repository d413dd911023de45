"""The types of DuckDB for the fields of records, from their definition."""

from typing import Any, get_args, get_origin

import msgspec

from scraper.records.definition import members

_TYPES: dict[Any, str] = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}


def sql_columns(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return the types of the fields of an object."""
    return {member.name: sql_type(member.kind) for member in members(struct)}


def sql_type(kind: Any) -> str:
    """Return the type that holds a type of a record.

    >>> sql_type(list[str]), sql_type(dict[str, str]), sql_type(int)
    ('VARCHAR[]', 'MAP(VARCHAR, VARCHAR)', 'BIGINT')
    """
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"STRUCT({', '.join(f'{quoted(name)} {of}' for name, of in sql_columns(kind).items())})"
    if get_origin(kind) is list:
        return f"{sql_type(get_args(kind)[0])}[]"
    if get_origin(kind) is dict:
        return f"MAP({', '.join(map(sql_type, get_args(kind)))})"
    return _TYPES.get(kind, "JSON" if kind in (Any, object) else "VARCHAR")  # a Literal is text


def quoted(name: str) -> str:
    """Return a name for a statement.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
