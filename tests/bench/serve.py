"""What a call to the HTTP front costs: against the same requests without it, and against a crawl for each call."""

import asyncio
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import aiohttp
import psutil
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.spiderloader import get_spider_loader
from scrapy.utils.project import get_project_settings
from yarl import URL

from tests.bench.report import Bar, Ratio, Report, at_least, at_most
from tests.bench.runner import WrongError, cores, environment, write_configs
from tests.bench.server import ROOT, Server
from tests.bench.work import Chain, WorkSize

_SUBJECT, _ROUTER = "bilibili_videos", "/api/bilibili/web/fetch_one_video"
_LATENCY_S, _CLIENTS = 0.05, 16
_CALLS = {1: 60, _CLIENTS: 480}
_CRAWLS = 48
_LIMITS = {1: 1.10, _CLIENTS: 1.20}
Call = Callable[[Chain], Awaitable[None]]


class _Measured(NamedTuple):
    """
    :ivar p50_ms: of a call
    :ivar rate: calls a second
    """

    p50_ms: float
    rate: float


class ServeScenario(NamedTuple):
    id: str = "serve"

    def run(self, rounds: int) -> Report:
        """Measure calls with and without latency, each against its reference in turn."""
        with TemporaryDirectory() as folder:
            return asyncio.run(_measure(Path(folder), rounds))


SERVE = ServeScenario()


async def _measure(folder: Path, rounds: int) -> Report:
    write_configs(folder / "config")
    lines, bars = [f"{SERVE.id}: {_ROUTER} by HTTP, pace off"], []
    with _parts(folder, _LATENCY_S) as (chains, env, url, _):
        for clients, limit in _LIMITS.items():
            ratios, times = [], []
            for _ in range(rounds + 1):
                direct = await _run(_direct(env), chains, clients)
                called = await _run(_called(url), chains, clients)
                ratios.append(called.p50_ms / direct.p50_ms)
                times.append((direct.p50_ms, called.p50_ms))
            ratio = Ratio.of(ratios[1:])
            shown = ", ".join(f"{direct:.1f} → {called:.1f}" for direct, called in times[1:])
            lines.append(
                f"  p50 at {clients} clients, {_LATENCY_S * 1e3:.0f} ms upstream, direct → called, ms: {shown}"
            )
            what = f"serve: p50 of a call / of its requests, {clients} client{'s' * (clients > 1)}"
            bars.append(at_most(what, limit, ratio.median, ratio))
    with _parts(folder, 0) as (chains, env, url, front):
        await _run(_called(url), chains, _CLIENTS)
        rates, cpu_s = [], _cpu_s(front)
        for _ in range(rounds):
            called = await _run(_called(url), chains, _CLIENTS)
            rates.append((called.rate, _crawl_rate(folder, env, chains)))
        ratio = Ratio.of([called / crawls for called, crawls in rates])
        shown = ", ".join(f"{called:.0f} / {crawls:.1f}" for called, crawls in rates)
        cpu_ms = (_cpu_s(front) - cpu_s) / rounds / _CALLS[_CLIENTS] * 1e3
        lines += [f"  calls / crawls a second: {shown}", f"  CPU of the server for a call: {cpu_ms:.1f} ms"]
        bars.append(at_least("serve: calls a second / crawls a second", 5.0, ratio.median, ratio))
    return Report(lines, _sorted(bars))


def _sorted(bars: Sequence[Bar]) -> list[Bar]:
    return sorted(bars, key=lambda bar: bar.what)


async def _run(call: "_Client", chains: Sequence[Chain], clients: int) -> _Measured:
    """Send calls by some clients, each one after the other."""
    times: list[float] = []
    waiting = iter(chains[: _CALLS[clients]])

    async def client() -> None:
        for chain in waiting:
            started = time.perf_counter()
            await call(chain)
            times.append(time.perf_counter() - started)

    async with call:
        started = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        taken = time.perf_counter() - started
    return _Measured(median(times) * 1e3, len(times) / taken)


class _Client:
    """Sends calls by connections that it keeps."""

    def __init__(self, send: Callable[[aiohttp.ClientSession, Chain], Awaitable[None]]):
        self._send = send

    async def __aenter__(self) -> None:
        connector = aiohttp.TCPConnector(limit=_CLIENTS)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def __aexit__(self, *raised: object) -> None:
        await self._session.close()

    async def __call__(self, chain: Chain) -> None:
        await self._send(self._session, chain)


def _direct(env: dict[str, str]) -> _Client:
    """Return a client that sends the requests of a call to the platform's server, and reads nothing of the answers."""

    trust = ssl.create_default_context(cafile=env["SSL_CERT_FILE"])

    async def send(session: aiohttp.ClientSession, chain: Chain) -> None:
        for ask in chain.asks:
            url = URL(ask.url, encoded=True)
            async with session.get(url, proxy=env["https_proxy"], ssl=trust) as answer:
                if answer.status != 200 or not await answer.read():
                    raise WrongError(f"{ask.url}: {answer.status}")

    return _Client(send)


def _called(url: str) -> _Client:
    """Return a client that calls the front."""

    async def send(session: aiohttp.ClientSession, chain: Chain) -> None:
        async with session.get(f"{url}{_ROUTER}", params={"bv_id": chain.id}) as answer:
            body = json.loads(await answer.read())
            if answer.status != 200 or body["data"]["video_id"] != chain.id:
                raise WrongError(f"{chain.id}: {body}")

    return _Client(send)


@contextmanager
def _parts(folder: Path, delay_s: float) -> Iterator[tuple[list[Chain], dict[str, str], str, int]]:
    """Yield the work, the environment of a server of pages, and address and process id of a front before it."""
    size = WorkSize([_SUBJECT], _CALLS[_CLIENTS], delay_s=delay_s)
    with Server(size, cores().server) as pages:
        env = {**environment(folder), **pages.env, "SERVE_CALLS_PER_MINUTE": "0", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "scrapy", "serve", "--port", "0"]
        with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as front:
            try:
                yield size.work().chains, env, _address(front), front.pid
            finally:
                front.kill()


def _cpu_s(process_id: int) -> float:
    used = psutil.Process(process_id).cpu_times()
    return float(used.user + used.system)


def _address(front: subprocess.Popen[str]) -> str:
    assert front.stderr
    for line in front.stderr:
        if match := re.search(r"Taking calls at (http://\S+:\d+)", line):
            return match[1]
    raise WrongError("the front did not start")


def _crawl_rate(folder: Path, env: dict[str, str], chains: Sequence[Chain]) -> float:
    """Return how many crawls of one link a process does in a second, as many at once as there are clients."""
    command = [sys.executable, "-m", "tests.bench.serve", *(chain.link for chain in chains[:_CRAWLS])]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise WrongError(done.stderr)
    return float(done.stdout)


async def _crawls(links: Sequence[str]) -> float:
    settings = get_project_settings()
    own = {"TWISTED_REACTOR_ENABLED": False, "LEDGER_ENABLED": False, "LOG_LEVEL": "ERROR", "SUMMARY": "off"}
    settings.setdict(own, priority="cmdline")
    spider, waiting = get_spider_loader(settings).load("hybrid"), iter(links)

    async def client() -> None:
        for link in waiting:
            runner = AsyncCrawlerRunner(settings)
            crawler = runner.create_crawler(spider)
            await runner.crawl(crawler, url=link)
            if not crawler.stats or crawler.stats.get_value("item_scraped_count") != 1:
                raise WrongError(f"{link}: {crawler.stats and crawler.stats.get_stats()}")

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return len(links) / (time.perf_counter() - started)


if __name__ == "__main__":
    print(asyncio.run(_crawls(sys.argv[1:])))
