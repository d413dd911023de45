"""The base class of all platform spiders.

inputs ─► InputFeed ─► ask ─► callbacks ─► PageHandler ─► envelopes
                        ▲         ▲             │
             short link ┘         └─────────────┘ next page, extra requests, what `with=` follows, retries
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self, cast
from urllib.request import getproxies_environment

import msgspec
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from scraper import __version__
from scraper.crawling.callback_guard import Output
from scraper.crawling.callbacks import AnswerCallbacks
from scraper.crawling.dry_run import OUTPUTS_OFF, DryRunHandler
from scraper.crawling.estimate import CrawlEstimate, sentences
from scraper.crawling.input_feed import InputFeed
from scraper.crawling.page_handler import PageHandler
from scraper.crawling.refetcher import Refetcher
from scraper.crawling.remaining import remaining
from scraper.crawling.run_end import EXITED, RunEnding
from scraper.crawling.settings_check import check_due, followed_for_media
from scraper.identities.masked_log import protect_log
from scraper.identities.masking import keep_named, keep_url, mask
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.inputs import short_links
from scraper.inputs.arguments import Arguments, parse, writable
from scraper.inputs.ask import Ask
from scraper.inputs.asked_targets import AskedTargets
from scraper.inputs.command_line import written
from scraper.inputs.endpoint_choice import Plan, plan
from scraper.inputs.standard_input import STANDARD_INPUT
from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.ledger.input_file import describe_input
from scraper.ledger.ledger import keep_ledger
from scraper.ledger.run import Run
from scraper.ledger.stops import stop_of_run
from scraper.output.emitter import new_run_id, start_of
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.output.progress import Remaining, Summary, not_due_text
from scraper.output.run_report import RunReport
from scraper.output.sinks import OUTPUT_FAILED, OutputError, note_failure
from scraper.output.statistics import UNANSWERED
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.registry import sole_platforms
from scraper.platform.targets import SHORT_LINK, Target
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

logger = logging.getLogger(__name__)
FORCED = "forced_stop"  # our close reason after a second signal
BUDGET = "budget"  # ours, after max_requests
_COMMAND_LINE = SETTINGS_PRIORITIES["cmdline"]
_OF_ONE_START = ("RESUME_RUN", "FEEDS")
_OF_ITS_OUTPUT = (
    "FIELDS",
    "DROP",
    "PRIVACY",
    "DIALECT",
    "MEDIA",
    "MEDIA_STORE",
    "MEDIA_ARCHIVE",
)  # also from the environment: all of a run is alike


class PlatformSpider(AnswerCallbacks):
    """Base of all platform spiders. A spider only sets `platforms`; the differences between platforms are data there.

    :cvar router: the router of every envelope; None means the router of the endpoint that answered
    :cvar recorded: whether its runs are kept in the ledger, and reported
    :cvar is_long_lived: whether its crawl has no end, so that sessions are used again after a rest
    :ivar report: writes run.json, None if the run is not kept
    :ivar asked: number of inputs read so far
    :ivar is_under_way: whether it was opened and not closed yet
    :ivar is_closed: whether it was closed, even if it could not be opened
    """

    platforms: ClassVar[Sequence[Platform]]
    router: ClassVar[str | None] = None
    recorded: bool = True
    is_long_lived: bool = False
    pools: Mapping[str, Pool]
    requests: RequestFactory
    others: dict[str, Platform]
    output_dir: str  # used in the name of the default feed
    page_handler: PageHandler
    targets: AskedTargets | None = None
    report: RunReport | None = None
    asked = 0
    followed_for_media: frozenset[str] = frozenset()
    is_under_way = is_closed = False
    _stopping: asyncio.Task[None] | None = None

    def __init__(self, name: str | None = None, **arguments: str):
        super().__init__(name)
        self.given, self.atlas, self.run_id = writable(arguments), self.build_atlas(), new_run_id()
        self.arguments, self.endpoints = self.read_arguments(), self.atlas.endpoints

    @property
    def is_dry_run(self) -> bool:
        """Whether it only counts what a crawl would request."""
        return self.arguments.dry_run

    def read_arguments(self) -> Arguments:
        """Parse the arguments given by `-a`. Periods such as `7d` count back from the start of the run."""
        return parse(self.given, self.atlas, self.router or "", now=start_of(self.run_id))

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
        if settings["RESUME_RUN"]:
            spider.run_id = settings["RESUME_RUN"]
            spider.arguments = spider.read_arguments()
        spider.followed_for_media = followed_for_media(spider.atlas, settings)
        if spider.arguments.dry_run:
            logger.warning("dry_run=1: no feed and no database is written, and only first pages are requested")
            settings.update(OUTPUTS_OFF, priority="cmdline")
        spider.requests = RequestFactory(spider.atlas, spider.pools, spider.callbacks())
        spider.output_dir = settings["OUTPUT_DIR"]
        if ledger := keep_ledger(crawler, spider.run):
            ledger.is_due_run = spider.arguments.due
            spider.report = RunReport(ledger.run, settings["DATABASE_URL"])
        check_due(spider.arguments, settings)
        spider.others = {name: other for name, other in sole_platforms(settings).items() if name != cls.name}
        crawler.signals.connect(spider.opened, signals.spider_opened)
        is_alone = not pools_of(crawler).is_shared
        crawler.signals.connect(spider.closed_down if is_alone else spider.close_next_to_others, signals.spider_closed)
        crawler.signals.connect(spider.page_left, page_processed)
        return spider

    def run(self) -> Run:
        """Return what the ledger keeps about this run."""
        settings = self.crawler.settings
        given = {
            name: settings[name]
            for name in settings
            if settings.getpriority(name) == _COMMAND_LINE or (name in _OF_ITS_OUTPUT and settings[name])
        }
        texts = {
            name: json.dumps(value.copy_to_dict()) if isinstance(value, BaseSettings) else value
            for name, value in given.items()
            if name != "FEEDS"
        }
        kept = {name: value for name, value in texts.items() if isinstance(value, str) and mask(value) == value}
        return Run(
            run_id=self.run_id,
            spider=self.name,
            arguments=self.given,
            settings={name: value for name, value in kept.items() if name not in _OF_ONE_START},
            folder=str(Path.cwd()),
            input=describe_input(self.arguments.file) if self.arguments.file not in (None, STANDARD_INPUT) else None,
            code_version=__version__,
            started_time=int(time.time()),
            report=str(Path(self.output_dir, self.name, f"{self.run_id}.run.json").absolute()),
        )

    def opened(self) -> None:
        """Create the parts that need the stats, which do not exist earlier."""
        self.page_handler = (DryRunHandler if self.arguments.dry_run else PageHandler)(self)
        shared = pools_of(self.crawler)
        shared.needless, shared.claim = self.page_handler.refused, self.page_handler.watches.claim
        shared.budget.limit, shared.budget.used_up = self.arguments.max_requests, self.stop_for_budget
        try:
            if self.report:
                self.report.try_out()
            if self.page_handler.recorder:
                self.page_handler.recorder.try_out()
        except OutputError as error:
            note_failure(self.crawler.stats, error)
            raise CloseSpider(OUTPUT_FAILED) from None
        self.is_under_way = True
        if progress_line := self.crawler.get_extension(Summary):
            progress_line.remaining = self.remaining
        self.page_handler.asks.open(self.arguments.ask)
        if self.crawler.settings["MEDIA"]:
            from scraper.media.refetch import provide_refetch

            provide_refetch(self.crawler, Refetcher(self).fetch)
        if ledger := self.page_handler.ledger:
            self.asked = ledger.progress.taken  # those that an earlier start of the run read
            self.page_handler.resume(ledger, self.arguments.ask)

    def remaining(self) -> Remaining | None:
        """Return how many requests are left, for the progress line."""
        is_read = self.targets is not None and self.targets.is_read and not self.targets.left
        return remaining(self.page_handler.asks, self.crawler.engine, is_read)

    def page_left(self, page: EnvelopePage, items: Sequence[Envelope]) -> None:
        """Note that pipelines and sinks have finished a page."""
        if page.job is not None:
            self.page_handler.asks.receive(page.job, items)
            self.page_handler.asks.ended(page.job)

    def stop_for_budget(self) -> None:
        """Stop the crawl, because it may send no more requests."""
        if self._stopping is None:
            logger.warning("max_requests=%d requests were sent: stopping", self.arguments.max_requests)
            self._stopping = asyncio.create_task(self.crawler.engine.close_spider_async(reason=BUDGET))

    def close_at_once(self, *, is_exited: bool) -> None:
        """Close down after a second signal, or one before the start: Scrapy then sends no signal `spider_closed`.

        :param is_exited: whether a component ended the program instead
        """
        reason = EXITED if is_exited else FORCED
        if self.is_under_way:
            self.closed_down(reason)
        elif not self.is_closed:
            logger.warning("The crawl did not begin (%s). To crawl: %s", reason, written(self.name, self.given))

    def closed_down(self, reason: str) -> None:
        """Report what is unanswered, and end the run. It blocks, since the event loop may have ended."""
        if ending := self._closed_down(reason):
            ending.block()

    async def close_next_to_others(self, reason: str) -> None:
        """Do the same without blocking other crawls of this process."""
        if ending := self._closed_down(reason):
            await ending.wait()

    def _closed_down(self, reason: str) -> RunEnding | None:
        """Report unanswered inputs, because Scrapy drops waiting requests when it stops."""
        self.is_under_way, self.is_closed = False, True
        asks, ledger = self.page_handler.asks, self.page_handler.ledger
        for sentence in sentences(estimate) if (estimate := self.estimate()) else ():
            logger.info("%s", sentence)
        left = asks.unanswered()
        lists = asks.close(stop_of_run(reason))
        if left:
            self.crawler.stats.set_value(UNANSWERED, len(left))
            unanswered = f"{counted(len(left), 'input')} {'was' if len(left) == 1 else 'were'}"
            logger.warning("The crawl ended (%s): %s not answered, such as %s", reason, unanswered, left[0])
        is_read = self.targets is not None and self.targets.is_read and not self.targets.left
        if not_due := not_due_text(self.crawler):
            logger.info("%s", not_due)
        if self.targets:
            self.warn_of_unread(reason, self.targets)
            self.targets.close()
        if ledger is None:
            return None
        is_read = is_read or ledger.run.retry_of is not None
        return RunEnding(self, ledger, reason, is_read=is_read, lists=lists)

    def estimate(self) -> CrawlEstimate | None:
        """Return what the crawl would request after a dry run, None after any other crawl."""
        handler = self.page_handler
        if not isinstance(handler, DryRunHandler):
            return None
        return handler.estimate.total(time.time(), is_due_run=self.arguments.due)

    def warn_of_unread(self, reason: str, targets: AskedTargets) -> None:
        """Warn of inputs that were not requested before the crawl stopped."""
        if not targets.is_read:
            logger.warning(
                "The crawl ended (%s) before all inputs were read; the last was number %d", reason, self.asked
            )
        elif targets.left:
            logger.warning("The crawl ended (%s) before the last %s", reason, counted(targets.left, "input"))

    async def start(self) -> AsyncIterator[Any]:
        ledger = self.page_handler.ledger
        if ledger and ledger.run.retry_of:
            for request in self.page_handler.left_requests(None):
                yield request
            return
        self.targets = self.arguments.targets(self.atlas, ledger.kept_input if ledger else None)
        for request in self.page_handler.left_requests(self.targets):
            yield request
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
            if not self.page_handler.watches.is_due(job):
                continue
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
