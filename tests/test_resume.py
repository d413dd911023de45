"""`scrapy resume`: whatever ended a run, afterwards its outputs hold what an uninterrupted one would have given."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.crawling import FAST, Crawl, Running, crawl, read_feed
from tests.kills.histories import UNPACK, not_as, rows_of_server, url_of
from tests.kills.histories import rows as rows_of_file
from tests.simulator import World
from tests.simulator.messages import Request

WORLD = World(seed=5, creators=3, videos=40, page_latency=(0.02, 0.0))
USERS = "url=" + " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3))
VOLATILE = ("wts", "w_rid", "dm_img_list", "dm_img_str", "dm_cover_img_str", "dm_img_inter")
SINKS = ("lines", "database", "table", "compressed")
FEEDS = {"table": "out.csv", "compressed": "out.jsonl.zst", "server": "out.jsonl.gz"}
CONCURRENCY = FAST["concurrency"]
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'


def start(folder: Path, sink: str, words: tuple[str, ...], meanwhile: Callable[[Running], None] | None = None) -> Crawl:
    settings = {"DATABASE_URL": f"sqlite:///{folder}/crawl.db"} if sink == "database" else {}
    feed = FEEDS.get(sink, "out.jsonl")
    return crawl(*words, settings=settings, feed=feed, meanwhile=meanwhile, **ways(folder, sink))


def resume(folder: Path, sink: str, meanwhile: Callable[[Running], None] | None = None) -> Crawl:
    return crawl(command=("resume",), meanwhile=meanwhile, **ways(folder, sink))


def ways(folder: Path, sink: str) -> dict[str, Any]:
    """Return how a crawl and its resumption run. A run keeps no URL with a password."""
    env = {"DATABASE_URL": url_of(folder)} if sink == "server" else {}
    return {"world": WORLD, "config": LOGIN, "env": env, "folder": folder, "process": True}


def lines(folder: Path) -> list[str]:
    """Return what stands in a feed, without what each request has anew, such as the login that the first one shows."""
    if tables := [*folder.glob("out.*.csv")]:
        return sorted(timeless(line) for table in tables for line in table.read_text("utf-8").splitlines())
    [feed] = folder.glob("out.jsonl*")
    body = UNPACK.get(feed.suffix, bytes)(feed.read_bytes())
    return sorted(timeless(json.dumps(envelope)) for envelope in read_feed(body))


def timeless(line: str) -> str:
    return re.sub(
        r"\d{8}T\d{6}Z-\w{4}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|deadline=\d+|\"?expire_time\W+\d+",
        "",
        line,
    )


def rows(folder: Path, sink: str) -> dict[str, Counter[str]]:
    """Return the rows of each table of records."""
    if sink == "server":
        return rows_of_server(folder)
    return rows_of_file(folder / "crawl.db") if sink == "database" else {}


def pages(done: Crawl) -> Counter[str]:
    """Return how often each page was asked."""
    return Counter(asked(request) for request in done.requests)


def asked(request: Request) -> str:
    kept = sorted((name, value) for name, value in request.query.items() if name not in VOLATILE)
    return f"{request.path} {kept}"


@cache
def reference(words: tuple[str, ...], sink: str) -> tuple[list[str], dict[str, Counter[str]], Counter[str]]:
    """Return what an uninterrupted crawl gives."""
    from tempfile import mkdtemp

    folder = Path(mkdtemp(prefix="reference-"))
    done = start(folder, sink, words)
    assert not (folder / "state/runs").glob("*.lock") or not [*(folder / "state/runs").glob("*.lock")]
    return lines(folder), rows(folder, sink), pages(done)


WORDS = (USERS, "with=comments,replies", "max_items=12")


@pytest.mark.parametrize(
    "seed", [*range(len(SINKS)), *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(len(SINKS), 9))]
)
def test_a_kill_costs_nothing(tmp_path: Path, seed: int) -> None:
    check_kills(tmp_path, SINKS[seed % 4], random.Random(seed))


@pytest.mark.nightly
@pytest.mark.usefixtures("postgres")
@pytest.mark.parametrize("seed", range(9))
def test_a_kill_costs_nothing_on_a_server(tmp_path: Path, seed: int) -> None:
    check_kills(tmp_path, "server", random.Random(seed))


def check_kills(folder: Path, sink: str, chance: random.Random) -> None:
    """Kill a crawl, and once more while it is resumed. Its outputs are as if nothing had happened."""
    given, stored, once = reference(WORDS, sink)
    moments = sorted(chance.sample(range(1, once.total()), 2))

    def kill_at(number: int) -> Callable[[Running], None]:
        def kill(running: Running) -> None:
            while len(running.sim.requests) < number and not running.has_ended():  # a resumed run may need fewer
                time.sleep(0.005)
            time.sleep(chance.random() * 0.05)
            running.kill()

        return kill

    runs = [start(folder, sink, WORDS, kill_at(moments[0]))]
    runs.append(resume(folder, sink, kill_at(max(1, moments[1] - moments[0]))))
    if runs[-1].code:
        runs.append(resume(folder, sink))
    assert runs[-1].code == 0, runs[-1].err
    more, less = Counter(lines(folder)) - Counter(given), Counter(given) - Counter(lines(folder))
    assert not more and not less, (more.most_common(2), less.most_common(2))
    assert not_as(rows(folder, sink), stored) == []
    again = sum((sum(map(pages, runs), Counter()) - once).values())
    assert again <= 2 * CONCURRENCY + len(runs) * 4, (
        "no page is asked twice but those in flight, and what a start needs"
    )
    assert not [*(folder / "state/runs").glob("*.lock")]


def test_what_lookups_gave_is_not_asked_again(tmp_path: Path) -> None:
    """The danmaku and the subtitles of a video need the same list of its parts."""

    def kill(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) > 13)
        running.kill()

    alone = {**ways(tmp_path, "lines"), "pace": {**FAST, "concurrency": 1}}
    words = (USERS.split(" ")[0], "with=danmaku,subtitles", "max_items=6")
    runs = [crawl(*words, feed="out.jsonl", meanwhile=kill, **alone), crawl(command=("resume",), **alone)]
    assert runs[-1].code == 0, runs[-1].err
    lists = Counter({page: number for page, number in sum(map(pages, runs), Counter()).items() if "pagelist" in page})
    assert len(lists) == 6
    assert lists.total() <= 6 + 1, "only the one in flight"
