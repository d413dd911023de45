"""Workers of a fleet for tests: their database, their configuration, and one worker with its identities."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.fleet import schema
from scraper.fleet.database import FleetDatabase
from scraper.fleet.held_identities import HeldIdentities
from scraper.fleet.membership import LEASE_S, Membership
from scraper.identities.identity import Identity
from scraper.identities.pool import Pool
from scraper.identities.service_config import ConfigFile
from scraper.identities.service_pools import pools_of
from spiders.bilibili.spider import BILIBILI
from tests.postgres import Server

SERVICE = BILIBILI.service.name


def prepared(server: Server) -> str:
    """Return the URL of a database with the empty tables of the fleet."""
    url = _prepared(server)
    change(server, url, "TRUNCATE fleet_worker, fleet_identity, fleet_sent")
    return url


@cache
def _prepared(server: Server) -> str:
    url, layout = server.new_database(), schema.layout("postgresql")
    database = FleetDatabase(url)
    database.do(layout.prepare)
    asyncio.run(database.close())
    return url


def rows(server: Server, url: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with server.connect(url.rpartition("/")[2]) as connection:
        return connection.execute(query).fetchall()


def change(server: Server, url: str, statement: str) -> int:
    """Make a change, and return the number of rows."""
    with server.connect(url.rpartition("/")[2]) as connection:
        return connection.execute(statement).rowcount


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    asyncio.run(until(condition))


def configure(folder: Path, names: Sequence[str] = ("a",), **pace: object) -> Path:
    """Write a configuration with an identity for each name, and return its folder."""
    path = folder / SERVICE / "config.yaml"
    path.parent.mkdir(exist_ok=True)
    own = ", ".join(f"{name}: {value}" for name, value in {"delay_s": 0, **pace}.items())
    cookies = ", ".join(f"{{name: {name}, cookie: SESSDATA={name}}}" for name in names)
    path.write_text(f"pace: {{{own}}}\nidentities: [{cookies}]\n")
    return folder


class Worker(NamedTuple):
    """A worker that has joined the fleet."""

    membership: Membership
    pool: Pool
    held: HeldIdentities

    async def obtain(self, name: str = "") -> list[str]:
        """Try to hold an identity if none is held, and return the names of those that are."""
        await self.held.obtain(SERVICE, name)
        return self.names()

    def names(self) -> list[str]:
        """Return the names of the identities that it holds."""
        return [identity.credentials.name for identity in self.held.held(self.pool.identities)]

    def get(self, name: str = "a") -> Identity:
        """Return an identity."""
        return self.pool.get(name)


@asynccontextmanager
async def worker(url: str, folder: Path, lease_s: float = LEASE_S, idle_s: float = 60.0) -> AsyncIterator[Worker]:
    """Run a worker, with the identities of a configuration."""
    pool = Pool(BILIBILI.service, ConfigFile(BILIBILI.service, folder, {}), is_long_lived=True)
    membership = Membership(url, 1, lease_s)
    await membership.join()
    try:
        async with HeldIdentities(url, membership, {SERVICE: pool}, idle_s) as held:
            pool.holding = held
            yield Worker(membership, pool, held)
    finally:
        await membership.leave()


@asynccontextmanager
async def crawler(
    settings: Settings, url: str, lease_s: float = LEASE_S, idle_s: float = 60.0
) -> AsyncIterator[tuple[LongLivedCrawler, Membership]]:
    """Run a crawler as a worker."""
    async with LongLivedCrawler(settings) as live:
        membership, pools = Membership(url, 1, lease_s), pools_of(live.crawler)
        await membership.join()
        async with HeldIdentities(url, membership, pools.pools, idle_s) as held:
            pools.hold_by(held)
            yield live, membership
        await membership.leave()
