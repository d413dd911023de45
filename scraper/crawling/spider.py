"""A crawl, on one screen.

inputs ─► targets ─► ask ─► parse_page ─► walk ─► envelopes
             ▲                  ▲           │
  short link ┘                  └───────────┘ next page, extra requests, what `with=` follows, another try
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, ClassVar, Self, cast
from urllib.request import getproxies_environment

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from scraper.crawling.callback_guard import Output
from scraper.crawling.page_handler import STOPPED, PageHandler
from scraper.crawling.session_probe import last_word
from scraper.crawling.unfinished import given_inputs, same_with, together, unfinished, written
from scraper.identities.masked_log import protect_log
from scraper.identities.masking import keep_named, keep_url
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.inputs import short_links
from scraper.inputs.arguments import Arguments, parse, writable
from scraper.inputs.ask import Ask
from scraper.inputs.asked_targets import Asked, AskedTargets
from scraper.inputs.duplicates import InputTracker
from scraper.inputs.endpoint_choice import plan
from scraper.jobs.dispatch import dispatch_of, find_dispatch, job_of, request_of, sent_of
from scraper.jobs.job import Job
from scraper.jobs.request_factory import Callbacks, RequestFactory
from scraper.network.answer import answer_of
from scraper.output.emitter import new_run_id
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.output.item_processor import ItemProcessor
from scraper.output.sinks import OUTPUT_FAILED, OUTPUT_GONE, OutputError, note_failure
from scraper.output.statistics import UNANSWERED
from scraper.platform import Page, reason
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.service import Service
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target
from scraper.responses import Verdict
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import Closing, bug, verdict_of
from scraper.responses.outcomes import Outcome
from scraper.responses.user_code import culprit, is_users, remedy_for
from scraper.responses.values import UnexpectedShapeError

logger = logging.getLogger(__name__)
NO_TARGET = Target(UNKNOWN, "", "")
_READ_AHEAD = 1_000  # maximum number of requests in the scheduler before more inputs are read
_PAGES_AHEAD = 50  # pages without a request that wait for the sinks
_POLL_S = 0.05  # between two looks at an input that has not arrived
_MOST_KEPT = 5_000  # envelopes that wait until it is known that their input does not come again
FINISHED = "finished"  # Scrapy's close reason of a crawl that came to its end
_INPUTS, _LISTINGS = "inputs", "listings"  # in JOBDIR


class PlatformSpider(scrapy.Spider):
    """Base of all spiders. A platform sets `platforms`; how it differs is data in that object.

    :cvar router: the router of every envelope; None means the router of the endpoint that answered
    :cvar recorded: whether a manifest of its run is written
    :ivar asked: number of inputs read so far
    :ivar is_resumed: whether this run continues a paused crawl
    """

    platforms: ClassVar[Sequence[Platform]]
    router: ClassVar[str | None] = None
    recorded: ClassVar[bool] = True
    pools: Mapping[str, Pool]
    requests: RequestFactory
    others: dict[str, Platform]
    output_dir: str  # used in the name of the default feed
    walk: PageHandler
    targets: AskedTargets | None = None
    asked = 0

    def __init__(self, name: str | None = None, **given: str):
        super().__init__(name)
        self.given, self.atlas = writable(given), self.build_atlas()
        self.arguments, self.endpoints = self.read_arguments(), self.atlas.endpoints
        self.run_id, self.is_resumed = new_run_id(), False

    def read_arguments(self) -> Arguments:
        """Parse the arguments given by `-a`."""
        return parse(self.given, self.atlas, self.router or "")

    @classmethod
    def build_atlas(cls) -> Atlas:
        """Return the platforms of this spider."""
        return Atlas(cls.platforms)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Keep the secrets in the settings before Scrapy logs those that differ from its defaults."""
        super().update_settings(settings)
        protect_log()
        keep_named({name: settings[name] for name in settings})
        for proxy in getproxies_environment().values():
            keep_url(proxy)

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Return whether a link is one of the platform's. A spider of several platforms leaves it to theirs."""
        host = urlparse_cached(request).hostname or ""
        return len(cls.platforms) == 1 and host in cls.platforms[0].hosts | cls.platforms[0].link_hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings, spider.pools = crawler.settings, pools_of(crawler).pools
        spider.requests = RequestFactory(spider.atlas, spider.pools, spider.callbacks())
        spider.output_dir = settings["OUTPUT_DIR"]
        loader = get_spider_loader(settings)
        ours = {name: found for name in loader.list() if issubclass(found := loader.load(name), PlatformSpider)}
        spider.others = {name: each.platforms[0] for name, each in ours.items() if name != cls.name}
        crawler.signals.connect(spider.opened, signals.spider_opened)
        crawler.signals.connect(spider.closed_down, signals.spider_closed)
        if settings["JOBDIR"]:
            crawler.signals.connect(spider.dropped, signals.request_dropped)
        crawler.signals.connect(spider.page_left, page_processed)
        return spider

    def opened(self) -> None:
        """Create the parts that need the stats, which exist only now."""
        self.walk = PageHandler(self)
        pools_of(self.crawler).needless = self.walk.refused
        try:
            if self.recorded:
                self.walk.manifest.try_out()
        except OutputError as error:
            note_failure(self.crawler.stats, error)
            raise CloseSpider(OUTPUT_FAILED) from None
        opened = self.walk.asks.open(self.arguments.ask)
        if self.walk.is_resumed:
            opened.inputs.load(Path(self.settings["JOBDIR"], _INPUTS))
            opened.lists.load(Path(self.settings["JOBDIR"], _LISTINGS))

    def dropped(self, request: Request) -> None:
        """Note that an earlier run requested an input, since Scrapy's duplicate filter dropped its request."""
        dispatch = find_dispatch(request)
        job = dispatch.job if dispatch else None
        if job and job.page == 1 and not job.step and not job.followed:
            self.walk.asks.of(job).inputs.answered_before(job)

    def page_left(self, page: EnvelopePage, items: Sequence[Envelope]) -> None:
        """Note that pipelines and sinks have finished a page."""
        if page.job is not None:
            self.walk.asks.receive(page.job, items)
            self.walk.asks.ended(page.job)

    def closed_down(self, reason: str) -> None:
        """Report the inputs that a stop left unanswered, since Scrapy drops waiting requests. Write the manifest."""
        asks = self.walk.asks
        if self.walk.is_resumed:
            own = asks.open_one(self.arguments.ask.id)
            self.is_resumed = own.inputs.resumed
            own.inputs.save(Path(self.settings["JOBDIR"], _INPUTS))
            own.lists.save(Path(self.settings["JOBDIR"], _LISTINGS))
        if self.recorded and (reason == OUTPUT_FAILED or not self.walk.is_resumed):
            self.say_how_to_complete(reason)
        left = asks.unanswered()
        asks.close()
        if left:
            self.crawler.stats.set_value(UNANSWERED, len(left))
            logger.warning("The crawl ended (%s): %d inputs got no answer, such as %s", reason, len(left), left[0])
        if self.targets:
            self.say_what_was_not_read(reason, self.targets)
            self.targets.close()
        if self.recorded:
            self.walk.manifest.close(reason, self.crawler.stats.get_stats())

    def say_what_was_not_read(self, reason: str, targets: AskedTargets) -> None:
        """Warn of inputs that a stop left before anything was asked for them."""
        if not targets.is_read:
            logger.warning("The crawl ended (%s) before all inputs were read: it came to number %d", reason, self.asked)
        elif targets.left:
            logger.warning("The crawl ended (%s): nothing was asked for the last %d inputs", reason, targets.left)

    def say_how_to_complete(self, reason: str) -> None:
        """Log the commands that crawl the rest. If the crawl seemed to be complete, something was lost."""
        for number, command in enumerate(self.commands_for_the_rest(reason), 1):
            logger.warning("The crawl is not complete (%s). For the rest: %s", reason, command)
            if reason == FINISHED:
                self.crawler.stats.set_value(UNANSWERED, number)

    def commands_for_the_rest(self, reason: str) -> Iterator[str]:
        """Yield the commands that complete the output."""
        if self.targets is None or self.crawler.stats.get_value(OUTPUT_GONE):
            yield written(self.name, self.given)
            return
        own = self.walk.asks.open_one(self.arguments.ask.id)
        processor = self.crawler.engine.scraper.itemproc
        unwritten = processor.unwritten if isinstance(processor, ItemProcessor) else []
        again, lists = unfinished([*own.under_way, *unwritten], self.atlas)
        if reason != FINISHED:
            again |= own.inputs.open_inputs()
        if reason == OUTPUT_FAILED:
            self.targets.read_what_is_there()
        inputs = given_inputs(self.targets.so_far(), self.asked, again) if again or reason != FINISHED else []
        path = Path(self.settings["STATE_DIR"]) / "runs" / f"{self.run_id}.unfinished.txt"
        if inputs:
            yield same_with(self.name, self.given, inputs, path)
        yield from together(lists, path.with_suffix(".sh"))

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

    async def start(self) -> AsyncIterator[Any]:
        self.targets = self.arguments.targets(self.atlas)
        async for output in self.feed(self.arguments.ask, self.targets):
            yield output

    async def feed(self, ask: Ask, targets: AskedTargets) -> AsyncIterator[Request | EnvelopePage]:
        """Yield the first requests for all targets of an ask, and what fails without a request."""
        inputs = self.walk.asks.of(self.unknown_job(ask, NO_TARGET)).inputs
        inputs.keep_pages()
        while self.walk.is_resumed and not targets.is_read:  # a paused crawl keeps no pages for its next run
            await self.read_ahead(targets)
        while True:
            # Long files are read during the crawl, but far enough ahead that a slow service delays no other.
            await self.room(targets, inputs)
            if targets.is_settled:
                inputs.forget_pages()
            if (asked := targets.take()) is None:
                if targets.is_read:
                    return
                await asyncio.sleep(_POLL_S)
                continue
            for output in self.begin(ask, asked):  # so the crawl cannot be stopped between an input and its request
                yield output

    async def room(self, targets: AskedTargets, inputs: InputTracker) -> None:
        """Wait until the crawl can take more, and read on meanwhile. A stop is answered in between."""
        await asyncio.sleep(0)
        while (busy := self.busy_until()) or (inputs.kept > _MOST_KEPT and not targets.is_read):
            if not targets.is_read:
                await self.read_ahead(targets)
            elif busy:
                await self.crawler.signals.wait_for(busy)

    async def read_ahead(self, targets: AskedTargets) -> None:
        """Read some inputs, and let the crawl continue."""
        targets.read()
        await asyncio.sleep(_POLL_S if targets.is_waiting else 0)

    def busy_until(self) -> object | None:
        """Return the signal to wait for before more is asked for, None if there is room."""
        engine = self.crawler.engine
        if engine.needs_backout() or len(cast(Sized, engine.scheduler)) >= _READ_AHEAD:
            return signals.scheduler_empty
        slot = engine.scraper.slot
        return page_processed if slot and slot.itemproc_size >= _PAGES_AHEAD else None

    def begin(self, ask: Ask, asked: Asked) -> Output:
        """Yield the requests for a target that was read, or why there is none."""
        self.asked = max(self.asked, asked.number)
        job = self.unknown_job(ask, asked.target, asked.number)
        outputs = (
            self.unread(job, asked.error)
            if asked.error
            else self.ask(ask, *asked[1:3], asked.number, again=asked.is_again)
        )
        yield from self.walk.guard.guard(job, outputs)

    def unread(self, job: Job, error: Exception) -> Output:
        """Yield the failure of an input that could not be read."""
        if isinstance(error, OSError):
            problem = f"it cannot be read any further ({error.strerror}): nothing after it is asked for"
            yield self.walk.emitter.page(job, [], None, [Verdict(Outcome.BAD_INPUT, problem)])
        else:
            yield self.walk.guard.bug(job, error)

    def unknown_job(self, ask: Ask, target: Target, number: int = 0) -> Job:
        """Return the job of an input whose endpoint is not known yet."""
        return Job(router=ask.answer_router or self.atlas.router_for_unknown, target=target, ask=ask, input=number)

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
        """Yield the requests for a target, or the failure that explains why it cannot be crawled.

        :param others: other inputs that mean the same target, as given; they get the same answer
        :param number: its index in its ask, which is the same when a crawl is resumed
        :param again: whether it was asked for before, and may be answered already
        :param from_short_link: whether it was found through a short link
        """
        inputs = self.walk.asks.of(self.unknown_job(ask, target)).inputs
        if target.kind == SHORT_LINK:
            routers, problem, url = [self.atlas.platform(target).router_for_unknown], "", short_links.first_url(target)
        else:
            (routers, problem), url = plan(target, ask, self.atlas, self.others), ""
        for router in routers:
            job = Job(router=router, target=target, ask=ask, input=number, cursor=url or ask.cursors.get(router, ""))
            if again and (missed := inputs.repeat(job)) is not None:
                yield from (self.walk.emitter.repeated(job, cast(Sequence[Envelope], page)) for page in missed)
            elif not inputs.ask(job, others, from_short_link):
                continue
            elif problem:
                yield self.walk.emitter.page(job, [], None, [Verdict(Outcome.BAD_INPUT, problem)])
            elif target.kind == SHORT_LINK:
                yield self.requests.hop(job)
            else:
                yield from self.walk.begin(job)

    def parse_short_link(self, response: Response) -> Output:
        yield from self.leaving(response, self.read_short_link(response, job_of(request_of(response))))

    def read_short_link(self, response: Response, job: Job) -> Output:
        platform = self.atlas.platform(job.target)
        hop = short_links.follow(answer_of(response), response.url, job.page, job.target, platform, self.others)
        if hop.target:
            others = self.walk.asks.of(job).inputs.leave(job)
            yield from self.ask(job.ask, hop.target, others, job.input, from_short_link=True)
        elif hop.url:
            yield self.requests.hop(job.after(hop.url, 0))
        elif hop.verdict:
            yield from self.walk.recover(job, hop.verdict, request_of(response))

    def parse_page(self, response: Response) -> Output:
        yield from self.leaving(response, self.read_page(response, job_of(request_of(response))))

    def read_page(self, response: Response, job: Job) -> Output:
        request, endpoint = request_of(response), self.endpoints[job.router]
        dispatch, sent = dispatch_of(request), sent_of(request)
        decode = self.walk.routes.extra(job).decode if job.step else endpoint.routes[job.route].decode
        answer = answer_of(response, dispatch.is_signed, sent.login_cookie, decode)
        if moved := self.walk.moved(job, answer, response.url):
            yield moved
            return
        verdict = self.atlas.platform(job.target, job.router).verdicts.classify(answer)
        if verdict.outcome is not Outcome.OK:
            yield from self.walk.recover(job, verdict, request)
            return
        pool = self.pool_of(job)
        pool.leave(request)
        pool.get(dispatch.identity).served(dispatch.is_signed)
        pool.note(sent.identity, "ok")
        context = self.requests.context(job, sent)
        page: Page | Exception | None
        if job.step:
            add = endpoint.extras[job.step - 1].add
            page = attempt(lambda: add(job.held, verdict.data, context))
        else:
            page = attempt(lambda: endpoint.read(verdict.data, context, job.cursor, job.route))
        if isinstance(page, Exception):
            yield from self.walk.recover(job, self.unreadable(page, job), request)
            return
        self.walk.breaker.served(job.router, self.walk.routes.way(job))
        if page is None:
            yield from self.walk.complete(job, sent)
        else:
            yield from self.walk.take(job, page, request)

    def unreadable(self, error: Exception, job: Job) -> Verdict:
        """Return the verdict on an answer that a parser failed on: the platform changed, or the parser has a bug."""
        if isinstance(error, UnexpectedShapeError):
            return Verdict(Outcome.UPSTREAM_CHANGED, f"{reason(error)} in the answer")
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
        yield from self.walk.recover(job, self.walk.session_probes.note(job, verdict, logged_in, sent), request)

    def parse_probe_failure(self, failure: Failure) -> Output:
        """Handle a probe without an answer, which has no result."""
        yield from self.leaving(failure, self.read_probe_failure(failure))

    def read_probe_failure(self, failure: Failure) -> Output:
        job = job_of(request_of(failure))
        said = STOPPED if self.verdict_on(failure) is STOPPED else last_word(job)
        yield from self.walk.recover(job, said, request_of(failure))

    def parse_failure(self, failure: Failure) -> Output:
        """Handle a request without an answer."""
        yield from self.leaving(failure, self.read_failure(failure))

    def read_failure(self, failure: Failure) -> Output:
        job = job_of(request_of(failure))
        yield from self.walk.recover(job, self.verdict_on(failure), request_of(failure))

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
            component = culprit(trace[2], lambda owner: any(owner is each for each in middlewares))
            if is_users(component):
                message = f"{component} raised {type(error).__name__}"
                return verdict._replace(message=message, advice=remedy_for(component))
        return verdict

    def leaving(self, answer: Response | Failure, outputs: Output) -> Output:
        """Yield the outputs of an answer, then let the next request out: the answer may have stopped the identity."""
        request = request_of(answer)
        job = job_of(request)
        try:
            for output in self.walk.guard.guard(job, outputs, dispatch_of(request).sent):
                if isinstance(output, EnvelopePage):
                    output.response = answer
                yield output
        finally:
            self.pools[dispatch_of(request).service].leave(request)
            self.walk.asks.ended(job)
