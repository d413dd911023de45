"""An internal API, described. Pure: it builds URLs and reads pages, and fetches nothing."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from scraper.outcomes import Outcome
from scraper.read import MissingError, dig, integer
from scraper.records import EdgeKind, ListingKind, Record
from scraper.targets import Target


class Context(NamedTuple):
    """What a query or a parser may know beside the answer itself.

    :param logged_in: whether the identity's session is a logged-in one
    :param user_agent: what the identity sends, for `video_data.headers`
    :param options: the endpoint's own parameters that tune, by name
    :param cursor: of the page that is read
    """

    target: Target
    page: int = 1
    sort: str = "hot"
    count: int | None = None
    logged_in: bool = False
    user_agent: str | None = None
    options: Mapping[str, str] = {}
    cursor: str = ""

    def option(self, name: str, default: str = "") -> str:
        """Return what the user gave for a parameter that tunes, in canonical form."""
        return self.options.get(name, default)


class Turn(NamedTuple):
    """What a page says comes next: a cursor, the end (neither is set), or a stop that is no end.

    :param login_marker: it stops for sessions without a login
    :param retry: the same page may come right when it is asked for again
    :param gap: where the page is empty, that is nothing unusual, and it is not asked for again
    """

    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    retry: bool = False
    gap: bool = False


END = Turn()
WORDS = r"[^\x00-\x1f\x7f]{1,100}"
"""What a person may search for."""
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, LookupError)
"""What a parser raises on an answer of an unknown shape; anything else is a fault of this program."""


class Page(NamedTuple):
    """What one answer holds. A record that could not be read becomes a fault, and costs the others nothing.

    :param unserved: whether what was asked for is not in it: records that were shown instead are left out
    :param learned: hints that a route learned for those after it
    :param absent: whether the list itself is null; see `listed`
    """

    records: list[Record]
    faults: list[str]
    turn: Turn
    total: int | None = None
    unserved: bool = False
    learned: Mapping[str, str] = {}
    absent: bool = False


@dataclass(frozen=True, kw_only=True)
class Param:
    """A parameter of an endpoint, by the name that users know.

    :param kind: the kind of target that it names, or "" where it only tunes: then `Context.option` has it
    :param narrows: the value of the target that it sets, such as `p` or `cid`
    :param sets: what else is true of a target that it names, such as by what it is found
    :param cursor: whether it says where the walk starts; the value is turned into a cursor by `make`
    :param aliases: older names of it, which are taken as well
    """

    name: str
    regex: str
    example: str
    kind: str = ""
    narrows: str = ""
    cursor: bool = False
    optional: bool = False
    make: Callable[[str], str | None] = str
    sets: Mapping[str, str] = field(default_factory=dict)
    aliases: Sequence[str] = ()

    def read(self, value: str) -> str | None:
        """Return the value in canonical form, or None where it is ill-formed."""
        value = value.strip()
        return self.make(value) if re.fullmatch(self.regex, value) else None


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How a list goes on.

    :param send: from the cursor ("" for the first page) and the context to query parameters
    :param turn: from an answer, the context and the cursor of this page to what comes next
    :param total: the path of the total that the platform declares, or ""
    :param exact: whether that total counts just what the list gives
    :param gaps: how many pages in a row may come empty before its end, and the list is believed to go on
    :param repeats: whether a cursor may come again on the way: then only a page that comes again stops it
    :param cap: about how many records the platform shows of any list, however long it is: an end there is none
    """

    send: Callable[[str, Context], Mapping[str, Any]]
    turn: Callable[[Any, Context, str], Turn]
    total: str = ""
    exact: bool = False
    gaps: int = 5
    repeats: bool = False
    cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A further request that completes a record, such as the streams of a video.

    :param place: from the record to what follows `url`, where it is not always the same
    :param query: from the record and the context to query parameters, or None where there is nothing to ask
    :param decode: from the body to data, where that is not simply JSON with a code; see `scraper.verdicts.content`
    :param add: from the record, the answer and the context to the completed record
    :param fills: the fields that it fills, named in `meta.missing` where the request fails
    :param required: whether the record is nothing without it: then its failure is that of the record
    :param login: whether only a logged-in session is asked
    """

    name: str
    url: str
    query: Callable[[Any, Context], Mapping[str, Any] | None]
    add: Callable[[Any, Any, Context], None]
    fills: Callable[[Any], Sequence[str]]
    signed: bool = False
    required: bool = False
    login: bool = False
    place: Callable[[Any], str] = lambda record: ""
    decode: Callable[[bytes], Any] | None = None
    referer: Callable[[Target], str] | None = None

    def url_for(self, record: Any, context: Context) -> str:
        """Return the unsigned, stable URL of a record."""
        return with_query(self.url + self.place(record), self.query(record, context) or {})


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A cheap request that any session is answered, unless the platform refuses the session or its address.

    :param decode: from a body to data, where that is not simply JSON
    :param logged_in: from data to whether the session is a logged-in one, or None where that does not tell
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    logged_in: Callable[[Any], bool | None] = lambda data: None


@dataclass(frozen=True, kw_only=True)
class Follow:
    """That the records of one type lead to this endpoint, when the user asks for it by `with=`.

    :param name: one of `scraper.follows.NAMES`
    :param record: the type of record
    :param targets: from a record, and the input that it came of, to what is asked for
    :param declared: from a record to how many the platform says there are, None where it does not say
    :param implies: what is followed as well, since this one comes of it
    """

    name: str
    record: str
    targets: Callable[[Any, str], Sequence[Target]]
    declared: Callable[[Any], int | None] = lambda record: None
    implies: Sequence[str] = ()


def at(path: str) -> Callable[[Any], list[Any]]:
    """Find the raw records at a dotted path.

    :raises MissingError: where the path is not there, or leads to no list and no object
    """

    def find(data: Any) -> list[Any]:
        found = dig(data, path)
        if isinstance(found, list):
            return found
        if isinstance(found, dict):
            return [found]
        raise MissingError(path)

    return find


NOTHING: list[Any] = []
"""What a list is that is null."""


def listed(path: str) -> Callable[[Any], list[Any]]:
    """Find the raw records of a list at a dotted path. Null is NOTHING: an empty list, or one that was withheld.

    :raises MissingError: where the path is not there, or leads to no list
    """
    parent, _, name = path.rpartition(".")

    def find(data: Any) -> list[Any]:
        holder = dig(data, parent) if parent else data
        if not isinstance(holder, dict) or not isinstance(holder.get(name, ""), list | None):
            raise MissingError(path)
        return NOTHING if holder[name] is None else holder[name]

    return find


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way to an endpoint's answer. Where there are several, they are tried in order.

    :param name: such as api, page or feed
    :param url: where it is, or from the context to where it is
    :param service: the name of the service that asks, "" for the platform's first
    :param surface: what `meta.surface` says, "" for the surface of the service
    :param query: from the context to query parameters, without cursor and signature
    :param form: from the context to the fields of a form that is posted, the cursor's beside them; None asks by GET
    :param headers: what it wants beside or instead of the configured headers
    :param decode: from a body to data, where that is not simply JSON; see `scraper.verdicts.content` for what holds
        no code, such as XML
    :param raw: from data to the raw records; they are named by `path` in faults
    :param parse: from a raw record and the context to a record, or None where `serves` would not have it
    :param serves: whether a record is the one that was asked for: what a platform shows instead is none
    :param fits: whether a target has what it needs; where not, it is passed over
    :param learn: from data to the hints that a further route needs: this one gives no record
    :param decides: whether one that only learns is about the very thing that is asked for: then it is believed where
        it says that there is no such thing, or that it is private
    :param spare: whether an identity is worth having without it, so that a refusal of it stops none
    :param signed: whether the query is signed, just before it is sent
    :param session: whether it needs what the session obtains first
    :param transport: what puts it on the wire: "" is plain HTTPS, `browser` the platform's own page in a browser,
        which signs what it asks
    :param described: whether its query tells of the browser, as the service puts it
    """

    name: str = "api"
    url: str | Callable[[Context], str]
    parse: Callable[[Any, Context], Record | None] = lambda raw, context: None
    service: str = ""
    surface: str = ""
    query: Callable[[Context], Mapping[str, Any]] = lambda context: {}
    form: Callable[[Context], Mapping[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    raw: Callable[[Any], list[Any]] = at("data")
    path: str = "data"
    serves: Callable[[Any, Context], bool] | None = None
    fits: Callable[[Target], bool] = lambda target: True
    learn: Callable[[Any], Mapping[str, str]] | None = None
    decides: bool = False
    spare: bool = False
    signed: bool = False
    session: bool = True
    transport: str = ""
    described: bool = False
    referer: Callable[[Target], str] | None = None

    def url_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the unsigned, stable URL.

        :param cursor: the parameters of the cursor, which stand in the form where there is one
        """
        url = self.url if isinstance(self.url, str) else self.url(context)
        return with_query(url, {**self.query(context), **(cursor if self.form is None else {})})

    def body_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the fields of the form, encoded; "" where there is none."""
        return encoded({**self.form(context), **cursor}) if self.form else ""


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
    :param record: the type of record that it gives
    :param also: further types of record that it gives
    :param routes: the ways to its answer, none where every record comes from `seed`
    :param seed: from the context to a record that needs no answer of its own, or None where it must be asked for
    :param login: what a session without login gets: "" all, "more" less, "needed" nothing
    :param sorted: whether `sort` changes its order
    :param natural: whether a target of its kind gets it when no router is asked
    :param listing: what sort of list it is, where a place in it is worth an observation; see `scraper.observing`
    :param relation: how its target is related to its records, where that is an edge
    :param alone: the id of what it is asked for where the user names nothing, such as a board that there is one of;
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
    cursor: Cursor | None = None
    extras: Sequence[Extra] = ()
    follow: Follow | None = None
    login: str = ""
    sorted: bool = False
    natural: bool = False
    listing: ListingKind | None = None
    relation: Relation | None = None
    alone: str = ""
    aliases: Sequence[str] = ()
    also: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The last segment of the router."""
        return self.router.rpartition("/")[2]

    def route_for(self, target: Target, first: int = 0) -> int | None:
        """Return the first route from a place on that fits a target."""
        fitting = (place for place in range(first, len(self.routes)) if self.routes[place].fits(target))
        return next(fitting, None)

    def url_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the unsigned, stable URL of a page."""
        return self.routes[route].url_for(context, self._sent(context, cursor, route))

    def body_for(self, context: Context, cursor: str = "", route: int = 0) -> str:
        """Return the form that asks for a page, "" where it is asked for by GET."""
        return self.routes[route].body_for(context, self._sent(context, cursor, route))

    def _sent(self, context: Context, cursor: str, route: int) -> Mapping[str, Any]:
        return self.cursor.send(cursor, context) if self.cursor and not self.routes[route].learn else {}

    def read(self, data: Any, context: Context, cursor: str = "", route: int = 0) -> Page:
        """Return what an answer holds. A record that was not asked for is left out.

        :raises MissingError: where the answer is not of the shape that is known, and names the path
        """
        way = self.routes[route]
        if way.learn:
            return Page([], [], END, learned=way.learn(data))
        turn = self.cursor.turn(data, context, cursor) if self.cursor else END
        total = integer(dig(data, self.cursor.total)) if self.cursor and self.cursor.total else None
        records, faults = [], []
        found = way.raw(data) if turn.stop is None else _rest(way, data)
        for place, raw in enumerate(found):
            try:
                record = way.parse(raw, context)
                if record is not None and (way.serves is None or way.serves(record, context)):
                    records.append(record)
            except UNREADABLE as error:
                faults.append(f"{way.path}[{place}].{reason(error)}")
        unserved = way.serves is not None and not records and not faults
        return Page(records, faults, turn, total, unserved, absent=found is NOTHING)


def _rest(route: Route, data: Any) -> list[Any]:
    """Return what a page that stops its list still holds."""
    try:
        return route.raw(data)
    except MissingError:
        return []


def reason(error: Exception) -> str:
    """Say which field could not be read."""
    return f"{error} is missing" if isinstance(error, MissingError) else f"?: {type(error).__name__} {error}"


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Return a URL with a query in percent-encoding, a blank being %20.

    >>> with_query("https://site.test/a", {"q": "a b", "n": None})
    'https://site.test/a?q=a%20b'
    """
    given = encoded(query)
    return f"{url}?{given}" if given else url


def encoded(fields: Mapping[str, Any]) -> str:
    """Return fields in percent-encoding, without those that are None."""
    return urlencode({name: value for name, value in fields.items() if value is not None}, quote_via=quote)
