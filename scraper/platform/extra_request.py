"""Extra requests that complete a record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scraper.platform.context import Context
from scraper.platform.targets import Target
from scraper.platform.urls import with_query
from scraper.responses.shapes import AnswerShape


@dataclass(frozen=True, kw_only=True)
class Extra:
    """An extra request that completes a record, such as one for the streams of a video.

    :param place: returns the part of the URL after `url`, if it depends on the record
    :param query: returns the query parameters, or None if no request is needed
    :param decode: decodes a body that is not JSON with a code; see `scraper.responses.content`
    :param shape: what is read of its answer
    :param add: returns the completed record, given the record, the answer and the context
    :param fills: the fields it fills; listed in `meta.missing` if the request fails
    :param from_cdn: whether it is a file of `Platform.cdn`, which is requested without cookies; the HTTP status of its
        answer says nothing about the session
    :param required: whether the record fails if this request fails
    :param login: whether it needs a logged-in session
    """

    name: str
    url: str
    query: Callable[[Any, Context], Mapping[str, Any] | None]
    add: Callable[[Any, Any, Context], None]
    fills: Callable[[Any], Sequence[str]]
    signed: bool = False
    from_cdn: bool = False
    required: bool = False
    login: bool = False
    place: Callable[[Any], str] = lambda record: ""
    decode: Callable[[bytes], Any] | None = None
    shape: type[AnswerShape] | None = None
    referer: Callable[[Target], str] | None = None

    def url_for(self, record: Any, context: Context) -> str:
        """Return the unsigned, stable URL of the extra request for a record."""
        return with_query(self.url + self.place(record), self.query(record, context) or {})
