"""Envelopes, the items of this project, and pages of envelopes."""

from collections.abc import Iterator
from typing import Any

import msgspec
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from scraper.jobs.job import Job
from scraper.records import Meta, Record
from scraper.responses.outcomes import Outcome

page_processed = object()
"""Signal: pipelines and sinks have finished a page. Its arguments are `page`, and `items`, the ones that were kept."""

_OK = Outcome.OK.value  # compared for each record: comparing an enum is slow


class Error(msgspec.Struct, kw_only=True):
    """Why there is no record for an input.

    :param message: what happened
    :param remedy: what the user can do next
    :param retry_after: seconds to wait before the next attempt, if known
    :param input: the link or id that failed
    """

    name: str
    message: str
    remedy: str
    retryable: bool
    retry_after: float | None
    input: str


class Failure(msgspec.Struct, kw_only=True):
    error: Error
    meta: Meta


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
    """

    envelopes: list[Envelope]
    job: Job | None = None
    response: Response | TwistedFailure | None = None

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
