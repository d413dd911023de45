"""What asking in a page costs: the same requests by the plain route and by the platform's own page, in one run."""

from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench.report import Ratio, Report, at_most
from tests.browsers import chromium
from tests.crawling import Crawl, Running, crawl
from tests.simulator import World
from tests.simulator.signing import Signing
from tests.windows import below

_PATH = "/aweme/v1/web/comment/list/"
_PACE = {"delay_s": 0, "concurrency": 4}
_WARM = 20  # requests that find pages still being opened
_CREATORS, _VIDEOS = 50, 50
_SAMPLES = (500, 1000, 1500, 1950)


class BrowserCost(NamedTuple):
    """
    :param walls: of the page to the plain route, one entry a round
    :param ms: of one request by the page, median
    :param sizes: of the browser, in MB of its own memory, at so many requests
    """

    walls: Ratio
    ms: float
    sizes: dict[int, float]

    @property
    def growth(self) -> float:
        """How much it grew from the first sample to the last, as a share."""
        first, *_, last = self.sizes.values()
        return last / first - 1


class BrowserScenario(NamedTuple):
    id: str = "browser"
    title: str = "browser: 200 pages of comments, four at once, no pace, after warm-up; then memory over 2 000"
    count: int = 200
    many: int = 2000
    most_times: float = 10
    most_growth: float = 0.15

    def run(self, rounds: int) -> Report:
        """Crawl by both routes in turn, then a long time by the page."""
        chromium()
        works, times, ms = _works(self.count + _WARM), [], []
        for _ in range(rounds):
            plain, page = _crawl(works, Signing(open=True)), _crawl(works, Signing())
            took = _wall(page, self.count)
            times.append(took / _wall(plain, self.count))
            ms.append(1000 * took / self.count)
        cost = BrowserCost(Ratio.of(times), median(ms), _sizes(_works(self.many)))
        wall = f"  wall: {cost.walls} times that of the plain route, {cost.ms:.1f} ms a request"
        sizes = ", ".join(f"{size:.0f} MB at {count}" for count, size in cost.sizes.items())
        growth = at_most(
            "browser: its memory over 2 000 requests", self.most_growth, cost.growth, f"{cost.growth:+.0%}"
        )
        bars = [
            at_most("browser: wall against the plain route", self.most_times, cost.walls.median, cost.walls),
            growth,
        ]
        return Report([self.title, wall, f"  the browser: {sizes}"], bars)


BROWSER = BrowserScenario()


def _world(signing: Signing) -> World:
    return World(seed=1, creators=_CREATORS, videos=_VIDEOS, comments=5, replies=1, signing={"douyin": signing})


def _works(count: int) -> list[str]:
    douyin = _world(Signing()).douyin
    return [douyin.video(creator, place).id for creator in range(_CREATORS) for place in range(_VIDEOS)][:count]


def _crawl(works: list[str], signing: Signing, **more: object) -> Crawl:
    """Crawl the first page of each work's comments.

    :raises AssertionError: where one got no answer
    """
    links = "url=" + " ".join(f"https://www.douyin.com/video/{work}" for work in works)
    words = links, "router=fetch_video_comments", "max_pages=1"
    options = {"world": _world(signing), "command": ("crawl", "douyin"), "pace": _PACE, "configs": {"douyin_web": ""}}
    options["settings"] = {"LOG_LEVEL": "WARNING"}
    done = crawl(*words, **{**options, **more})
    assert done.code == 0 and len({record["meta"]["target"] for record in done.records}) == len(works), done.err
    return done


def _wall(done: Crawl, count: int) -> float:
    """Return the seconds that the last so many answers took."""
    asked = [request for request in done.asked(_PATH) if "a_bogus" in request.query] or done.asked(_PATH)
    return asked[-1].time - asked[-count].time


def _sizes(works: list[str]) -> dict[int, float]:
    sizes: dict[int, float] = {}

    def watch(running: Running) -> None:
        for count in _SAMPLES:
            running.until(lambda count=count: running.sim.notaries["douyin"].verdicts["accepted"] >= count)
            sizes[count] = sum(map(_own_mb, below(running.process.pid)))

    _crawl(works, Signing(), meanwhile=watch)
    return sizes


def _own_mb(pid: int) -> float:
    """Return the size of what a process has for itself alone, 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Private_Dirty:")), 0.0)
