"""Base classes of the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from scraper.records.describing import P1, P3, about

SCHEMA_VERSION = 2


class Piece(msgspec.Struct, kw_only=True, gc=False):
    """A nested object within a record."""


class Meta(Piece, kw_only=True):
    """The context of a record: parsers set what they know, the engine sets the rest."""

    record_type: Annotated[str | None, about("Type of the record, and name of its table.", null="in failures")] = None
    schema_version: Annotated[int, about("Version of this definition.", unit="version")] = SCHEMA_VERSION
    platform: Annotated[
        str | None, about("Name of the platform.", null="the input belongs to no platform, such as an unsupported site")
    ] = None
    key: Annotated[str | None, about("`platform:record_type:id`, unique per record type.", P1)] = None
    fetched_at: Annotated[
        str | None, about("When the answer was read: RFC 3339 in UTC, the only time that is no number.")
    ] = None
    run_id: Annotated[str | None, about("The run, which begins with its start in UTC.")] = None
    router: Annotated[str | None, about("Router of the endpoint that gave the record, also in `hybrid` crawls.")] = None
    surface: Annotated[str | None, about("Which surface answered: web, app, page or browser.")] = None
    target: Annotated[str | None, about("The input, as it was given.", P3)] = None
    target_kind: Annotated[str | None, about("What the input is: video, user, hashtag and so on.")] = None
    tags: Annotated[dict[str, str] | None, about("The caller's own values.", null="none")] = None
    page: Annotated[int | None, about("Page of the list, from 1.", unit="position")] = None
    position: Annotated[int | None, about("Place in the list, from 1.", unit="position")] = None
    cursor: Annotated[str | None, about("Cursor with which the page was requested.", null="the first page")] = None
    identity: Annotated[str | None, about("Short hash of the identity that sent the request.")] = None
    logged_in: Annotated[bool | None, about("Whether that identity was logged in.")] = None
    partial: Annotated[
        bool, about("Whether the record comes from a list that lacks fields that a request for it alone has.")
    ] = False
    approximate: Annotated[list[str], about('Paths of values that are rounded or derived, such as "1.2万".')] = []
    missing: Annotated[list[str], about("Paths of fields that should be here but were not served.")] = []
    raw_ref: Annotated[
        str | None,
        about("File of the captured answer, relative to OUTPUT_DIR.", null="not captured, or there was no answer"),
    ] = None


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
