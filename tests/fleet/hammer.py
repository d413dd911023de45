"""A process that sends as one identity, whenever it holds it: `python -m tests.fleet.hammer …`.

Each line of its log is the time of a send, of the clock that all processes of a machine share, and the number of the
lease under which it was sent.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from scraper.identities.holding import NotHeldError, check_sender, sends_as
from scraper.identities.request_budget import RequestBudget
from scraper.network.wait_to_send import SendingTime
from tests.fleet.workers import SERVICE, Worker, worker


async def send(own: Worker, log: Path, most: int) -> None:
    """Send until enough was sent, or the identity is lost."""
    identity, budget = own.get(), RequestBudget()
    for _ in range(most):
        time = SendingTime(own.pool)
        try:
            while (left := await time.left_s(identity)) > 0:
                await asyncio.sleep(left)
            sends_as(own.held, identity)
            check_sender()
        except NotHeldError:
            return
        own.pool.take(identity, budget)
        with log.open("a") as file:
            file.write(f"{identity.last_sent!r} {own.membership.worker}\n")


async def hammer(url: str, folder: str, log: str, holds: int, most: int, lease_s: float) -> None:
    for _ in range(holds):
        async with worker(url, Path(folder), lease_s) as own:
            while await own.held.obtain(SERVICE, ""):
                await asyncio.sleep(0.01)
            await send(own, Path(log), most)


if __name__ == "__main__":
    url, folder, log, holds, most, lease_s = sys.argv[1:]
    asyncio.run(hammer(url, folder, log, int(holds), int(most), float(lease_s)))
