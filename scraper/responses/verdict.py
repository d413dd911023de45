"""The types of the classifier: an answer, the reading of a platform's signal, and the verdict."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scraper.responses.decoding import decode
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import AnswerShape, decode_as


class Answer(NamedTuple):
    """An answer to a request, as the classifier sees it.

    :param headers: names in lower case
    :param login_cookie: whether the identity holds the cookie of a logged-in session
    :param decode: decodes the body of a route that expects an HTML page and not JSON
    :param shape: what is read of an answer with rows; any other is decoded as a whole
    :param from_cdn: whether a file was requested, so that the answer says nothing about the session
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    signed: bool = False
    login_cookie: bool = False
    decode: Callable[[bytes], Any] | None = None
    shape: type[AnswerShape] | None = None
    from_cdn: bool = False

    def data(self) -> Any:
        """Decode the body.

        :raises ValueError: if that is impossible
        """
        data = decode_as(self.shape, self.body) if self.shape else None
        return (self.decode or decode)(self.body) if data is None else data


class Reading(NamedTuple):
    """The meaning of one signal of a platform, such as a code.

    :param login_marker: the session is not logged in; if a login cookie was sent, it has expired
    :param stale: on a signed route the keys may be stale: renew them once before accepting the outcome
    :param from_input: blames the user's input if the user set the parameter, else our outdated request
    :param once_more: accepted only if a second request gets the same
    :param guessed: inferred only from the fact that an HTML page came instead of JSON
    :param soft: another route may give a different outcome
    :param advice: what the user can do next, if it differs from the outcome's advice
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
    """The outcome of a request, with the details that decide what happens next.

    :param data: the decoded body, if there is one
    :param final: trying again cannot help
    :param retry: trying again can help, whatever the outcome's remedy
    :param soft: another route may give a different outcome
    :param once_more: a second request can help, a third cannot
    :param guessed: inferred only from the fact that an HTML page came instead of JSON
    :param unavailable: the route cannot be used in this installation; the message says what it needs
    :param advice: what the user can do next, if it differs from the outcome's advice
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
        """Return the verdict on requests that are not sent because this verdict stopped the identity."""
        message = f"not requested, because the service was stopped: {self.message}"
        return self._replace(message=message, data=None, final=True)
