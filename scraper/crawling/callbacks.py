"""The Scrapy callbacks and errbacks of platform spiders. What follows from an answer is left to the page handler."""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial

import scrapy
from scrapy.http import Response
from twisted.python.failure import Failure

from scraper.crawling.callback_guard import Output
from scraper.crawling.end_of_list import STOPPED
from scraper.crawling.page_handler import PageHandler
from scraper.crawling.session_probe import last_word
from scraper.identities.identity import Sent
from scraper.identities.pool import Pool
from scraper.inputs import short_links
from scraper.inputs.ask import Ask
from scraper.jobs.dispatch import dispatch_of, job_of, request_of, sent_of
from scraper.jobs.job import Job
from scraper.jobs.request_factory import Callbacks, RequestFactory
from scraper.network.answer import answer_of
from scraper.output.envelope import EnvelopePage
from scraper.platform import Endpoint, Page, unread_records
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.platform.targets import Target
from scraper.records import Record
from scraper.responses import Verdict
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import Closing, Skipped, bug, verdict_of
from scraper.responses.outcomes import Outcome
from scraper.responses.user_components import culprit, is_users, remedy_for
from scraper.responses.values import UnexpectedShapeError

logger = logging.getLogger(__name__)


class AnswerCallbacks(scrapy.Spider):
    """Base of `PlatformSpider`: reads the answers to its requests.

    `parse_…` are the callbacks. Their outputs pass the callback guard; `read_…` yield them.
    """

    atlas: Atlas
    endpoints: Mapping[str, Endpoint]
    pools: Mapping[str, Pool]
    requests: RequestFactory
    others: dict[str, Platform]
    page_handler: PageHandler

    @abstractmethod
    def ask(
        self,
        ask: Ask,
        target: Target,
        others: Sequence[str],
        number: int,
        *,
        again: bool = False,
        from_short_link: bool = False,
    ) -> Output:
        """Yield the requests for a target, or the failure that explains why it cannot be crawled."""

    def callbacks(self) -> Callbacks:
        """Return the callbacks of requests."""
        failures = self.parse_failure, self.parse_probe_failure
        return Callbacks(self.parse_page, self.parse_short_link, self.parse_probe, *failures)

    def service_of(self, job: Job) -> Service:
        """Return the service of a job."""
        return self.atlas.service(job.target, job.router, job.route)

    def pool_of(self, job: Job) -> Pool:
        """Return the identity pool of a job's service."""
        return self.pools[self.service_of(job).name]

    def parse_short_link(self, response: Response) -> Output:
        yield from self.leaving(response, self.read_short_link(response, job_of(request_of(response))))

    def read_short_link(self, response: Response, job: Job) -> Output:
        platform = self.atlas.platform(job.target)
        hop = short_links.follow(answer_of(response), response.url, job.page, job.target, platform, self.others)
        if hop.target:
            others = self.page_handler.asks.of(job).inputs.leave(job)
            yield from self.ask(job.ask, hop.target, others, job.input, from_short_link=True)
        elif hop.url:
            yield self.requests.hop(job.after(hop.url, 0))
        elif hop.verdict:
            yield from self.page_handler.recover(job, hop.verdict, request_of(response))

    def parse_page(self, response: Response) -> Output:
        yield from self.leaving(response, self.read_page(response, job_of(request_of(response))))

    def read_page(self, response: Response, job: Job) -> Output:
        request, endpoint = request_of(response), self.endpoints[job.router]
        dispatch, sent = dispatch_of(request), sent_of(request)
        way = self.page_handler.routes.extra(job) if job.step else endpoint.routes[job.route]
        answer = answer_of(response, dispatch.is_signed, sent.login_cookie, way.decode, way.shape, dispatch.from_cdn)
        if moved := self.page_handler.moved(job, answer, response.url):
            yield moved
            return
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        if verdict.outcome is not Outcome.OK:
            yield from self.page_handler.recover(job, verdict, request)
            return
        pool = self.pool_of(job)
        pool.get(dispatch.identity).served(dispatch.is_signed)
        pool.note(sent.identity, "ok")
        pool.challenges = 0
        context = self.requests.context(job, sent)
        page: Page | Exception | None
        if job.step:
            add = endpoint.extras[job.step - 1].add
            page = attempt(lambda: add(job.held, verdict.data, context))
        else:
            page = attempt(lambda: endpoint.read(verdict.data, context, job.cursor, job.route))
        if isinstance(page, Exception):
            yield from self.page_handler.recover(job, self.unreadable(page, job), request)
            return
        if page and (recorder := self.page_handler.recorder):
            recorder.see(page.records)
        if drift := self.page_handler.drift:
            drift.see_answer(job, way, has_login(sent), page, verdict.data, lambda: response.body)
        self.page_handler.breaker.served(job.router, self.page_handler.routes.way(job))
        if page is None:
            yield from self.page_handler.complete(job, sent)
        else:
            yield from self.page_handler.take(job, page, request)

    def unreadable(self, error: Exception, job: Job) -> Verdict:
        """Return the verdict on an answer that a parser failed on: the platform changed, or the parser has a bug."""
        if isinstance(error, UnexpectedShapeError):
            return unread_records.of_answer(error)
        logger.error("BUG while reading the answer to %s %s", job.router, job.target.given, exc_info=error)
        return bug(error)

    def parse_probe(self, response: Response) -> Output:
        yield from self.leaving(response, self.read_probe(response, job_of(request_of(response))))

    def read_probe(self, response: Response, job: Job) -> Output:
        """Yield the outputs of a job that every route refused, given the verdict on its session."""
        request, probe = request_of(response), self.service_of(job).probe
        assert probe is not None, "only a service with a probe is probed"
        sent = sent_of(request)
        answer = answer_of(response, login_cookie=sent.login_cookie, decode=probe.decode)
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        try:
            logged_in = probe.logged_in(verdict.data) if verdict.outcome is Outcome.OK else None
        except UnexpectedShapeError:
            logged_in = None
        verdict = self.page_handler.session_probes.note(job, verdict, logged_in, sent)
        yield from self.page_handler.recover(job, verdict, request)

    def parse_probe_failure(self, failure: Failure) -> Output:
        """Handle a probe without an answer, which has no result."""
        yield from self.leaving(failure, self.read_probe_failure(failure))

    def read_probe_failure(self, failure: Failure) -> Output:
        job = job_of(request_of(failure))
        verdict = STOPPED if self.verdict_on(failure) is STOPPED else last_word(job)
        yield from self.page_handler.recover(job, verdict, request_of(failure))

    def parse_failure(self, failure: Failure) -> Output:
        """Handle a request without an answer."""
        yield from self.leaving(failure, self.read_failure(failure))

    def read_failure(self, failure: Failure) -> Output:
        job = job_of(request_of(failure))
        if isinstance(failure.value, Skipped):
            self.page_handler.skip(job, failure.value.verdict)
        else:
            yield from self.page_handler.recover(job, self.verdict_on(failure), request_of(failure))

    def verdict_on(self, failure: Failure) -> Verdict:
        """Return why a request got no answer; errors in this program are logged."""
        if failure.check(Closing, asyncio.CancelledError):  # the event loop may end before the crawl does
            return STOPPED
        error = failure.value
        assert error is not None, "a failure without an exception"
        verdict = verdict_of(error)
        if verdict.outcome is Outcome.BUG:
            trace = (type(error), error, failure.getTracebackObject())
            logger.error("BUG while sending %s", request_of(failure), exc_info=trace)
            middlewares = self.crawler.engine.downloader.middleware.middlewares
            component = culprit(trace[2], lambda owner: any(owner is middleware for middleware in middlewares))
            if is_users(component):
                message = f"{component} raised {type(error).__name__}"
                return verdict._replace(message=message, advice=remedy_for(component))
        return verdict

    def leaving(self, answer: Response | Failure, outputs: Output) -> Output:
        """Yield the outputs of an answer. The next request is let out when they are committed."""
        request = request_of(answer)
        job, dispatch = job_of(request), dispatch_of(request)
        guarded = self.page_handler.guard.guard(job, outputs, dispatch.sent)
        leave = partial(self.pools[dispatch.service].leave, request)
        try:
            for output in self.page_handler.journal.of_answer(job, guarded, answer, leave):
                if isinstance(output, EnvelopePage):
                    output.response = answer
                    self.sample(job, output, dispatch.sent)
                yield output
        finally:
            self.page_handler.asks.ended(job)

    def sample(self, job: Job, page: EnvelopePage, sent: Sent | None) -> None:
        """Show the records of a page to the drift radar."""
        records = [envelope.data for envelope in page.envelopes if isinstance(envelope.data, Record)]
        if records and sent and (drift := self.page_handler.drift):
            drift.see_records(job, records[0].meta.surface or "", has_login(sent), records)


def has_login(sent: Sent) -> bool:
    """Return whether a request was sent by a logged-in session, if that is known."""
    return sent.login_cookie if sent.logged_in is None else sent.logged_in
