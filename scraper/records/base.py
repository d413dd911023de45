"""Base classes of the records."""

from typing import TYPE_CHECKING, ClassVar

import msgspec

SCHEMA_VERSION = 1


class Piece(msgspec.Struct, kw_only=True, gc=False):
    """A nested object within a record."""


class Meta(Piece, kw_only=True):
    """The context of a record: parsers set what they know, the engine sets the rest.

    `platform` is null only in failures of inputs that belong to no platform, such as a link to an unsupported site.
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
    """Base class of all records. `meta` is the last field; the engine completes it."""

    record_type: ClassVar[str]
    id_field: ClassVar[str]
    if TYPE_CHECKING:
        meta: Meta  # each record declares it itself, as its last field


def meta_for(record: type[Record], platform: str, ident: str, *, partial: bool = False) -> Meta:
    """Return the `meta` of a record with what its parser knows.

    :param ident: the record's id, unique per record type and platform
    :param partial: whether its list lacks fields that the record has if it is requested alone
    """
    kind = record.record_type
    return Meta(record_type=kind, platform=platform, key=f"{platform}:{kind}:{ident}", partial=partial)
