"""Observations: positions in lists, trending words, and links between records."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Meta, Record
from scraper.records.describing import P1, P3, about

ListingKind = Literal[
    "search", "hashtag", "music", "feed", "trending", "related", "profile", "likes", "mix", "live", "other"
]
EdgeKind = Literal[
    "mention", "duet", "stitch", "repost", "reply", "uses_music", "uses_hashtag", "in_mix", "co_author", "follows",
    "related",
]  # fmt: skip

EventKind = Literal["deleted", "hidden", "deleted_or_hidden", "restored", "renamed", "edited", "pinned", "unpinned"]


class Listing(Record, kw_only=True):
    """An empty list."""

    record_type = "listing"
    id_field = "query"

    listing: Annotated[str, about("Name of the router.")]
    list_kind: Annotated[ListingKind, about("Which kind of list it is.")] = "other"
    query: Annotated[str, about("The target of the request, such as a user or a word.", P3)]
    sort: Annotated[str | None, about("Order of the list: `hot` or `time`.", null="it has only one order")] = None
    count: Annotated[int, about("Items in the list: 0.")] = 0
    declared_total: Annotated[int | None, about("Items that the platform claims.", unit="count")] = None
    seen_time: Annotated[int | None, about("When the list was read.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Placement(Record, kw_only=True):
    """An item's place in a list; only with `OBSERVE=placement`. The page and the position are in `meta`."""

    record_type = "placement"
    id_field = "query"

    listing: Annotated[str, about("Name of the router.")]
    list_kind: Annotated[ListingKind, about("Which kind of list it is.")] = "other"
    query: Annotated[str, about("The target of the request, such as a user or a word.", P3)]
    sort: Annotated[str | None, about("Order of the list: `hot` or `time`.", null="it has only one order")] = None
    filters: Annotated[dict[str, str] | None, about("Options of the request, such as filters.", null="none")] = None
    item_key: Annotated[str | None, about("`meta.key` of the item.", P1)] = None
    promoted: Annotated[bool | None, about("Whether the item is an advertisement.")] = None
    seen_time: Annotated[int | None, about("When the list was read.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class HotWord(Record, kw_only=True):
    """A word on a trending board."""

    record_type = "hot_word"
    id_field = "word"

    board: Annotated[str, about("Name of the board.")]
    position: Annotated[int | None, about("Place on the board, from 1.", unit="position")] = None
    word: Annotated[str, about("The word.")]
    heat: Annotated[int | None, about("How popular it is.", unit="the platform's own")] = None
    label: Annotated[str | None, about("The platform's number of its mark, such as new or hot.", null="none")] = None
    view_count: Annotated[int | None, about("Views of its posts.")] = None
    video_count: Annotated[int | None, about("Posts about it.")] = None
    event_time: Annotated[int | None, about("When it came up.")] = None
    cover_url: Annotated[str | None, about("Picture of the word.")] = None
    sentence_id: Annotated[str | None, about("The platform's id of the word.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Edge(Record, kw_only=True):
    """A link from one item to another; only with `OBSERVE=edge`."""

    record_type = "edge"
    id_field = "src_key"

    src_key: Annotated[str, about("`meta.key` of the item that points.", P1)]
    dst_key: Annotated[str, about("`meta.key` of the item that is pointed at.", P1)]
    edge_kind: Annotated[EdgeKind, about("What the link means.")]
    evidence_time: Annotated[int | None, about("`create_time` of the record that shows the link.")] = None
    evidence_key: Annotated[str | None, about("`meta.key` of the record that shows the link.", P1)] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Event(Record, kw_only=True):
    """A change of an item that an earlier run with `since=last` saw, noticed on a page that this run walked."""

    record_type = "event"
    id_field = "item_key"

    event_kind: Annotated[
        EventKind,
        about(
            "What happened. `deleted_or_hidden`: the item would stand on the page by its time, but does not; the reason"
            " is not known."
        ),
    ]
    item_key: Annotated[str, about("`meta.key` of the item.", P1)]
    item_time: Annotated[int | None, about("When the item was made.")] = None
    listing: Annotated[str, about("Name of the router.")]
    query: Annotated[str, about("The target of the request.", P3)]
    field: Annotated[str | None, about("What was renamed or edited.", null="another kind of event")] = None
    before: Annotated[str | None, about("The earlier value.", P3, null="it is not kept")] = None
    after: Annotated[str | None, about("The value now.", P3)] = None
    seen_time: Annotated[int | None, about("Start of the run that noticed it, not the time of the change.")] = None
    meta: Annotated[Meta, about("Context of the record.")]
