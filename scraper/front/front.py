"""What the routes of the HTTP front share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Request
from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.front.calls import Calls
from scraper.front.downloads import Downloads
from scraper.front.fleet_view import FleetView
from scraper.front.jobs import Jobs
from scraper.front.limits import Limits, limits_of
from scraper.front.metrics import Metrics
from scraper.front.pages.memory import PageMemory
from scraper.front.pages.pictures import Pictures
from scraper.output.dialect import DialectWriter, dialect_named
from scraper.output.record_changes import changes_of
from scraper.platform.atlas import Atlas
from scraper.platform.registry import platforms_of


@dataclass(frozen=True)
class Access:
    """Who may call.

    :param host: the address that the server binds
    :param token: what callers have to send, "" if everybody on this network may call; several have commas between them
    :param allowed_hosts: further names of this server in the Host header
    """

    host: str = "127.0.0.1"
    token: str = ""
    allowed_hosts: frozenset[str] = frozenset()

    @cached_property
    def tokens(self) -> list[str]:
        return [token.strip() for token in self.token.split(",") if token.strip()]


class Front:
    """
    :param settings: those of a crawl
    :ivar live: the one crawler of all platforms
    """

    def __init__(self, settings: Settings, access: Access):
        self.settings, self.access = settings, access
        self.live = LongLivedCrawler(settings)
        changes = changes_of(settings)
        self.calls = Calls(self.live, changes)
        self.full_calls = Calls(self.live, None) if changes else self.calls
        self.metrics = Metrics()
        self._dialects: dict[str, DialectWriter] = {}
        self.atlas = Atlas(platforms_of(settings))
        self.jobs = Jobs(settings, self.live)
        self.downloads = Downloads(settings, self.live)
        self.fleet = FleetView(settings)
        self.pictures = Pictures(self.live, self.atlas.platforms)
        self.page_memory = PageMemory()
        self._is_open = False

    @cached_property
    def limits(self) -> Limits:
        return limits_of(self.settings)

    @property
    def is_ready(self) -> bool:
        """Whether calls are taken."""
        return self._is_open and self.live.is_running

    def check_dialect(self, name: str) -> None:
        """
        :raises ArgumentError: if there is no such dialect
        """
        if name and name not in self._dialects:
            self._dialects[name] = dialect_named(name, self.settings)

    def in_dialect(self, envelope: Any, name: str = "") -> Any:
        """Return an envelope in a dialect, by default the one that the setting DIALECT names.

        :raises ArgumentError: if there is no such dialect
        """
        name = name or str(self.settings["DIALECT"] or "")
        self.check_dialect(name)
        return self._dialects[name].converted(envelope) if name else envelope

    async def give_up(self) -> None:
        """Stop the crawler without answering the calls under way, whose callers get an envelope that says so."""
        self._is_open = False
        self.calls.stop()
        self.full_calls.stop()
        await self.live.stop(now=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the crawler, and the jobs that are left, for as long as the context lasts.

        :raises ArgumentError: if a setting or a configuration file is wrong, or STATE_DIR cannot be written
        """
        async with self.live, self.jobs, self.downloads, self.pictures, self.fleet:
            self._is_open = True
            try:
                yield
            finally:
                self._is_open = False


async def front_of(request: Request) -> Any:
    """Return the front that a request came to."""
    return request.app.state.front


FrontOf = Annotated[Front, Depends(front_of)]
"""The type of a route's parameter that is given the front."""
