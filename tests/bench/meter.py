"""What a client process used between the start and the end of its work: start-up is not counted."""

import json
import os
import resource
import time
from pathlib import Path
from typing import NamedTuple, Self

from scrapy import signals
from scrapy.crawler import Crawler

RESULT = "BENCH_RESULT"


class Used(NamedTuple):
    """
    :param cpu_s: user and system time of the process, in seconds
    :param answers: answers with HTTP status 200
    :param peak_mb: the largest resident size since the process began, in MB
    """

    cpu_s: float
    wall_s: float
    answers: int
    peak_mb: float

    def __sub__(self, other: "Used") -> "Used":
        """Return what more of the same work used."""
        cpu_s, wall_s, answers = (mine - its for mine, its in zip(self[:3], other[:3], strict=True))
        return Used(cpu_s, wall_s, answers, self.peak_mb)


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def write(self, answers: int) -> None:
        """Write what was used to the file that the environment names."""
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        Path(os.environ[RESULT]).write_text(json.dumps(Used(cpu, wall, answers, peak_mb())), "utf-8")


def peak_mb() -> float:
    """Return the peak of this process. That of `getrusage` also knows the process that started it."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        kilobytes = int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    except OSError:
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024


class Meter:
    """An extension that measures a crawl from spider opened to spider closed."""

    def __init__(self, crawler: Crawler):
        self._crawler = crawler
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def _opened(self) -> None:
        self._watch = Stopwatch()

    def _closed(self) -> None:
        assert self._crawler.stats
        self._watch.write(self._crawler.stats.get_value("downloader/response_status_count/200", 0))
