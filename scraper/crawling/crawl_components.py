"""The parts of a crawl that handle its answers, and how they are connected."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from scrapy.crawler import Crawler

from scraper.crawling.callback_guard import CallbackGuard
from scraper.crawling.list_registry import ListRegistry
from scraper.crawling.lookup_cache import LookupCache
from scraper.crawling.open_asks import OpenAsks
from scraper.crawling.retry_policy import RetryPolicy
from scraper.crawling.route_breaker import RouteBreaker
from scraper.crawling.route_fallback import RouteFallback
from scraper.crawling.session_probe import SessionProbes
from scraper.identities.pool import Pool
from scraper.jobs.job import Job
from scraper.jobs.request_factory import RequestFactory
from scraper.network.private_apis import is_closing
from scraper.output.emitter import Emitter
from scraper.output.envelope import Envelope
from scraper.output.manifest import Manifest
from scraper.output.observations import Observer
from scraper.output.observations import names as observed
from scraper.output.sinks import note_failure
from scraper.platform import Endpoint
from scraper.platform.atlas import Atlas


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


class CrawlComponents:
    """The parts that handle the answers of one crawl.

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


def _unrecorded(listing: Mapping[str, Any]) -> None:
    """Ignore an ended list, for crawls without a manifest."""
