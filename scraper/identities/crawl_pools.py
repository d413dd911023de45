"""The platforms of one crawl, and the identities of their services. Every component of the crawl shares them."""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from scraper.identities.pool import Pool
from scraper.identities.service_config import ConfigFile
from scraper.platform.atlas import Atlas
from scraper.platform.registry import declared_platforms
from scraper.responses import Verdict

_MADE: "WeakKeyDictionary[Crawler, CrawlPools]" = WeakKeyDictionary()


class CrawlPools:
    """
    :ivar atlas: the platforms that the spider declares; None for a spider that is not ours
    :ivar pools: the identities of each service, by its name
    :ivar needless: says why a job need not be sent any more, None if it must; the crawl sets it
    """

    needless: Callable[[Any], Verdict | None]

    def __init__(self, atlas: Atlas | None, pools: Mapping[str, Pool]):
        self.atlas, self.pools = atlas, pools
        self.needless = lambda job: None

    @property
    def volatile(self) -> frozenset[str]:
        """Query parameters that differ between two requests for the same thing."""
        return self.atlas.volatile if self.atlas else frozenset()


def pools_of(crawler: Crawler) -> CrawlPools:
    """Return the pools of a crawl, made from its settings when they are first needed.

    :raises scraper.responses.exceptions.ArgumentError: if a configuration file is wrong
    """
    if (made := _MADE.get(crawler)) is None:
        made = _MADE[crawler] = _make(crawler)
    return made


def _make(crawler: Crawler) -> CrawlPools:
    platforms = declared_platforms(crawler.spidercls)
    if not platforms:
        return CrawlPools(None, {})
    atlas = Atlas(platforms)
    folder = crawler.settings["CONFIG_DIR"]
    pools = {service.name: Pool(service, ConfigFile(service, folder)) for service in atlas.services.values()}
    return CrawlPools(atlas, pools)
