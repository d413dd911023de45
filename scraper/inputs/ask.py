"""A caller's request: which endpoints, how much, in which order. Every job carries its `Ask`."""

from collections.abc import Mapping
from typing import Literal

import msgspec

DEFAULT_SORT = "hot"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's request, without its targets. Has plain values only, so that jobs can be written to disk.

    :param id: unique within a crawler; 0 is the ask of the command line
    :param routers: the requested endpoints; if empty, each target gets its default endpoint
    :param answer_router: the router of every envelope; "" means the router of the endpoint that answered
    :param follow: what to follow from each record
    :param cursors: where the first page starts, by router
    :param options: further endpoint parameters in canonical form, by router and name
    :param tuned: the same parameters as the user gave them
    :param max_pages: limit for each list
    :param max_items: limit for each list
    :param count: how many records to ask for on a page
    :param since: the oldest time of a list's items, in epoch seconds; "last" for those since the last complete run
    :param until: the first time after a list's newest items, in epoch seconds
    :param every: seconds between two runs of a target in a watch list
    :param priority: targets with a higher one are requested first
    :param policy: identifies the changes that a row of a target file makes, "" if there are none
    :param is_internal: whether a part of the crawl asks, so that the envelopes are for it and are not written
    :param tags: the caller's own values, written to `meta.tags` of its envelopes
    """

    id: int = 0
    routers: tuple[str, ...] = ()
    answer_router: str = ""
    follow: frozenset[str] = frozenset()
    cursors: Mapping[str, str] = {}
    options: Mapping[str, Mapping[str, str]] = {}
    tuned: Mapping[str, Mapping[str, str]] = {}
    max_pages: int | None = None
    max_items: int | None = None
    count: int | None = None
    sort: str = DEFAULT_SORT
    since: int | Literal["last"] | None = None
    until: int | None = None
    every: int | None = None
    priority: int = 0
    policy: str = ""
    is_internal: bool = False
    tags: Mapping[str, str] = {}
