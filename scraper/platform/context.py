"""What is asked for, as queries and parsers know it."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.platform.targets import Target


class Context(NamedTuple):
    """What a query or a parser may know beside the answer itself.

    :param logged_in: whether the identity's session is a logged-in one
    :param user_agent: what the identity sends, for `video_data.headers`
    :param options: the endpoint's own parameters that tune, by name
    :param cursor: of the page that is read
    :param tries: how often that was asked for before
    """

    target: Target
    sort: str = "hot"
    count: int | None = None  # type: ignore[assignment]  # a NamedTuple is a tuple, which has a method of that name
    logged_in: bool = False
    user_agent: str | None = None
    options: Mapping[str, str] = {}
    cursor: str = ""
    tries: int = 0

    def size(self, usual: int, most: int) -> int:
        """Return how many records to ask for on a page: what the user wants, within what the platform gives."""
        return min(self.count or usual, most)

    def option(self, name: str, default: str = "") -> str:
        """Return what the user gave for a parameter that tunes, in canonical form."""
        return self.options.get(name, default)
