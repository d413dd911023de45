"""What an answer is judged by, and what is said of it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scraper.responses.outcomes import Outcome


class Answer(NamedTuple):
    """
    :param headers: names in lower case
    :param login_cookie: whether the identity holds the cookie of a logged-in session
    :param decode: from the body to data, where the route expects a page and not JSON
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    signed: bool = False
    login_cookie: bool = False
    decode: Callable[[bytes], Any] | None = None


class Reading(NamedTuple):
    """What a platform's word means.

    :param login_marker: the session is not logged in: with a login cookie, the cookie has expired
    :param stale: on a signed route the keys may be old: renew them once before it is believed
    :param from_input: it is the user's input where the user gave it, else our own request that is out of date
    :param once_more: it is believed only when it is said twice
    :param guessed: nothing says so but that a page for people came
    :param soft: another route may know better
    :param advice: what the user can do next, if that is not what the outcome advises
    """

    outcome: Outcome
    message: str
    login_marker: bool = False
    stale: bool = False
    from_input: bool = False
    once_more: bool = False
    guessed: bool = False
    soft: bool = False
    advice: str = ""


class Verdict(NamedTuple):
    """
    :param data: the decoded body, where there is one
    :param final: trying again cannot help
    :param retry: trying again can help, though the outcome alone does not say so
    :param soft: another route may know better
    :param once_more: asking a second time can help, and a third time cannot
    :param guessed: nothing says so but that a page for people came
    :param unavailable: the route itself cannot be used here, and the message says what would make it usable
    :param advice: what the user can do next, if that is not what the outcome advises
    """

    outcome: Outcome
    message: str = ""
    data: Any = None
    retry_after: float | None = None
    stale: bool = False
    from_input: bool = False
    final: bool = False
    retry: bool = False
    soft: bool = False
    once_more: bool = False
    guessed: bool = False
    unavailable: bool = False
    advice: str = ""

    def unasked(self) -> "Verdict":
        """Return the verdict on what was not asked any more, since this stopped the identity."""
        said = f"not requested, because the service was stopped: {self.message}"
        return self._replace(message=said, data=None, final=True)
