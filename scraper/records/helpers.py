"""Records of the helper endpoints: parts, stream sets and converted ids."""

from __future__ import annotations

from typing import Annotated

from scraper.records.base import Meta, Record
from scraper.records.describing import P3, about
from scraper.records.media import VideoData


class Part(Record, kw_only=True):
    """One part of a multi-part video, as a separate record."""

    record_type = "part"
    id_field = "cid"

    cid: Annotated[str, about("Id of the part.")]
    video_id: Annotated[str, about("Id of the video.")]
    no: Annotated[int | None, about("Number of the part, from 1.", unit="position")] = None
    title: Annotated[str | None, about("Title of the part.", P3)] = None
    duration_ms: Annotated[int | None, about("Length of the part.")] = None
    width: Annotated[int | None, about("Width after rotation.")] = None
    height: Annotated[int | None, about("Height after rotation.")] = None
    cover_url: Annotated[str | None, about("First frame.", P3)] = None
    create_time: Annotated[int | None, about("When the part was added.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class StreamSet(Record, kw_only=True):
    """The media URLs of one part."""

    record_type = "stream_set"
    id_field = "cid"

    cid: Annotated[str, about("Id of the part.")]
    video_id: Annotated[str, about("Id of the video.")]
    no: Annotated[int | None, about("Number of the part, from 1.", unit="position")] = None
    duration_ms: Annotated[int | None, about("Length of the part.")] = None
    video_data: Annotated[VideoData | None, about("The media URLs.", P3, null="refused: see `meta.missing`")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Id(Record, kw_only=True):
    """An id converted to another form."""

    record_type = "id"
    id_field = "input"

    input: Annotated[str, about("The link or id that was given.", P3)]
    value: Annotated[str, about("The converted id.", P3)]
    id_kind: Annotated[str, about("What `value` is: the name of a parameter that takes it.")]
    meta: Annotated[Meta, about("Context of the record.")]
