"""What was seen where and when, and what points at what."""

from typing import Literal

from scraper.records.base import Meta, Record

ListingKind = Literal[
    "search", "hashtag", "music", "feed", "trending", "related", "profile", "likes", "mix", "live", "other"
]
EdgeKind = Literal[
    "mention", "duet", "stitch", "repost", "reply", "uses_music", "uses_hashtag", "in_mix", "co_author", "follows",
    "related",
]  # fmt: skip


class Listing(Record, kw_only=True):
    """A list that holds nothing, which is an answer too; with `OBSERVE=listing` also what stood at a place of a list.

    `listing` is the name of its router, `query` what it was asked for, `item_key` the `meta.key` of what stood there,
    and `count` how many records the list had given: 0 where it holds nothing. Its page and position are in `meta`.
    """

    record_type = "listing"
    id_field = "query"

    listing: str
    kind: ListingKind = "other"
    query: str
    sort: str | None = None
    filters: dict[str, str] | None = None
    count: int = 0
    declared_total: int | None = None
    item_key: str | None = None
    promoted: bool | None = None
    region: str | None = None
    seen_at: int | None = None
    meta: Meta


class HotWord(Record, kw_only=True):
    """A word on a board of what is talked of; `heat` is the platform's own measure."""

    record_type = "hot_word"
    id_field = "word"

    board: str
    position: int | None = None
    word: str
    heat: int | None = None
    label: str | None = None
    view_count: int | None = None
    video_count: int | None = None
    event_at: int | None = None
    cover_url: str | None = None
    sentence_id: str | None = None
    meta: Meta


class Edge(Record, kw_only=True):
    """That one thing points at another: both are named by their `meta.key`, and so is the record that says so."""

    record_type = "edge"
    id_field = "src_key"

    src_key: str
    dst_key: str
    kind: EdgeKind
    weight: int | None = None
    at: int | None = None
    evidence_key: str | None = None
    meta: Meta
