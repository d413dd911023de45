"""Convert a Scrapy response to the `Answer` that platforms classify."""

from collections.abc import Callable
from typing import Any

from scrapy.http import Response

from scraper.responses import Answer
from scraper.responses.shapes import AnswerShape


def answer_of(
    response: Response,
    signed: bool = False,
    login_cookie: bool = False,
    decode: Callable[[bytes], Any] | None = None,
    shape: type[AnswerShape] | None = None,
) -> Answer:
    """Return a response as an `Answer`.

    :param signed: whether the request was signed
    :param login_cookie: whether it was sent with the cookie of a logged-in session
    :param decode: converts the body to data; None for JSON
    :param shape: what is read of an answer with rows
    """
    headers = {
        name.decode("latin-1").lower(): b",".join(values).decode("latin-1") for name, values in response.headers.items()
    }
    return Answer(response.status, headers, response.body, signed, login_cookie, decode, shape)
