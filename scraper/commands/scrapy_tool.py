"""Support for platform spiders in Scrapy's own tools: `fetch`, `view`, `shell` and `parse`.

A URL on a host of the spider's platform is sent with the headers, cookies, proxy and pace of an identity. Other URLs
and spiders are handled by Scrapy as usual.
"""

import argparse
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.http import Request
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader, get_spider_loader
from scrapy.utils.httpobj import urlparse_cached

from scraper.commands.project_command import ProjectCommand
from scraper.commands.quiet_crawl import check_configuration
from scraper.crawling.spider import PlatformSpider
from scraper.identities.service_pools import ServicePools, pools_of
from scraper.inputs import arguments
from scraper.inputs.arguments import Arguments
from scraper.jobs.dispatch import KEY, Dispatch, find_dispatch
from scraper.jobs.request_factory import ANSWERED_BY_US
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import unknown

_BEFORE_IDENTITIES = 595  # IdentityMiddleware is at 600
_COOKIES = {name: ANSWERED_BY_US[name] for name in ("dont_merge_cookies", "dont_obey_robotstxt")}


class ToolSpider(PlatformSpider):
    """A platform spider in a tool: it needs no arguments, and its runs are not kept."""

    recorded = False

    def read_arguments(self) -> Arguments:
        return super().read_arguments() if self.given else Arguments()


class ToolSpiderLoader(SpiderLoader):
    """Load each platform spider as a `ToolSpider`."""

    def load(self, spider_name: str) -> type[Spider]:
        loaded = super().load(spider_name)
        if not issubclass(loaded, PlatformSpider):
            return loaded
        return type(loaded.__name__, (ToolSpider, loaded), {"__module__": loaded.__module__})


class UrlsAsIdentity:
    """Downloader middleware that assigns an identity to plain requests to the spider's platforms."""

    def __init__(self, crawler: Crawler, pools: ServicePools):
        self._crawler, self._pools = crawler, pools
        crawler.signals.connect(self.left, signals.request_left_downloader)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler, pools_of(crawler))

    def process_request(self, request: Request) -> None:
        parts = urlparse_cached(request)
        if find_dispatch(request) or parts.scheme != "https" or not isinstance(self._crawler.spider, PlatformSpider):
            return
        services = self._crawler.spider.atlas.services.values()
        service = next((service for service in services if parts.hostname in service.hosts), None)
        if service is None:
            return
        identity = self._pools.pools[service.name].assign(request.url)
        dispatch = Dispatch(service=service.name, identity=identity.credentials.name)
        request.meta.update({KEY: dispatch, "download_slot": identity.slot, **_COOKIES})

    def left(self, request: Request) -> None:
        """Release the identity for its next request: no spider callback does so for a request without a job."""
        dispatch = find_dispatch(request)
        if dispatch and dispatch.job is None and dispatch.purpose == "page":
            self._pools.pools[dispatch.service].leave(request)


class ScrapyTool(ProjectCommand):
    """A Scrapy tool with the option `--spider`; by default it uses the only spider that handles the URL.

    :ivar ours: the spider, if it is a platform spider
    """

    requires_project = False
    ours: type[ToolSpider] | None = None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        self.settings.set("SPIDER_LOADER_CLASS", ToolSpiderLoader, priority="cmdline")
        loaded = load(opts.spider, args, self.settings)
        if loaded is None or not issubclass(loaded, ToolSpider):
            return
        self.ours = loaded
        self.settings.set("JOBDIR", None, priority="cmdline")
        self.settings["DOWNLOADER_MIDDLEWARES"].set(UrlsAsIdentity, _BEFORE_IDENTITIES)
        spider_arguments = self.arguments(args, opts)
        try:
            check_configuration(self.settings, loaded.platforms)
            if spider_arguments:
                arguments.parse(spider_arguments, loaded.build_atlas(), loaded.router or "")
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from None

    def arguments(self, args: list[str], opts: argparse.Namespace) -> dict[str, str]:
        """Return the arguments of the platform spider; none if the tool sends a plain request."""
        return {}


def load(name: str | None, args: list[str], settings: BaseSettings) -> type[Spider] | None:
    """Return the named spider, or the only one that handles the URL; None if there is not exactly one.

    :raises UsageError: if there is no spider with that name
    """
    loader = get_spider_loader(settings)
    if name and name not in loader.list():
        raise UsageError(unknown("spider", name, loader.list()), print_help=False)
    try:
        names = [name] if name else loader.find_by_request(Request(args[0])) if args else []
    except ValueError:  # a file, or not a URL
        return None
    return loader.load(names[0]) if len(names) == 1 else None
