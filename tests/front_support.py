"""The HTTP front in the test's own process: a real server on a free port, before a simulator."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from typing import NamedTuple

import httpx

from scraper.front.front import Access, Front
from scraper.front.server import FrontServer
from tests.long_lived import Live
from tests.simulator import Fault, Simulator


class Served(NamedTuple):
    """A running front.

    :ivar client: sends calls to it
    """

    front: Front
    client: httpx.AsyncClient
    sim: Simulator


@asynccontextmanager
async def served(
    live: Live, faults: Iterable[Fault] = (), *, access: Access | None = None, **settings: object
) -> AsyncIterator[Served]:
    """Yield a front that takes calls."""
    with live.simulator(faults, **settings) as (sim, crawl_settings):
        front = Front(crawl_settings, access or Access())
        async with front.running():
            listener = socket.create_server(("127.0.0.1", 0))
            server = FrontServer(front)
            server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # the test has its own
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
                try:
                    yield Served(front, client, sim)
                finally:
                    server.should_exit = True
                    await serving
