"""Pagination of TikTok's lists: from a page to the next cursor. Pure."""

import time
from collections.abc import Callable
from typing import Any

from scraper.platform import END, NOTHING, Context, NextPage, lacking, numbered
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import as_shape
from scraper.responses.values import MissingError, dig, flag, integer, obj, seconds
from spiders.tiktok.lookups import EXISTS, PRIVATE, VIDEOS, known_total
from spiders.tiktok.shapes import Post

PRIVATE_ACCOUNT = NextPage(stop=Outcome.PRIVATE, message="the account is private")
_UNTOLD = NextPage(
    stop=Outcome.INCOMPLETE, message="TikTok lists nothing, and the profile that says why could not be read"
)
_EARLIEST_MS = 1_472_706_000_000  # no post is older
_DAY_MS = 86_400_000
_WEEK_MS = 7 * _DAY_MS
NextPageOf = Callable[[Any, Context, str], NextPage]


def works(name: str = "itemList") -> Callable[[Any], list[Any]]:
    """Return a finder of the list `name`, which answers omit if it is empty or withheld.

    :raises MissingError: the value is not a list
    """

    def find(data: Any) -> list[Any]:
        entries = obj(data).get(name)
        if entries is not None and not isinstance(entries, list):
            raise MissingError(name)
        return NOTHING if entries is None else entries

    return find


def without_flag(page: dict[str, Any], more: str, items: str = "itemList") -> NextPage:
    """Stop a list whose page has no flag for further pages.

    :raises MissingError: the page is also empty; another route may have the data
    """
    if not page.get(items):
        raise MissingError(more)
    return lacking(more)


def next_page_by(name: str, more: str, items: str = "itemList") -> NextPageOf:
    """Return the pagination of a list with a numeric cursor.

    :param name: the key of the cursor: an offset, or a time
    :param more: the key of the flag for further pages
    :param items: the key of the list
    """

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        follows, following = flag(page.get(more)), integer(page.get(name))
        if follows is None:
            return without_flag(page, more, items)
        return numbered(following, name) if follows else END

    return next_page


by_cursor = next_page_by("cursor", "hasMore")


def by_items(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next page of a list whose cursor is the number of posts so far."""
    follows, came = flag(obj(data).get("hasMore")), dig(data, "itemList")
    if follows is None:
        return without_flag(obj(data), "hasMore")
    return NextPage(cursor=str(int(cursor or 0) + len(works()(data) if came else ()))) if follows else END


def latest_ms() -> int:
    """Return the end of this day in milliseconds: later than any post, and stable for a day."""
    return (int(time.time() * 1000) // _DAY_MS + 1) * _DAY_MS


def by_time(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next page of a user's posts, in either list; both go back in time."""
    page, empty = obj(data), not dig(data, "itemList")
    more = "hasMorePrevious" if "hasMorePrevious" in page else "hasMore"
    follows = flag(page.get(more))
    if empty and not cursor and not follows:
        return _nothing(context.target, follows)
    if follows is None:
        return without_flag(page, more)
    if not follows:
        return END
    return _go_back(page, cursor) if more == "hasMore" else _step_back(page, cursor)


def _nothing(target: Target, follows: bool | None) -> NextPage:
    """Explain an empty first page: a private account, or no posts.

    :raises MissingError: the profile counts posts; another route may have them
    """
    if target.hint(PRIVATE) == "1":
        return PRIVATE_ACCOUNT
    if follows is None:
        raise MissingError("hasMore")
    if declared := known_total(target, VIDEOS):
        raise MissingError(f"itemList, though {declared} posts are counted,")
    return empty(target)


def _step_back(page: dict[str, Any], cursor: str) -> NextPage:
    """Continue from the oldest post of a page, or a week back if it is empty: the list has gaps."""
    here, oldest = int(cursor or latest_ms()), _oldest_ms(page)
    following = oldest if oldest is not None and oldest < here else here - _WEEK_MS
    return (
        NextPage(end_inferred=True)
        if following < _EARLIEST_MS
        else NextPage(cursor=str(following), empty_is_common=True)
    )


def _go_back(page: dict[str, Any], cursor: str) -> NextPage:
    """Continue from the page's cursor, or from its oldest post if the cursor is not earlier."""
    following = integer(page.get("cursor"))
    if following is None or following <= 0 or (cursor and following >= int(cursor)):
        following = _oldest_ms(page)
    return numbered(following, "cursor")


def _oldest_ms(page: dict[str, Any]) -> int | None:
    """Return the time of the last dated post of a page. Pinned posts at the top are out of order."""
    items = page.get("itemList")
    last_first = reversed(items if isinstance(items, list) else [])
    times = (seconds(as_shape(Post, item).createTime) for item in last_first)
    return next((created_at * 1000 for created_at in times if created_at is not None), None)


def empty(target: Target) -> NextPage:
    """Say that a list without a first page is empty, if the user's profile was read: a missing user has none either."""
    return END if target.hint(EXISTS) else _UNTOLD


def unless_hidden(next_page: NextPageOf, hidden: Callable[[Target], NextPage], name: str = "itemList") -> NextPageOf:
    """Return the pagination of a list whose first page lacks the list if it is hidden.

    :param hidden: from the target to the meaning of a missing list
    """

    def turn_or_stop(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        follows = flag(page.get("hasMore"))
        if cursor or page.get(name) or follows:
            return next_page(data, context, cursor)
        means = PRIVATE_ACCOUNT if context.target.hint(PRIVATE) == "1" else hidden(context.target)
        return without_flag(page, "hasMore", name) if means is END and follows is None else means

    return turn_or_stop
