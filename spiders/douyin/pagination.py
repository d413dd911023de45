"""How Douyin's lists go on. Pure: from a page to what comes next, which is told by `has_more` and nothing else."""

from collections.abc import Callable
from typing import Any

from scraper.platform import END, Context, NextPage, lacking, numbered
from scraper.responses.outcomes import Outcome
from scraper.responses.values import flag, integer, obj

WALL = NextPage(stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="more is shown to logged-in sessions only")
WITHOUT = NextPage(stop=Outcome.CHALLENGE, message="Douyin answered without the list, and gave no reason")


def next_page_by(name: str, items: str, *, empty_is_common: bool = False) -> Callable[[Any, Context, str], NextPage]:
    """Return how a list goes on whose next page is named by a number.

    :param name: of the number in an answer: a time in milliseconds, or how many came before
    :param items: the name of the list
    :param empty_is_common: whether a page may be empty in the middle of the list
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
    """Say whether a page is the wall for sessions without a login: nothing after the first, or an invitation alone."""
    if cursor and items not in page and "has_more" not in page:
        return True
    return not page.get(items) and flag(obj(page.get("not_login_module")).get("guide_login_tip_exist")) is True
