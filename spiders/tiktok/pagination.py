"""Pagination of TikTok's lists: from a page to the next cursor. Pure."""

import time
from collections.abc import Callable
from typing import Any

from scraper.platform import END, NOTHING, Context, NextPage, lacking, numbered
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, flag, integer, obj, objs, seconds
from spiders.tiktok.lookups import PRIVATE, VIDEOS, known_total

PRIVATE_ACCOUNT = NextPage(stop=Outcome.PRIVATE, message="the account is private")
_EARLIEST_MS = 1_472_706_000_000  # nothing on TikTok is older
_DAY_MS = 86_400_000
_WEEK_MS = 7 * _DAY_MS
NextPageOf = Callable[[Any, Context, str], NextPage]


def works(name: str = "itemList") -> Callable[[Any], list[Any]]:
    """Find the raw records of a list that an answer leaves out where it holds none, or where it was withheld.

    :raises MissingError: where something else is in its place
    """

    def find(data: Any) -> list[Any]:
        found = obj(data).get(name)
        if found is not None and not isinstance(found, list):
            raise MissingError(name)
        return NOTHING if found is None else found

    return find


def untold(page: dict[str, Any], more: str, items: str = "itemList") -> NextPage:
    """Say that a page does not tell whether any follow.

    :raises MissingError: where it holds nothing either: such an answer is hollow, and another route may know better
    """
    if not page.get(items):
        raise MissingError(more)
    return lacking(more)


def next_page_by(name: str, more: str, items: str = "itemList") -> NextPageOf:
    """Return how a list goes on whose next page is named by a number.

    :param name: of the number in an answer: how many came before, or a time
    :param more: the name of what says whether any follow
    :param items: the name of the list
    """

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        follows, following = flag(page.get(more)), integer(page.get(name))
        if follows is None:
            return untold(page, more, items)
        return numbered(following, name) if follows else END

    return next_page


by_cursor = next_page_by("cursor", "hasMore")


def by_items(data: Any, context: Context, cursor: str) -> NextPage:
    """Say how a list goes on whose next page is named by how many works came before."""
    follows, came = flag(obj(data).get("hasMore")), dig(data, "itemList")
    if follows is None:
        return untold(obj(data), "hasMore")
    return NextPage(cursor=str(int(cursor or 0) + len(works()(data) if came else ()))) if follows else END


def latest_ms() -> int:
    """Return a moment at which all works there are were made: the end of this day, so that a URL is stable for it."""
    return (int(time.time() * 1000) // _DAY_MS + 1) * _DAY_MS


def by_time(data: Any, context: Context, cursor: str) -> NextPage:
    """Say how the works of a user go on, in either of the lists of them: each goes back in time."""
    page, empty = obj(data), not dig(data, "itemList")
    more = "hasMorePrevious" if "hasMorePrevious" in page else "hasMore"
    follows = flag(page.get(more))
    if empty and not cursor and not follows:
        return _nothing(context.target, follows)
    if follows is None:
        return untold(page, more)
    if not follows:
        return END
    return _go_back(page, cursor) if more == "hasMore" else _step_back(page, cursor)


def _nothing(target: Target, follows: bool | None) -> NextPage:
    """Say why a list has no first page: the account is private, or there are no works.

    :raises MissingError: where there should be some: another route may know better
    """
    if target.hint(PRIVATE) == "1":
        return PRIVATE_ACCOUNT
    if follows is None:
        raise MissingError("hasMore")
    if declared := known_total(target, VIDEOS):
        raise MissingError(f"itemList, though {declared} works are counted,")
    return END


def _step_back(page: dict[str, Any], cursor: str) -> NextPage:
    """Go on from the oldest work of a page; where there is none, a week back: the list has holes."""
    here, oldest = int(cursor or latest_ms()), _oldest_ms(page)
    following = oldest if oldest is not None and oldest < here else here - _WEEK_MS
    return (
        NextPage(end_inferred=True)
        if following < _EARLIEST_MS
        else NextPage(cursor=str(following), empty_is_common=True)
    )


def _go_back(page: dict[str, Any], cursor: str) -> NextPage:
    """Go on from where a page says, unless that is no earlier: then from its oldest work."""
    following = integer(page.get("cursor"))
    if following is None or following <= 0 or (cursor and following >= int(cursor)):
        following = _oldest_ms(page)
    return numbered(following, "cursor")


def _oldest_ms(page: dict[str, Any]) -> int | None:
    """Return when the last work of a page was made that says so. Only the last ones are in the order of time."""
    made = (seconds(each.get("createTime")) for each in reversed(list(objs(page.get("itemList")))))
    return next((each * 1000 for each in made if each is not None), None)


def empty(target: Target) -> NextPage:
    """Say that a list without a first page is just empty."""
    return END


def unless_hidden(next_page: NextPageOf, hidden: Callable[[Target], NextPage], name: str = "itemList") -> NextPageOf:
    """Return how a list goes on whose first page comes without the list where it is not shown.

    :param hidden: from the target to what that means
    """

    def turn_or_stop(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        follows = flag(page.get("hasMore"))
        if cursor or page.get(name) or follows:
            return next_page(data, context, cursor)
        means = PRIVATE_ACCOUNT if context.target.hint(PRIVATE) == "1" else hidden(context.target)
        return untold(page, "hasMore", name) if means is END and follows is None else means

    return turn_or_stop
