"""Where the time of a record goes: user posts of Douyin, each step by itself, in one run."""

from dataclasses import dataclass
from statistics import median

from tests.bench.clients import FETCH, LOOP, OURS
from tests.bench.crawls import Limit
from tests.bench.pages import Pages
from tests.bench.parse_cost import ITEMS, Cost, Reader
from tests.bench.report import Report
from tests.bench.runner import interleaved
from tests.bench.shapes import POSTS
from tests.bench.work import WorkSize

_FEW_PAGES = 5


@dataclass(frozen=True)
class Waterfall:
    """The slope of a crawl against a plain loop that fetches, decodes and encodes, and the steps that it is made of."""

    id: str = "waterfall"
    size: WorkSize = WorkSize(["douyin_posts"], 4, 40)
    limit: Limit = Limit(LOOP, "cpu", 1.0)

    def run(self, rounds: int) -> Report:
        reader = Reader("douyin", "posts", Pages(POSTS["douyin"]).listed(range(ITEMS), 20, more=True))
        costs: list[Cost] = []
        runs = interleaved(self.size, [LOOP, FETCH], rounds, _FEW_PAGES, lambda: costs.append(reader.cost()))
        total, loop, fetch = (
            1e6 * median(used.cpu_s for used in runs.used[client]) / runs.records for client in (OURS, LOOP, FETCH)
        )
        steps = {
            "fetch (the plain loop without decoding)": fetch,
            "decode, with the verdict": median(cost.verdict for cost in costs),
            "normalize": median(cost.parse for cost in costs),
            "encode": median(cost.encode for cost in costs),
        }
        steps["engine and all else"] = total - sum(steps.values())
        title = (
            f"waterfall: user posts of Douyin, {self.size.targets} users, from {_FEW_PAGES} to {self.size.pages} pages"
        )
        lines = [f"{title}; µs CPU a record"]
        lines += [f"  {name:<42} {us:>7.1f}  {us / total:>4.0%}" for name, us in steps.items()]
        lines += [f"  {'a crawl, in all':<42} {total:>7.1f}", f"  {LOOP + ', untyped decoding':<42} {loop:>7.1f}"]
        return Report(lines, [self.limit.bar(self.id, runs)])


WATERFALL = Waterfall()
