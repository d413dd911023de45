"""What all records have in common."""

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

SCHEMA_VERSION = 1


class Piece(msgspec.Struct, kw_only=True, gc=False):
    """A part of a record."""


class Meta(Piece, kw_only=True):
    """The context of a record. What a parser knows is set there, the rest by the machine.

    `platform` is null only in the failure of an input that is of none, such as a link of a foreign host given to a
    spider of several platforms.
    """

    record_type: str | None = None
    schema_version: int = SCHEMA_VERSION
    platform: str | None = None
    key: str | None = None
    fetched_at: str | None = None
    run_id: str | None = None
    router: str | None = None
    surface: str | None = None
    target: str | None = None
    target_kind: str | None = None
    tags: list[str] = []
    page: int | None = None
    position: int | None = None
    cursor: str | None = None
    identity: str | None = None
    logged_in: bool | None = None
    partial: bool = False
    approximate: list[str] = []
    missing: list[str] = []
    raw_ref: str | None = None


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base of all records. `meta` is written last, and stamped by the machine."""

    record_type: ClassVar[str]
    id_field: ClassVar[str]
    if TYPE_CHECKING:
        meta: Meta  # each record declares it itself, as its last field


def meta_for(record: type[Record], platform: str, ident: str, **known: Any) -> Meta:
    """Return what a parser knows of the context of a record.

    :param ident: the record's id, unique for its type on its platform
    """
    return Meta(
        record_type=record.record_type, platform=platform, key=f"{platform}:{record.record_type}:{ident}", **known
    )
