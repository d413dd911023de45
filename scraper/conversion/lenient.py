"""Structs that accept records without some fields, which FIELDS and DROP leave out."""

from functools import cache
from typing import Any, get_args, get_origin

import msgspec

from scraper.records.definition import members


@cache
def lenient(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Return a struct with the same fields, none of which is required."""
    fields = [(member.name, _lenient_type(member.kind) | None, None) for member in members(struct)]
    return msgspec.defstruct(struct.__name__, fields, gc=False)


def _lenient_type(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return lenient(kind)
    if get_origin(kind) is list:
        return list[_lenient_type(get_args(kind)[0])]  # type: ignore[misc]
    return kind
