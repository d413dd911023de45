"""A crawl, on one screen.

inputs ─► targets ─► ask ─► parse_page ─► envelopes
             ▲                 ▲   │ │
  short link ┘                 │   │ └─► extra requests, what `with=` follows
                               └───┘ next cursor
"""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar, Self

import msgspec
import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.spiderloader import get_spider_loader
from twisted.python.failure import Failure

from scraper import shortlinks
from scraper.arguments import parse
from scraper.config import ConfigFile
from scraper.emit import Emitter, empty_listing, new_run_id
from scraper.endpoint import UNREADABLE, Cursor, Page, reason
from scraper.envelope import Batch
from scraper.faults import Closing, verdict_of
from scraper.identity import Pool, Sent
from scraper.inputs import Inputs
from scraper.job import Job
from scraper.listing import Listings
from scraper.middlewares import answer_of
from scraper.outcomes import Outcome
from scraper.platform import Platform
from scraper.records import Record
from scraper.recovery import Recovery, of_list
from scraper.requests import Requests
from scraper.routing import route
from scraper.targets import SHORT_LINK, Target
from scraper.verdicts import Verdict, login_outcome

logger = logging.getLogger(__name__)
Output = Iterator[Request | Batch]


class PlatformSpider(scrapy.Spider):
    """Base of all spiders. A platform sets `platform`; how it differs is data in that object."""

    platform: ClassVar[Platform]

    def __init__(self, name: str | None = None, **given: str):
        super().__init__(name)
        self.arguments = parse(given, self.platform)
        self.endpoints = {each.router: each for each in self.platform.endpoints}
        self.run_id, self.inputs, self.requests, self.asks = new_run_id(), Inputs(), Requests(self), 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        service = cls.platform.service
        spider.pool = Pool(service, ConfigFile(service, crawler.settings["CONFIG_DIR"]))
        spider.pools = {service.name: spider.pool}
        spider.output_dir = crawler.settings["OUTPUT_DIR"]  # read by the default feed's name
        loader = get_spider_loader(crawler.settings)
        spider.others = {name: loader.load(name).platform for name in loader.list() if name != cls.name}
        crawler.signals.connect(spider.opened, signals.spider_opened)
        return spider

    def opened(self) -> None:
        """Make what needs the stats, which are there only now."""
        settings, stats = self.crawler.settings, self.crawler.stats
        self.recovery = Recovery(settings.getint("RETRY_TIMES"), settings.getfloat("RATE_LIMIT_WAIT"), stats)
        self.emitter = Emitter(stats, self.platform, self.inputs, self.run_id)
        self.listings = Listings(self.arguments, stats)

    async def start(self) -> AsyncIterator[Any]:
        for target, others in self.arguments.targets(self.platform):
            for output in self.ask(target, others):
                if self.crawler.engine.needs_backout():  # a long file is read as the crawl goes
                    await self.crawler.signals.wait_for(signals.scheduler_empty)
                yield output

    def ask(self, target: Target, others: Sequence[Target] = ()) -> Output:
        """Yield the requests for a target of the user, or the failure that says why there is none.

        :param others: further inputs that mean the same, and get the same answer
        """
        self.asks += 1
        if target.kind == SHORT_LINK:
            routers, problem, url = [self.platform.router_for_unknown], "", shortlinks.first_url(target)
        else:
            (routers, problem), url = route(target, self.arguments, self.platform, self.others), ""
        for router in routers:
            job = Job(router=router, target=target, ask=self.asks, cursor=url or self.arguments.cursors.get(router, ""))
            if not self.inputs.ask(job.key, target, others):
                continue
            if problem:
                yield self.emitter.page(job, [], None, [Verdict(Outcome.BAD_INPUT, problem)])
            elif target.kind == SHORT_LINK:
                yield self.requests.hop(job)
            else:
                yield from self.begin(job)

    def cursor_of(self, job: Job) -> Cursor | None:
        return self.endpoints[job.router].cursor

    def begin(self, job: Job) -> Output:
        """Yield the first request of an endpoint, or what the record that needs none leads to."""
        record = self.endpoints[job.router].seed(self.requests.context(job))
        if record:
            yield from self.complete(job.extra(0, record), None)
        else:
            yield self.requests.page(job)

    def parse_short_link(self, response: Response, job: Job) -> Output:
        hop = shortlinks.follow(answer_of(response), response.url, job.page, job.target, self.platform)
        if hop.target:
            others = [msgspec.structs.replace(hop.target, given=each.given) for each in self.inputs.answer(job.key)]
            yield from self.ask(hop.target, others)
        elif hop.url:
            yield self.requests.hop(job.after(hop.url, 0))
        elif hop.verdict:
            yield from self.recover(job, hop.verdict, response.request)

    def parse_page(self, response: Response, job: Job) -> Output:
        request, endpoint = response.request, self.endpoints[job.router]
        sent: Sent = request.meta["sent"]
        verdict = self.platform.verdicts.classify(answer_of(response, request.meta["signed"], sent.login_cookie))
        if verdict.outcome is not Outcome.OK:
            yield from self.recover(job, verdict, request)
            return
        self.pool.get(request.meta["identity"]).served()
        context = self.requests.context(job, sent)
        try:
            if job.step:
                endpoint.extras[job.step - 1].add(job.held, verdict.data, context)
            else:
                page = endpoint.read(verdict.data, context, job.cursor)
        except UNREADABLE as error:
            yield from self.recover(job, Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer"), request)
            return
        if job.step:
            self.recovery.extra_served(job.router, endpoint.extras[job.step - 1].name)
            yield from self.complete(job, sent)
        else:
            yield from self.keep(job, page, request)

    def keep(self, job: Job, page: Page, request: Request) -> Output:
        """Yield what a page holds, and what it leads to."""
        endpoint, sent = self.endpoints[job.router], request.meta["sent"]
        listing, step = self.listings.take(page, job)
        problems = [Verdict(Outcome.UPSTREAM_CHANGED, f"a record could not be read: {fault}") for fault in page.faults]
        if step.stop:
            outcome = login_outcome(sent.login_cookie) if step.login_marker else step.stop
            again = self.again(job, Verdict(outcome, step.message, retry=step.retry), request)
            if isinstance(again, Request):  # the page may come right, or another identity may see more
                yield again
                return
            problems.append(again)
        if step.reason:
            self.listings.close(job, endpoint.cursor, step.reason)
        records = [] if endpoint.extras else step.records
        if step.reason == "end" and not listing.count and not page.faults:
            records = [empty_listing(endpoint, job, listing, self.arguments.sort, self.platform.name)]
        if records or problems:
            yield self.emitter.page(job, records, sent, problems)
        for record in step.records if endpoint.extras else ():
            yield from self.complete(job.extra(0, record), sent)
        yield from self.follow(job, records)
        if step.cursor:
            yield self.requests.page(job.after(step.cursor, listing.count))

    def complete(self, job: Job, sent: Sent | None) -> Output:
        """Yield the next extra request for the record that a job holds, or the record when it has all."""
        endpoint, context, record = self.endpoints[job.router], self.requests.context(job, sent), job.held
        for place, extra in enumerate(endpoint.extras[job.step :], job.step + 1):
            if (extra.login and not context.logged_in) or extra.query(record, context) is None:
                continue
            if self.recovery.extra_is_refused(job.router, extra.name) and not extra.required:
                record.meta.missing.extend(extra.fills(record))
                continue
            yield self.requests.page(job.extra(place, record))
            return
        yield self.emitter.page(job, [record], sent)
        yield from self.follow(job, [record])

    def follow(self, job: Job, records: Sequence[Record]) -> Output:
        """Yield the requests for what the user wants followed from records."""
        for endpoint in self.endpoints.values() if self.arguments.follow else ():
            follow = endpoint.follow
            if not follow or follow.name not in self.arguments.follow:
                continue
            for record in records:
                target = follow.target(record, job.target.given) if record.record_type == follow.record else None
                if target and self.inputs.follow((endpoint.router, target.key)):
                    yield from self.begin(Job(router=endpoint.router, target=target, ask=job.ask, followed=True))

    def again(self, job: Job, verdict: Verdict, request: Request) -> Request | Verdict:
        """Return another try, or the verdict that stands."""
        optional = bool(job.step) and not self.endpoints[job.router].extras[job.step - 1].required
        again = self.recovery.again(job, verdict, self.pool, request.meta, optional)
        if isinstance(again, Verdict):
            return again
        make = self.requests.hop if job.target.kind == SHORT_LINK else self.requests.page
        return make(again.job, again.not_before)

    def recover(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield another try, or the failure; a record whose extra request failed goes on without it."""
        if verdict.from_input and (job.followed or job.step or job.page > 1):
            verdict = verdict._replace(outcome=Outcome.UPSTREAM_CHANGED)
        again, sent = self.again(job, verdict, request), request.meta.get("sent")
        extra = self.endpoints[job.router].extras[job.step - 1] if job.step else None
        if isinstance(again, Request):
            yield again
            return
        verdict = again
        if extra and not extra.required:
            logger.info(
                "%s without its %s: %s, %s", job.target.given, extra.name, verdict.outcome.name, verdict.message
            )
            self.recovery.extra_failed(job.router, extra.name, verdict)
            job.held.meta.missing.extend(extra.fills(job.held))
            yield from self.complete(job, sent)
        else:
            self.listings.close(job, self.cursor_of(job), verdict.outcome.name)
            yield self.emitter.page(job, [], sent, [of_list(job, verdict)])

    def parse_failure(self, failure: Failure) -> Output:
        """No answer came."""
        if failure.check(Closing):
            return
        request, verdict = failure.request, verdict_of(failure.value)
        if verdict is None:
            logger.error(
                "A fault of this program", exc_info=(failure.type, failure.value, failure.getTracebackObject())
            )
            verdict = Verdict(Outcome.UPSTREAM, f"a fault of this program: {failure.type.__name__}", final=True)
        yield from self.recover(request.cb_kwargs["job"], verdict, request)
