"""The references without Scrapy: a plain loop that fetches and writes raw items, and the limit of a CPU with types."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from yarl import URL

from tests.bench.meter import Stopwatch
from tests.bench.pages import at, embedded
from tests.bench.subjects import SUBJECTS
from tests.bench.typed import PAGES
from tests.bench.work import Chain, Work

CONCURRENCY = 16
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0"
_ENCODER = msgspec.json.Encoder()
Take = Callable[[bytes, Chain], None]


async def fetch(work: Work, take: Take) -> int:
    """Send all requests, for 16 targets at a time, and pass on each body. Return the number of good answers."""
    limit, answers = asyncio.Semaphore(CONCURRENCY), 0
    connector, jar = aiohttp.TCPConnector(limit=CONCURRENCY), aiohttp.DummyCookieJar()
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}

    async def follow(session: aiohttp.ClientSession, chain: Chain) -> None:
        nonlocal answers
        async with limit:
            for ask in chain.asks:
                url, proxy = URL(ask.url, encoded=True), os.environ["https_proxy"]
                referer = {"Referer": ask.referer} if ask.referer else {}
                async with session.get(url, proxy=proxy, headers=referer) as answer:
                    body = await answer.read()
                answers += answer.status == 200
                take(body, chain)

    async with aiohttp.ClientSession(connector=connector, headers=headers, cookie_jar=jar) as session:
        await asyncio.gather(*(follow(session, chain) for chain in work.chains))
    return answers


def raw_items(body: bytes, subject: str) -> list[Any]:
    """Return the items of an answer as they are; none if it has none, like the answer to a lookup."""
    try:
        items = at(msgspec.json.decode(embedded(body)), SUBJECTS[subject].items)
    except KeyError:
        return []
    return items if isinstance(items, list) else [items]


def drop(work: Work, out: Path) -> None:
    """Fetch only."""
    watch = Stopwatch()
    watch.write(asyncio.run(fetch(work, lambda body, chain: None)))


def loop(work: Work, out: Path) -> None:
    """Fetch, decode without types, encode."""
    watch = Stopwatch()
    with out.open("wb") as file:
        answers = asyncio.run(
            fetch(work, lambda body, chain: file.write(_ENCODER.encode_lines(raw_items(body, chain.subject))))
        )
    watch.write(answers)


def limit(work: Work, out: Path) -> None:
    """Decode with types and encode. What comes before is not counted."""
    bodies: list[tuple[bytes, Chain]] = []
    answers = asyncio.run(fetch(work, lambda *page: bodies.append(page)))
    watch = Stopwatch()
    with out.open("wb") as file:
        for body, chain in bodies:
            if not body.startswith(b"<"):
                file.write(_ENCODER.encode_lines(PAGES[SUBJECTS[chain.subject].platform](body)))
    watch.write(answers)
