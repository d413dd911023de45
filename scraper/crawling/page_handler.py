"""Turn the pages of answers into envelopes and further requests: next pages, extra requests, and `with=`."""

import logging
from collections.abc import Sequence

from scrapy.http import Request

from scraper.crawling.callback_guard import Output
from scraper.crawling.end_of_list import STOPPED, PageResult, of_list
from scraper.crawling.failure_handler import FailureHandler, tried
from scraper.crawling.list_progress import ListProgress
from scraper.identities.identity import Sent
from scraper.inputs import with_argument
from scraper.jobs.dispatch import dispatch_of
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop, stop_of
from scraper.output.envelope import EnvelopePage
from scraper.output.failure_rows import title_of
from scraper.output.observations import listing_record
from scraper.platform import END, LISTED_TOTAL, Endpoint, Extra, Page, unread_records
from scraper.platform.pagination import Bug
from scraper.records import Record
from scraper.records.completing import completed
from scraper.responses import Reading, Verdict, login_outcome
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
EMPTY = Verdict(Outcome.NOT_FOUND, "the list is empty", soft=True)
NOT_SERVED = Verdict(Outcome.NOT_FOUND, "the requested item is not in the answer", soft=True)


class PageHandler(FailureHandler):
    """Handles the answers of one crawl."""

    def begin(self, job: Job) -> Output:
        """Yield the first request of an endpoint, or the outputs of its record if it needs no request."""
        endpoint = self.endpoints[job.router]
        record = endpoint.seed(self.requests.context(job))
        if record:
            yield from self.complete(job.extra(0, record), None)
        else:
            yield self.requests.page(job.from_route(endpoint.route_for(job.target) or 0))

    def take(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the outputs of a page. If its list was empty to its end, the reason may have to be fetched first."""
        if self.routes.is_explaining(job):
            self.lookup_cache.note(job, page.hints)
            yield from self.explain(job.with_hints(page.hints), request)
            return
        how = self.endpoints[job.router].pagination
        is_last = page.is_empty and page.next_page == END
        is_empty = is_last and self.asks.of(job).lists.shows_nothing_before(job)
        if how is None or how.why_empty is None or not is_empty:
            yield from self.keep(job, page, request)
            return
        route = self.routes.explaining_route(job)
        job = job.from_first_page().by_route(route or 0, tried(job, EMPTY, request))
        if page.total is not None:
            job = job.with_hints({LISTED_TOTAL: str(page.total)})
        if route is None or self.is_ending():
            yield from self.explain(job, request)
        else:
            yield self.requests.page(job)

    def explain(self, job: Job, request: Request, failed: Verdict | None = None) -> Output:
        """Yield what it means that a list is empty, by the hints of its target."""
        how, context = self.endpoints[job.router].pagination, self.requests.context(job, dispatch_of(request).sent)
        means = how.why_empty(context) if how and how.why_empty else END
        if failed and means.stop is not None:
            reason = f"{self.routes.way(job)} route: {failed.outcome.name}: {failed.message}"
            means = means._replace(message=f"{means.message} ({reason})")
        total = job.target.hint(LISTED_TOTAL)
        yield from self.keep(job.of_empty_list(), Page([], [], means, int(total) if total else None), request)

    def keep(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the records of a page and the requests that follow from them."""
        if page.hints:
            self.lookup_cache.note(job, page.hints)
        if page.not_in_response or page.hints:
            yield from self.recover(job, NOT_SERVED, request)
            return
        if page.left_out:
            self.stats.inc_value(f"left_out/{job.router}", page.left_out)
            logger.info("%s %s: skipped %d rows of another kind", job.router, job.target.id, page.left_out)
        for path in page.odd_fields:
            self.stats.inc_value(f"drift/{job.router}/{path}")
        if job.poorer is not None and not page.records:
            yield from self.keep_poorer(job, page, request)
            return
        if job.poorer is not None:
            page = page._replace(records=[completed(record, job.poorer) for record in page.records])
        if (further := self.completing_request(job, page, request)) is not None:
            yield further
        else:
            yield from self.add_to_list(job, page, request)

    def keep_poorer(self, job: Job, page: Page, request: Request) -> Output:
        """Yield the outputs of a record that a poorer route gave, since this page cannot complete it."""
        if page.bugs:
            bugs = [self.bug_of(found_bug, job) for found_bug in page.bugs]
            yield self.emitter.page(job, [], dispatch_of(request).sent, bugs)
        unread = Verdict(Outcome.UPSTREAM_CHANGED, "; ".join(page.faults))
        yield from self.complete_or_keep(job, unread, request)

    def completing_request(self, job: Job, page: Page, request: Request) -> Request | None:
        """Return the request by another route that completes a partial record, None if there is none."""
        if not page.is_partial or self.endpoints[job.router].pagination is not None or not page.records:
            return None
        further = self.routes.completing_route(job)
        if further is None or self.is_ending():
            return None
        return self.requests.page(job.to_complete(page.records[0], further, tried(job, Verdict(Outcome.OK), request)))

    def add_to_list(self, job: Job, page: Page, request: Request) -> Output:
        """Yield what is new in a page of a list, and the request of the list's next page. A record is a list of one."""
        sent, lists = dispatch_of(request).sent, self.asks.of(job).lists
        listing, step = lists.take(page, job)
        problems = [unread_records.of_fault(fault) for fault in page.faults]
        problems += [self.bug_of(found_bug, job) for found_bug in page.bugs]
        if step.stop:
            again = self.after_stop(job, step, request)
            if isinstance(again, Request):
                listing.forget(step.records)
                yield again
                return
            if step.cursor is None:
                problems.append(again)
            else:
                logger.info("%s %s: %s; skipped", job.router, job.target.id, step.message)
        hidden = listing.new_refusals(page.refused)
        problems[:0] = [Verdict(login_for(row, sent), row.message, advice=row.advice) for row in hidden]
        if step.reason:
            if step.cursor:  # the last page that is wanted is empty, as some of this list are
                listing.go_on = step.cursor
            is_told = step.stop and not step.cursor and problems[-1].outcome is not Outcome.INCOMPLETE
            lists.close(job, stop_of(problems[-1].outcome) if is_told else step.reason)
        yield from self.emit(job, listing, step, problems, sent)
        if step.cursor and not step.reason:
            yield from self.go_on(job, listing, step.cursor, sent)

    def after_stop(self, job: Job, step: PageResult, request: Request) -> Request | Verdict:
        """Return the request that may get the page of a stopped list after all, or why the list stops."""
        assert step.stop
        sent = dispatch_of(request).sent
        outcome = login_outcome(bool(sent and sent.login_cookie)) if step.login_marker else step.stop
        once, more = step.once and step.retry, step.retry and not step.once
        again = self.again(job, Verdict(outcome, step.message, once_more=once, retry=more), request)
        if isinstance(again, Verdict) and step.retry and step.cursor is None and self.routes.has_next_route(job):
            return self.by_next_route(job, again, request)
        return again

    def emit(
        self, job: Job, listing: ListProgress, step: PageResult, problems: list[Verdict], sent: Sent | None
    ) -> Output:
        """Yield the pages of a list's new records and problems, and the requests that follow from the records."""
        endpoint = self.endpoints[job.router]
        records = [] if endpoint.extras else [*step.records]
        is_through = step.reason in (Stop.END, Stop.DATE_LIMIT)
        if is_through and not (listing.collected or problems or listing.watch):
            records = [listing_record(endpoint, job, listing.declared)]
        elif step.reason:
            self.asks.of(job).inputs.answer(job)  # nothing new is an answer too
        records += step.events
        stopped = listing.rest
        if records and step.stop and listing.gap is not None:  # to continue from the gap, not from this page
            yield self.emitter.page(job, records, sent, problems[:-1])
            yield self.emitter.page(stopped, [], sent, problems[-1:])
        elif records or problems:
            yield self.emitter.page(stopped if step.stop and not records else job, records, sent, problems)
        for place, record in enumerate(step.records if endpoint.extras else ()):
            yield from self.complete(job.extra(0, record, place), sent)
        yield from self.follow(job, records)

    def go_on(self, job: Job, listing: ListProgress, cursor: str, sent: Sent | None) -> Output:
        """Yield the request of a list's next page."""
        yield self.next_page(job.after(cursor, listing.count), sent)

    def next_page(self, following: Job, sent: Sent | None) -> Request | EnvelopePage:
        """Return the request of a list's next page, or the failure that names it if the crawl ends."""
        if not self.is_ending():
            return self.requests.page(following)
        self.asks.of(following).lists.close(following, Stop.INTERRUPTED)
        return self.emitter.page(following, [], sent, [of_list(following, STOPPED)])

    def skip(self, job: Job, verdict: Verdict) -> None:
        """Have the input of a list that is not to be walked count as answered."""
        self.watches.skipped(job, verdict)
        self.asks.of(job).lists.skip(job)
        self.asks.of(job).inputs.answer(job)

    def bug_of(self, found_bug: Bug, job: Job) -> Verdict:
        """Log an error in this program that affects one record, and return its verdict."""
        logger.error("BUG in %s of %s %s", found_bug.path, job.router, job.target.given, exc_info=found_bug.error)
        return unread_records.of_bug(found_bug.path, found_bug.error)

    def complete(self, job: Job, sent: Sent | None) -> Output:
        """Yield the next extra request for the record of a job, or the record when it is complete."""
        endpoint, context, record = self.endpoints[job.router], self.requests.context(job, sent), job.held
        for place, extra in enumerate(endpoint.extras[job.step :], job.step + 1):
            if (extra.login and not context.logged_in) or extra.query(record, context) is None:
                continue
            if self.leaves_out(job, extra):
                record.meta.missing.extend(extra.fills(record))
                continue
            yield self.requests.page(job.extra(place, record))
            return
        yield self.emitter.page(job, [record], sent)
        yield from self.follow(job, [record])

    def leaves_out(self, job: Job, extra: Extra) -> bool:
        """Return whether an optional extra request is not sent."""
        refused = self.breaker.refused(job.router, extra.name)
        return bool(refused or self.is_ending()) and not extra.required

    def follow(self, job: Job, records: Sequence[Record]) -> Output:
        """Yield the requests that `with=` follows from records."""
        names = self.followed(job.ask)
        if not names:
            return
        platform = self.atlas.platform(job.target, job.router).name
        for endpoint in with_argument.endpoints(self.atlas, platform, names):
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
                yield from self.begin_led(job, job.led_to(endpoint.router, target, declared, title_of(record)))

    def begin_led(self, job: Job, led: Job) -> Output:
        """Yield the first request of a job that a record of another job leads to."""
        yield from self.begin(led)


def login_for(reading: Reading, sent: Sent | None) -> Outcome:
    """Return the outcome of a hidden row, which may be LOGIN_REQUIRED."""
    return login_outcome(bool(sent and sent.login_cookie)) if reading.login_marker else reading.outcome
