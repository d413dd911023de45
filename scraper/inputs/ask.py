"""What one caller wants: which endpoints, how much, in which order. Every job carries it."""

from collections.abc import Mapping

import msgspec

DEFAULT_SORT = "hot"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What one caller wants of the targets that it names. Plain values only, so that a job can be written to disk.

    :param id: tells the asks of one crawler apart; 0 is the ask of the command line
    :param routers: the endpoints to ask; none means the default endpoint of each target
    :param answer_router: the router of every envelope; "" means the router of the endpoint that answered
    :param follow: what to follow from each record
    :param cursors: where the first page starts, by router
    :param options: further parameters of endpoints in canonical form, by router and name
    :param tuned: the same parameters as the user gave them
    :param max_pages: limit for each list
    :param max_items: limit for each list
    :param count: how many records to ask for on a page
    :param tags: what the caller wants to find again in its envelopes' ask
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
