"""A further request that completes a record."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scraper.platform.context import Context
from scraper.platform.targets import Target
from scraper.platform.urls import with_query


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A further request that completes a record, such as the streams of a video.

    :param place: from the record to what follows `url`, where it is not always the same
    :param query: from the record and the context to query parameters, or None where there is nothing to ask
    :param decode: from the body to data, where that is not simply JSON with a code; see `scraper.responses.content`
    :param add: from the record, the answer and the context to the completed record
    :param fills: the fields that it fills, named in `meta.missing` where the request fails
    :param required: whether the record is nothing without it: then its failure is that of the record
    :param login: whether only a logged-in session is asked
    """

    name: str
    url: str
    query: Callable[[Any, Context], Mapping[str, Any] | None]
    add: Callable[[Any, Any, Context], None]
    fills: Callable[[Any], Sequence[str]]
    signed: bool = False
    required: bool = False
    login: bool = False
    place: Callable[[Any], str] = lambda record: ""
    decode: Callable[[bytes], Any] | None = None
    referer: Callable[[Target], str] | None = None

    def url_for(self, record: Any, context: Context) -> str:
        """Return the unsigned, stable URL of a record."""
        return with_query(self.url + self.place(record), self.query(record, context) or {})
