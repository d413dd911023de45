"""Records of the helper endpoints: parts, stream sets and converted ids."""

from scraper.records.base import Meta, Record
from scraper.records.media import VideoData


class Part(Record, kw_only=True):
    """One part of a multi-part video, as a separate record."""

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
    """The media URLs of one part."""

    record_type = "stream_set"
    id_field = "cid"

    cid: str
    video_id: str
    no: int | None = None
    duration_ms: int | None = None
    video_data: VideoData | None = None
    meta: Meta


class Id(Record, kw_only=True):
    """An id converted to another form."""

    record_type = "id"
    id_field = "input"

    input: str
    value: str
    kind: str
    meta: Meta
