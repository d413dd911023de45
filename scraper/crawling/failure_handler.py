"""Handle failed requests: retries, other identities, further routes, session probes, and final failures."""

import logging
from abc import abstractmethod
from urllib.parse import urljoin

from scrapy.http import Request

from scraper.crawling.callback_guard import Output
from scraper.crawling.crawl_components import CrawlComponents
from scraper.crawling.end_of_list import STOPPED, of_list
from scraper.crawling.route_fallback import CONCLUSIVE, most_informative
from scraper.identities.identity import Sent
from scraper.identities.masking import mask
from scraper.inputs.short_links import REDIRECTS
from scraper.jobs.dispatch import dispatch_of, sent_of
from scraper.jobs.job import Job, Tried
from scraper.ledger.stops import Stop, stop_of
from scraper.output.envelope import EnvelopePage
from scraper.platform import END, Page
from scraper.platform.targets import SHORT_LINK, parse_link
from scraper.responses import Answer, Verdict
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
_GO_ON_LATER = (Outcome.CHALLENGE, Outcome.COOKIE_EXPIRED, Outcome.RATE_LIMITED)
LEFT = Verdict(Outcome.INCOMPLETE, "the caller no longer waits for an answer", final=True)
KNOWN = Verdict(Outcome.NOT_FOUND, "not requested, because its result is already known", soft=True, final=True)
_MOST_MOVES = 2


class FailureHandler(CrawlComponents):
    """Decides what follows a failed request. Every input ends in at least one envelope."""

    @abstractmethod
    def keep(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the records of a page and the requests that follow from them."""

    @abstractmethod
    def explain(self, job: Job, request: Request, failed: Verdict | None = None) -> Output:
        """Yield what it means that a list is empty, by the hints of its target.

        :param failed: why the route that explains it gave no hints
        """

    @abstractmethod
    def complete(self, job: Job, sent: Sent | None) -> Output:
        """Yield the next extra request for the record of a job, or the record when it is complete."""

    def again(self, job: Job, verdict: Verdict, request: Request) -> Request | Verdict:
        """Return the request of another attempt, or the final verdict."""
        optional, next_route = (
            self.routes.is_optional(job) or self.routes.is_best_effort(job) or job.poorer is not None,
            self.routes.has_next_route(job),
        )
        if verdict is not STOPPED and (refused := self.refused(job)):
            was_sent = dispatch_of(request).sent is not None
            return verdict._replace(final=True) if was_sent and refused not in (LEFT, KNOWN) else refused
        again = self.recovery.again(
            job, verdict, self.pool_of(job), dispatch_of(request), optional=optional, next_route=next_route
        )
        return again if isinstance(again, Verdict) else self.request(again.job, again.not_before)

    def moved(self, job: Job, answer: Answer, url: str) -> Request | None:
        """Return the request for a page's redirect, if it is on the same host and has the same target."""
        if job.step or job.moves >= _MOST_MOVES or answer.status not in REDIRECTS:
            return None
        try:
            place = urljoin(url, answer.headers.get("location", "").strip())
        except ValueError:
            return None
        if place == url and "set-cookie" not in answer.headers:
            return None
        link, asked = parse_link(place), parse_link(url)
        if not link or not asked or link.host != asked.host or not place.startswith("https:"):
            return None
        named = {segment.removeprefix("@") for segment in link.path.split("/")}
        return self.requests.page(job.redirected_to(place)) if job.target.id in named else None

    def request(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request of a job, without headers."""
        make = self.requests.hop if job.target.kind == SHORT_LINK else self.requests.page
        return make(job, not_before)

    def refused(self, job: Job) -> Verdict | None:
        """Return why an optional job is skipped after refusals of similar requests. None if it must be sent."""
        if self.asks.of(job).is_left:
            return LEFT
        if self.lookup_cache.known(job) is not None:
            return KNOWN
        can_do_without = (
            self.routes.is_optional(job) or self.routes.is_best_effort(job) or self.routes.has_next_route(job)
        )
        return self.breaker.refused(job.router, self.routes.way(job)) if can_do_without else None

    def recover(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield another attempt, the next route, or the failure; if an extra request failed, the record without it."""
        job = job.with_hints(self.lookup_cache.known(job) or {})
        by_user = not job.step or (bool(job.target.extra) and not self.routes.is_optional(job))
        if verdict.from_input and (job.followed or not by_user or job.page > 1):
            verdict = verdict._replace(outcome=Outcome.UPSTREAM_CHANGED)
        if verdict is STOPPED and self.ledger:
            yield self.suspend(job, STOPPED, request)
            return
        if self.needs_probe(job, verdict, request):
            job = job.awaiting_probe(tried(job, verdict, request))
            known = self.session_probes.known(job, sent_of(request))
            if known is None:
                yield self.requests.probe(job)
                return
            verdict = known
        again = self.again(job, verdict, request)
        if isinstance(again, Request):
            yield again
        elif self.routes.is_explaining(job) and not self.routes.is_definite(job, again):
            yield from self.explain(job, request, None if again is KNOWN else again)
        elif job.poorer is not None:
            yield from self.complete_or_keep(job, again, request)
        elif self.routes.is_optional(job):
            yield from self.do_without(job, again, request)
        elif verdict is not STOPPED and self.routes.has_next_route(job) and not self.routes.is_definite(job, again):
            yield self.by_next_route(job, again, request)
        else:
            yield from self.give_up(job, again, request)

    def complete_or_keep(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield a request by a route that may complete a record, or the record with its missing fields named."""
        self.breaker.failed(job.router, self.routes.way(job), verdict)
        further = None if verdict is STOPPED else self.routes.completing_route(job)
        if further is not None:
            yield self.requests.page(job.to_complete(job.poorer, further, tried(job, verdict, request)))
            return
        yield from self.keep(job.without_poorer(), Page([job.poorer], [], END), request)

    def by_next_route(self, job: Job, verdict: Verdict, request: Request) -> Request:
        """Return the request of a job by its next route."""
        self.breaker.failed(job.router, self.routes.way(job), verdict)
        route = self.routes.next_route(job)
        assert route is not None, "callers have asked whether there is one"
        return self.requests.page(job.by_route(route, tried(job, verdict, request)))

    def give_up(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield the failure of a job, unless another identity may succeed."""
        certain = verdict is STOPPED or job.probed or not job.tried or self.routes.is_definite(job, verdict)
        reported = verdict if certain else most_informative(job, verdict, self.routes.names(job), self.routes.way(job))
        if verdict.unavailable and job.tried:
            handed = self.recovery.hand_on(job, reported, self.pool_of(job))
            if handed:
                yield self.request(handed)
                return
        if self.routes.is_best_effort(job):
            self.breaker.failed(job.router, self.routes.way(job), verdict)
        if self.ledger and reported.outcome in _GO_ON_LATER:
            yield self.suspend(job, reported, request)
            return
        reason = Stop.INTERRUPTED if verdict is STOPPED or reported is LEFT else stop_of(reported.outcome)
        reported = of_list(job, reported)
        if not job.step and job.target.kind != SHORT_LINK:
            job = job.with_cursor(self.asks.of(job).lists.close(job, reason))
        yield self.emitter.page(job, [], dispatch_of(request).sent, [reported])

    def suspend(self, job: Job, verdict: Verdict, request: Request) -> EnvelopePage:
        """Return the failure of a job that a resumed run asks again. It changes nothing else."""
        reason = None if verdict is STOPPED else stop_of(verdict.outcome)
        self.asks.of(job).inputs.suspend(job)
        if not job.step and job.target.kind != SHORT_LINK:
            self.asks.of(job).lists.suspend(job, reason)
        failure = self.emitter.failure(job, of_list(job, verdict), dispatch_of(request).sent)
        return EnvelopePage([failure], job, is_suspended=True)

    def needs_probe(self, job: Job, verdict: Verdict, request: Request) -> bool:
        """Return whether the session must be probed, because either the routes or the session may be the cause."""
        sent, pool = dispatch_of(request).sent, self.pool_of(job)
        if not verdict.stale or job.probed or sent is None or self.routes.has_next_route(job) or not pool.service.probe:
            return False
        identity = pool.get(dispatch_of(request).identity)
        if any(Outcome(attempt.outcome) in CONCLUSIVE for attempt in job.tried):
            return False
        return not self.recovery.may_renew(job, verdict, identity, dispatch_of(request))

    def do_without(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield the outputs of a record whose extra request failed."""
        extra = self.routes.extra(job)
        what = (job.target.given, extra.name, verdict.outcome.name, verdict.message)
        logger.info("%s without its %s: %s, %s", *what)
        self.breaker.extra_failed(job.router, extra.name, verdict)
        if verdict.outcome is Outcome.BUG:
            yield self.emitter.page(job, [], dispatch_of(request).sent, [verdict])
        job.held.meta.missing.extend(extra.fills(job.held))
        yield from self.complete(job, dispatch_of(request).sent)


def tried(job: Job, verdict: Verdict, request: Request) -> Tried:
    """Return the record of a route's failure, for a job that tries another route. The ledger keeps jobs."""
    sent = dispatch_of(request).sent
    identity = sent.identity if sent else ""
    return Tried(job.route, verdict.outcome.value, mask(verdict.message), identity, mask(verdict.advice))
