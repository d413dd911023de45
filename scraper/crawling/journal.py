"""Turn the outputs of an answer into one step: its requests, and one page with all of its envelopes.

With a ledger, the step is committed together with the page. Without one, the changes are dropped.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scraper.captures.recorder import Recorder
from scraper.crawling.callback_guard import Output
from scraper.crawling.end_of_list import STOPPED, of_list
from scraper.crawling.lookup_cache import LookupCache
from scraper.crawling.open_asks import OpenAsk, OpenAsks
from scraper.inputs.ask import Ask
from scraper.inputs.duplicates import InputChanges, ListId
from scraper.jobs.dispatch import dispatch_of, job_of, request_of, update
from scraper.jobs.job import Job
from scraper.ledger.ledger import Ledger
from scraper.ledger.left import LeftRequest
from scraper.ledger.step import MarkKind, NewRequest, Retry, Step
from scraper.output.emitter import Emitter
from scraper.output.envelope import Envelope, EnvelopePage, encode_failure
from scraper.output.failure_rows import title_of
from scraper.output.resume_command import arguments
from scraper.platform.atlas import Atlas
from scraper.platform.targets import SHORT_LINK
from scraper.responses.outcomes import Outcome

_FINAL = (Outcome.NOT_FOUND, Outcome.BAD_INPUT)  # the same request gets the same answer


class Journal:
    """
    :param is_closing: returns whether the crawl is being stopped, so that nothing more is sent
    :param followed: returns what is followed from each record of an ask
    """

    def __init__(
        self,
        asks: OpenAsks,
        emitter: Emitter,
        ledger: Ledger | None,
        is_closing: Callable[[], bool],
        atlas: Atlas,
        recorder: Recorder | None,
        lookup_cache: LookupCache,
        followed: Callable[[Ask], frozenset[str]],
    ):
        self._followed = followed
        self._asks, self._emitter, self._ledger, self._is_closing = asks, emitter, ledger, is_closing
        self._atlas, self._recorder, self._lookup_cache = atlas, recorder, lookup_cache
        self._numbers: dict[ListId, set[int]] = {}  # of the requests of walks without an answer

    def restore(self, request: LeftRequest) -> None:
        """Note a request that an earlier start of the run left."""
        if request.unanswered:
            self._numbers.setdefault(request.job.walk, set()).add(request.number)

    def of_answer(self, job: Job, outputs: Output, answer: Response | Failure, leave: Callable[[], None]) -> Output:
        """Yield one page with the envelopes of an answer, then the requests that it led to.

        :param leave: called when all of it is committed: the identity may then send another request
        """
        if job.ask.is_internal:
            leave()
            yield from self.of_internal(job, outputs)
            return
        if self._recorder:
            self._recorder.begin(job)
        made = [*outputs]
        if self._ledger is None:
            leave()
        capture = self._recorder.of_answer(job, made, answer) if self._recorder else None
        number = dispatch_of(request_of(answer)).number
        yield from self._step(job, made, number, leave=leave, capture=capture)

    def of_internal(self, job: Job, outputs: Output) -> Output:
        """Yield the requests of an internal ask, and pass its envelopes to the receiver. Nothing of it is committed."""
        for output in outputs:
            if isinstance(output, Request):
                self._asks.started(job_of(output))
                yield output
            else:
                self._asks.receive(job, output.envelopes)
        asks = self._asks.of(job)
        asks.inputs.take_changes()
        asks.lists.drop_changes()

    def of_input(self, job: Job, outputs: Output, taken: int | None, places: Sequence[int] = ()) -> Output:
        """Yield one page with the envelopes of an input that needs no request, then the first requests for it.

        :param taken: the number of the input, None if it came again
        :param places: those of the inputs that came again
        """
        self._asks.of(job).inputs.note_repeated(places)
        made = [*outputs]
        capture = self._recorder.of_input(job, made) if self._recorder else None
        yield from self._step(job, made, self._ledger.next_input() if self._ledger else 0, taken, capture=capture)

    def _step(
        self,
        job: Job,
        outputs: Sequence[Request | EnvelopePage],
        number: int,
        taken: int | None = None,
        leave: Callable[[], None] | None = None,
        capture: Callable[[], None] | None = None,
    ) -> Output:
        requests = [output for output in outputs if isinstance(output, Request)]
        pages = [output for output in outputs if isinstance(output, EnvelopePage)]
        asks = self._asks.of(job)
        is_closing = self._ledger is not None and self._is_closing()
        cut = asks.lists.take_cut()
        step = self._record(asks, requests, pages, number, taken)
        if step:
            step.leave, step.capture = leave, capture
        envelopes = [envelope for page in pages if not page.is_suspended for envelope in page.envelopes]
        if envelopes:
            self._asks.started(job)
            retry = partial(self._retry_of, pages=pages, cut=cut) if step else None
            yield EnvelopePage(envelopes, job, step=step, retry=retry)
        elif self._ledger and step:
            self._ledger.note(step)
        for request in () if is_closing else requests:
            self._asks.started(job_of(request))
            yield request

    def _record(
        self,
        asks: OpenAsk,
        requests: Sequence[Request],
        pages: Sequence[EnvelopePage],
        number: int,
        taken: int | None,
    ) -> Step | None:
        lookups = self._lookup_cache.take_changes()
        if self._ledger is None:
            asks.inputs.take_changes()
            if asks.results is not None:
                asks.results += asks.lists.take_ended()
            asks.lists.drop_changes()
            return None
        if suspended := next((page for page in pages if page.is_suspended), None):
            return Step(answered=number, failure=encode_failure(suspended.envelopes[0]), lookups=lookups)
        inputs = asks.inputs.take_changes()
        answered = {walk: self._numbers.pop(walk, set()) - {number} for walk in inputs.answered}
        return Step(
            answered=number,
            requests=[self._new_request(asks, request) for request in requests],
            lists=asks.lists.take_changes(),
            settled=[other for numbers in answered.values() for other in numbers],
            marks=_marks(inputs, bool(self._followed(asks.ask))),
            shared=inputs.shared,
            taken=taken,
            lookups=lookups,
            ended=asks.lists.take_ended(),
        )

    def _retry_of(self, envelope: Envelope, pages: Sequence[EnvelopePage], cut: Mapping[ListId, str]) -> Retry | None:
        """Return what to request again after a failure in some pages, or after an item of them is lost."""
        for page in pages:
            if page.job and any(envelope is own for own in page.envelopes):
                return self._retry(page.job, envelope.outcome, cut)
        return next((self._retry(page.job, Outcome.BUG, cut) for page in pages if page.job), None)

    def _retry(self, job: Job, outcome: Outcome, cut: Mapping[ListId, str]) -> Retry:
        """Return what to request again after a failure.

        :param cut: the lists that stopped before their ends, and the cursors to continue from
        """
        title, endpoint = title_of(job.held or job.poorer) or job.title, self._atlas.endpoints.get(job.router)
        if outcome in _FINAL or endpoint is None:
            return Retry(None, title=title)
        cursor = cut.get(job.walk, job.cursor)
        is_page = endpoint.pagination is not None and not job.step and job.walk not in cut
        named = {} if job.target.kind == SHORT_LINK else arguments(job, cursor, self._atlas)
        return Retry(job.of_next_run(cursor, is_page=is_page), named, title)

    def _new_request(self, asks: OpenAsk, request: Request) -> NewRequest:
        assert self._ledger
        number, job = self._ledger.next_number(), job_of(request)
        update(request, number=number)
        failure = None
        if self._is_closing():
            failure = encode_failure(self._emitter.failure(job, of_list(job, STOPPED)))
            asks.lists.suspend(job, None)
        unanswered = asks.inputs.is_open(job.walk)
        if unanswered:
            self._numbers.setdefault(job.walk, set()).add(number)
        return NewRequest(number, dispatch_of(request).purpose, job, unanswered, failure)


def _marks(inputs: InputChanges, follows: bool) -> dict[MarkKind, list[int]]:
    """Return the marks to keep: those of targets decide only what `with=` follows."""
    targets: dict[MarkKind, list[int]] = {"asked": inputs.asked, "led": inputs.led} if follows else {}
    return {**targets, "repeated": inputs.repeated}
