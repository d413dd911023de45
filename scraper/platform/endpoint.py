"""The declaration of an endpoint: one row of a platform's table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scraper.platform.context import Context
from scraper.platform.extra_request import Extra
from scraper.platform.follow import Follow
from scraper.platform.pagination import END, Bug, NextPage, Page, Pagination
from scraper.platform.param import Param
from scraper.platform.raw_records import NOTHING, fault
from scraper.platform.route import Route
from scraper.platform.targets import Target
from scraper.records import EdgeKind, ListingKind, Record
from scraper.responses.catch_all import attempt
from scraper.responses.values import MissingError, UnexpectedShapeError, dig, integer


class Relation(NamedTuple):
    """The relation between a list's target and its records, such as from a user to the accounts they follow.

    :param record: record type of the target
    :param outward: whether the edge points from the target to the records, or the other way
    :param ident: returns the target's record id if it differs from the id in the request
    """

    kind: EdgeKind
    record: str
    outward: bool = True
    ident: Callable[[Target], str] = lambda target: target.id


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint: what it takes, what it returns, and the routes to its answer.

    `router` is its name everywhere: in the envelope, in `-a router=`, in the stats and as the folder of its fixtures.

    :param kind: the kind of target it takes
    :param kinds: further kinds it takes if its router is given
    :param record: the type of record it returns
    :param also: further types of record it returns
    :param routes: the ways to its answer; empty if every record comes from `seed`
    :param several: whether one answer has several records, though it is not continued by a cursor
    :param one_by: the parameter that selects one of several records, "" if none does
    :param seed: builds a record without a request, or returns None if a request is needed
    :param login: what a session without a login gets: "" everything, "more" less, "needed" nothing
    :param sorted: whether `sort` changes its order
    :param default: whether it is the default for targets of its kind
    :param listing: the type of list, if positions in it are observed; see `scraper.output.observations`
    :param relation: the relation between its target and its records, if edges are recorded
    :param singleton: the id of its only target, such as a platform's one hot board; "" if the user must give a target.
        A singleton has a kind of its own
    :param aliases: older names of its router that are accepted too, as last segments or whole paths
    """

    router: str
    kind: str
    record: str
    params: Sequence[Param]
    summary: str
    routes: Sequence[Route] = ()
    seed: Callable[[Context], Record | None] = lambda context: None
    pagination: Pagination | None = None
    extras: Sequence[Extra] = ()
    follow: Follow | None = None
    login: str = ""
    sorted: bool = False
    default: bool = False
    listing: ListingKind | None = None
    relation: Relation | None = None
    singleton: str = ""
    aliases: Sequence[str] = ()
    also: Sequence[str] = ()
    kinds: Sequence[str] = ()
    several: bool = False
    one_by: str = ""

    @property
    def name(self) -> str:
        """The last segment of the router."""
        return self.router.rpartition("/")[2]

    @property
    def is_list(self) -> bool:
        """Whether its answer is a list, in pages or as a whole."""
        return self.several or self.pagination is not None

    def route_for(self, target: Target, first: int = 0) -> int | None:
        """Return the first route at or after a position that is available for a target."""
        places = range(first, len(self.routes))
        fitting = (place for place in places if self.routes[place].is_available(target))
        return next((place for place in fitting if not self.routes[place].explains_empty), None)

    def url_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the unsigned, stable URL of a page."""
        return self.routes[route].url_for(context, self._sent(context, cursor, route))

    def body_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the encoded form that requests a page; "" for a GET request."""
        return self.routes[route].body_for(context, self._sent(context, cursor, route))

    def _sent(self, context: Context, cursor: str, route: int) -> Mapping[str, Any]:
        return (
            self.pagination.cursor_params(cursor, context) if self.pagination and not self.routes[route].lookup else {}
        )

    def read(self, data: Any, context: Context, cursor: str = "", route: int = 0) -> Page:
        """Parse an answer into records, faults and the next page. Records that were not requested are dropped.

        :raises MissingError: if the answer has an unknown shape; names the path
        """
        way = self.routes[route]
        if way.lookup:
            return Page([], [], END, hints=way.lookup(data))
        next_page = self.pagination.next_page(data, context, cursor) if self.pagination else END
        total = integer(dig(data, self.pagination.total)) if self.pagination and self.pagination.total else None
        rows = way.raw(data) if next_page.stop is None else _rest(way, data)
        page = _read_rows(way, rows, context, next_page, total)
        if way.is_requested:
            page = page._replace(not_in_response=page.is_empty and next_page.stop is None, left_out=0)
        return page._replace(is_partial=_name_lacking(way, page.records)) if way.lacks else page


def _read_rows(way: Route, rows: list[Any], context: Context, next_page: NextPage, total: int | None) -> Page:
    """Return a page with each row as a record, or with the reason why it is none."""
    records, faults, bugs, refused, left_out = [], [], [], [], 0
    odd_fields: list[str] = []
    for place, row in enumerate(rows):  # as few calls as possible: this runs for each record of a crawl
        raw = _in_shape(way, row, odd_fields) if isinstance(row, dict) else row
        record = attempt(way.requested_record, raw, context)
        if record is None:
            left_out += 1
        elif way.row_reading and (refusal := way.refusal(raw)):  # a hidden row may lack required fields
            name = f"{way.path}[{place}]" if isinstance(record, Exception) else getattr(record, record.id_field)
            refused.append(refusal._replace(message=f"{name}: {refusal.message}"))
        elif not isinstance(record, Exception):
            records.append(record)
        elif isinstance(record, UnexpectedShapeError):
            faults.append(fault(f"{way.path}[{place}]", row, record))
        else:
            bugs.append(Bug(f"{way.path}[{place}]", record))
    return Page(
        records,
        faults,
        next_page,
        total,
        absent=rows is NOTHING,
        left_out=left_out,
        bugs=bugs,
        refused=refused,
        odd_fields=odd_fields,
    )


def _in_shape(way: Route, row: dict[str, Any], odd_fields: list[str]) -> Any:
    """Return a row in its declared shape; unchanged if that fails, which its parser will report.

    :param odd_fields: the paths of fields that could not be converted are added to it
    """
    shape = attempt(way.in_shape, row)
    if isinstance(shape, Exception):
        return row
    odd_fields += shape[1]
    return shape[0]


def _name_lacking(route: Route, records: list[Record]) -> bool:
    """Add the fields that the route did not return to each record's `missing`; return whether there were any."""
    is_partial = False
    for record in records:
        for name in route.lacking(record):
            is_partial = True
            if name not in record.meta.missing:
                record.meta.missing = [*record.meta.missing, name]
    return is_partial


def _rest(route: Route, data: Any) -> list[Any]:
    """Return the raw records of a page at which its list stops."""
    try:
        return route.raw(data)
    except MissingError:
        return []
