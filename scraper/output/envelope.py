"""Envelopes, the items of this project, and pages of envelopes."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import msgspec
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from scraper.jobs.job import Job
from scraper.ledger.step import Retry, Step
from scraper.records import Meta, Record
from scraper.records.describing import P3, about
from scraper.responses.outcomes import Outcome

page_processed = object()
"""Signal: pipelines and sinks have finished a page. Its arguments are `page`, and `items`, the ones that were kept."""

all_answered = object()
"""Signal: no ask of a long-lived crawler is under way."""

_OK = Outcome.OK.value  # compared for each record: comparing an enum is slow


class Error(msgspec.Struct, kw_only=True):
    """Why there is no record for an input."""

    name: Annotated[str, about("Name of the outcome, such as NOT_FOUND.")]
    message: Annotated[str, about("What happened.", P3)]
    remedy: Annotated[str, about("What the user can do next.", P3)]
    retryable: Annotated[bool, about("Whether the same request may succeed later.")]
    retry_after: Annotated[
        float | None, about("How long to wait before the next attempt.", unit="seconds", null="no time is known")
    ]
    input: Annotated[str, about("The link or id that failed.", P3)]


class Failure(msgspec.Struct, kw_only=True):
    """A line for a record that could not be fetched."""

    error: Annotated[Error, about("What went wrong.")]
    meta: Annotated[Meta, about("Context of the request.")]


class Envelope(msgspec.Struct):
    """One line of a feed: `{"code": 200, "router": "/api/…", "data": {…}}`."""

    code: int
    router: str
    data: Record | Failure

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.code)

    @property
    def failed(self) -> bool:
        return self.code != _OK

    def to_dict(self) -> dict[str, Any]:
        """Convert the envelope to plain dicts and lists."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class EnvelopePage(msgspec.Struct):
    """The envelopes of one page. They pass the engine as one item, since that costs more than making a record.

    `scraper.output.item_processor` opens it: pipelines, signals and exporters see single envelopes. If all of them were
    lost, Scrapy signals the page; to receivers it is its last envelope.

    :ivar job: the job it answers; `job.ask` is the caller's request
    :ivar response: the page's response or failure; None if no request was made
    :ivar step: what is committed together with it
    :ivar retry: returns what to request again after one of its failures, or after another one if an item of it is lost
    :ivar is_suspended: whether it is a failure that is written at the end, since a resumed run asks again
    """

    envelopes: list[Envelope]
    job: Job | None = None
    response: Response | TwistedFailure | None = None
    step: Step | None = None
    retry: Callable[[Envelope], Retry | None] | None = None
    is_suspended: bool = False

    def __iter__(self) -> Iterator[Envelope]:
        return iter(self.envelopes)

    def __len__(self) -> int:
        return len(self.envelopes)

    @property
    def code(self) -> int:
        return self.envelopes[-1].code

    @property
    def router(self) -> str:
        return self.envelopes[-1].router

    @property
    def data(self) -> Record | Failure:
        return self.envelopes[-1].data

    def __str__(self) -> str:
        return str(self.envelopes[-1])


class _FailedEnvelope(msgspec.Struct):
    code: int
    router: str
    data: Failure


def encode_failure(envelope: Envelope) -> bytes:
    """Encode an envelope that holds a failure."""
    return msgspec.msgpack.encode(envelope)


def decode_failure(encoded: bytes) -> Envelope:
    failed = msgspec.msgpack.decode(encoded, type=_FailedEnvelope)
    return Envelope(failed.code, failed.router, failed.data)
