"""Complete a record from one route with the same item's record from another route."""

from typing import Any

import msgspec

from scraper.records.base import Record

_BY_PART = ("statistics", "flags", "can", "author", "cover_data")


def completed(richer: Record, poorer: Record) -> Record:
    """Fill the null fields of the richer record from the poorer one, in place, and return it.

    Media are never mixed: URLs from two answers may expire at different times.
    """
    for name in richer.__struct_fields__:
        if name != "meta":
            setattr(richer, name, _filled(name, getattr(richer, name), getattr(poorer, name)))
    return richer


def _filled(name: str, value: Any, other: Any) -> Any:
    if value is None and name not in ("video_data", "image_data"):
        return other
    if name in _BY_PART and isinstance(value, msgspec.Struct) and type(value) is type(other):
        for part in value.__struct_fields__:
            if getattr(value, part) is None:
                setattr(value, part, getattr(other, part))
    return value
