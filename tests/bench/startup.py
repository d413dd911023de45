"""How long it takes until a crawl sends its first request, and what the lines of a long file of targets need."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NamedTuple

from sqlalchemy import Connection, insert

from scraper.ledger.schema import WATCHED, layout
from scraper.ledger.store import Store, default_url
from tests.bench.report import Ratio, Report, at_most
from tests.bench.runner import WrongError, environment, write_configs
from tests.bench.server import ROOT, Server
from tests.bench.subjects import SUBJECTS
from tests.bench.work import WorkSize

_IMPORT = [sys.executable, "-c", "import scrapy, time; print(time.process_time())"]
_NEVER_S = 3600.0  # answers are held back, so that a crawl stays at its first requests
_POLL_S, _LONGEST_S = 0.005, 300.0
_SETTINGS = ["-s", "LOG_LEVEL=WARNING", "-s", "TELNETCONSOLE_ENABLED=0", "-s", f"DOWNLOAD_TIMEOUT={_NEVER_S}"]
_TICKS = os.sysconf("SC_CLK_TCK")
_SUBJECT, _WATCHED = "douyin_videos", "bilibili_posts"
_MINIMAL = Path(__file__).with_name("minimal_spider.py")


class Started(NamedTuple):
    """A crawl that has sent its first request.

    :param cpu_s: user and system time of its process until then
    """

    process: subprocess.Popen[bytes]
    cpu_s: float
    wall_s: float

    def peak_mb(self) -> float:
        """Return the largest resident size so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024

    def reads(self, file: Path) -> bool:
        """Return whether a file is open."""
        links = Path(f"/proc/{self.process.pid}/fd").iterdir()
        return any(os.path.realpath(link) == str(file) for link in links)


@contextmanager
def started(words: Sequence[str], folder: Path, directory: Path = ROOT, subject: str = _SUBJECT) -> Iterator[Started]:
    """Start a crawl, and wait for its first request. It is killed at the end of the context.

    :param words: of the command after `scrapy`
    :param folder: for its files
    :param directory: in which it runs
    :param subject: what is asked for
    """
    feed = ["-O", str(folder / "out.jsonl")] if words[0] != "resume" else []
    command = [sys.executable, "-m", "scrapy", *words, *feed, *_SETTINGS]
    if not (folder / "config").exists():
        write_configs(folder / "config")
    with Server(WorkSize([subject], 1, 1, _NEVER_S), set()) as server:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=directory, env={**environment(folder), **server.env})
        try:
            _wait(process, lambda: server.served().requests > 0)
            yield Started(process, _cpu_s(process.pid), time.perf_counter() - began)
        finally:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST_S
    while not holds():
        if process.poll() is not None or time.monotonic() > end:
            raise WrongError(f"a crawl did not come so far, exit code {process.returncode}")
        time.sleep(_POLL_S)


def _cpu_s(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / _TICKS


def _import_s() -> float:
    """Return the CPU time of a process that imports Scrapy and ends."""
    env = environment(Path())
    return float(subprocess.run(_IMPORT, capture_output=True, check=True, cwd=ROOT, env=env).stdout)


def _first_request_s(words: Sequence[str], directory: Path) -> float:
    """Return the CPU time until the first request of a command."""
    with TemporaryDirectory() as folder, started(words, Path(folder), directory) as crawl:
        return crawl.cpu_s


@dataclass(frozen=True)
class ColdStart:
    """The CPU time until the first request, compared with that of `import scrapy`."""

    id: str = "cold_start"
    most: float = 1.5

    def run(self, rounds: int) -> Report:
        link = SUBJECTS[_SUBJECT].link(0)
        imports, ours, stock = [], [], []
        for _ in range(rounds + 1):  # the first warms up
            imports.append(_import_s())
            ours.append(_first_request_s(["crawl", "douyin", "-a", f"url={link}"], ROOT))
            stock.append(_first_request_s(["runspider", str(_MINIMAL), "-a", f"url={link}"], Path(gettempdir())))
        ratios = [Ratio.of([s / i for s, i in zip(them[1:], imports[1:], strict=True)]) for them in (ours, stock)]
        lines = [
            f"cold_start: CPU until the first request, relative to `import scrapy` ({min(imports[1:]):.2f} s)",
            f"  ours {ratios[0]}, stock Scrapy with the smallest spider {ratios[1]}",
        ]
        return Report(lines, [at_most("cold start: CPU against import scrapy", self.most, ratios[0].median, ratios[0])])


@dataclass(frozen=True)
class ResumedStart:
    """The CPU time until the first request of a resumed crawl, compared with that of a new one.

    :param size: of the crawl that is killed
    :param killed_after: this many requests
    """

    id: str = "resume"
    size: WorkSize = WorkSize([_WATCHED], 100, 20)
    killed_after: int = 1_000
    most: float = 1.5

    def run(self, rounds: int) -> Report:
        words = ["crawl", SUBJECTS[_WATCHED].platform, "-a", "file=targets.txt"]
        ratios, resumed_s = [], 0.0
        for _ in range(rounds):
            with TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "targets.txt").write_text("\n".join(chain.link for chain in self.size.work().chains))
                words[-1] = f"file={folder / 'targets.txt'}"
                self._kill(words, folder)
                with started(["resume"], folder, subject=_WATCHED) as crawl:
                    resumed_s = crawl.cpu_s
            with TemporaryDirectory() as other:
                targets = Path(other, "targets.txt")
                targets.write_text(SUBJECTS[_WATCHED].link(0))
                with started([*words[:-1], f"file={targets}"], Path(other), subject=_WATCHED) as crawl:
                    ratios.append(resumed_s / crawl.cpu_s)
        ratio = Ratio.of(ratios)
        line = f"resume: CPU until the first request after {self.killed_after} requests and a kill: {resumed_s:.2f} s, "
        bar = at_most("resume: CPU until the first request against a new crawl", self.most, ratio.median, ratio)
        return Report([f"{line}{ratio} of a new crawl"], [bar])

    def _kill(self, words: Sequence[str], folder: Path) -> None:
        write_configs(folder / "config")
        command = [sys.executable, "-m", "scrapy", *words, "-o", str(folder / "out.jsonl"), *_SETTINGS]
        with Server(self.size, set()) as server:
            process = subprocess.Popen(command, cwd=ROOT, env={**environment(folder), **server.env})
            try:
                _wait(process, lambda: server.served().requests > self.killed_after)
            finally:
                process.kill()
                process.wait()


def _link(number: int) -> str:
    return SUBJECTS[_SUBJECT].link(number)


def _row(number: int) -> dict[str, object]:
    """Return a row with a policy of its own."""
    tags = {"team": "red", "row": str(number)}
    return {"url": _link(number), "max_items": number % 50 + 1, "priority": number % 7, "tags": tags}


def _csv(number: int) -> str:
    row = _row(number)
    tags = ";".join(f"{name}={value}" for name, value in row["tags"].items())  # type: ignore[attr-defined]
    return f"{row['url']},{row['max_items']},{row['priority']},{tags}"


def _due(number: int) -> str:
    return f"{SUBJECTS[_WATCHED].link(number)},6h"


async def _fill(folder: Path, known: int) -> None:
    """Make a ledger that knows when many lists were walked."""

    def add(connection: Connection) -> None:
        rows = (
            {"list": place, "router": "", "target": "", "completed_time": 1, "expires": 0} for place in range(known)
        )
        while some := [*islice(rows, 10_000)]:
            connection.execute(insert(WATCHED), some)

    store = Store(default_url(str(folder / "state")))
    await store.open([layout("sqlite").prepare])
    await store.commit(add)
    store.close()


@dataclass(frozen=True)
class LongFile:
    """The first request of a crawl of a long file of targets, and the memory that its rows need.

    :param ending: of the name of the file
    :param line: the text of a row, from its number
    :param header: a line before the rows, if there is one
    :param read: rows of the files that are read to their end, to measure memory
    :param subject: what the rows ask for
    :param words: further arguments
    :param known: number of lists that earlier runs have walked
    """

    id: str = "targets"
    ending: str = "txt"
    line: Callable[[int], str] = _link
    header: str = ""
    few: int = 10_000
    many: int = 1_000_000
    read: tuple[int, int] = (10_000, 200_000)
    subject: str = _SUBJECT
    words: Sequence[str] = ()
    known: int = 0
    most_s: float = 2
    most_bytes: float = 100

    def run(self, rounds: int) -> Report:
        """Start each crawl once, whatever the rounds."""
        lines, bars, peaks = [f"{self.id}: a file of rows such as {self.line(0)}"], [], {}
        for count in sorted({self.few, self.many, *self.read}):
            with TemporaryDirectory() as folder:
                targets = Path(folder) / f"targets.{self.ending}"
                self.write(targets, count)
                if self.known:
                    asyncio.run(_fill(Path(folder), self.known))
                words = ["crawl", SUBJECTS[self.subject].platform, "-a", f"file={targets}", *self.words]
                with started(words, Path(folder), subject=self.subject) as crawl:
                    first = f"{crawl.cpu_s:.2f} s CPU, {crawl.wall_s:.2f} s of time"
                    lines.append(f"  {count:>9,} rows: first request after {first}")
                    if count in (self.few, self.many):
                        bars.append(
                            at_most(
                                f"{self.id}, {count:,} rows: CPU until the first request",
                                self.most_s,
                                crawl.cpu_s,
                                unit=" s",
                            )
                        )
                    if count in self.read:
                        _wait(crawl.process, lambda crawl=crawl, targets=targets: not crawl.reads(targets))
                        peaks[count] = crawl.peak_mb()
                        lines[-1] += f", all rows read with {peaks[count]:.0f} MB"
        few, many = self.read
        a_row = (peaks[many] - peaks[few]) * 1024**2 / (many - few)
        return Report(
            lines, [*bars, at_most(f"{self.id}: memory a row", self.most_bytes, a_row, f"{a_row:.0f} B", " B")]
        )

    def write(self, targets: Path, count: int) -> None:
        """Write a file of rows."""
        with targets.open("w") as file:
            file.writelines(f"{line}\n" for line in chain(filter(None, [self.header]), map(self.line, range(count))))


STARTUPS = (
    ColdStart(),
    ResumedStart(),
    LongFile(),
    LongFile("targets_csv", "csv", _csv, "url,max_items,priority,tags"),
    LongFile("targets_jsonl", "jsonl", lambda number: json.dumps(_row(number))),
    LongFile("targets_due", "csv", _due, "url,every", subject=_WATCHED, words=["-a", "due=1"], known=1_000_000),
    LongFile("targets_yaml", "yaml", lambda number: f"- {json.dumps(_row(number))}"),
)
