"""The declaration of a route: one way to get an endpoint's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from scraper.platform.context import Context
from scraper.platform.raw_records import at
from scraper.platform.targets import Target
from scraper.platform.urls import encoded, with_query
from scraper.records import Record, forget_unknown_zeros
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import AnswerShape, Shape, shaped
from scraper.responses.values import UnexpectedShapeError, json_type
from scraper.responses.verdict import Reading


def if_missing(*names: str) -> Mapping[str, Callable[[Any], bool]]:
    """Return a `Route.lacks` of fields that a route lacks if its parser names them in `meta.missing`."""
    return {name: partial(_names, name) for name in names}


def _names(name: str, record: Record) -> bool:
    return name in record.meta.missing


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way to get an endpoint's answer. If there are several, they are tried in order.

    :param name: such as api, page or feed
    :param url: the URL, or a function that builds it from the context
    :param service: the name of the service that sends its requests; "" for the platform's first
    :param surface: the value of `meta.surface`; "" for the surface of the service
    :param query: returns the query parameters, without cursor and signature
    :param form: returns the fields of a POST form, to which the cursor is added; None for a GET request
    :param headers: headers that are added to, or replace, the configured ones
    :param decode: decodes a body that is not JSON; for content without a code, such as XML, see
        `scraper.responses.content`
    :param raw: finds the raw records in decoded data; faults name their `path`
    :param shape: what is read of an answer with rows, so that it is decoded in one step
    :param raw_type: the required type of a raw record, so that the parser need not check it; an object is converted to
        a `Shape`
    :param row_reading: returns why the platform hides a row, read as if the row were requested alone; None if it is
        visible
    :param parse: turns a raw record into a record. None if `is_requested` would reject it; without `is_requested`,
        None drops a row that is not a record, and counts it
    :param is_requested: whether a record is the requested one, since platforms may return another in its place
    :param is_available: whether the route can be used for a target; if not, it is skipped
    :param lookup: extracts hints for the next route; a lookup route returns no records
    :param explains_empty: for lookup routes: asked only if the list is empty; see `Pagination.why_empty`
    :param authoritative: for lookup routes: NOT_FOUND and PRIVATE end the job
    :param best_effort: a refusal on this route never disables the identity
    :param signed: whether the query is signed just before sending
    :param session: whether `Session.ready` must run first
    :param transport: "" for plain HTTPS; `browser` for the platform's own page in a browser, which signs its requests
    :param lacks: fields that this route may not return, each with a test for a record that lacks it; the next route
        completes such a record, or the field is listed in `meta.missing`
    :param describes_browser: whether the query includes the parameters of `Service.describe`
    """

    name: str = "api"
    url: str | Callable[[Context], str]
    parse: Callable[[Any, Context], Record | None] = lambda raw, context: None
    service: str = ""
    surface: str = ""
    query: Callable[[Context], Mapping[str, Any]] = lambda context: {}
    form: Callable[[Context], Mapping[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    decode: Callable[[bytes], Any] | None = None
    raw: Callable[[Any], list[Any]] = at("data")
    path: str = "data"
    row_reading: Callable[[Any], Reading | None] | None = None
    shape: type[AnswerShape] | None = None
    raw_type: type = dict
    is_requested: Callable[[Any, Context], bool] | None = None
    is_available: Callable[[Target], bool] = lambda target: True
    lookup: Callable[[Any], Mapping[str, str]] | None = None
    explains_empty: bool = False
    authoritative: bool = False
    best_effort: bool = False
    signed: bool = False
    session: bool = True
    transport: str = ""
    describes_browser: bool = False
    lacks: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    referer: Callable[[Target], str] | None = None

    def url_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the unsigned, stable URL of a request.

        :param cursor: the parameters of the cursor; they go into the form if the route has one
        """
        url = self.url if isinstance(self.url, str) else self.url(context)
        return with_query(url, {**self.query(context), **(cursor if self.form is None else {})})

    def in_shape(self, raw: Any) -> tuple[Any, list[str]]:
        """Return a raw record in its declared shape, and the paths of fields that could not be converted."""
        return shaped(self.raw_type, raw) if isinstance(raw, dict) and issubclass(self.raw_type, Shape) else (raw, [])

    def requested_record(self, raw: Any, context: Context) -> Record | None:
        """Parse a raw record in its shape; return None if it is not the requested one.

        :raises UnexpectedShapeError: if its shape is unknown
        """
        if not isinstance(raw, self.raw_type):
            raise UnexpectedShapeError(f"it is {json_type(raw)}")
        record = self.parse(raw, context)
        if record is None:
            return None
        forget_unknown_zeros(record)
        return record if not self.is_requested or self.is_requested(record, context) else None

    def lacking(self, record: Record) -> list[str]:
        """Return the fields of `lacks` that a record lacks."""
        return [name for name, is_lacking in self.lacks.items() if is_lacking(record)]

    def refusal(self, raw: Any) -> Reading | None:
        """Return why the platform hides a raw record, None if it is visible."""
        reading = self.row_reading(raw) if self.row_reading and isinstance(raw, self.raw_type) else None
        return reading if reading and reading.outcome is not Outcome.OK else None

    def body_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the encoded form of a POST request; "" for a GET request."""
        return encoded({**self.form(context), **cursor}) if self.form else ""
