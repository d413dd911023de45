"""The parts of a crawl that handle its answers, and how they are connected."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.settings import BaseSettings

from scraper.captures.recorder import Recorder
from scraper.crawling.callback_guard import CallbackGuard
from scraper.crawling.journal import Journal
from scraper.crawling.list_registry import ListRegistry
from scraper.crawling.lookup_cache import LookupCache
from scraper.crawling.open_asks import OpenAsks
from scraper.crawling.retry_policy import RetryPolicy
from scraper.crawling.route_breaker import RouteBreaker
from scraper.crawling.route_fallback import RouteFallback
from scraper.crawling.session_probe import SessionProbes
from scraper.crawling.watches import Watches
from scraper.drift.radar import DriftLimits, DriftRadar
from scraper.drift.usual_shares import Limits
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_pools import pools_of
from scraper.inputs.ask import Ask
from scraper.inputs.asked_targets import AskedTargets, SkippedInputs
from scraper.jobs.dispatch import update
from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.ledger.ledger import Ledger, ledger_of
from scraper.network.private_apis import is_closing
from scraper.output.emitter import Emitter
from scraper.output.envelope import Envelope
from scraper.output.observations import Observer
from scraper.output.observations import names as observed
from scraper.output.statistics import DATABASE_ROWS
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas

logger = logging.getLogger(__name__)


class SpiderParts(Protocol):
    """The parts of a spider that a page handler uses."""

    crawler: Crawler
    requests: RequestFactory
    atlas: Atlas
    run_id: str
    followed_for_media: frozenset[str]

    @property
    def endpoints(self) -> Mapping[str, Endpoint]: ...

    @property
    def is_dry_run(self) -> bool: ...

    def pool_of(self, job: Job) -> Pool: ...


class CrawlComponents:
    """The parts that handle the answers of one crawl.

    :ivar asks: the asks under way
    :ivar guard: every output of a callback passes through it
    :ivar journal: joins the guarded outputs of an answer to one step
    :ivar ledger: keeps what is left to ask, None if this crawl cannot be resumed
    :ivar watches: the lists that are compared with what earlier runs saw
    :ivar drift: samples the answers, None if nothing of this crawl is kept
    :ivar recorder: captures the answers, None if they are not to be kept
    :ivar emitter: makes and counts the envelopes
    :ivar is_closing: returns whether the crawl is being stopped, so that nothing more will be sent
    """

    def __init__(self, spider: SpiderParts):
        settings, stats = spider.crawler.settings, spider.crawler.stats
        self.pool_of, self.requests, self.crawler = spider.pool_of, spider.requests, spider.crawler
        self.atlas, self.endpoints = spider.atlas, spider.endpoints
        self._followed_for_media = spider.followed_for_media
        self.routes = RouteFallback(spider.endpoints)
        retries, wait = settings.getint("RETRY_TIMES"), settings.getfloat("RATE_LIMIT_WAIT")
        self.recovery = RetryPolicy(retries, wait)
        self.breaker = RouteBreaker(stats, settings.getfloat("ROUTE_REST"), pools_of(spider.crawler).refusals)
        observer = Observer(observed(settings["OBSERVE"]), spider.run_id)
        self.ledger = ledger_of(spider.crawler)
        self.watches = Watches(self.ledger, self.endpoints, stats, is_dry=spider.is_dry_run)
        self.asks = OpenAsks(partial(ListRegistry, self.atlas, stats, self.watches))
        self.emitter = Emitter(spider.atlas, self._answered, observer, spider.run_id)
        self.guard = CallbackGuard(self.asks, self.emitter)
        self.session_probes = SessionProbes()
        self.lookup_cache = LookupCache(self.endpoints, self.requests)
        self.stats, self.is_closing = stats, partial(is_closing, spider.crawler)
        self.drift = _radar(spider) if self.ledger else None
        if self.ledger and self.drift:
            self.ledger.closing = self.drift.end
        self.recorder = _recorder(settings, self.ledger) if self.ledger else None
        self.journal = Journal(
            self.asks,
            self.emitter,
            self.ledger,
            self.is_closing,
            self.atlas,
            self.recorder,
            self.lookup_cache,
            self.followed,
        )

    def followed(self, ask: Ask) -> frozenset[str]:
        """Return what is followed from each record of an ask, by the names of `with=`."""
        return ask.follow if ask.is_internal else ask.follow | self._followed_for_media

    def _answered(self, job: Job, page: Sequence[Envelope]) -> Sequence[str]:
        return self.asks.of(job).inputs.answer(job, page)

    def resume(self, ledger: Ledger, ask: Ask) -> None:
        """Continue from what an earlier start of the run left; nothing if this is its first."""
        own = self.asks.open_one(ask.id)
        ledger.shared, ledger.logins = own.inputs.others, self.logins
        earlier = ledger.progress.sent
        ledger.sent = lambda: earlier + pools_of(self.crawler).budget.sent
        ledger.rows = lambda: self.stats.get_value(DATABASE_ROWS, 0)
        if (left := ledger.left) is None:
            return
        for identity in self.identities():
            if identity.logged_in is None:
                identity.logged_in = ledger.progress.logins.get(identity.hash)
        open_walks = [request.job.walk for request in left.requests if request.unanswered]
        self.lookup_cache.restore(left.lookups)
        own.inputs.restore(left.asked, left.led, open_walks, left.shared)
        for listed in left.lists:
            own.lists.restore(*listed)
        for name, number in ledger.progress.counts.items():
            self.stats.inc_value(name, number)
        if ledger.progress.rows:
            self.stats.inc_value(DATABASE_ROWS, ledger.progress.rows)

    def identities(self) -> Iterator[Identity]:
        """Yield the identities of all services."""
        for pool in pools_of(self.crawler).pools.values():
            yield from pool.identities

    def logins(self) -> dict[str, bool]:
        """Return which identities the platforms consider logged in, if that is known."""
        known = {identity.hash: identity.logged_in for identity in self.identities()}
        return {name: logged_in for name, logged_in in known.items() if logged_in is not None}

    def left_requests(self, targets: AskedTargets | None) -> Iterator[Request]:
        """Yield the requests that an earlier start of the run left, and leave out the inputs that it took.

        :param targets: the inputs, None if the run has none of its own
        """
        if self.ledger is None or (left := self.ledger.left) is None:
            return
        if targets:
            targets.skip(SkippedInputs(self.ledger.progress.taken, left.taken, left.repeated))
        for request in left.requests:
            job = request.job.restarted()
            made = (self.requests.hop if request.purpose == "hop" else self.requests.page)(job)
            update(made, number=request.number)
            self.journal.restore(request)
            self.asks.started(job)
            yield made
        self.ledger.left = None

    def is_ending(self) -> bool:
        """Return whether the remaining requests will never be sent."""
        return not self.ledger and self.is_closing()


def _radar(spider: SpiderParts) -> DriftRadar:
    settings = spider.crawler.settings
    compared = Limits(settings.getint("DRIFT_RECORDS"), settings.getfloat("DRIFT_FALL"))
    return DriftRadar(spider.run_id, DriftLimits(compared, settings.getfloat("DRIFT_EXIT")))


def _recorder(settings: BaseSettings, ledger: Ledger) -> Recorder | None:
    if not settings.getbool("RAW_CAPTURE"):
        return None
    recorder = Recorder(settings["OUTPUT_DIR"], ledger.run)
    if settings["PRIVACY"]:
        logger.warning("%s holds answers as they came: PRIVACY changes only records", recorder.folder)
    return recorder
