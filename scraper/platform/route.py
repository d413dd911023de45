"""One way to an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scraper.platform.context import Context
from scraper.platform.raw_records import at
from scraper.platform.targets import Target
from scraper.platform.urls import encoded, with_query
from scraper.records import Record, forget_unknown_zeros
from scraper.responses.outcomes import Outcome
from scraper.responses.values import UnexpectedShapeError
from scraper.responses.verdict import Reading


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way to an endpoint's answer. Where there are several, they are tried in order.

    :param name: such as api, page or feed
    :param url: where it is, or from the context to where it is
    :param service: the name of the service that asks, "" for the platform's first
    :param surface: what `meta.surface` says, "" for the surface of the service
    :param query: from the context to query parameters, without cursor and signature
    :param form: from the context to the fields of a form that is posted, the cursor's beside them; None asks by GET
    :param headers: what it wants beside or instead of the configured headers
    :param decode: from a body to data, where that is not simply JSON; see `scraper.responses.content` for what holds
        no code, such as XML
    :param raw: from data to the raw records; they are named by `path` in faults
    :param raw_type: what a raw record must be, so that the parser need not check it
    :param row_reading: why a raw record is not shown, by the code that judges it when it is asked for alone; None if
        it is shown
    :param parse: from a raw record and the context to a record, or None where `is_requested` would not have it;
        without that, for a row that is nothing of the kind, which is left out and counted
    :param is_requested: whether a record is the one that was asked for: what a platform shows instead is none
    :param is_available: whether a target has what it needs; where not, it is passed over
    :param lookup: from data to the hints that a further route needs: this one gives no record
    :param authoritative: for lookup routes: NOT_FOUND and PRIVATE end the job
    :param best_effort: whether an identity is worth having without it, so that a refusal of it stops none
    :param signed: whether the query is signed, just before it is sent
    :param session: whether it needs what the session obtains first
    :param transport: what puts it on the wire: "" is plain HTTPS, `browser` the platform's own page in a browser,
        which signs what it asks
    :param lacks: the fields of a record that it may not give, each with what says whether a record lacks it; such a
        record is completed by the next route, or names the field in `meta.missing`
    :param describes_browser: whether its query tells of the browser, as the service puts it
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
    row_reading: Callable[[Any], Reading | None] = lambda raw: None
    raw_type: type = dict
    is_requested: Callable[[Any, Context], bool] | None = None
    is_available: Callable[[Target], bool] = lambda target: True
    lookup: Callable[[Any], Mapping[str, str]] | None = None
    authoritative: bool = False
    best_effort: bool = False
    signed: bool = False
    session: bool = True
    transport: str = ""
    describes_browser: bool = False
    lacks: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)
    referer: Callable[[Target], str] | None = None

    def url_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the unsigned, stable URL.

        :param cursor: the parameters of the cursor, which stand in the form where there is one
        """
        url = self.url if isinstance(self.url, str) else self.url(context)
        return with_query(url, {**self.query(context), **(cursor if self.form is None else {})})

    def requested_record(self, raw: Any, context: Context) -> Record | None:
        """Return the record that a raw one holds, None if it is another one than was asked for.

        :raises UnexpectedShapeError: if it is not of the shape that is known
        """
        if not isinstance(raw, self.raw_type):
            raise UnexpectedShapeError(f"it is a {type(raw).__name__}")
        record = self.parse(raw, context)
        if record is not None:
            forget_unknown_zeros(record)
        return record if record is not None and (not self.is_requested or self.is_requested(record, context)) else None

    def lacking(self, record: Record) -> list[str]:
        """Return which of the fields that this route may not give a record lacks."""
        return [name for name, is_lacking in self.lacks.items() if is_lacking(record)]

    def refusal(self, raw: Any) -> Reading | None:
        """Return why a raw record is not shown, None if it is shown."""
        reading = self.row_reading(raw) if isinstance(raw, dict) else None
        return reading if reading and reading.outcome is not Outcome.OK else None

    def body_for(self, context: Context, cursor: Mapping[str, Any]) -> str:
        """Return the fields of the form, encoded; "" where there is none."""
        return encoded({**self.form(context), **cursor}) if self.form else ""
