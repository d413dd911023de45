"""What the routes of the HTTP front share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.front.calls import Calls
from scraper.platform.atlas import Atlas
from scraper.platform.registry import platforms_of


@dataclass(frozen=True)
class Access:
    """Who may call.

    :param host: the address that the server binds
    :param token: what callers have to send, "" if everybody on this network may call
    :param allowed_hosts: further names of this server in the Host header
    """

    host: str = "127.0.0.1"
    token: str = ""
    allowed_hosts: frozenset[str] = frozenset()


class Front:
    """
    :param settings: those of a crawl
    :ivar live: the one crawler of all platforms
    """

    def __init__(self, settings: Settings, access: Access):
        self.settings, self.access = settings, access
        self.live = LongLivedCrawler(settings)
        self.calls = Calls(self.live)
        self.atlas = Atlas(platforms_of(settings))
        self.is_ready = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the crawler for as long as the context lasts.

        :raises ArgumentError: if a setting or a configuration file is wrong
        """
        async with self.live:
            self.is_ready = True
            try:
                yield
            finally:
                self.is_ready = False


def front_of(request: Request) -> Any:
    """Return the front that a request came to."""
    return request.app.state.front


FrontOf = Annotated[Front, Depends(front_of)]
"""The type of a route's parameter that is given the front."""
