"""Pagination of Douyin's lists: from a page to the next cursor. Only `has_more` ends a list. Pure."""

from collections.abc import Callable
from typing import Any

from scraper.platform import END, Context, NextPage, lacking, numbered
from scraper.responses.outcomes import Outcome
from scraper.responses.values import flag, integer, obj

WALL = NextPage(stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="more needs a login")
WITHOUT = NextPage(stop=Outcome.CHALLENGE, message="Douyin omitted the list without a reason")


def next_page_by(name: str, items: str, *, empty_is_common: bool = False) -> Callable[[Any, Context, str], NextPage]:
    """Return the pagination of a list with a numeric cursor.

    :param name: the key of the cursor in an answer: a time in milliseconds, or an offset
    :param items: the key of the list
    :param empty_is_common: whether pages in the middle of the list are often empty
    """

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        if is_walled(page, items, cursor):
            return WALL
        if items not in page and "has_more" not in page:
            return WITHOUT
        more, following = flag(page.get("has_more")), integer(page.get(name))
        if more is None:
            return lacking("has_more")
        return numbered(following, name, empty_is_common=empty_is_common) if more else END

    return next_page


def is_walled(page: dict[str, Any], items: str, cursor: str) -> bool:
    """Return whether a page is the login wall: an empty page after the first, or only an invitation to log in."""
    if cursor and items not in page and "has_more" not in page:
        return True
    return not page.get(items) and flag(obj(page.get("not_login_module")).get("guide_login_tip_exist")) is True
