"""How memory grows with the number of records, and of ids."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, insert

from scraper.inputs.duplicates import InputTracker
from scraper.inputs.hashing import hash64
from scraper.jobs.job import Job
from scraper.ledger.schema import SEEN, WATCHED, layout
from scraper.ledger.store import Store, default_url
from scraper.ledger.watched import Claim, claim
from scraper.platform.targets import Target
from tests.bench.clients import OURS
from tests.bench.report import Report, at_most
from tests.bench.runner import bench
from tests.bench.work import WorkSize


@dataclass(frozen=True)
class Growth:
    """Peak memory of a small crawl and of a large one, in turn."""

    id: str = "memory"
    few: WorkSize = WorkSize(["douyin_posts"], 25, 2)
    many: WorkSize = WorkSize(["douyin_posts"], 25, 200)
    most_mb: float = 25

    def run(self, rounds: int) -> Report:
        """Crawl each once, whatever the rounds."""
        peaks = []
        for size in (self.few, self.many):
            with bench(size) as running:
                peaks.append(running.run(OURS).peak_mb)
        growth = peaks[1] - peaks[0]
        line = f"memory: peak {peaks[0]:.0f} MB at 1 000 posts of Douyin, {peaks[1]:.0f} MB at 100 000"
        return Report(
            [line],
            [at_most("memory from 1 000 to 100 000 Douyin posts", self.most_mb, growth, f"{growth:+.0f} MB", " MB")],
        )


@dataclass(frozen=True)
class Ids:
    """Bytes that an id needs in memory: one of a target that was asked for, and one that was seen in a watched list."""

    id: str = "ids"
    number: int = 1_000_000
    most_bytes: float = 64

    def run(self, rounds: int) -> Report:
        """Keep ids once, whatever the rounds."""
        sizes = {"of targets": self._of_targets(), "seen in a watched list": asyncio.run(self._seen())}
        lines = [f"ids: {self.number:,} {name}, {size:.0f} bytes each" for name, size in sizes.items()]
        bars = [
            at_most(f"ids {name}: memory", self.most_bytes, size, f"{size:.0f} B", " B") for name, size in sizes.items()
        ]
        return Report(lines, bars)

    def _of_targets(self) -> float:
        """Ask for targets, and answer them."""
        inputs, before = InputTracker(), _resident()
        for number in range(self.number):
            job = Job(router="/api/x/web/list", target=Target("user", str(number), ""), input=number)
            inputs.ask(job)
            inputs.answer(job)
            inputs.take_changes()
        return (_resident() - before) / self.number

    async def _seen(self) -> float:
        """Claim a list whose items an earlier run has seen."""
        with TemporaryDirectory() as folder:
            store = Store(default_url(folder))
            await store.open([layout("sqlite").prepare, self._add])
            wanted = Claim(1, "/api/x/web/list", "1", needs="hashes")
            before = _resident()
            claimed = await store.run(lambda connection: claim(connection, wanted, "new", 1, lambda run_id: True))
            grown = _resident() - before
            assert claimed.hashes and sum(1 for _ in claimed.hashes) == self.number, "a list with all of its items"
            store.close()
        return grown / self.number

    def _add(self, connection: Connection) -> None:
        connection.execute(
            insert(WATCHED).values(list=1, router="/api/x/web/list", target="1", run_id="old", expires=0)
        )
        for rows in self._rows():
            connection.execute(insert(SEEN), rows)

    def _rows(self) -> Iterator[list[dict[str, int]]]:
        hashes = sorted({hash64(str(number)) >> 1 for number in range(self.number)})
        for first in range(0, len(hashes), 10_000):
            yield [{"list": 1, "item": item, "state": 0, "content": 0} for item in hashes[first : first + 10_000]]


def _resident() -> int:
    """Return the bytes of memory that this process uses."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


GROWTH, IDS = Growth(), Ids()
