"""A process that crawls links as a worker: `python -m tests.fleet.crawl_process database configuration lease links`.

It prints the code of each envelope. With a router as the last argument, it crawls the links twice, and prints after
each time how many identities are in the browser, and how many once they were given back.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from scrapy.utils.project import get_project_settings

from scraper.commands.event_loop import twisted_reactor
from scraper.crawling.long_lived import LongLivedCrawler
from scraper.identities.service_pools import pools_of
from tests.fleet.workers import crawler, until
from tests.long_lived import answers


async def crawl(url: str, folder: str, lease_s: float, links: str, router: str = "") -> None:
    settings = get_project_settings()
    settings.setdict({"CONFIG_DIR": folder, "FEEDS": {}}, priority="cmdline")
    with twisted_reactor():
        async with crawler(settings, url, lease_s, idle_s=0.5) as (live, _):
            if not router:
                await show_codes(live, url=links)
                return
            for _ in range(2):
                await show_codes(live, url=links, router=router, max_items=5)
                await show_sessions(live)


async def show_sessions(live: LongLivedCrawler) -> None:
    handler = live.crawler.engine.downloader.handlers._get_handler("https")
    sessions = handler._started["browser"]._sessions
    print(len(sessions._open), flush=True)
    await until(lambda: not is_any_held(live))
    await until(lambda: not sessions._open)
    print(len(sessions._open), flush=True)


async def show_codes(live: LongLivedCrawler, **call: Any) -> None:
    for envelope in await answers(live, **call):
        print(envelope.code, flush=True)


def is_any_held(live: LongLivedCrawler) -> bool:
    return any(pool.holding.held(pool.identities) for pool in pools_of(live.crawler).pools.values())


if __name__ == "__main__":
    url, folder, lease_s, *more = sys.argv[1:]
    asyncio.run(crawl(url, folder, float(lease_s), *more))
