"""The base class of all platform spiders.

inputs ─► InputFeed ─► ask ─► callbacks ─► PageHandler ─► envelopes
                        ▲         ▲             │
             short link ┘         └─────────────┘ next page, extra requests, what `with=` follows, retries
"""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Self, cast
from urllib.request import getproxies_environment

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from scraper.crawling.callback_guard import Output
from scraper.crawling.callbacks import AnswerCallbacks
from scraper.crawling.input_feed import InputFeed
from scraper.crawling.page_handler import PageHandler
from scraper.crawling.unfinished import given_inputs, same_with, together, unfinished, written
from scraper.identities.masked_log import protect_log
from scraper.identities.masking import keep_named, keep_url
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.inputs import short_links
from scraper.inputs.arguments import Arguments, parse, writable
from scraper.inputs.ask import Ask
from scraper.inputs.asked_targets import AskedTargets
from scraper.inputs.endpoint_choice import Plan, plan
from scraper.jobs.dispatch import find_dispatch
from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.output.emitter import new_run_id
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.output.item_processor import ItemProcessor
from scraper.output.sinks import OUTPUT_FAILED, OUTPUT_GONE, OutputError, note_failure
from scraper.output.statistics import UNANSWERED
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.registry import sole_platforms
from scraper.platform.targets import SHORT_LINK, Target
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

logger = logging.getLogger(__name__)
FINISHED = "finished"  # Scrapy's close reason if a crawl completed
FORCED = "forced_stop"  # ours, after a second signal
_INPUTS, _LISTINGS = "inputs", "listings"  # in JOBDIR


class PlatformSpider(AnswerCallbacks):
    """Base of all platform spiders. A spider only sets `platforms`; the differences between platforms are data there.

    :cvar router: the router of every envelope; None means the router of the endpoint that answered
    :cvar recorded: whether a manifest of its run is written
    :ivar asked: number of inputs read so far
    :ivar is_resumed: whether this run continues a paused crawl
    :ivar is_under_way: whether it was opened and not closed yet
    """

    platforms: ClassVar[Sequence[Platform]]
    router: ClassVar[str | None] = None
    recorded: ClassVar[bool] = True
    pools: Mapping[str, Pool]
    requests: RequestFactory
    others: dict[str, Platform]
    output_dir: str  # used in the name of the default feed
    page_handler: PageHandler
    targets: AskedTargets | None = None
    asked = 0
    is_under_way = False

    def __init__(self, name: str | None = None, **arguments: str):
        super().__init__(name)
        self.given, self.atlas = writable(arguments), self.build_atlas()
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
        """Register the secrets in the settings for masking, before Scrapy logs the settings."""
        super().update_settings(settings)
        protect_log()
        keep_named({name: settings[name] for name in settings})
        for proxy in getproxies_environment().values():
            keep_url(proxy)

    @classmethod
    def handles_request(cls, request: Request) -> bool:
        """Return whether a link belongs to the platform. A spider of several platforms leaves links to the others."""
        host = urlparse_cached(request).hostname or ""
        return len(cls.platforms) == 1 and host in cls.platforms[0].hosts | cls.platforms[0].link_hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings, spider.pools = crawler.settings, pools_of(crawler).pools
        spider.requests = RequestFactory(spider.atlas, spider.pools, spider.callbacks())
        spider.output_dir = settings["OUTPUT_DIR"]
        spider.others = {name: other for name, other in sole_platforms(settings).items() if name != cls.name}
        crawler.signals.connect(spider.opened, signals.spider_opened)
        crawler.signals.connect(spider.closed_down, signals.spider_closed)
        if settings["JOBDIR"]:
            crawler.signals.connect(spider.dropped, signals.request_dropped)
        crawler.signals.connect(spider.page_left, page_processed)
        return spider

    def opened(self) -> None:
        """Create the parts that need the stats, which do not exist earlier."""
        self.page_handler = PageHandler(self)
        pools_of(self.crawler).needless = self.page_handler.refused
        try:
            if self.recorded:
                self.page_handler.manifest.try_out()
        except OutputError as error:
            note_failure(self.crawler.stats, error)
            raise CloseSpider(OUTPUT_FAILED) from None
        self.is_under_way = True
        opened = self.page_handler.asks.open(self.arguments.ask)
        if self.page_handler.is_resumed:
            opened.inputs.load(Path(self.settings["JOBDIR"], _INPUTS))
            opened.lists.load(Path(self.settings["JOBDIR"], _LISTINGS))

    def dropped(self, request: Request) -> None:
        """Note that an earlier run requested an input, since Scrapy's duplicate filter dropped its request."""
        dispatch = find_dispatch(request)
        job = dispatch.job if dispatch else None
        if job and job.page == 1 and not job.step and not job.followed:
            self.page_handler.asks.of(job).inputs.answered_before(job)

    def page_left(self, page: EnvelopePage, items: Sequence[Envelope]) -> None:
        """Note that pipelines and sinks have finished a page."""
        if page.job is not None:
            self.page_handler.asks.receive(page.job, items)
            self.page_handler.asks.ended(page.job)

    def close_at_once(self) -> None:
        """Close down after a second signal: Scrapy then stops without the signal `spider_closed`."""
        if self.is_under_way:
            self.closed_down(FORCED)

    def closed_down(self, reason: str) -> None:
        """Report unanswered inputs, because Scrapy drops waiting requests when it stops. Write the manifest."""
        self.is_under_way = False
        asks = self.page_handler.asks
        if self.page_handler.is_resumed:
            self.save_for_resuming(Path(self.settings["JOBDIR"]))
        if self.recorded and (reason == OUTPUT_FAILED or not self.page_handler.is_resumed):
            self.log_commands_for_the_rest(reason)
        left = asks.unanswered()
        asks.close()
        if left:
            self.crawler.stats.set_value(UNANSWERED, len(left))
            unanswered = f"{counted(len(left), 'input')} {'was' if len(left) == 1 else 'were'}"
            logger.warning("The crawl ended (%s): %s not answered, such as %s", reason, unanswered, left[0])
        if self.targets:
            self.warn_of_unread(reason, self.targets)
            self.targets.close()
        if self.recorded:
            self.page_handler.manifest.close(reason, self.crawler.stats.get_stats())

    def save_for_resuming(self, folder: Path) -> None:
        """Save the inputs and lists under way to JOBDIR."""
        own = self.page_handler.asks.open_one(self.arguments.ask.id)
        self.is_resumed = own.inputs.resumed
        try:
            own.inputs.save(folder / _INPUTS)
            own.lists.save(folder / _LISTINGS)
        except OSError as error:
            note_failure(self.crawler.stats, OutputError(f"JOBDIR={folder}", error))

    def warn_of_unread(self, reason: str, targets: AskedTargets) -> None:
        """Warn of inputs that were not requested before the crawl stopped."""
        if not targets.is_read:
            logger.warning(
                "The crawl ended (%s) before all inputs were read; the last was number %d", reason, self.asked
            )
        elif targets.left:
            logger.warning("The crawl ended (%s) before the last %s", reason, counted(targets.left, "input"))

    def log_commands_for_the_rest(self, reason: str) -> None:
        """Log the commands that crawl the rest. If the crawl seemed complete, it was not: note that."""
        for number, command in enumerate(self.commands_for_the_rest(reason), 1):
            first = "Correct what failed, and name an output with -O or -o. " if reason == OUTPUT_FAILED else ""
            logger.warning("The crawl is incomplete (%s). %sTo crawl the rest: %s", reason, first, command)
            if reason == FINISHED:
                self.crawler.stats.set_value(UNANSWERED, number)

    def commands_for_the_rest(self, reason: str) -> Iterator[str]:
        """Yield the commands that complete the output."""
        if self.targets is None or self.crawler.stats.get_value(OUTPUT_GONE):
            yield written(self.name, self.given)
            return
        own = self.page_handler.asks.open_one(self.arguments.ask.id)
        processor = self.crawler.engine.scraper.itemproc
        unwritten = processor.unwritten if isinstance(processor, ItemProcessor) else []
        again, lists = unfinished([*own.under_way, *unwritten], self.atlas)
        if reason != FINISHED:
            again |= own.inputs.open_inputs()
        path = Path(self.settings["STATE_DIR"]) / "runs" / f"{self.run_id}.unfinished.txt"
        if again or reason != FINISHED:
            unread = self.targets.unread()
            inputs = chain(given_inputs(self.targets.so_far(), self.asked, again), unread)
            yield from same_with(self.name, self.given, inputs, path)
        yield from together(lists, path.with_suffix(".sh"))

    async def start(self) -> AsyncIterator[Any]:
        self.targets = self.arguments.targets(self.atlas)
        async for output in InputFeed(self).feed(self.arguments.ask, self.targets):
            yield output

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
        inputs = self.page_handler.asks.of(self.unknown_job(ask, target)).inputs
        if target.kind == SHORT_LINK:
            planned, url = Plan([self.atlas.platform(target).router_for_unknown]), short_links.first_url(target)
        else:
            planned, url = plan(target, ask, self.atlas, self.others), ""
        target = msgspec.structs.replace(target, platform=planned.platform or target.platform)
        for router in planned.routers:
            job = Job(router=router, target=target, ask=ask, input=number, cursor=url or ask.cursors.get(router, ""))
            if again and (missed := inputs.repeat(job)) is not None:
                yield from (self.page_handler.emitter.repeated(job, cast(Sequence[Envelope], page)) for page in missed)
            elif not inputs.ask(job, others, from_short_link):
                continue
            elif planned.problem:
                verdict = Verdict(Outcome.BAD_INPUT, planned.problem, advice=planned.advice)
                yield self.page_handler.emitter.page(job, [], None, [verdict])
            elif target.kind == SHORT_LINK:
                yield self.requests.hop(job)
            else:
                yield from self.page_handler.begin(job)
