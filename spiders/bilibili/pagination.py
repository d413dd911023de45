"""Pagination of Bilibili's lists: from a page to the next cursor. Pure."""

from collections.abc import Callable
from typing import Any

from scraper.platform import END, Context, NextPage, lacking
from scraper.responses.outcomes import Outcome
from scraper.responses.values import dig, flag, integer

WALL = NextPage(
    stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="further comments are shown to logged-in sessions only"
)


def counting(pages: Any, cursor: str, came: list[Any], asked: int) -> NextPage:
    """Return what follows a numbered page: its end is told by the total, and by nothing else.

    :param pages: what the answer says of its pages; their names differ
    :param asked: the size of a page that was asked for, where the answer does not say its own
    """
    number, declared = int(cursor or 1), _number(pages, "count", "total")
    said = _number(pages, "ps", "size", "page_size")
    size = asked if said is None else said
    if declared is None or size < 1:
        return lacking("data.page.count")
    if not came and number * size < declared:
        return NextPage(cursor=str(number + 1))
    if not came and (number - 1) * size < declared:
        message = f"page {number} came empty, though {declared} were declared"
        return NextPage(stop=Outcome.INCOMPLETE, message=message, retry=True)
    if number * size < declared or (len(came) >= size > 0 and number * size > declared):  # more came than was declared
        return NextPage(cursor=str(number + 1))
    return END


def _number(pages: Any, *names: str) -> int | None:
    return next((found for name in names if (found := integer(dig(pages, name))) is not None), None)


def flagged(path: str, *, ends: bool = False) -> Callable[[Any, Context, str], NextPage]:
    """Return how a numbered list goes on that says whether more follows.

    :param path: of what says so
    :param ends: whether it says that there is no more
    """

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        said = flag(dig(data, path))
        if said is None:
            return lacking(path)
        return END if said is ends else NextPage(cursor=str(int(cursor or 1) + 1))

    return next_page
