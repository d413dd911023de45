"""How a list goes on, and what one page of it holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from scraper.platform.context import Context
from scraper.platform.targets import Target
from scraper.records import Record
from scraper.responses.outcomes import Outcome


class Turn(NamedTuple):
    """What a page says comes next: a cursor, the end (neither is set), or a stop that is no end.

    :param login_marker: it stops for sessions without a login
    :param retry: the same page may come right when it is asked for again
    :param gap: where the page is empty, that is nothing unusual: the first of some in a row is asked for once more
    :param blank: where the page is empty, that is an answer like others, such as for a window of time
    :param unsaid: the platform does not say that it ends, but nothing can follow: it did where all that it counts came
    """

    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    retry: bool = False
    gap: bool = False
    blank: bool = False
    unsaid: bool = False


END = Turn()


def lacking(path: str) -> Turn:
    """Return the stop of a list whose answer does not say whether, or how, it goes on.

    :param path: of what should say so
    """
    return Turn(stop=Outcome.UPSTREAM_CHANGED, message=f"{path} is missing in the answer, or cannot be read")


def numbered(following: int | None, name: str, *, gap: bool = False) -> Turn:
    """Return the turn of a list that goes on, to a page that is named by a number; without one above 0 it stops.

    :param name: of the number in the answer
    """
    if not following or following < 0:
        return Turn(stop=Outcome.INCOMPLETE, message=f"the platform says that more follows, but gives no {name}")
    return Turn(cursor=str(following), gap=gap)


def sent_as(name: str, first: int = 0) -> Callable[[str, Context], Mapping[str, Any]]:
    """Return how a cursor is sent that is one parameter of the query.

    :param first: what asks for the first page
    """
    return lambda cursor, context: {name: cursor or first}


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How a list goes on.

    :param send: from the cursor ("" for the first page) and the context to query parameters
    :param turn: from an answer, the context and the cursor of this page to what comes next
    :param total: the path of the total that the platform declares, or ""
    :param counted: from the target to what was learned of how many there are, None where that is not known
    :param exact: whether that total counts just what the list gives
    :param weight: how many of that total a record stands for, such as a comment for itself and the replies to it
    :param gaps: how many pages in a row may come empty before its end, and the list is believed to go on
    :param repeats: whether a cursor may come again on the way: then only a page that comes again stops it
    :param cap: about how many records the platform shows of any list, however long it is: an end there is none
    """

    send: Callable[[str, Context], Mapping[str, Any]]
    turn: Callable[[Any, Context, str], Turn]
    total: str = ""
    counted: Callable[[Target], int | None] = lambda target: None
    exact: bool = False
    weight: Callable[[Any], int] = lambda record: 1
    gaps: int = 5
    repeats: bool = False
    cap: int | None = None


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
