"""Crawls in the test's own process: a live crawler, with the real engine and transport, before a simulator."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.output.envelope import Envelope
from tests.simulator import Fault, Simulator, World

WORLD = World(seed=1, creators=3, videos=95)
SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")


class Live:
    """Starts live crawlers whose files are in one folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self._folder, self._monkeypatch = folder, monkeypatch
        for service in SERVICES:
            (folder / "config" / service).mkdir(parents=True)
            self.configure(service)

    def configure(self, service: str, more: str = "", *, delay_s: float = 0, concurrency: int = 8) -> None:
        """Write the configuration of a service."""
        path = self._folder / "config" / service / "config.yaml"
        path.write_text(f"pace: {{delay_s: {delay_s}, concurrency: {concurrency}}}\n{more}", "utf-8")

    @asynccontextmanager
    async def __call__(self, faults: Iterable[Fault] = (), **more: object) -> AsyncIterator[LongLivedCrawler]:
        """Yield a crawler before a simulator.

        :param more: settings
        """
        with self.simulator(faults, **more) as (_, settings):
            async with LongLivedCrawler(settings) as crawler:
                yield crawler

    @contextmanager
    def simulator(self, faults: Iterable[Fault] = (), **more: object) -> Iterator[tuple[Simulator, Settings]]:
        """Yield a simulator, and the settings of a crawler that asks it."""
        with Simulator(WORLD, faults, remember=100) as sim:
            for name, value in sim.env.items():
                self._monkeypatch.setenv(name, value)
            settings = get_project_settings()
            folders = {name: str(self._folder / name.lower()) for name in ("OUTPUT_DIR", "STATE_DIR")}
            own = {"CONFIG_DIR": str(self._folder / "config"), **folders, "FEEDS": {}, **more}
            settings.update(own, priority="cmdline")
            yield sim, settings


async def answers(crawler: LongLivedCrawler, **call: Any) -> list[Envelope]:
    """Return all envelopes of one ask."""
    return [envelope async for envelope in crawler.ask(**call)]
