"""Read the answers of a run again, with today's parsers, and make the envelopes that the crawl would make of them.

What the crawl decided stays: which requests it sent, which answers it used, which records of a list were new.
"""

import logging
from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec

from scraper.captures.capture import Capture
from scraper.captures.raw_answers import RawAnswers, UnreadableCaptureError
from scraper.captures.stored import decode_record, decode_stored
from scraper.identities.identity import Sent
from scraper.jobs.job import Job
from scraper.jobs.request_factory import context_of
from scraper.output.emitter import Emitter, for_other, masked
from scraper.output.envelope import Envelope, EnvelopePage, Failure
from scraper.output.observations import Observer
from scraper.platform import Context, Endpoint, Extra, Page, Route, unread_records
from scraper.platform.atlas import Atlas
from scraper.records import Record
from scraper.records.completing import completed
from scraper.responses import Answer, Verdict
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import bug
from scraper.responses.outcomes import Outcome
from scraper.responses.values import UnexpectedShapeError

logger = logging.getLogger(__name__)
_OK = Verdict(Outcome.OK)
_NO_ANSWER = Verdict(Outcome.UPSTREAM, "no answer came")
_NOT_SERVED = Verdict(Outcome.NOT_FOUND, "the requested item is not in the answer")


class _Read(NamedTuple):
    """An answer under way: what is captured of it, and what its parsers get."""

    capture: Capture
    body: bytes | None
    job: Job
    endpoint: Endpoint
    sent: Sent | None
    context: Context


class Rereader:
    """Reads the captures of one run, in their order.

    :param again: router and key of the records that inputs got again
    :ivar problems: a sentence for each capture that could not be used
    """

    def __init__(self, atlas: Atlas, run_id: str, answers: RawAnswers, again: Collection[tuple[str, str]]):
        self._atlas, self._answers, self._again = atlas, answers, again
        self._fetched_at = ""
        observer = Observer(frozenset(), run_id)
        self._emitter = Emitter(atlas, lambda job, page: (), observer, run_id, lambda: self._fetched_at)
        self._waiting: dict[tuple[int, str], Record] = {}
        self._known: dict[tuple[str, str], Envelope] = {}
        self.problems: list[str] = []

    def envelopes(self, capture: Capture) -> list[Envelope]:
        """Return the envelopes that an answer, or an input, led to."""
        self._fetched_at = capture.fetched_at
        try:
            body = self._answers.read(capture.ref) if capture.ref else None
            stored = [decode_stored(line) for line in capture.stored]
        except (UnreadableCaptureError, msgspec.ValidationError) as error:
            self._note(capture, str(error))
            return []
        if capture.purpose == "input":
            made = self._of_input(capture) + stored
        else:
            read = attempt(self._of_answer, capture, body, stored)
            if isinstance(read, Exception):
                logger.error("BUG while reading %s again", capture.ref, exc_info=read)
                self._note(capture, f"an error in this program: {type(read).__name__}: {read}")
                return stored
            made = read
        if self._again:
            self._known.update({key: envelope for envelope in made if (key := _key(envelope)) in self._again})
        return made

    def _note(self, capture: Capture, problem: str) -> None:
        self.problems.append(f"{capture.job.router} {capture.job.target.given}: {problem}")

    def _of_input(self, capture: Capture) -> list[Envelope]:
        """Return the records that an input got again."""
        known = [self._known[key] for key in capture.again if key in self._known]
        return [for_other(capture.job.target.given, envelope) for envelope in known]

    def _of_answer(self, capture: Capture, body: bytes | None, stored: list[Envelope]) -> list[Envelope]:
        job, sent = capture.job, capture.sent.sent() if capture.sent else None
        if capture.purpose == "hop" or job.router not in self._atlas.endpoints:
            return stored
        read = _Read(capture, body, job, self._atlas.endpoints[job.router], sent, context_of(job, sent))
        held = None
        if capture.held is not None and (held := self._taken(read, capture.held)) is None:
            if capture.is_used:
                self._note(capture, f"{capture.held} is not in the answers before it")
            return stored
        if not capture.is_used:
            return []
        problems: list[Verdict] = []
        pages = self._completed(read, held) if job.step else self._page(read, held, problems)
        envelopes = [envelope for page in pages for envelope in page]
        messages = {masked(problem.message) for problem in problems}
        stored = [envelope for envelope in stored if not _is_solved(envelope, messages)]
        if envelopes and not (capture.kept or capture.awaiting):  # they replace a failure
            stored = [envelope for envelope in stored if _message(envelope) in messages]
        known = {_message(envelope) for envelope in stored}
        if new := [problem for problem in problems if masked(problem.message) not in known]:
            envelopes += self._emitter.page(job, [], sent, new)
        for envelope in envelopes:
            envelope.data.meta.raw_ref = capture.ref or envelope.data.meta.raw_ref
        envelopes += [for_other(other, envelope) for other in capture.others for envelope in list(envelopes)]
        return envelopes + stored

    def _taken(self, read: _Read, key: str) -> Record | None:
        """Return the record that a job completes."""
        if read.capture.record:
            return decode_record(read.capture.record)
        return self._waiting.pop((read.job.source, key), None)

    def _completed(self, read: _Read, held: Record | None) -> Iterator[EnvelopePage]:
        """Yield the page of a record after an extra request, unless it waits for another one."""
        capture, job, endpoint = read.capture, read.job, read.endpoint
        assert held is not None and capture.held is not None
        extra, following = endpoint.extras[job.step - 1], dict(capture.awaiting).get(capture.held)
        if following == job.step:
            self._waiting[capture.number, capture.held] = held  # it was requested again
            return
        verdict = self._verdict(read, extra)
        if verdict.outcome is Outcome.OK:
            verdict = _verdict_on(attempt(extra.add, held, verdict.data, read.context))
        is_final = following is None
        if verdict.outcome is not Outcome.OK:
            if extra.required or (is_final and not capture.kept):
                if capture.kept or not is_final:
                    yield self._emitter.page(job, [], read.sent, [verdict])
                return
            held.meta.missing.extend(extra.fills(held))
        _leave_out(read, held, job.step, following)
        if is_final:
            yield self._emitter.page(job, [held], read.sent)
        else:
            self._waiting[capture.number, capture.held] = held

    def _page(self, read: _Read, poorer: Record | None, problems: list[Verdict]) -> Iterator[EnvelopePage]:
        """Yield the pages of an endpoint's own answer.

        :param poorer: the record of another route that this one completes
        :param problems: the verdicts on raw records that cannot be read are added to it
        """
        capture, job = read.capture, read.job
        verdict, page = self._read_page(read)
        records = page.records if page else []
        if poorer is not None and not records:
            if capture.awaiting:
                self._waiting[capture.number, capture.held or ""] = poorer
                return
            job, records = job.without_poorer(), [poorer]
        elif poorer is not None:
            records = [completed(record, poorer) for record in records]
        elif verdict.outcome is not Outcome.OK:
            if capture.kept or capture.awaiting:
                yield self._emitter.page(job, [], read.sent, [verdict])
            return
        if page:
            problems += [unread_records.of_fault(fault) for fault in page.faults]
            problems += [unread_records.of_bug(*found_bug) for found_bug in page.bugs]
        yield from self._pages(read._replace(job=job), self._new(records, capture))

    @staticmethod
    def _new(records: list[Record], capture: Capture) -> list[Record]:
        """Return the records that the crawl did not leave out, and those that it could not read."""
        left_out, only = set(capture.left_out), None if capture.only is None else set(capture.only)
        new: dict[str | None, Record] = {}
        for record in records:
            if record.meta.key not in left_out and (only is None or record.meta.key in only):
                new.setdefault(record.meta.key, record)
        return list(new.values())

    def _pages(self, read: _Read, records: list[Record]) -> Iterator[EnvelopePage]:
        """Yield the pages of the new records of an answer, apart from those that further requests completed."""
        capture, endpoint, job = read.capture, read.endpoint, read.job
        awaiting = dict(capture.awaiting)
        sole = capture.awaiting[0][0] if len(records) == len(awaiting) == 1 else None  # whatever its key is now
        ready = []
        for place, record in enumerate(records):
            key = record.meta.key if record.meta.key in awaiting else sole
            if key is not None:
                if awaiting[key]:
                    _leave_out(read, record, 0, awaiting[key])
                record.meta.raw_ref = capture.ref
                self._waiting[capture.number, key] = record
            elif endpoint.extras:
                _leave_out(read, record, 0, None)
                yield self._emitter.page(job.extra(0, None, place), [record], read.sent)
            else:
                ready.append(record)
        if ready:
            yield self._emitter.page(job, ready, read.sent)

    def _read_page(self, read: _Read) -> tuple[Verdict, Page | None]:
        endpoint, job = read.endpoint, read.job
        verdict = self._verdict(read, endpoint.routes[job.route])
        if verdict.outcome is not Outcome.OK:
            return verdict, None
        page = attempt(endpoint.read, verdict.data, read.context, job.cursor, job.route)
        if isinstance(page, Exception):
            return _verdict_on(page), None
        return (_NOT_SERVED, None) if page.not_in_response else (_OK, page)

    def _verdict(self, read: _Read, way: Route | Extra) -> Verdict:
        capture, sent = read.capture, read.sent
        if read.body is None:
            return _NO_ANSWER
        login_cookie = sent is not None and sent.login_cookie
        from_cdn, how = isinstance(way, Extra) and way.from_cdn, (capture.is_signed, login_cookie)
        answer = Answer(capture.status, capture.headers, read.body, *how, way.decode, way.shape, from_cdn)
        return self._atlas.platform(read.job.target, read.job.router).verdicts.classify(answer)


def _leave_out(read: _Read, record: Record, step: int, following: int | None) -> None:
    """Name the fields of the extra requests that the crawl did not send, between two steps of a record.

    :param following: the step of the next request, None if the record was written
    """
    extras = read.endpoint.extras
    for extra in extras[step : len(extras) if following is None else following - 1]:
        is_needed = read.context.logged_in or not extra.login
        if is_needed and extra.query(record, read.context) is not None:
            record.meta.missing.extend(extra.fills(record))


def _verdict_on(result: object) -> Verdict:
    """Return the verdict on what a parser returned or raised."""
    if isinstance(result, UnexpectedShapeError):
        return unread_records.of_answer(result)
    return bug(result) if isinstance(result, Exception) else _OK


def _key(envelope: Envelope) -> tuple[str, str]:
    return envelope.router, (envelope.data.meta.key or "") if not envelope.failed else ""


def _message(envelope: Envelope) -> str | None:
    return envelope.data.error.message if isinstance(envelope.data, Failure) else None


def _is_solved(envelope: Envelope, messages: Collection[str]) -> bool:
    """Return whether a failure is about a raw record that can be read now."""
    message = _message(envelope)
    return message is not None and message not in messages and unread_records.is_of_record(message)
