"""Observations: positions in lists, trending words, and links between records."""

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
    """An empty list; with `OBSERVE=listing`, also one line per position of every list.

    `listing` is the name of the router, `query` the target of the request, `item_key` the `meta.key` of the item at
    this position, and `count` the number of records that the list has returned: 0 for an empty list. Page and position
    are in `meta`.
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
    """A word on a trending board; `heat` is in the platform's own unit."""

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
    """A link from one item to another. Both ends, and the record that shows the link, are named by `meta.key`."""

    record_type = "edge"
    id_field = "src_key"

    src_key: str
    dst_key: str
    kind: EdgeKind
    weight: int | None = None
    at: int | None = None
    evidence_key: str | None = None
    meta: Meta
