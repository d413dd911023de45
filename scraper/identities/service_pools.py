"""The platforms of one crawl and the identity pools of their services, shared by all components of the crawl."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from scrapy.crawler import Crawler

from scraper.identities.holding import Holding
from scraper.identities.pool import Pool
from scraper.identities.request_budget import RequestBudget
from scraper.identities.service_config import ConfigFile
from scraper.platform.atlas import Atlas
from scraper.platform.cdn import NO_CDN, Cdn
from scraper.platform.registry import declared_platforms
from scraper.platform.service import Service
from scraper.responses import Verdict
from scraper.responses.of_crawl import OfCrawl

_POOLS: "OfCrawl[ServicePools]" = OfCrawl("pools")


class ServicePools:
    """The identity pools of one crawl.

    :ivar atlas: the platforms that the spider declares; None for a spider that is not a `PlatformSpider`
    :ivar pools: the identity pool of each service, by the service's name
    :ivar budget: counts the requests of the crawl
    :ivar is_shared: whether other crawls of this process use the same pools
    :ivar refusals: the refusals in a row of routes and extra requests
    :ivar claim: claims the list of a job, or raises why its request is not sent; set by the crawl
    :ivar needless: returns why a job need not be sent any more, None if it must; set by the crawl
    """

    is_shared = False
    needless: Callable[[Any], Verdict | None]
    claim: Callable[[Any], Awaitable[None]]

    def __init__(self, atlas: Atlas | None, pools: Mapping[str, Pool]):
        self.atlas, self.pools, self.budget = atlas, pools, RequestBudget()
        self.refusals: dict[tuple[str, str], Any] = {}
        self.needless, self.claim = lambda job: None, _unclaimed

    @property
    def volatile(self) -> frozenset[str]:
        """Query parameters that are ignored when requests are compared."""
        return self.atlas.volatile if self.atlas else frozenset()

    def hold_by(self, holding: Holding) -> None:
        """Have a holding decide which identities are used, also in the crawls that share them."""
        for pool in self.pools.values():
            pool.holding = holding

    def cdn(self, service: str) -> Cdn:
        """Return the CDN of the platform that a service belongs to."""
        return self.atlas.cdn_of(service) if self.atlas else NO_CDN


async def _unclaimed(job: Any) -> None:
    """Let every request be sent."""


def pools_of(crawler: Crawler) -> ServicePools:
    """Return the pools of a crawl. They are made from its settings when first needed.

    :raises scraper.responses.exceptions.ArgumentError: if a configuration file is wrong
    """
    return _POOLS.get(crawler) or _POOLS.keep(crawler, _make(crawler))


def share_pools(crawler: Crawler, owner: Crawler) -> None:
    """Have a crawl use the identities, and the rests of routes, of another one in the same event loop.

    The services of its spider must be among those of the other one. It has a budget of its own.
    """
    shared, atlas = pools_of(owner), Atlas(declared_platforms(crawler.spidercls))
    made = _POOLS.keep(crawler, ServicePools(atlas, {name: shared.pools[name] for name in atlas.services}))
    made.refusals, made.is_shared = shared.refusals, True


def _make(crawler: Crawler) -> ServicePools:
    platforms = declared_platforms(crawler.spidercls)
    if not platforms:
        return ServicePools(None, {})
    atlas = Atlas(platforms)
    folder = crawler.settings["CONFIG_DIR"]
    challenge_stop = crawler.settings.getint("CHALLENGE_STOP")
    is_long_lived = getattr(crawler.spidercls, "is_long_lived", False)

    def pool(service: Service) -> Pool:
        config = ConfigFile(service, folder)
        return Pool(service, config, challenge_stop=challenge_stop, is_long_lived=is_long_lived)

    return ServicePools(atlas, {service.name: pool(service) for service in atlas.services.values()})
