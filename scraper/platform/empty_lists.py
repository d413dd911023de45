"""Tell an empty list from the list of something that does not exist, on platforms that answer both alike."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform.context import Context
from scraper.platform.pagination import END, NextPage
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, count, ident

_EXISTS, _COUNTED = "exists", "counted"  # hints


def existing(number: Any, total: Any, path: str) -> Mapping[str, str]:
    """Return the hints of a thing that exists, such as a mix.

    :param number: its id in the answer
    :param total: how many records the platform counts in its list
    :param path: the path of the id
    :raises MissingError: the answer has no id
    """
    if not ident(number):
        raise MissingError(path)
    number_of_records = count(total)
    return {_EXISTS: "1", **({} if number_of_records is None else {_COUNTED: str(number_of_records)})}


def counted(target: Target) -> int | None:
    """Return how many records the platform counts in the list of a thing, None if unknown."""
    return count(target.hint(_COUNTED))


def nothing_in(what: str) -> Callable[[Context], NextPage]:
    """Return what says why the list of a thing is empty, by the hints of `existing`.

    :param what: such as "the mix"
    """

    def means(context: Context) -> NextPage:
        if not context.target.hint(_EXISTS):
            message = f"nothing is listed, and the platform did not say whether {what} exists"
            return NextPage(stop=Outcome.INCOMPLETE, message=message)
        declared = counted(context.target)
        message = f"{what} counts {declared}, but the platform shows none"
        return NextPage(stop=Outcome.INCOMPLETE, message=message) if declared else END

    return means
