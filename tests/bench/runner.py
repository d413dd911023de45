"""Runs clients in turn against one server, A B C A B C …, and checks what each gave."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NamedTuple

from tests.bench.clients import AGAIN, DROPPING, OURS, RENORMALIZE
from tests.bench.meter import RESULT, Used
from tests.bench.server import ROOT, Server
from tests.bench.work import Work, WorkSize, written
from tests.cases import PLATFORMS
from tests.crawling import OURS as SETTINGS

_PACE = "pace: {delay_s: 0, concurrency: 16}\n"
_LONGEST_S = 600.0
_SESSION = 2  # requests of a session: its device id and its keys


class WrongError(Exception):
    """A client did not do what it was asked for, so that its time says nothing."""


class Cores(NamedTuple):
    """Where client and server run; empty where they cannot be told apart."""

    client: set[int]
    server: set[int]


class Runs(NamedTuple):
    """
    :param requests: that each client made a round
    :param records: that it wrote
    :param used: what each client used, one entry a round
    :param server_ms: CPU of the server for a request
    """

    requests: int
    records: int
    used: dict[str, list[Used]]
    server_ms: float


def cores() -> Cores:
    """Return a core for the clients and another for the server, where the system lets us choose."""
    free = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return Cores({free[0]}, {free[-1]}) if len(free) > 1 else Cores(set(), set())


def write_configs(folder: Path) -> None:
    """Configure every service without a pause between requests."""
    for service in (service for platform in PLATFORMS for service in platform.services):
        config = folder / service.name / "config.yaml"
        config.parent.mkdir(parents=True)
        config.write_text(_PACE, "utf-8")


def environment(folder: Path) -> dict[str, str]:
    """Return this process's environment for crawls whose files are in a folder, without the user's own settings.

    Modules are compiled once, as on any user's machine: their code is kept in a folder of the benchmark's own.
    """
    left_out = (*SETTINGS, "PYTHONDONTWRITEBYTECODE", "SCRAPY_SETTINGS_MODULE")
    inherited = {name: value for name, value in os.environ.items() if name not in left_out and "COOKIE" not in name}
    places = {"CONFIG_DIR": "config", "STATE_DIR": "state", "OUTPUT_DIR": "output"}
    inherited["PYTHONPYCACHEPREFIX"] = str(Path(gettempdir()) / "bench-pycache")
    return {**inherited, **{name: str(folder / place) for name, place in places.items()}}


class Bench:
    """One server, and the work that clients do against it."""

    def __init__(self, server: Server, work: Work, folder: Path, core: set[int]):
        self.server, self.work, self.folder = server, work, folder
        self._core = core
        self._work_file = folder / "work.json"
        work.save(self._work_file)
        write_configs(folder / "config")

    def run(self, client: str, command: Sequence[str] = ()) -> Used:
        """Run a client once.

        :param command: what runs it, where that is not the usual module
        :raises WrongError: where it failed, or gave other records than the world holds
        """
        out, result = self.folder / "out.jsonl", self.folder / "result.json"
        for path in (out, result):
            path.unlink(missing_ok=True)
        command = [sys.executable, *(command or ("-m", "tests.bench.clients"))]
        command += [client, str(self._work_file), str(out), json.dumps(sorted(self._core))]
        code = _finished(command, self._environment(result))
        if code or not result.exists():
            raise WrongError(f"{client} ended with exit code {code}")
        used = Used(*json.loads(result.read_text("utf-8")))
        self._check(client, used, [] if client in DROPPING else written(out, self.work.subjects))
        return used

    def _environment(self, result: Path) -> dict[str, str]:
        measured = {"SCRAPY_SETTINGS_MODULE": "tests.bench.settings", RESULT: str(result)}
        return {**environment(self.folder), **self.server.env, **measured}

    def _check(self, client: str, used: Used, ids: list[str]) -> None:
        asked = 0 if client == RENORMALIZE else self.work.requests
        if not asked <= used.answers <= asked + _SESSION:
            raise WrongError(f"{client} got {used.answers} good answers, not {asked}")
        if client not in DROPPING and (len(ids) != len(self.work.ids) or _digest(ids) != _digest(self.work.ids)):
            wanted, double = set(self.work.ids), len(ids) - len(set(ids))
            difference = f"{len(wanted - set(ids))} missing, {len(set(ids) - wanted)} unknown, {double} double"
            raise WrongError(f"{client} wrote {len(ids)} rows for {len(wanted)} records: {difference}")


def _finished(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a client to its end, and return its exit code. It ends when its standard input does, so that none is left."""
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE) as process:
        try:
            return process.wait(_LONGEST_S)
        except subprocess.TimeoutExpired:
            raise WrongError(f"{command[-4]} did not end in {_LONGEST_S:.0f} s") from None
        finally:
            process.kill()


def _digest(ids: list[str]) -> str:
    return sha256("\n".join(sorted(ids)).encode()).hexdigest()


@contextmanager
def bench(size: WorkSize) -> Iterator[Bench]:
    """Serve the pages of some work for as long as the context lasts."""
    client, server = cores()
    with TemporaryDirectory() as folder, Server(size, server) as running:
        yield Bench(running, size.work(), Path(folder), client)


def interleaved(
    size: WorkSize,
    clients: Sequence[str],
    rounds: int,
    few_pages: int = 0,
    measure: Callable[[], object] = lambda: None,
) -> Runs:
    """Run every client once a round, after ours has warmed up. Ours runs first and last.

    :param few_pages: if not 0, each client also does the same work with so few pages, and the difference counts
    :param measure: called once a round, to measure something else in the same run
    """
    order = [OURS, *clients, AGAIN]
    used: dict[str, list[Used]] = {name: [] for name in order}
    with ExitStack() as stack:
        running = stack.enter_context(bench(size))
        few = stack.enter_context(bench(size._replace(pages=few_pages))) if few_pages else None
        running.run(OURS)
        before = running.server.served()
        for _ in range(rounds):
            for name in order:
                used[name].append(running.run(name) - few.run(name) if few else running.run(name))
            measure()
        after = running.server.served()
    server_ms = 1000 * (after.cpu_s - before.cpu_s) / (after.requests - before.requests)
    requests, records = running.work.requests, len(running.work.ids)
    if few:
        requests, records = requests - few.work.requests, records - len(few.work.ids)
    return Runs(requests, records, used, server_ms)
