"""What reading one record costs: `python -m tests.bench.parse_cost`.

Each page is read as a crawl reads it: bytes to a verdict, to records, to lines. The reference is untyped decoding of
the same page, so that ratios hold on any machine. Microseconds are CPU time.
"""

import gc
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import msgspec

from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope
from scraper.platform import Endpoint, Page
from scraper.responses import Verdict
from tests.bench.pages import Pages, at
from tests.bench.report import Report, at_most, table
from tests.bench.shapes import COMMENTS, POSTS, SMALL_POSTS
from tests.cases import PLATFORMS, classify, example_context
from tests.recordings import RECORDINGS

ITEMS = 20
_ROUNDS, _TIMES = 7, 10
_ROUTERS = {
    "posts": {"douyin": "fetch_user_post_videos", "tiktok": "fetch_user_post", "bilibili": "fetch_user_post_videos"},
    "comments": {"douyin": "fetch_video_comments", "tiktok": "fetch_post_comment", "bilibili": "fetch_video_comments"},
}
BARS = {("posts", "douyin"): 0.8, ("posts", "tiktok"): 0.8, ("posts", "bilibili"): 2.5}  # of Cost.reading
_RECORDED = {
    ("douyin", "posts"): ("douyin_web/aweme_list/post_video.json", "aweme_list", "aweme_id"),
    ("tiktok", "posts"): ("tiktok_web/item_list/user_posts.json", "itemList", "id"),
    ("bilibili", "posts"): ("bilibili/space_arc_search/2025.json", "data:list:vlist", ""),
    ("douyin", "comments"): ("douyin_web/comment_list/page1_2026.json", "comments", "cid"),
    ("tiktok", "comments"): ("tiktok_web/comment_list/page1_2026.json", "comments", "cid"),
    ("bilibili", "comments"): ("bilibili/reply_main/2022.json", "data:replies", "rpid"),
}


class Cost(NamedTuple):
    """CPU microseconds a record, and bytes a record.

    :param decode: untyped decoding, the reference
    :param verdict: from the body to the verdict, decoding included
    :param parse: from the verdict to records
    :param encode: from records to lines
    """

    size: int
    written: int
    decode: float
    verdict: float
    parse: float
    encode: float

    @property
    def reading(self) -> float:
        """What turning bytes into records costs, relative to decoding alone."""
        return (self.verdict + self.parse) / self.decode


class Reader:
    """Reads the body of one page in steps."""

    def __init__(self, platform: str, kind: str, body: bytes):
        self.platform = next(declared for declared in PLATFORMS if declared.name == platform)
        router = f"/api/{platform}/web/{_ROUTERS[kind][platform]}"
        self.endpoint = next(row for row in self.platform.endpoints if row.router == router)
        self.route = _serving(self.endpoint)
        self.body, self.context = body, example_context(self.endpoint)

    def decode(self) -> Any:
        return msgspec.json.decode(self.body)

    def verdict(self) -> Verdict:
        route = self.endpoint.routes[self.route]
        return classify(self.platform, self.body, route.signed, None, route.decode, route.shape)

    def parse(self, verdict: Verdict) -> Page:
        return self.endpoint.read(verdict.data, self.context, "", self.route)

    def encode(self, page: Page) -> bytes:
        return to_lines([Envelope(200, self.endpoint.router, record) for record in page.records])

    def cost(self) -> Cost:
        """Return the medians of several rounds; the steps run in turn, so that noise meets all of them.

        :raises AssertionError: if the page is not read completely
        """
        verdict = self.verdict()
        page = self.parse(verdict)
        records = len(page.records)
        assert records == ITEMS and not page.faults, f"{records} records of {ITEMS}: {verdict} {page.faults}"
        steps = self.decode, self.verdict, partial(self.parse, verdict), partial(self.encode, page)
        rounds = [[_cpu_us(step) / records for step in steps] for _ in range(_ROUNDS + 1)][1:]
        return Cost(
            len(self.body) // records, len(self.encode(page)) // records, *map(median, zip(*rounds, strict=True))
        )


def _serving(endpoint: Endpoint) -> int:
    """Return the place of the first route that returns records."""
    return next(place for place, route in enumerate(endpoint.routes) if not route.lookup)


def _cpu_us(step: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(_TIMES):
        step()
    return (time.process_time() - started) / _TIMES * 1e6


def bodies() -> Iterator[tuple[str, str, str, bytes]]:
    """Yield platform, kind, source and body of each page: made from fixtures, then recorded if there are recordings."""
    for kind, source, shapes in (
        ("posts", "fixtures", POSTS),
        ("posts", "fixtures", SMALL_POSTS),
        ("comments", "fixtures", COMMENTS),
    ):
        for platform, shape in shapes.items():
            yield platform, kind, source, Pages(shape).listed(range(ITEMS), 20, more=True)
    for (platform, kind), recording in _RECORDED.items() if RECORDINGS.is_dir() else ():
        yield platform, kind, "recording", _recorded(*recording)


def _recorded(file: str, path: str, ident: str) -> bytes:
    """Return a recorded page whose items are repeated up to the number of a page, each with an id of its own."""
    page = json.loads((RECORDINGS / file).read_text("utf-8"))
    items = at(page, path)
    items[:] = [dict(items[place % len(items)]) for place in range(ITEMS)]
    for place, item in enumerate(items if ident else ()):
        item[ident] = type(item[ident])(7300000000000000000 + place)
    return msgspec.json.encode(page)


@dataclass(frozen=True)
class ParseCost:
    """Cost of a record, for each kind of page."""

    id: str = "parse_cost"

    def run(self, rounds: int) -> Report:
        """Read each page several times; rounds are its own."""
        gc.freeze()
        head = "  decode  verdict  parse  encode  (verdict + parse) / decode"
        lines, bars = [f"{'parse_cost: µs CPU a record':<30} {'B in':>6} {'B out':>6}{head}"], []
        for platform, kind, source, body in bodies():
            cost = Reader(platform, kind, body).cost()
            steps = f"{cost.decode:>7.1f} {cost.verdict:>8.1f} {cost.parse:>6.1f} {cost.encode:>7.1f}"
            lines.append(
                f"{platform:<9} {kind:<9} {source:<10} {cost.size:>6} {cost.written:>6} {steps}  {cost.reading:.2f}"
            )
            if limit := BARS.get((kind, platform)):
                what = f"{platform} {kind}, {cost.size / 1000:.1f} kB, {source}: (decode + parse) / decode"
                bars.append(at_most(what, limit, cost.reading))
        gc.unfreeze()
        return Report(lines, bars)


PARSE_COST = ParseCost()

if __name__ == "__main__":
    report = PARSE_COST.run(1)
    print(*report.lines, "", table(report.bars), sep="\n")
