"""How long it takes until a crawl sends its first request, and what the lines of a long file of targets need."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import NamedTuple

from tests.bench.report import Ratio, Report, at_most
from tests.bench.runner import WrongError, environment, write_configs
from tests.bench.server import ROOT, Server
from tests.bench.subjects import SUBJECTS
from tests.bench.work import WorkSize

_IMPORT = [sys.executable, "-c", "import scrapy, time; print(time.process_time())"]
_NEVER_S = 3600.0  # answers are held back, so that a crawl stays at its first requests
_POLL_S, _LONGEST_S = 0.005, 300.0
_TICKS = os.sysconf("SC_CLK_TCK")
_SUBJECT = "douyin_videos"
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
def started(words: Sequence[str], folder: Path, directory: Path = ROOT) -> Iterator[Started]:
    """Start a crawl, and wait for its first request. It is killed at the end of the context.

    :param words: of the command after `scrapy`
    :param folder: for its files
    :param directory: in which it runs
    """
    settings = ["-s", "LOG_LEVEL=WARNING", "-s", "TELNETCONSOLE_ENABLED=0", "-s", f"DOWNLOAD_TIMEOUT={_NEVER_S}"]
    command = [sys.executable, "-m", "scrapy", *words, "-O", str(folder / "out.jsonl"), *settings]
    write_configs(folder / "config")
    with Server(WorkSize([_SUBJECT], 1, 1, _NEVER_S), set()) as server:
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
class LongFile:
    """The first request of a crawl of a long file of targets, and the memory that its lines need.

    :param read: lines of the files that are read to their end, to measure memory
    """

    id: str = "targets"
    few: int = 10_000
    many: int = 1_000_000
    read: tuple[int, int] = (10_000, 200_000)
    most_s: float = 2
    most_bytes: float = 100

    def run(self, rounds: int) -> Report:
        """Start each crawl once, whatever the rounds."""
        lines, bars, peaks = ["targets: a file of links to posts of Douyin, one a line"], [], {}
        for count in sorted({self.few, self.many, *self.read}):
            with TemporaryDirectory() as folder:
                targets = Path(folder) / "targets.txt"
                targets.write_text("".join(f"{SUBJECTS[_SUBJECT].link(number)}\n" for number in range(count)))
                with started(["crawl", "douyin", "-a", f"file={targets}"], Path(folder)) as crawl:
                    first = f"{crawl.cpu_s:.2f} s CPU, {crawl.wall_s:.2f} s of time"
                    lines.append(f"  {count:>9,} lines: first request after {first}")
                    if count in (self.few, self.many):
                        bars.append(
                            at_most(
                                f"{count:,} lines: CPU until the first request", self.most_s, crawl.cpu_s, unit=" s"
                            )
                        )
                    if count in self.read:
                        _wait(crawl.process, lambda crawl=crawl, targets=targets: not crawl.reads(targets))
                        peaks[count] = crawl.peak_mb()
                        lines[-1] += f", all lines read with {peaks[count]:.0f} MB"
        few, many = self.read
        a_line = (peaks[many] - peaks[few]) * 1024**2 / (many - few)
        return Report(
            lines, [*bars, at_most("memory a line of the file", self.most_bytes, a_line, f"{a_line:.0f} B", " B")]
        )


STARTUPS = (ColdStart(), LongFile())
