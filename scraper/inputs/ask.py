"""A caller's request: which endpoints, how much, in which order. Every job carries its `Ask`."""

from collections.abc import Mapping

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
    :param tags: the caller's own values, passed through to its envelopes
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
    tags: Mapping[str, str] = {}
