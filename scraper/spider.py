"""A crawl, on one screen.

inputs ─► targets ─► ask ─► parse_page ─► walk ─► envelopes
             ▲                  ▲           │
  short link ┘                  └───────────┘ next page, extra requests, what `with=` follows, another try
"""

import logging
from collections.abc import AsyncIterator, Sequence
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
from scraper.emit import new_run_id
from scraper.endpoint import UNREADABLE, reason
from scraper.faults import Closing, is_ours, verdict_of
from scraper.identity import Pool, Sent
from scraper.inputs import Inputs
from scraper.job import Job
from scraper.middlewares import answer_of
from scraper.outcomes import Outcome
from scraper.platform import Platform
from scraper.requests import Requests
from scraper.routing import route
from scraper.targets import SHORT_LINK, Target
from scraper.verdicts import Verdict
from scraper.walk import STOPPED, Output, Walk

logger = logging.getLogger(__name__)


class PlatformSpider(scrapy.Spider):
    """Base of all spiders. A platform sets `platform`; how it differs is data in that object."""

    platform: ClassVar[Platform]
    pool: Pool
    pools: dict[str, Pool]
    others: dict[str, Platform]
    output_dir: str  # read by the name of the default feed
    walk: Walk

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
        spider.output_dir = crawler.settings["OUTPUT_DIR"]
        loader = get_spider_loader(crawler.settings)
        spider.others = {name: loader.load(name).platform for name in loader.list() if name != cls.name}
        crawler.signals.connect(spider.opened, signals.spider_opened)
        crawler.signals.connect(spider.closed_down, signals.spider_closed)
        return spider

    def opened(self) -> None:
        """Make what needs the stats, which are there only now."""
        self.walk = Walk(self)

    def closed_down(self, reason: str) -> None:
        """Say what a stop left unanswered: requests that wait are dropped by Scrapy."""
        if reason != "finished" and (left := self.inputs.unanswered()):
            logger.warning(
                "The crawl was stopped (%s): %d inputs got no answer, such as %s", reason, len(left), left[0]
            )

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
                yield self.walk.emitter.page(job, [], None, [Verdict(Outcome.BAD_INPUT, problem)])
            elif target.kind == SHORT_LINK:
                yield self.requests.hop(job)
            else:
                yield from self.walk.begin(job)

    def parse_short_link(self, response: Response, job: Job) -> Output:
        yield from self.leaving(response.request, self.read_short_link(response, job))

    def read_short_link(self, response: Response, job: Job) -> Output:
        hop = shortlinks.follow(answer_of(response), response.url, job.page, job.target, self.platform)
        if hop.target:
            others = [msgspec.structs.replace(hop.target, given=each.given) for each in self.inputs.answer(job.key)]
            yield from self.ask(hop.target, others)
        elif hop.url:
            yield self.requests.hop(job.after(hop.url, 0))
        elif hop.verdict:
            yield from self.walk.recover(job, hop.verdict, response.request)

    def parse_page(self, response: Response, job: Job) -> Output:
        yield from self.leaving(response.request, self.read_page(response, job))

    def read_page(self, response: Response, job: Job) -> Output:
        request, endpoint = response.request, self.endpoints[job.router]
        sent: Sent = request.meta["sent"]
        verdict = self.platform.verdicts.classify(answer_of(response, request.meta["signed"], sent.login_cookie))
        if verdict.outcome is not Outcome.OK:
            yield from self.walk.recover(job, verdict, request)
            return
        self.pool.leave(request)
        self.pool.get(request.meta["identity"]).served()
        context = self.requests.context(job, sent)
        try:
            if job.step:
                endpoint.extras[job.step - 1].add(job.held, verdict.data, context)
            else:
                page = endpoint.read(verdict.data, context, job.cursor)
        except UNREADABLE as error:
            changed = Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer")
            yield from self.walk.recover(job, changed, request)
            return
        if job.step:
            self.walk.recovery.extra_served(job.router, endpoint.extras[job.step - 1].name)
            yield from self.walk.complete(job, sent)
        else:
            yield from self.walk.keep(job, page, request)

    def parse_failure(self, failure: Failure) -> Output:
        """No answer came."""
        request, verdict = failure.request, STOPPED if failure.check(Closing) else verdict_of(failure.value)
        if is_ours(failure.value):
            trace = (failure.type, failure.value, failure.getTracebackObject())
            logger.error("A fault of this program", exc_info=trace)
        yield from self.leaving(request, self.walk.recover(request.cb_kwargs["job"], verdict, request))

    def leaving(self, request: Request, outputs: Output) -> Output:
        """Yield what an answer leads to, and let the next request go out only then: the answer may forbid it."""
        try:
            yield from outputs
        finally:
            self.pool.leave(request)
