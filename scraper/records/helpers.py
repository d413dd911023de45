"""What the small endpoints give."""

from scraper.records.base import Meta, Record
from scraper.records.media import VideoData


class Part(Record, kw_only=True):
    """One part of a multi-part video, as a record of its own."""

    record_type = "part"
    id_field = "cid"

    cid: str
    video_id: str
    no: int | None = None
    title: str | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    cover_url: str | None = None
    create_time: int | None = None
    meta: Meta


class StreamSet(Record, kw_only=True):
    """Where the picture and sound of one part are."""

    record_type = "stream_set"
    id_field = "cid"

    cid: str
    video_id: str
    no: int | None = None
    duration_ms: int | None = None
    video_data: VideoData | None = None
    meta: Meta


class Id(Record, kw_only=True):
    """One id turned into another."""

    record_type = "id"
    id_field = "input"

    input: str
    value: str
    kind: str
    meta: Meta
