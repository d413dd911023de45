"""A server of pages in a process of its own. It fills numbers into templates, so that it is ahead of every client.

The process serves until its standard input ends, so that none is left, whatever becomes of its parent. Requests of
sessions are answered by the simulator.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.bench.subjects import SUBJECTS
from tests.bench.work import WorkSize
from tests.simulator import Simulator, World
from tests.simulator.messages import HTML_TYPE, JSON_TYPE, Answer, Request

ROOT = Path(__file__).parents[2]
_REMEMBERED = 100  # requests of sessions
_STOP_S = 5.0


class Served(NamedTuple):
    """What the server did so far; `cpu_s` is user and system time."""

    requests: int
    cpu_s: float


class PageServer(Simulator):
    """Answers what the subjects ask for.

    :ivar pages: of each list; may be changed between crawls
    """

    def __init__(self, size: WorkSize):
        world = World(page_latency=(size.delay_s, size.jitter_s), strict=False)  # not every client signs
        super().__init__(world, remember=_REMEMBERED)
        self.pages = size.pages
        self._subjects = [(re.compile(SUBJECTS[name].path), SUBJECTS[name]) for name in size.subjects]

    def answer(self, request: Request) -> Answer:
        subject = next((subject for path, subject in self._subjects if path.fullmatch(request.path)), None)
        if subject is None:
            return super().answer(request)
        self._number += 1
        body = subject.answer(request, self.pages)
        return Answer(body, kind=HTML_TYPE if body.startswith(b"<") else JSON_TYPE, delay=self._latency())

    @property
    def served(self) -> Served:
        return Served(self._number, time.process_time())


class Server:
    """The process, from the parent's side: a context manager."""

    def __init__(self, size: WorkSize, cores: set[int]):
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
            raise RuntimeError("the server of pages ended")
        return line


def main(arguments: list[str]) -> None:
    """Serve until standard input ends, and answer each line with what was served."""
    if cores := json.loads(arguments[1]):
        os.sched_setaffinity(0, cores)
    with PageServer(WorkSize(*json.loads(arguments[0]))) as server:
        print(json.dumps(server.env), flush=True)
        for _ in sys.stdin:
            print(json.dumps(server.served), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
