"""Worker processes over a real PostgreSQL server, before one simulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text

from scraper.fleet.database import FleetDatabase
from tests import postgres
from tests.cases import ROOT
from tests.crawling import write_config
from tests.fleet.rows import Rows, rows_of
from tests.simulator import Fault, Simulator, World

SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")
LIST = "/x/space/wbi/arc/search"
_CLOCK = Path(__file__).with_name("clock")
_LONGEST_S = 120.0


def clock(shift_s: int) -> dict[str, str]:
    """Return the environment of a process whose clock is wrong."""
    return {"PYTHONPATH": str(_CLOCK), "CLOCK_SHIFT_S": str(shift_s)} if shift_s else {}


class Worker(NamedTuple):
    """A worker process.

    :ivar agent: its user agent, by which the simulator's requests tell whose they are
    """

    process: subprocess.Popen[bytes]
    agent: str
    log: Path

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Stop it in order, and return its exit code."""
        self.send(signal.SIGTERM)
        return self.process.wait(60)


class Fleet:
    """
    :ivar rows: the database
    """

    def __init__(self, folder: Path, sim: Simulator, rows: Rows, identities: int, pace_s: float, lease_s: float):
        self._folder, self.sim, self.rows = folder, sim, rows
        self._identities, self._pace_s, self._lease_s = identities, pace_s, lease_s
        self._database = FleetDatabase(rows.url)
        self.workers: list[Worker] = []

    def start(self, *words: str, env: dict[str, str] | None = None) -> Worker:
        """Start a worker on a machine of its own: with its own configuration, and the same identities."""
        number = len(self.workers) + 1
        folder, agent = self._folder / f"machine{number}", f"Mozilla/5.0 (worker {number}) Chrome/150.0.0.0"
        names = [{"name": f"i{place}", "cookie": f"marker=identity-{place}"} for place in range(self._identities)]
        own = f"user_agent: {json.dumps(agent)}\nidentities: {json.dumps(names)}\n"
        for service in SERVICES:
            write_config(folder, own, {"delay_s": self._pace_s, "concurrency": 1}, service)
        folders = {f"{name.upper()}_DIR": str(folder / name) for name in ("config", "output", "state")}
        own_env = {"DATABASE_URL": self.rows.url, "WORKER_LEASE": str(self._lease_s), "PYTHONUNBUFFERED": "1"}
        whole = {**os.environ, **self.sim.env, **folders, **own_env, **(env or {})}
        log = folder / "log"
        with log.open("w") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", "scrapy", "worker", *words], env=whole, cwd=ROOT, stderr=written
            )
        self.workers.append(worker := Worker(process, agent, log))
        return worker

    def add(self, creators: Iterable[int], **values: object) -> list[int]:
        """Add the lists of posts of some creators, which are due now, once."""
        ids = []
        for creator in creators:
            link = f"https://space.bilibili.com/{self.sim.world.creator(creator).mid}"
            arguments = json.dumps({"url": link, "since": "last"})
            ids.append(self.rows.target(creator, spider="bilibili", link=link, arguments=arguments, **values))
        return ids

    def until(self, condition: Callable[[], bool], seconds: float = _LONGEST_S) -> None:
        """Wait for a condition. If it does not come, show the logs of the workers."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.logs()
            time.sleep(0.1)

    def done(self, ids: Sequence[int]) -> bool:
        """Return whether targets were crawled completely."""
        query = "SELECT count(*) FROM fleet_target WHERE target_id = ANY(:ids) AND completed_time IS NOT NULL"
        return bool(self.sql(query, ids=list(ids))[0][0] == len(ids))

    def sql(self, query: str, **values: object) -> list[Any]:
        """Return the rows of a query, also if the database was away."""
        return self._database.do(lambda connection: list(connection.execute(text(query), values)))

    def logs(self) -> str:
        return "\n".join(f"{worker.agent}\n{worker.log.read_text('utf-8')[-4000:]}" for worker in self.workers)

    def pages(self) -> Counter[tuple[str, str]]:
        """Return how often each page of each list was requested."""
        asked = [request.query for request in self.sim.requests if request.path == LIST]
        return Counter((query["mid"], query["pn"]) for query in asked)

    def videos(self) -> dict[str, int]:
        """Return how many rows the database has of each video."""
        return dict(Counter(row[0] for row in self.sql("SELECT video_id FROM video")))


@contextmanager
def fleet(
    folder: Path,
    world: World,
    faults: Iterable[Fault] = (),
    *,
    identities: int = 2,
    pace_s: float = 0.0,
    lease_s: float = 4.0,
    server: postgres.Server | None = None,
) -> Iterator[Fleet]:
    """Yield a fleet without workers. Those that it starts are killed at the end."""
    with ExitStack() as stack:
        sim = stack.enter_context(Simulator(world, faults))
        rows = stack.enter_context(rows_of((server or postgres.shared()).new_database()))
        made = Fleet(folder, sim, rows, identities, pace_s, lease_s)
        try:
            yield made
        finally:
            for worker in made.workers:
                if worker.process.poll() is None:
                    worker.process.kill()
                    worker.process.wait()
