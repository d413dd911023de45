"""One worker against two: `python -m tests.bench.fleet`. All processes share this machine's processors.

The simulator answers after 50 ms; each worker crawls four targets at a time. Wall time, and CPU time of each process.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from tests.fleet.processes import Fleet, fleet
from tests.simulator import World

CREATORS, VIDEOS, IDENTITIES = 300, 70, 8
LATENCY_S = 0.05


def cpu_s(process: int) -> float:
    """Return the CPU time of a process, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(workers: int) -> None:
    """Crawl the same targets with some workers, and print what it took."""
    world = World(seed=3, creators=CREATORS, videos=VIDEOS, page_latency=(LATENCY_S, 0.0))
    with tempfile.TemporaryDirectory() as folder, fleet(Path(folder), world, identities=IDENTITIES, lease_s=30) as made:
        warm = made.add(range(workers))
        for _ in range(workers):
            made.start("--concurrency", "4")
        made.until(lambda: made.done(warm))
        before = [cpu_s(worker.process.pid) for worker in made.workers]
        own, began = time.process_time(), time.monotonic()
        ids = made.add(range(workers, CREATORS))
        made.until(lambda: made.done(ids), 600)
        report(made, time.monotonic() - began, before, time.process_time() - own)


def report(made: Fleet, wall_s: float, before: list[float], simulator_s: float) -> None:
    used = [cpu_s(worker.process.pid) - start for worker, start in zip(made.workers, before, strict=True)]
    shares = ", ".join(f"{seconds:.1f}" for seconds in used)
    targets = CREATORS - len(made.workers)
    print(
        f"{len(made.workers)} worker(s): {targets} targets in {wall_s:.1f} s ({targets / wall_s:.1f}/s);"
        f" CPU of workers {shares} s, of the simulator {simulator_s:.1f} s"
    )


if __name__ == "__main__":
    for number in (1, 2):
        measure(number)
