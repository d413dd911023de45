"""The platforms of one crawl and the identity pools of their services, shared by all components of the crawl."""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from scraper.identities.pool import Pool
from scraper.identities.service_config import ConfigFile
from scraper.platform.atlas import Atlas
from scraper.platform.registry import declared_platforms
from scraper.responses import Verdict

_MADE: "WeakKeyDictionary[Crawler, ServicePools]" = WeakKeyDictionary()


class ServicePools:
    """The identity pools of one crawl.

    :ivar atlas: the platforms that the spider declares; None for a spider that is not a `PlatformSpider`
    :ivar pools: the identity pool of each service, by the service's name
    :ivar needless: returns why a job need not be sent any more, None if it must; set by the crawl
    """

    needless: Callable[[Any], Verdict | None]

    def __init__(self, atlas: Atlas | None, pools: Mapping[str, Pool]):
        self.atlas, self.pools = atlas, pools
        self.needless = lambda job: None

    @property
    def volatile(self) -> frozenset[str]:
        """Query parameters that are ignored when requests are compared."""
        return self.atlas.volatile if self.atlas else frozenset()


def pools_of(crawler: Crawler) -> ServicePools:
    """Return the pools of a crawl. They are made from its settings when first needed.

    :raises scraper.responses.exceptions.ArgumentError: if a configuration file is wrong
    """
    if (made := _MADE.get(crawler)) is None:
        made = _MADE[crawler] = _make(crawler)
    return made


def _make(crawler: Crawler) -> ServicePools:
    platforms = declared_platforms(crawler.spidercls)
    if not platforms:
        return ServicePools(None, {})
    atlas = Atlas(platforms)
    folder = crawler.settings["CONFIG_DIR"]
    pools = {service.name: Pool(service, ConfigFile(service, folder)) for service in atlas.services.values()}
    return ServicePools(atlas, pools)
