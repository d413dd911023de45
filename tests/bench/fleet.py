"""One worker against two: `python -m tests.bench.fleet`. All processes share this machine's processors.

The simulator answers after 50 ms; each worker crawls four targets at a time. Wall time, and CPU time of each process.
PostgreSQL syncs each commit to its disk.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil

from tests import postgres
from tests.fleet.processes import Fleet, fleet
from tests.postgres import Server
from tests.simulator import World

CREATORS, VIDEOS, IDENTITIES = 300, 70, 8
LATENCY_S = 0.05


def cpu_s(process: int) -> float:
    """Return the CPU time of a process, in seconds."""
    used = psutil.Process(process).cpu_times()
    return float(used.user + used.system)


def server_cpu_s(server: Server) -> float:
    """Return the CPU time of a database server, in seconds: of its first process, and of those that it started."""
    first = psutil.Process(server.process_id)
    ended = first.cpu_times()
    alive = sum(cpu_s(child.pid) for child in first.children())
    return float(ended.user + ended.system + ended.children_user + ended.children_system) + alive


def measure(workers: int) -> None:
    """Crawl the same targets with some workers, and print what it took."""
    world = World(seed=3, creators=CREATORS, videos=VIDEOS, page_latency=(LATENCY_S, 0.0))
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres.running(syncs=True) as server,
        fleet(Path(folder), world, identities=IDENTITIES, lease_s=30, server=server) as made,
    ):
        warm = made.add(range(workers))
        for _ in range(workers):
            made.start("--concurrency", "4")
        made.until(lambda: made.done(warm))
        before = [cpu_s(worker.process.pid) for worker in made.workers]
        own, of_server, began = time.process_time(), server_cpu_s(server), time.monotonic()
        ids = made.add(range(workers, CREATORS))
        made.until(lambda: made.done(ids), 600)
        wall_s, of_server = time.monotonic() - began, server_cpu_s(server) - of_server
        report(made, wall_s, before, time.process_time() - own, of_server)


def report(made: Fleet, wall_s: float, before: list[float], simulator_s: float, server_s: float) -> None:
    used = [cpu_s(worker.process.pid) - start for worker, start in zip(made.workers, before, strict=True)]
    shares = ", ".join(f"{seconds:.1f}" for seconds in used)
    targets = CREATORS - len(made.workers)
    print(
        f"{len(made.workers)} worker(s): {targets} targets in {wall_s:.1f} s ({targets / wall_s:.1f}/s);"
        f" CPU of workers {shares} s, of PostgreSQL {server_s:.1f} s, of the simulator {simulator_s:.1f} s"
    )


if __name__ == "__main__":
    for number in (1, 2):
        measure(number)
