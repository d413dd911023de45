"""How many records a CPU second `scrapy renormalize` reads, from spider opened to spider closed."""

from dataclasses import dataclass
from statistics import median

from tests.bench.clients import CAPTURED, CAPTURING, RENORMALIZE
from tests.bench.report import MET, MISSED, Bar, Report
from tests.bench.runner import bench
from tests.bench.work import WorkSize


@dataclass(frozen=True)
class Renormalize:
    """Reads the captures of one crawl again, into a feed, and compares them with the feed of the crawl.

    :param least: records a CPU second
    """

    id: str
    size: WorkSize
    least: int

    def run(self, rounds: int) -> Report:
        with bench(self.size) as running:
            running.run(CAPTURING)
            (running.folder / "out.jsonl").rename(running.folder / CAPTURED)
            records = len(running.work.ids)
            rates = [records / running.run(RENORMALIZE).cpu_s for _ in range(rounds)]
        value = f"{median(rates):.0f} [{min(rates):.0f}–{max(rates):.0f}]"
        line = f"{self.id}: {records} records, {value} a CPU second"
        verdict = MET if median(rates) >= self.least else MISSED
        return Report([line], [Bar(f"{self.id}: records a CPU second", f"≥ {self.least}", value, verdict)])


RENORMALIZE_SCENARIOS = (
    Renormalize("renormalize_bilibili", WorkSize(["bilibili_posts"], 32, 15), 10_000),
    Renormalize("renormalize_douyin", WorkSize(["douyin_posts"], 8, 15), 3_000),
)
