"""How memory grows with the number of records."""

from dataclasses import dataclass

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


GROWTH = Growth()
