"""The records that every platform is normalized to: the only definition of the output.

The JSON Schema, the database tables and the data dictionary are generated from these classes. In every record, null
means "not known"; ids are strings, `*_time` are epoch seconds in UTC, `*_ms` milliseconds, counts and sizes
integers. Fields without a default are required: a record without one is faulty.

The classes are msgspec structs: building and encoding a page of them costs a third of what dataclasses cost. They are
exempt from garbage collection, because records contain no reference cycles.

Imports no other room. Start reading at `video`.
"""

from scraper.records.author import Author, AuthorStatistics
from scraper.records.base import SCHEMA_VERSION, Meta, Piece, Record, meta_for
from scraper.records.collections import Hashtag, Mix, MixKind, MixStatistics, Music, Song
from scraper.records.comment import Client, Comment
from scraper.records.helpers import Id, Part, StreamSet
from scraper.records.live import LiveArea, LiveRank, LiveRoom, LiveStream, Permissions, Product
from scraper.records.media import AudioStream, Cover, ImageData, LivePhoto, Segment, Stream, VideoData
from scraper.records.media_file import Media, MediaRole, MediaStatus
from scraper.records.observed import Edge, EdgeKind, Event, EventKind, HotWord, Listing, ListingKind, Placement
from scraper.records.refs import (
    Anchor,
    AuthorRef,
    Category,
    Chapter,
    Effect,
    HashtagRef,
    LiveRef,
    LiveStatus,
    Mention,
    MixRef,
    MusicRef,
    PartRef,
    Picture,
    Place,
)
from scraper.records.texts import Cue, Danmaku, Subtitle, SubtitleSource
from scraper.records.unknown_zeros import forget_all_zeros, forget_unknown_zeros
from scraper.records.video import Availability, Can, Flags, Kind, Refs, Video, VideoStatistics, availability

_ALL = (
    Video, Author, Comment, Music, Hashtag, Mix, LiveRoom, LiveArea, LiveRank, Product, Danmaku, Subtitle, Part,
    StreamSet, Id, HotWord, Listing, Placement, Edge, Event, Media,
)  # fmt: skip
RECORDS: dict[str, type[Record]] = {record.record_type: record for record in _ALL}
