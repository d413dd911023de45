"""Pagination of lists: the next page, and the contents of one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scraper.platform.context import Context
from scraper.platform.targets import Target
from scraper.records import Record
from scraper.responses.outcomes import Outcome
from scraper.responses.verdict import Reading


class NextPage(NamedTuple):
    """Where to go after this page: a cursor, the end of the list (neither is set), or a premature stop.

    :param is_capped: the list stops because the platform shows no more of it, however long it is
    :param login_marker: the list stops because the session is not logged in
    :param retry: asking for the same page again may help
    :param empty_is_common: empty pages are common in this list: only the first of several is requested once more
    :param empty_is_valid: an empty page is a regular answer, for example for a time window without items
    :param end_inferred: the platform did not signal the end, but no further page can exist; the list is complete if
        as many records arrived as the platform counts
    """

    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    retry: bool = False
    empty_is_common: bool = False
    empty_is_valid: bool = False
    end_inferred: bool = False
    is_capped: bool = False


END = NextPage()
LISTED_TOTAL = "total"
"""The hint, while an empty list is explained, of the total that it declares."""


def lacking(path: str) -> NextPage:
    """Return a premature stop, for an answer that lacks the field which tells whether there is another page.

    :param path: the path of the missing field
    """
    return NextPage(stop=Outcome.UPSTREAM_CHANGED, message=f"{path} is missing in the answer, or cannot be read")


def numbered(following: int | None, name: str, *, empty_is_common: bool = False) -> NextPage:
    """Return the next page of a list that uses numeric cursors; a premature stop if the number is not above 0.

    :param name: the name of the number in the answer
    """
    if not following or following < 0:
        return NextPage(stop=Outcome.INCOMPLETE, message=f"the platform announces more but gives no {name}")
    return NextPage(cursor=str(following), empty_is_common=empty_is_common)


def sent_as(name: str, first: int = 0) -> Callable[[str, Context], Mapping[str, Any]]:
    """Return a `Pagination.cursor_params` that sends the cursor as one query parameter.

    :param first: the value for the first page
    """
    return lambda cursor, context: {name: cursor or first}


def no_cursor(cursor: str, context: Context) -> Mapping[str, Any]:
    """The `Pagination.cursor_params` of a list that comes at once."""
    return {}


def single_page(data: Any, context: Context, cursor: str) -> NextPage:
    """The `Pagination.next_page` of a list that comes at once."""
    return END


SIZE_OF_PLATFORM = "without effect: the platform decides how many items a page has"
"""The `Pagination.page_size` of a list whose requests have no page size."""


class NewestFirst(NamedTuple):
    """Says that a list is in order of time, the newest item first.

    :param pinned: the path of the flag of items that come first whatever their time, "" if there are none
    :param time: the field of a record that the list is ordered by
    :param applies: returns whether a target's list is in this order, by the target and the sort order of the request
    """

    pinned: str = ""
    time: str = "create_time"
    applies: Callable[[Target, str], bool] = lambda target, sort: True


@dataclass(frozen=True, kw_only=True)
class Pagination:
    """How an endpoint's list is paginated.

    :param cursor_params: returns the query parameters of a cursor ("" for the first page)
    :param next_page: returns the next page, given an answer, the context and the current cursor
    :param total: the path of the total declared by the platform, or ""
    :param known_total: returns a total that is known from the target's hints, or None
    :param exact: whether the total counts exactly the records of the list
    :param weight: how much a record adds to that total, for example a comment plus its replies; None if each adds 1
    :param max_empty_pages: how many consecutive empty pages are allowed before the list stops
    :param cursor_may_repeat: whether a cursor may legitimately repeat; then only a repeated page stops the list
    :param why_empty: returns what an empty list means, by the hints of the route that explains it, if it gave any
    :param max_visible: approximate hard limit of records per list; a list that stops near it is reported as truncated
    :param page_size: what decides the number of items of a page; "" if `count` does, within the platform's limits
    :param newest_first: says that the list is in order of time; None if it is not, or not reliably
    """

    cursor_params: Callable[[str, Context], Mapping[str, Any]]
    next_page: Callable[[Any, Context, str], NextPage]
    total: str = ""
    known_total: Callable[[Target], int | None] = lambda target: None
    exact: bool = False
    weight: Callable[[Any], int] | None = None
    max_empty_pages: int = 5
    cursor_may_repeat: bool = False
    why_empty: Callable[[Context], NextPage] | None = None
    max_visible: int | None = None
    page_size: str = ""
    newest_first: NewestFirst | None = None


class Bug(NamedTuple):
    """An error in this program while it parsed one record.

    :param path: the path of the record in the answer
    """

    path: str
    error: Exception


class Page(NamedTuple):
    """The contents of one answer. A record that cannot be parsed becomes a fault or a bug; the others are kept.

    :param faults: parts of the answer with an unknown shape
    :param not_in_response: whether the requested record is missing; records returned in its place are dropped
    :param hints: hints found by this route for the next routes
    :param left_out: number of rows dropped because they are not records, such as advertisements
    :param absent: whether the list itself is null; see `listed`
    :param is_partial: whether another route may complete its records; see `Route.lacks`
    :param refused: why the platform hides rows; the message names each
    :param odd_fields: the paths of fields that have another type than declared, and are null in the records
    """

    records: list[Record]
    faults: list[str]
    next_page: NextPage
    total: int | None = None
    not_in_response: bool = False
    hints: Mapping[str, str] = {}
    absent: bool = False
    left_out: int = 0
    bugs: Sequence[Bug] = ()
    is_partial: bool = False
    refused: Sequence[Reading] = ()
    odd_fields: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the page has no rows at all, counting hidden and unreadable rows."""
        return not (self.records or self.faults or self.bugs or self.refused)
