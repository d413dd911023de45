"""Turn answers into envelopes and further requests: next pages, extra requests, `with=`, and retries."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

from scrapy.crawler import Crawler
from scrapy.http import Request

from scraper.crawling.callback_guard import CallbackGuard, Output
from scraper.crawling.end_of_list import of_list
from scraper.crawling.list_registry import INTERRUPTED, ListRegistry
from scraper.crawling.lookup_cache import LookupCache
from scraper.crawling.open_asks import OpenAsks
from scraper.crawling.retry_policy import RetryPolicy
from scraper.crawling.route_breaker import RouteBreaker
from scraper.crawling.route_fallback import CONCLUSIVE, RouteFallback, most_informative
from scraper.crawling.session_probe import SessionProbes
from scraper.identities.identity import Sent
from scraper.identities.pool import Pool
from scraper.inputs import with_argument
from scraper.inputs.short_links import REDIRECTS
from scraper.jobs.dispatch import dispatch_of, sent_of
from scraper.jobs.job import Job, Tried
from scraper.jobs.request_factory import RequestFactory
from scraper.network.private_apis import is_closing
from scraper.output.emitter import Emitter, empty_listing
from scraper.output.envelope import Envelope
from scraper.output.manifest import Manifest
from scraper.output.observations import Observer
from scraper.output.observations import names as observed
from scraper.output.sinks import note_failure
from scraper.platform import END, Endpoint, Page
from scraper.platform.atlas import Atlas
from scraper.platform.pagination import Bug
from scraper.platform.targets import SHORT_LINK, parse_link
from scraper.records import Record
from scraper.records.completing import completed
from scraper.responses import Answer, Reading, Verdict, login_outcome
from scraper.responses.exceptions import bug
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
STOPPED = Verdict(Outcome.INCOMPLETE, "the crawl was stopped", final=True)
LEFT = Verdict(Outcome.INCOMPLETE, "nobody waits for the answer any more", final=True)
KNOWN = Verdict(Outcome.NOT_FOUND, "what it would tell is known already", soft=True, final=True)
EMPTY = Verdict(Outcome.NOT_FOUND, "the list is empty", soft=True)
NOT_SERVED = Verdict(Outcome.NOT_FOUND, "the requested item is not in the answer", soft=True)
_MOST_MOVES = 2
_TOTAL = "total"  # hint: what an empty list declares, while it is explained


class SpiderParts(Protocol):
    """The parts of a spider that a page handler uses."""

    crawler: Crawler
    requests: RequestFactory
    atlas: Atlas
    run_id: str
    name: str

    @property
    def given(self) -> Mapping[str, str]: ...

    @property
    def endpoints(self) -> Mapping[str, Endpoint]: ...

    @property
    def recorded(self) -> bool: ...

    def pool_of(self, job: Job) -> Pool: ...


class PageHandler:
    """Handles the answers of one crawl. Every input ends in at least one envelope.

    :ivar asks: the asks under way
    :ivar guard: every output of a callback passes through it
    :ivar emitter: makes and counts the envelopes
    :ivar is_closing: returns whether the crawl is being stopped, so that nothing more will be sent
    :ivar is_resumed: whether the remaining requests are then saved to disk
    """

    def __init__(self, spider: SpiderParts):
        settings, stats = spider.crawler.settings, spider.crawler.stats
        self.pool_of, self.requests = spider.pool_of, spider.requests
        self.atlas, self.endpoints = spider.atlas, spider.endpoints
        self.routes = RouteFallback(spider.endpoints)
        retries, wait = settings.getint("RETRY_TIMES"), settings.getfloat("RATE_LIMIT_WAIT")
        self.recovery = RetryPolicy(retries, wait)
        self.breaker = RouteBreaker(stats, settings.getfloat("ROUTE_REST"))
        observer = Observer(observed(settings["OBSERVE"]), spider.run_id)
        folder, failed = Path(settings["STATE_DIR"]) / "runs", partial(note_failure, stats)
        self.manifest = Manifest(folder, spider.run_id, spider.name, spider.given, failed)
        ended = self.manifest.add if spider.recorded else _unrecorded
        self.asks = OpenAsks(partial(ListRegistry, self.atlas, stats, ended))
        self.emitter = Emitter(spider.atlas, self._answered, observer, spider.run_id)
        self.guard = CallbackGuard(self.asks, self.emitter)
        self.session_probes = SessionProbes()
        self.lookup_cache = LookupCache(self.endpoints, self.requests)
        self.is_resumed = bool(settings["JOBDIR"])
        self.stats, self.is_closing = stats, partial(is_closing, spider.crawler)

    def _answered(self, job: Job, page: Sequence[Envelope]) -> Sequence[str]:
        return self.asks.of(job).inputs.answer(job, page)

    def is_ending(self) -> bool:
        """Return whether the remaining requests will never be sent."""
        return not self.is_resumed and self.is_closing()

    def begin(self, job: Job) -> Output:
        """Yield the first request of an endpoint, or the outputs of its record if it needs no request."""
        endpoint = self.endpoints[job.router]
        record = endpoint.seed(self.requests.context(job))
        if record:
            yield from self.complete(job.extra(0, record), None)
        else:
            yield self.requests.page(job.from_route(endpoint.route_for(job.target) or 0))

    def take(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the outputs of a page. If its list is empty, that may first have to be explained."""
        if self.routes.is_explaining(job):
            self.lookup_cache.note(job, page.hints)
            yield from self.explain(job.with_hints(page.hints), request)
            return
        how = self.endpoints[job.router].pagination
        is_empty = page.is_empty and page.next_page == END and job.page == 1 and not job.cursor
        if how is None or how.why_empty is None or not is_empty:
            yield from self.keep(job, page, request)
            return
        route = self.routes.explaining_route(job)
        job = job.by_route(route or 0, tried(job, EMPTY, request))
        if page.total is not None:
            job = job.with_hints({_TOTAL: str(page.total)})
        if route is None or self.is_ending():
            yield from self.explain(job, request)
        else:
            yield self.requests.page(job)

    def explain(self, job: Job, request: Request) -> Output:
        """Yield what it means that a list is empty, by the hints of its target."""
        how, context = self.endpoints[job.router].pagination, self.requests.context(job, dispatch_of(request).sent)
        means = how.why_empty(context) if how and how.why_empty else END
        total = job.target.hint(_TOTAL)
        yield from self.keep(job.of_empty_list(), Page([], [], means, int(total) if total else None), request)

    def keep(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the records of a page and the requests that follow from them."""
        endpoint, sent = self.endpoints[job.router], dispatch_of(request).sent
        if page.hints:
            self.lookup_cache.note(job, page.hints)
        if page.not_in_response or page.hints:
            yield from self.recover(job, NOT_SERVED, request)
            return
        if page.left_out:
            self.stats.inc_value(f"left_out/{job.router}", page.left_out)
            logger.info("%s %s: %d rows are nothing of the kind: left out", job.router, job.target.id, page.left_out)
        if job.poorer is not None and not page.records:
            if page.bugs:
                yield self.emitter.page(job, [], sent, [self.bug_of(found, job) for found in page.bugs])
            unread = Verdict(Outcome.UPSTREAM_CHANGED, "; ".join(page.faults))
            yield from self.complete_or_keep(job, unread, request)
            return
        if job.poorer is not None:
            page = page._replace(records=[completed(record, job.poorer) for record in page.records])
        if page.is_partial and endpoint.pagination is None and page.records:
            further = self.routes.completing_route(job)
            if further is not None and not self.is_ending():
                note = tried(job, Verdict(Outcome.OK), request)
                yield self.requests.page(job.to_complete(page.records[0], further, note))
                return
        lists = self.asks.of(job).lists
        listing, step = lists.take(page, job)
        problems = [Verdict(Outcome.UPSTREAM_CHANGED, f"a record could not be read: {fault}") for fault in page.faults]
        problems += [self.bug_of(found, job) for found in page.bugs]
        if step.stop:
            outcome = login_outcome(bool(sent and sent.login_cookie)) if step.login_marker else step.stop
            once, more = step.once and step.retry, step.retry and not step.once
            again = self.again(job, Verdict(outcome, step.message, once_more=once, retry=more), request)
            if isinstance(again, Request):  # a retry or another identity may help
                listing.forget(step.records)
                yield again
                return
            if step.retry and step.cursor is None and self.routes.has_next_route(job):
                yield self.by_next_route(job, again, request)
                return
            if step.cursor is None:
                problems.append(again)
            else:
                logger.info("%s %s: %s: stepped over", job.router, job.target.id, step.message)
        hidden = listing.new_refusals(page.refused)
        problems[:0] = [Verdict(login_for(row, sent), row.message, advice=row.advice) for row in hidden]
        if step.reason:
            lists.close(job, problems[-1].outcome.name if step.stop else step.reason)
        records = [] if endpoint.extras else step.records
        if step.reason == "end" and not listing.count and not problems:
            records = [empty_listing(endpoint, job, listing.declared)]
        if records or problems:
            stopped = job.with_cursor(listing.go_on)
            if records and step.stop and listing.gap is not None:  # to continue from the gap, not from this page
                yield self.emitter.page(job, records, sent, problems[:-1])
                yield self.emitter.page(stopped, [], sent, problems[-1:])
            else:
                yield self.emitter.page(stopped if step.stop and not records else job, records, sent, problems)
        for place, record in enumerate(step.records if endpoint.extras else ()):
            yield from self.complete(job.extra(0, record, place), sent)
        yield from self.follow(job, records)
        if step.cursor:
            following = job.after(step.cursor, listing.count)
            if self.is_ending():
                lists.close(job, INTERRUPTED)
                yield self.emitter.page(following, [], sent, [of_list(following, STOPPED)])
            else:
                yield self.requests.page(following)

    def bug_of(self, found: Bug, job: Job) -> Verdict:
        """Log an error in this program that affects one record, and return its verdict."""
        logger.error("BUG in %s of %s %s", found.path, job.router, job.target.given, exc_info=found.error)
        verdict = bug(found.error)
        return verdict._replace(message=f"{found.path} could not be read: {verdict.message}")

    def complete(self, job: Job, sent: Sent | None) -> Output:
        """Yield the next extra request for the record of a job, or the record when it is complete."""
        endpoint, context, record = self.endpoints[job.router], self.requests.context(job, sent), job.held
        for place, extra in enumerate(endpoint.extras[job.step :], job.step + 1):
            if (extra.login and not context.logged_in) or extra.query(record, context) is None:
                continue
            refused = self.breaker.refused(job.router, extra.name)
            if (refused or self.is_ending()) and not extra.required:
                record.meta.missing.extend(extra.fills(record))
                continue
            yield self.requests.page(job.extra(place, record))
            return
        yield self.emitter.page(job, [record], sent)
        yield from self.follow(job, [record])

    def follow(self, job: Job, records: Sequence[Record]) -> Output:
        """Yield the requests that `with=` follows from records."""
        if not job.ask.follow:
            return
        platform = self.atlas.platform(job.target, job.router).name
        for endpoint in with_argument.endpoints(self.atlas, platform, job.ask.follow):
            for record in records:
                if endpoint.follow and record.record_type == endpoint.follow.record:
                    yield from self.lead(endpoint, record, job)

    def lead(self, endpoint: Endpoint, record: Record, job: Job) -> Output:
        """Yield the first requests for the targets of a record, each target once in a crawl."""
        inputs = self.asks.of(job).inputs
        follow = endpoint.follow
        for target in follow.targets(record, job.target.given) if follow else ():
            if follow and inputs.follow((endpoint.router, target.key)):
                declared = follow.declared(record)
                yield from self.begin(job.led_to(endpoint.router, target, declared))

    def again(self, job: Job, verdict: Verdict, request: Request) -> Request | Verdict:
        """Return the request of another attempt, or the final verdict."""
        optional, next_route = (
            self.routes.is_optional(job) or self.routes.is_best_effort(job) or job.poorer is not None,
            self.routes.has_next_route(job),
        )
        if verdict is not STOPPED and (refused := self.refused(job)):
            return refused
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
        if verdict is STOPPED and self.is_resumed:
            yield self.request(job).replace(dont_filter=True)
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
        elif self.routes.is_explaining(job):
            yield from self.explain(job, request)
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
        certain = verdict is STOPPED or job.probed or self.routes.is_definite(job, verdict)
        told = verdict if certain else most_informative(job, verdict)
        if verdict.unavailable and job.tried:
            handed = self.recovery.hand_on(job, told, self.pool_of(job))
            if handed:
                yield self.request(handed)
                return
        if self.routes.is_best_effort(job):
            self.breaker.failed(job.router, self.routes.way(job), verdict)
        told = of_list(job, told)
        if not job.step and job.target.kind != SHORT_LINK:
            reason = INTERRUPTED if verdict is STOPPED else told.outcome.name
            job = job.with_cursor(self.asks.of(job).lists.close(job, reason))
        yield self.emitter.page(job, [], dispatch_of(request).sent, [told])

    def needs_probe(self, job: Job, verdict: Verdict, request: Request) -> bool:
        """Return whether the session must be probed, because either the routes or the session may be the cause."""
        sent, pool = dispatch_of(request).sent, self.pool_of(job)
        if not verdict.stale or job.probed or sent is None or self.routes.has_next_route(job) or not pool.service.probe:
            return False
        identity = pool.get(dispatch_of(request).identity)
        if any(Outcome(each.outcome) in CONCLUSIVE for each in job.tried):
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


def login_for(reading: Reading, sent: Sent | None) -> Outcome:
    """Return the outcome of a hidden row, which may be LOGIN_REQUIRED."""
    return login_outcome(bool(sent and sent.login_cookie)) if reading.login_marker else reading.outcome


def _unrecorded(listing: Mapping[str, Any]) -> None:
    """Ignore an ended list, for crawls without a manifest."""


def tried(job: Job, verdict: Verdict, request: Request) -> Tried:
    """Return the record of a route's failure, for a job that tries another route."""
    sent = dispatch_of(request).sent
    return Tried(job.route, verdict.outcome.value, verdict.message, sent.identity if sent else "", verdict.advice)
