"""The simulator in a process of its own, with answers kept after the first time so that it is ahead of every client.

The child serves until its standard input ends, so that none is left behind, whatever becomes of the parent.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.simulator import Simulator, World
from tests.simulator.messages import Answer, Request

ROOT = Path(__file__).parents[2]
SEED = 11
_KEPT = ("/x/space/wbi/arc/search", "/x/web-interface/view", "/x/player/wbi/playurl")
_NAMING = ("mid", "pn", "ps", "bvid", "cid", "fnval")  # the parameters that tell one answer from another
_REMEMBERED = 100
_STOP_S = 5.0


class Served(NamedTuple):
    """What the server did so far; `cpu_s` is user and system time."""

    requests: int
    cpu_s: float


class WorldSize(NamedTuple):
    """A world to serve; `delay_s` and `jitter_s` are the latency of every answer."""

    creators: int
    videos: int
    delay_s: float = 0.0
    jitter_s: float = 0.0

    def world(self) -> World:
        """Return the world, the same in every process. It asks for no signature: not every reference signs."""
        return World(SEED, self.creators, self.videos, page_latency=(self.delay_s, self.jitter_s), strict=False)


class Canned(Simulator):
    """A simulator that computes each page once."""

    def __init__(self, world: World):
        super().__init__(world, remember=_REMEMBERED)
        self._kept: dict[tuple[str, ...], Answer] = {}

    def answer(self, request: Request) -> Answer:
        if request.path not in _KEPT:
            return super().answer(request)
        key = request.path, *(request.query.get(name, "") for name in _NAMING)
        if (kept := self._kept.get(key)) is None:
            kept = self._kept[key] = replace(super().answer(request), delay=0.0)
        else:
            self._number += 1
        return replace(kept, delay=self._latency())

    @property
    def served(self) -> Served:
        return Served(self._number, time.process_time())


class Server:
    """The process, from the parent's side: a context manager."""

    def __init__(self, size: WorldSize, cores: set[int]):
        self._arguments = [json.dumps(size), json.dumps(sorted(cores))]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.bench.server", *self._arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.env: dict[str, str] = json.loads(self._line())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def served(self) -> Served:
        """Ask the process what it did so far."""
        assert self._process.stdin
        self._process.stdin.write("served\n")
        return Served(*json.loads(self._line()))

    def _line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the mock server ended")
        return line


def main(arguments: list[str]) -> None:
    """Serve until standard input ends, and answer each line with what was served."""
    if cores := json.loads(arguments[1]):
        os.sched_setaffinity(0, cores)
    with Canned(WorldSize(*json.loads(arguments[0])).world()) as simulator:
        print(json.dumps(simulator.env), flush=True)
        for _ in sys.stdin:
            print(json.dumps(simulator.served), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
