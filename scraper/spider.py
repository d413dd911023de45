"""A crawl, on one screen.

inputs ─► targets ─► ask ─► parse_page ─► envelopes
             ▲                 ▲   │ │
  short link ┘                 │   │ └─► extra requests, what `with=` follows
                               └───┘ next cursor
"""

import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from scrapy.spiderloader import get_spider_loader
from twisted.python.failure import Failure

from scraper import shortlinks
from scraper.arguments import parse
from scraper.config import ConfigFile
from scraper.emit import Emitter, new_run_id
from scraper.endpoint import UNREADABLE, Context, Endpoint, Page, reason, with_query
from scraper.envelope import Batch
from scraper.faults import Closing, verdict_of
from scraper.identity import Pool, Sent
from scraper.inputs import Inputs
from scraper.job import Job
from scraper.listing import Listing, Step
from scraper.middlewares import answer_of
from scraper.outcomes import Outcome
from scraper.platform import Platform
from scraper.records import Listing as EmptyListing
from scraper.records import Record, meta_for
from scraper.recovery import Recovery, never_came
from scraper.routing import route
from scraper.targets import SHORT_LINK, Target
from scraper.verdicts import Verdict, login_outcome

logger = logging.getLogger(__name__)
Output = Iterator[Request | Batch]
_EXTRAS_FIRST = 1_000_000  # a record that waits for its extras holds memory


class PlatformSpider(scrapy.Spider):
    """Base of all spiders. A platform sets `platform`; how it differs is data in that object."""

    platform: ClassVar[Platform]

    def __init__(self, name: str | None = None, **given: str):
        super().__init__(name)
        self.arguments = parse(given, self.platform)
        self.endpoints: dict[str, Endpoint] = {each.router: each for each in self.platform.endpoints}
        self.inputs, self.listings, self.asks = Inputs(), dict[tuple[Any, ...], Listing](), 0
        self.run_id = new_run_id()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings, service = crawler.settings, cls.platform.service
        spider.pool = Pool(service, ConfigFile(service, settings["CONFIG_DIR"]))
        spider.pools = {service.name: spider.pool}
        spider.output_dir = settings["OUTPUT_DIR"]
        spider.others = platforms(crawler, but=cls.name)
        crawler.signals.connect(spider.opened, signals.spider_opened)
        return spider

    def opened(self) -> None:
        """Make what needs the stats, which are there only now."""
        settings, stats = self.crawler.settings, self.crawler.stats
        self.recovery = Recovery(settings.getint("RETRY_TIMES"), settings.getfloat("RATE_LIMIT_WAIT"), stats)
        self.emitter = Emitter(stats, self.platform, self.inputs, self.run_id)

    @property
    def volatile(self) -> frozenset[str]:
        return self.platform.volatile

    async def start(self) -> AsyncIterator[Any]:
        for target in self.arguments.targets(self.platform):
            for output in self.ask(target):
                yield output

    def ask(self, target: Target) -> Output:
        """Yield the requests for a target of the user, or the failure that says why there is none."""
        self.asks += 1
        if target.kind == SHORT_LINK:
            url = shortlinks.first_url(target)
            yield self.hop_request(Job(router=self.platform.router_for_unknown, target=target, cursor=url, ask=self.asks))
            return
        routers, problem = route(target, self.arguments, self.platform, self.others)
        for router in routers:
            job = Job(router=router, target=target, ask=self.asks, cursor=self.arguments.cursors.get(router, ""))
            if problem:
                yield self.emitter.page(job, [], None, [Verdict(Outcome.BAD_INPUT, problem)])
            elif self.inputs.ask(job.key, target):
                yield from self.begin(job)

    def begin(self, job: Job) -> Output:
        """Yield the first request of an endpoint, or what the record that needs none leads to."""
        record = self.endpoints[job.router].seed(self.context(job))
        if record:
            yield from self.complete(job.extra(0, record), None)
        else:
            yield self.page_request(job)

    def context(self, job: Job, sent: Sent | None = None) -> Context:
        count, sort, agent = self.arguments.count, self.arguments.sort, sent.user_agent if sent else None
        logged_in = sent.logged_in is True if sent else self.pool.has_login(job.listing)
        return Context(job.target, job.page, sort, count, logged_in, agent)

    def page_request(self, job: Job, not_before: float = 0.0) -> Request:
        """Return the request of a job: unsigned, undressed, and the same whenever it is made."""
        endpoint, context = self.endpoints[job.router], self.context(job)
        source = endpoint.extras[job.step - 1] if job.step else endpoint
        url = with_query(source.url, source.query(job.held, context)) if job.step else endpoint.url_for(context, job.cursor)
        referer = source.referer or endpoint.referer
        meta = {"signed": source.signed, "referer": referer(job.target) if referer else None, "not_before": not_before}
        priority = job.page + (_EXTRAS_FIRST if job.step else 0)
        return self._request(url, self.parse_page, job, meta, priority)

    def hop_request(self, job: Job, not_before: float = 0.0) -> Request:
        return self._request(job.cursor, self.parse_short_link, job, {"session": False, "not_before": not_before}, 0)

    def _request(self, url: str, callback: Any, job: Job, meta: dict[str, Any], priority: int) -> Request:
        meta |= {"service": self.platform.service.name, "listing": job.listing}
        kwargs = {"job": job}
        again = job.tries > 0
        return Request(url, callback, errback=self.parse_failure, cb_kwargs=kwargs, meta=meta, priority=priority, dont_filter=again)

    def parse_short_link(self, response: Response, job: Job) -> Output:
        hop = shortlinks.follow(answer_of(response), response.url, job.page, job.target, self.platform)
        if hop.target:
            yield from self.ask(hop.target)
        elif hop.url:
            yield self.hop_request(job.after(hop.url, 0))
        elif hop.verdict:
            yield from self.recover(job, hop.verdict, response.request)

    def parse_page(self, response: Response, job: Job) -> Output:
        meta = response.request.meta
        sent: Sent = meta["sent"]
        verdict = self.platform.verdicts.classify(answer_of(response, meta["signed"], sent.login_cookie))
        if verdict.outcome is not Outcome.OK:
            yield from self.recover(job, verdict, response.request)
            return
        self.pool.get(meta["identity"]).served()
        context = self.context(job, sent)
        try:
            if job.step:
                extra = self.endpoints[job.router].extras[job.step - 1]
                extra.add(job.held, verdict.data, context)
                self.recovery.extra_served(job.router, extra.name)
                page = None
            else:
                page = self.endpoints[job.router].read(verdict.data, context, job.cursor)
        except UNREADABLE as error:
            yield from self.recover(job, Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer"), response.request)
            return
        yield from self.keep(job, page, response.request) if page else self.complete(job, sent)

    def keep(self, job: Job, page: Page, request: Request) -> Output:
        """Yield what a page holds, and what it leads to."""
        endpoint, sent = self.endpoints[job.router], request.meta["sent"]
        listing = self.listings.setdefault(job.walk, Listing(self.arguments)) if endpoint.cursor else Listing(self.arguments)
        step = listing.take(page, job)
        if step.stop and step.login_marker and not step.records:
            yield from self.recover(job, Verdict(login_outcome(sent.login_cookie), step.message), request)
            return
        problems = [Verdict(Outcome.UPSTREAM_CHANGED, f"a record could not be read: {fault}") for fault in page.faults]
        if step.stop:
            stop = login_outcome(sent.login_cookie) if step.login_marker else step.stop
            problems.append(Verdict(stop, step.message))
        if endpoint.extras:
            for record in step.records:
                yield from self.complete(job.extra(0, record), sent)
        records = [] if endpoint.extras else step.records
        if step.reason == "end" and not listing.count and not page.faults:
            records = [self.empty(job, listing)]
        if records or problems:
            yield self.emitter.page(job, records, sent, problems)
        yield from self.follow(job, records)
        if step.cursor:
            yield self.page_request(job.after(step.cursor, listing.count))
        else:
            self.close_listing(job, step)

    def complete(self, job: Job, sent: Sent | None) -> Output:
        """Yield the next extra request for the record that a job holds, or the record when it has all."""
        endpoint, context, record = self.endpoints[job.router], self.context(job, sent), job.held
        for place, extra in enumerate(endpoint.extras[job.step :], job.step + 1):
            if (extra.login and not context.logged_in) or extra.query(record, context) is None:
                continue
            if self.recovery.extra_is_refused(job.router, extra.name):
                record.meta.missing.extend(extra.fills(record))
                continue
            yield self.page_request(job.extra(place, record))
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

    def empty(self, job: Job, listing: Listing) -> EmptyListing:
        """Return the record that says that a list holds nothing."""
        name, target = self.endpoints[job.router].name, job.target
        meta = meta_for(EmptyListing, self.platform.name, f"{name}:{target.key}")
        return EmptyListing(listing=name, query=target.id, sort=self.arguments.sort, declared_total=listing.declared, meta=meta)

    def close_listing(self, job: Job, step: Step | None) -> None:
        """Log how a list ended, and forget it."""
        listing = self.listings.pop(job.walk, None)
        if listing and step:
            declared = f" of {listing.declared} declared" if listing.declared is not None else ""
            logger.info("%s %s: %d%s, %d pages, %s", job.router, job.target.id, listing.count, declared, job.page, step.reason)
            self.crawler.stats.inc_value(f"listings/{job.router}/{step.reason}")

    def recover(self, job: Job, verdict: Verdict, request: Request) -> Output:
        """Yield another try, or the failure; a record whose extra request failed goes on without it."""
        if verdict.from_input and (job.followed or job.step or job.page > 1):
            verdict = verdict._replace(outcome=Outcome.UPSTREAM_CHANGED)
        meta = request.meta
        optional = bool(job.step) and not self.endpoints[job.router].extras[job.step - 1].required
        again = self.recovery.again(job, verdict, self.pool, meta.get("identity", ""), meta.get("sent"), optional)
        if again:
            make = self.hop_request if job.target.kind == SHORT_LINK else self.page_request
            yield make(again.job, again.not_before)
        elif optional:
            extra = self.endpoints[job.router].extras[job.step - 1]
            logger.info("%s without its %s: %s, %s", job.target.given, extra.name, verdict.outcome.name, verdict.message)
            self.recovery.extra_failed(job.router, extra.name, verdict)
            job.held.meta.missing.extend(extra.fills(job.held))
            yield from self.complete(job, meta.get("sent"))
        else:
            self.close_listing(job, None)
            yield self.emitter.page(job, [], meta.get("sent"), [never_came(job, verdict)])

    def parse_failure(self, failure: Failure) -> Output:
        """No answer came."""
        if failure.check(Closing):
            return
        request, verdict = failure.request, verdict_of(failure.value)
        if verdict is None:
            logger.error("A fault of this program", exc_info=(failure.type, failure.value, failure.getTracebackObject()))
            verdict = Verdict(Outcome.UPSTREAM, f"a fault of this program: {failure.type.__name__}", final=True)
        yield from self.recover(request.cb_kwargs["job"], verdict, request)


def platforms(crawler: Crawler, but: str) -> dict[str, Platform]:
    """Return the platforms of the other spiders, which Scrapy's spider loader knows."""
    loader = get_spider_loader(crawler.settings)
    return {name: loader.load(name).platform for name in loader.list() if name != but}
