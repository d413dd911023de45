"""How Bilibili's lists go on. Pure: from a page to what comes next."""

from typing import Any

from scraper.endpoint import END, Turn
from scraper.outcomes import Outcome
from scraper.read import dig, integer

WALL = Turn(
    stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="further comments are shown to logged-in sessions only"
)


def lacking(path: str) -> Turn:
    """Return the stop of a list whose answer does not say how it goes on."""
    return Turn(stop=Outcome.UPSTREAM_CHANGED, message=f"{path} is missing in the answer")


def counting(pages: Any, cursor: str, came: list[Any], asked: int) -> Turn:
    """Return what follows a numbered page: its end is told by the total, and by nothing else.

    :param asked: the size of a page that was asked for, where the answer does not say its own
    """
    number, declared = int(cursor or 1), integer(dig(pages, "count"))
    size = integer(dig(pages, "ps", dig(pages, "size", asked))) or 0
    if declared is None or size < 1:
        return lacking("data.page.count")
    if not came and (number - 1) * size < declared:
        said = f"page {number} came empty, though {declared} were declared"
        return Turn(stop=Outcome.INCOMPLETE, message=said, retry=True)
    if number * size < declared or (len(came) >= size > 0 and number * size > declared):  # more came than was declared
        return Turn(cursor=str(number + 1))
    return END
