"""Convert a Scrapy response to the `Answer` that platforms classify."""

from collections.abc import Callable
from typing import Any

from scrapy.http import Response

from scraper.network.headers import raw_items
from scraper.responses import Answer
from scraper.responses.shapes import AnswerShape


def answer_of(
    response: Response,
    signed: bool = False,
    login_cookie: bool = False,
    decode: Callable[[bytes], Any] | None = None,
    shape: type[AnswerShape] | None = None,
    from_cdn: bool = False,
) -> Answer:
    """Return a response as an `Answer`.

    :param signed: whether the request was signed
    :param login_cookie: whether it was sent with the cookie of a logged-in session
    :param decode: converts the body to data; None for JSON
    :param shape: what is read of an answer with rows
    :param from_cdn: whether a file was requested
    """
    headers = {
        name.decode("latin-1").lower(): b",".join(values).decode("latin-1")
        for name, values in raw_items(response.headers)
    }
    return Answer(response.status, headers, response.body, signed, login_cookie, decode, shape, from_cdn)
