"""A process that crawls links as a worker: `python -m tests.fleet.crawl_process database configuration lease links`."""

from __future__ import annotations

import asyncio
import sys

from scrapy.utils.project import get_project_settings

from tests.fleet.workers import crawler
from tests.long_lived import answers


async def crawl(url: str, folder: str, lease_s: float, links: str) -> None:
    settings = get_project_settings()
    settings.setdict({"CONFIG_DIR": folder, "FEEDS": {}}, priority="cmdline")
    async with crawler(settings, url, lease_s, idle_s=0.5) as (live, _):
        for envelope in await answers(live, url=links):
            print(envelope.code, flush=True)


if __name__ == "__main__":
    url, folder, lease_s, links = sys.argv[1:]
    asyncio.run(crawl(url, folder, float(lease_s), links))
