"""How a list goes on, and what one page of it holds."""

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

    :param login_marker: the list stops because the session is not logged in
    :param retry: asking for the same page again may help
    :param empty_is_common: empty pages are common in this list: only the first of several is requested once more
    :param empty_is_valid: an empty page is a regular answer, for example for a time window without items
    :param end_inferred: the platform did not signal the end, but no further page can exist; the list is complete if
        everything that the platform counts has come
    """

    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    retry: bool = False
    empty_is_common: bool = False
    empty_is_valid: bool = False
    end_inferred: bool = False


END = NextPage()


def lacking(path: str) -> NextPage:
    """Return the stop of a list whose answer does not say whether, or how, it goes on.

    :param path: of what should say so
    """
    return NextPage(stop=Outcome.UPSTREAM_CHANGED, message=f"{path} is missing in the answer, or cannot be read")


def numbered(following: int | None, name: str, *, empty_is_common: bool = False) -> NextPage:
    """Return the turn of a list that goes on, to a page that is named by a number; without one above 0 it stops.

    :param name: of the number in the answer
    """
    if not following or following < 0:
        return NextPage(stop=Outcome.INCOMPLETE, message=f"the platform announces more but gives no {name}")
    return NextPage(cursor=str(following), empty_is_common=empty_is_common)


def sent_as(name: str, first: int = 0) -> Callable[[str, Context], Mapping[str, Any]]:
    """Return how a cursor is sent that is one parameter of the query.

    :param first: what asks for the first page
    """
    return lambda cursor, context: {name: cursor or first}


@dataclass(frozen=True, kw_only=True)
class Pagination:
    """How a list goes on.

    :param cursor_params: from the cursor ("" for the first page) and the context to query parameters
    :param next_page: from an answer, the context and the cursor of this page to what comes next
    :param total: the path of the total that the platform declares, or ""
    :param known_total: from the target to what was learned of how many there are, None where that is not known
    :param exact: whether that total counts just what the list gives
    :param weight: how many of that total a record stands for, such as a comment for itself and the replies to it
    :param max_empty_pages: how many pages in a row may come empty before its end, and the list is believed to go on
    :param cursor_may_repeat: whether a cursor may come again on the way: then only a page that comes again stops it
    :param max_visible: about how many records the platform shows of any list, however long it is: an end there is none
    """

    cursor_params: Callable[[str, Context], Mapping[str, Any]]
    next_page: Callable[[Any, Context, str], NextPage]
    total: str = ""
    known_total: Callable[[Target], int | None] = lambda target: None
    exact: bool = False
    weight: Callable[[Any], int] = lambda record: 1
    max_empty_pages: int = 5
    cursor_may_repeat: bool = False
    max_visible: int | None = None


class Bug(NamedTuple):
    """An error of this program while it read one record.

    :param path: where the record is in the answer
    """

    path: str
    error: Exception


class Page(NamedTuple):
    """What one answer holds. A record that could not be read becomes a fault or a bug, and costs the others nothing.

    :param faults: what of the answer is not of the shape that is known
    :param not_in_response: whether what was asked for is not in it: records that were shown instead are left out
    :param hints: hints that a route learned for those after it
    :param left_out: how many rows are nothing that the endpoint gives, such as an advertisement
    :param absent: whether the list itself is null; see `listed`
    :param is_partial: whether its records lack what another route may give; see `Route.lacks`
    :param refused: why rows are not shown: the message names each
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

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing at all, not even something that is not shown or cannot be read."""
        return not (self.records or self.faults or self.bugs or self.refused)
