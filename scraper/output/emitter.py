"""Turn records and verdicts into envelopes, with the context of their job."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from scraper.identities.identity import Sent
from scraper.identities.masking import mask
from scraper.jobs.job import Job
from scraper.output.envelope import Envelope, EnvelopePage, Error, Failure
from scraper.output.observations import Observer
from scraper.output.resume_command import command
from scraper.platform.atlas import Atlas
from scraper.platform.service import Service
from scraper.platform.targets import AMBIGUOUS, SHORT_LINK, UNKNOWN
from scraper.records import Id, Meta, Record
from scraper.responses import Verdict
from scraper.responses.clock import present_text
from scraper.responses.outcomes import Outcome

_OK = Outcome.OK.value
_SHOWN, _LONGEST_SECRET = 300, 4096  # characters
_NOBODYS = (UNKNOWN, AMBIGUOUS)  # kinds of targets whose platform is known only from the host of their link
_RECORDS = {"user": "author"}  # record types that are named differently from the kind of target
RUN_ID = r"\d{8}T\d{6}Z-[0-9a-f]{4}"
"""The form of a run id."""
USABLE = "follow the message to enable the last route, and run it again"


def masked(message: str) -> str:
    """Return a message that is safe to show: short, with possible secrets masked.

    >>> masked("refused: token=abc&a=1")
    'refused: token=…&a=1'
    """
    return mask(message[: _SHOWN + _LONGEST_SECRET])[:_SHOWN]


def new_run_id(now: datetime | None = None) -> str:
    """Return a new run id: the start in UTC, two digits of its second, and two random ones. Ids sort by their start.

    >>> new_run_id(datetime(2026, 11, 29, 16, 9, 44, 500_000))[:-2]
    '20261129T160944Z-80'
    """
    start = now or datetime.now(UTC)
    return f"{start:%Y%m%dT%H%M%SZ}-{start.microsecond * 256 // 1_000_000:02x}{secrets.token_hex(1)}"


def is_run_id(text: str) -> bool:
    """
    >>> is_run_id("20261129T160944Z-80ff"), is_run_id("20261129")
    (True, False)
    """
    return re.fullmatch(RUN_ID, text, re.ASCII) is not None


def start_of(run_id: str) -> float:
    """Return when a run began, in epoch seconds.

    >>> start_of("20261129T160944Z-80ff")
    1795968584.0
    """
    return datetime.strptime(run_id.partition("-")[0], "%Y%m%dT%H%M%S%z").timestamp()


class Emitter:
    """Makes the envelopes of a crawl.

    :param clock: returns the time to write, as RFC 3339
    :param answered: notes that a job's input is answered, and by what; returns the further inputs that share it
    """

    def __init__(
        self,
        atlas: Atlas,
        answered: Callable[[Job, Sequence[Envelope]], Sequence[str]],
        observer: Observer,
        run_id: str,
        clock: Callable[[], str] | None = None,
    ):
        self.run_id, self._clock = run_id, clock or present_text
        self._atlas, self._answered, self._observer = atlas, answered, observer

    def page(
        self, job: Job, records: Sequence[Record], sent: Sent | None, verdicts: Sequence[Verdict] = ()
    ) -> EnvelopePage:
        """Return the envelopes of a page: its records, then its failures."""
        stamp, page, cursor = self._stamp(job, sent), job.page, job.cursor or None
        envelopes = []
        for place, record in self._observer.with_observations(records, job, self._atlas.endpoints.get(job.router)):
            meta = record.meta
            meta.page, meta.position, meta.cursor = page, place, cursor
            envelopes.append(Envelope(_OK, stamp.router, record))
        stamp.on([envelope.data.meta for envelope in envelopes])
        envelopes += [self._failure(job, verdict, stamp) for verdict in verdicts]
        if others := self._answered(job, tuple(envelopes)):
            envelopes += [for_other(other, envelope) for other in others for envelope in list(envelopes)]
        return EnvelopePage(envelopes, job)

    def repeated(self, job: Job, page: Sequence[Envelope]) -> EnvelopePage:
        """Return a page that was given before, for another input."""
        return EnvelopePage([for_other(job.target.given, envelope) for envelope in page], job)

    def failure(self, job: Job, verdict: Verdict, sent: Sent | None = None) -> Envelope:
        """Return the failure of a job, whose input does not count as answered."""
        return self._failure(job, verdict, self._stamp(job, sent))

    def minimal_page(self, job: Job, verdict: Verdict) -> EnvelopePage:
        """Return a failure made of plain values only, in case the usual one cannot be made."""
        outcome, given = verdict.outcome, job.target.given
        error = Error(
            name=outcome.name,
            message=verdict.message,
            remedy=outcome.advice(""),
            retryable=outcome.retryable,
            retry_after=None,
            input=given,
        )
        meta = Meta(
            platform=job.target.platform or None,
            target=given,
            tags={**job.ask.tags} or None,
            run_id=self.run_id,
            router=job.router,
        )
        return EnvelopePage([Envelope(outcome.value, job.router, Failure(error=error, meta=meta))], job)

    def _failure(self, job: Job, verdict: Verdict, stamp: "_Stamp") -> Envelope:
        outcome, service = verdict.outcome, self._service(job)
        advice = verdict.advice or outcome.advice(service.label if service else "")
        remedy = USABLE if verdict.unavailable else advice
        error = Error(
            name=outcome.name,
            message=masked(verdict.message) or outcome.name,
            remedy=mask(f"{remedy}; this alone: {alone}" if (alone := self._alone(job)) else remedy),
            retryable=outcome.retryable,
            retry_after=verdict.retry_after,
            input=job.target.given,
        )
        owner = None if job.target.kind in _NOBODYS else self._atlas.owner(job.target, job.router)
        platform = job.target.platform or (owner.name if owner else None)
        cursor = job.cursor if job.target.kind != SHORT_LINK else ""  # which is where a short link has led so far
        meta = Meta(platform=platform, page=job.page, cursor=cursor or None)
        if job.followed:
            meta.key = f"{platform}:{_RECORDS.get(job.target.kind, job.target.kind)}:{self._ident(job)}"
        stamp.on([meta])
        meta.surface = stamp.surface if stamp.sent else None
        return Envelope(outcome.value, stamp.router, Failure(error=error, meta=meta))

    def _ident(self, job: Job) -> str:
        """Return the record id of a job's target."""
        follow = self._atlas.endpoints[job.router].follow
        return (follow.ident(job.target) if follow else "") or job.target.id

    def _alone(self, job: Job) -> str:
        """Return the command that crawls only what failed, if it differs from the input."""
        if job.router not in self._atlas.endpoints or (not job.followed and job.page == 1):
            return ""
        return command(job, job.cursor, self._atlas)

    def _service(self, job: Job) -> Service | None:
        """Return the service of a job, None if its input belongs to no platform."""
        owned = self._atlas.owner(job.target, job.router)
        return self._atlas.service(job.target, job.router, job.route) if owned else None

    def _surface(self, job: Job) -> str | None:
        endpoint, service = self._atlas.endpoints.get(job.router), self._service(job)
        route = endpoint.routes[job.route] if endpoint and endpoint.routes else None
        return (route.surface if route else "") or (service.surface if service else None)

    def _stamp(self, job: Job, sent: Sent | None) -> "_Stamp":
        router = job.ask.answer_router or job.router
        target, tags = job.target, job.ask.tags
        return _Stamp(
            self._clock(), self.run_id, router, job.router, self._surface(job), target.given, target.kind, tags, sent
        )


class _Stamp(NamedTuple):
    """What the engine writes into the `meta` of all envelopes of a page.

    :ivar router: the router of the envelopes
    :ivar endpoint: the router of the endpoint that answered; it differs in a crawl that has one router for all
    """

    at: str
    run_id: str
    router: str
    endpoint: str
    surface: str | None
    target: str
    target_kind: str
    tags: Mapping[str, str]
    sent: Sent | None

    def on(self, metas: Iterable[Meta]) -> None:
        """Complete the `meta` of all records of a page in place."""
        at, run_id, _, endpoint, surface, target, target_kind, tags, sent = self
        for meta in metas:
            meta.fetched_at, meta.run_id, meta.router, meta.surface = at, run_id, endpoint, surface
            meta.target, meta.target_kind = target, target_kind
            if tags:
                meta.tags = {**tags}
            if sent:
                meta.identity, meta.logged_in = sent.identity, sent.logged_in


def for_other(given: str, envelope: Envelope) -> Envelope:
    """Return a copy of an envelope for another input."""
    data = envelope.data
    meta = msgspec.structs.replace(data.meta, target=given)
    if isinstance(data, Failure):
        data = Failure(error=msgspec.structs.replace(data.error, input=given), meta=meta)
    else:
        own = {"input": given} if isinstance(data, Id) and data.input == data.meta.target else {}
        data = msgspec.structs.replace(data, meta=meta, **own)
    return Envelope(envelope.code, envelope.router, data)
