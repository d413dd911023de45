"""The request's context that queries and parsers may use."""

from collections.abc import Mapping
from typing import NamedTuple

from scraper.platform.targets import Target


class Context(NamedTuple):
    """The context of a request, passed to query builders and parsers.

    :param logged_in: whether the identity's session is logged in
    :param user_agent: the identity's user agent, for `video_data.headers`
    :param options: the endpoint's own parameters that do not identify a target, by name
    :param cursor: cursor of the current page
    :param tries: number of earlier attempts
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
        """Return the page size to request: the user's, limited to the platform's maximum."""
        return min(self.count or usual, most)

    def option(self, name: str, default: str = "") -> str:
        """Return the user's value of an option, in canonical form."""
        return self.options.get(name, default)

    def media_headers(self, referer: str) -> dict[str, str]:
        """Return the headers that the CDN of a video needs."""
        agent = self.user_agent
        return {"Referer": referer, "User-Agent": agent} if agent else {"Referer": referer}
