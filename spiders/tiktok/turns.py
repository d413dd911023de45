"""How TikTok's lists go on. Pure: from a page to what comes next. The web says it in several spellings."""

from collections.abc import Callable
from typing import Any

from scraper.endpoint import END, Context, Turn
from scraper.outcomes import Outcome
from scraper.read import flag, integer, obj


def turn_by(name: str, more: str) -> Callable[[Any, Context, str], Turn]:
    """Return how a list goes on whose next page is named by a number.

    :param name: of the number in an answer: how many came before, or a time
    :param more: the name of what says whether any follow
    """

    def turn(data: Any, context: Context, cursor: str) -> Turn:
        page = obj(data)
        follows, following = flag(page.get(more)), integer(page.get(name))
        if follows is None:
            return Turn(stop=Outcome.UPSTREAM_CHANGED, message=f"{more} is missing in the answer")
        if not follows:
            return END
        if not following or following < 0:
            return Turn(stop=Outcome.INCOMPLETE, message=f"the platform says that more follows, but gives no {name}")
        return Turn(cursor=str(following))

    return turn
