"""One row of a platform's table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from scraper.platform.context import Context
from scraper.platform.extra_request import Extra
from scraper.platform.follow import Follow
from scraper.platform.pagination import END, Bug, Page, Pagination
from scraper.platform.param import Param
from scraper.platform.raw_records import NOTHING, fault
from scraper.platform.route import Route
from scraper.platform.targets import Target
from scraper.records import EdgeKind, ListingKind, Record
from scraper.responses.guard import attempt
from scraper.responses.values import MissingError, UnexpectedShapeError, dig, integer


class Relation(NamedTuple):
    """How what a list is asked for is related to each of its records, such as a user to whom he follows.

    :param record: the type of record of what it is asked for
    :param outward: whether it points at the records, or they at it
    :param ident: the id that this record has, where that is not the one that it was asked for by
    """

    kind: EdgeKind
    record: str
    outward: bool = True
    ident: Callable[[Target], str] = lambda target: target.id


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One row of a platform's table.

    `router` is its name everywhere: in the envelope, in `-a router=`, in the stats and as the folder of its fixtures.

    :param kind: the kind of target that it takes
    :param kinds: further kinds that it takes if its router is asked for
    :param record: the type of record that it gives
    :param also: further types of record that it gives
    :param routes: the ways to its answer, none where every record comes from `seed`
    :param seed: from the context to a record that needs no answer of its own, or None where it must be asked for
    :param login: what a session without login gets: "" all, "more" less, "needed" nothing
    :param sorted: whether `sort` changes its order
    :param default: whether a target of its kind gets it when no router is asked
    :param listing: what sort of list it is, if positions in it are observed; see `scraper.output.observations`
    :param relation: how its target is related to its records, where that is an edge
    :param singleton: the id of what it is asked for where the user names nothing, such as a board that there is one of;
        "" where a target must be named. Its kind is then its own
    :param aliases: older names of its router, last segments or whole paths, which are taken as well
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

    @property
    def name(self) -> str:
        """The last segment of the router."""
        return self.router.rpartition("/")[2]

    def route_for(self, target: Target, first: int = 0) -> int | None:
        """Return the first route from a place on that fits a target."""
        fitting = (place for place in range(first, len(self.routes)) if self.routes[place].is_available(target))
        return next(fitting, None)

    def url_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the unsigned, stable URL of a page."""
        return self.routes[route].url_for(context, self._sent(context, cursor, route))

    def body_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the form that asks for a page, "" where it is asked for by GET."""
        return self.routes[route].body_for(context, self._sent(context, cursor, route))

    def _sent(self, context: Context, cursor: str, route: int) -> Mapping[str, Any]:
        return (
            self.pagination.cursor_params(cursor, context) if self.pagination and not self.routes[route].lookup else {}
        )

    def read(self, data: Any, context: Context, cursor: str = "", route: int = 0) -> Page:
        """Return what an answer holds. A record that was not asked for is left out.

        :raises MissingError: where the answer is not of the shape that is known, and names the path
        """
        way = self.routes[route]
        if way.lookup:
            return Page([], [], END, hints=way.lookup(data))
        next_page = self.pagination.next_page(data, context, cursor) if self.pagination else END
        total = integer(dig(data, self.pagination.total)) if self.pagination and self.pagination.total else None
        records, faults, bugs, refused, left_out = [], [], [], [], 0
        found = way.raw(data) if next_page.stop is None else _rest(way, data)
        for place, raw in enumerate(found):
            record, where = attempt(partial(way.requested_record, raw, context)), f"{way.path}[{place}]"
            refusal = way.refusal(raw) if record is not None else None  # what is not shown may lack what a record needs
            if record is not None and refusal:
                name = where if isinstance(record, Exception) else getattr(record, record.id_field)
                refused.append(refusal._replace(message=f"{name}: {refusal.message}"))
            elif isinstance(record, UnexpectedShapeError):
                faults.append(fault(where, raw, record))
            elif isinstance(record, Exception):
                bugs.append(Bug(where, record))
            elif record is not None:
                records.append(record)
            else:
                left_out += way.is_requested is None
        is_partial = _name_lacking(way, records)
        page = Page(records, faults, next_page, total, absent=found is NOTHING, refused=refused, bugs=bugs)
        not_in_response = way.is_requested is not None and page.is_empty
        return page._replace(not_in_response=not_in_response, left_out=left_out, is_partial=is_partial)


def _name_lacking(route: Route, records: list[Record]) -> bool:
    """Name in each record what its route did not give, and say whether there is such a record."""
    is_partial = False
    for record in records:
        for name in route.lacking(record):
            is_partial = True
            if name not in record.meta.missing:
                record.meta.missing = [*record.meta.missing, name]
    return is_partial


def _rest(route: Route, data: Any) -> list[Any]:
    """Return what a page that stops its list still holds."""
    try:
        return route.raw(data)
    except MissingError:
        return []
