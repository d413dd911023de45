"""The references without Scrapy: R3, a loop on aiohttp that writes the same lines, and R4, the same lines alone."""

import asyncio
import os
from pathlib import Path

import aiohttp
from yarl import URL

from scraper.identities.identity import Sent
from scraper.jobs.job import Job
from scraper.output.emitter import Emitter, new_run_id
from scraper.output.encoding import to_lines
from scraper.output.observations import Observer
from scraper.platform import Context
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.responses import decode
from spiders.bilibili.spider import BILIBILI
from tests.bench.meter import Stopwatch
from tests.bench.work import PAGE, Chain, Work, endpoint

CONCURRENCY = 16
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0"
_SENT = Sent("00000000", False, False, _AGENT, "")


class Pages:
    """From the body of a page to its lines, as short as it can be done with the project's parsers."""

    def __init__(self, work: Work):
        self._endpoint = endpoint(work.router)
        self._emitter = Emitter(
            Atlas([BILIBILI]),
            lambda job, page: (),
            Observer(frozenset(), ""),
            new_run_id(),
        )

    def lines(self, body: bytes, chain: Chain, place: int) -> bytes:
        """Return the lines of one page."""
        target = Target("user", chain.id, chain.target)
        cursor = str(place + 1) if place else ""
        job = Job(router=self._endpoint.router, target=target, cursor=cursor, page=place + 1, position=place * PAGE)
        page = self._endpoint.read(decode(body), Context(target), cursor)
        return to_lines(self._emitter.page(job, page.records, _SENT).envelopes)


async def fetch(work: Work, take) -> int:
    """Ask for everything, 16 chains at a time, and hand each body to `take(body, chain, place)`."""
    limit, answers = asyncio.Semaphore(CONCURRENCY), 0
    connector = aiohttp.TCPConnector(limit=CONCURRENCY)
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}

    async def follow(session: aiohttp.ClientSession, chain: Chain) -> None:
        nonlocal answers
        async with limit:
            for place, ask in enumerate(chain.asks):
                url, proxy = URL(ask.url, encoded=True), os.environ["https_proxy"]
                async with session.get(url, proxy=proxy, headers={"Referer": ask.referer}) as answer:
                    body = await answer.read()
                answers += answer.status == 200
                take(body, chain, place)

    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=jar) as session:
        await asyncio.gather(*(follow(session, chain) for chain in work.chains))
    return answers


def raw(work: Work, out: Path) -> None:
    """R3."""
    pages, watch = Pages(work), Stopwatch()
    with out.open("wb") as file:
        answers = asyncio.run(fetch(work, lambda *page: file.write(pages.lines(*page))))
    watch.write(answers)


def limit(work: Work, out: Path) -> None:
    """R4: only what comes after the answers is counted."""
    kept: list[tuple[bytes, Chain, int]] = []
    answers = asyncio.run(fetch(work, lambda *page: kept.append(page)))
    pages, watch = Pages(work), Stopwatch()
    with out.open("wb") as file:
        for page in kept:
            file.write(pages.lines(*page))
    watch.write(answers)
