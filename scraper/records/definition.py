"""Read the definition of the records: each field with its type, description, unit, null rule and privacy class.

Whoever needs the types of fields (documentation, tables, columns) gets them here. Crawls that need none do not import
this module, which evaluates the annotations.
"""

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec

NEVER, UNKNOWN = "never null", "not known"
_UNITS = {"_time": "epoch seconds, UTC", "_ms": "milliseconds", "_count": "count"}
_UNITS_OF_NAMES = {"count": "count", "width": "pixels", "height": "pixels"}


class Member(NamedTuple):
    """A field of a record, or of an object in it.

    :ivar kind: its type, without null
    :ivar is_required: whether an object without it is faulty
    :ivar unit: the unit of a number, "" for other types
    :ivar null: what null means; NEVER if it is never null
    :ivar privacy: its privacy class; "" means the one of its object
    """

    name: str
    kind: Any
    is_nullable: bool
    is_required: bool
    description: str
    unit: str
    null: str
    privacy: str

    @property
    def is_list(self) -> bool:
        return get_origin(self.kind) is list

    @property
    def struct(self) -> type[msgspec.Struct] | None:
        """The struct of an object, or of a list of them."""
        kind = get_args(self.kind)[0] if self.is_list else self.kind
        return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


@cache
def members(struct: type[msgspec.Struct]) -> tuple[Member, ...]:
    """Return the fields of a record or of an object in it."""
    return tuple(_member(field) for field in msgspec.structs.fields(struct))


def leaves(struct: type[msgspec.Struct], prefix: str = "", privacy: str = "") -> Iterator[tuple[str, Member]]:
    """Yield all fields with their paths, nested ones in place of their objects: `author.uid`, `parts[].no`.

    A field without a privacy class has the one of its object.
    """
    for member in members(struct):
        path, own = f"{prefix}{member.name}", member.privacy or privacy
        if member.struct is None:
            yield path, member._replace(privacy=own)
        else:
            yield from leaves(member.struct, f"{path}{'[]' if member.is_list else ''}.", own)


def _member(field: Any) -> Member:
    """Read a field. One without a description has empty texts."""
    kind, about = field.type, msgspec.Meta()
    if get_origin(kind) is Annotated:
        kind, about = get_args(kind)
    plain, is_nullable = _without_none(kind)
    extra = about.extra or {}
    null = extra.get("null") or (UNKNOWN if is_nullable else NEVER)
    unit = extra.get("unit") or (_unit(field.name) if plain in (int, float) else "")
    return Member(
        field.name, plain, is_nullable, field.required, about.description or "", unit, null, extra.get("privacy", "")
    )


def _without_none(kind: Any) -> tuple[Any, bool]:
    if get_origin(kind) not in (Union, UnionType):
        return kind, False
    options = [option for option in get_args(kind) if option is not NoneType]
    return (options[0] if len(options) == 1 else object), True


def _unit(name: str) -> str:
    """Return the unit that the name of a number states."""
    return _UNITS_OF_NAMES.get(name) or next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
