"""Pagination of Bilibili's lists: from a page to the next cursor. Pure."""

from collections.abc import Callable
from typing import Any

from scraper.platform import END, Context, NextPage, lacking
from scraper.responses.outcomes import Outcome
from scraper.responses.values import dig, flag, integer

WALL = NextPage(stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="further comments need a login")


def counting(pages: Any, cursor: str, came: list[Any], asked: int) -> NextPage:
    """Return the page after a numbered page; only the total ends the list.

    :param pages: the answer's page information, whose field names differ between endpoints
    :param asked: the requested page size, used if the answer does not state its own
    """
    number, declared = int(cursor or 1), _number(pages, "count", "total")
    page_size = _number(pages, "ps", "size", "page_size")
    size = asked if page_size is None else page_size
    if declared is None or size < 1:
        return lacking("data.page.count")
    if not came and number * size < declared:
        return NextPage(cursor=str(number + 1))
    if not came and (number - 1) * size < declared:
        message = f"page {number} was empty, but {declared} were declared"
        return NextPage(stop=Outcome.INCOMPLETE, message=message, retry=True)
    if number * size < declared or (len(came) >= size > 0 and number * size > declared):  # more records than declared
        return NextPage(cursor=str(number + 1))
    return END


def _number(pages: Any, *names: str) -> int | None:
    for name in names:
        if (number := integer(dig(pages, name))) is not None:
            return number
    return None


def flagged(path: str, *, ends: bool = False) -> Callable[[Any, Context, str], NextPage]:
    """Return the pagination of a numbered list with a flag for "more" or "no more".

    :param path: the path of the flag
    :param ends: whether the flag means "no more"
    """

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        has_more = flag(dig(data, path))
        if has_more is None:
            return lacking(path)
        return END if has_more is ends else NextPage(cursor=str(int(cursor or 1) + 1))

    return next_page
