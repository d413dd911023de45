"""Feeds of a run that was killed: the next run gives nothing twice, and `scrapy resume` keeps what others wrote."""

from __future__ import annotations

import csv
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from scraper.ledger.compression import COMPRESSIONS
from scraper.ledger.feed_cutting import cut_killed
from scraper.ledger.run import Run
from tests.crawling import Crawl, Running, crawl
from tests.kills.histories import ENDER
from tests.simulator import World

WORLD = World(seed=9, creators=2, videos=70)
USERS = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(2)]
POSTS = [[*WORLD.bvids(number)] for number in range(2)]
RUN_ID = "20260101T000000Z-80ff"
WHOLE, HALF = f'{{"code":200,"data":{{"meta":{{"run_id":"{RUN_ID}"}}}}}}\n', '{"code":200,"rou'
OTHER = WHOLE.replace("80ff", "80fe")


def start(folder: Path, *words: str, end_at: str = "", feed: str = "out.jsonl") -> Crawl:
    env = {"PYTHONPATH": str(ENDER), **({"END_AT": f"{end_at}:9"} if end_at else {})}
    one = {"delay_s": 0, "concurrency": 1}  # so that a page is committed before the next one is asked for
    return crawl(*words, f"-o{folder / feed}", world=WORLD, folder=folder, feed=None, env=env, pace=one, process=True)


def ids(path: Path) -> Counter[str]:
    text = path.read_text("utf-8")
    return Counter({bvid: text.count(f'"video_id":"{bvid}"') for posts in POSTS for bvid in posts if bvid in text})


@pytest.mark.parametrize(("next_feed", "synced"), [("out.jsonl", 1), ("out.jsonl", 2), ("next.jsonl", 2)])
def test_a_run_since_last_gives_nothing_twice_after_a_kill(tmp_path: Path, next_feed: str, synced: int) -> None:
    words = (f"url={USERS[0]}", "since=last")
    killed = start(tmp_path, *words, end_at=f"after fdatasync:{synced}")
    assert killed.code == -9 and ids(tmp_path / "out.jsonl").total() == 30 * synced
    done = start(tmp_path, *words, feed=next_feed)
    assert done.code == 0, done.err
    given = sum((ids(tmp_path / name) for name in {"out.jsonl", next_feed}), Counter())
    assert given == Counter(POSTS[0])
    assert "out.jsonl: the last 30 items were removed" in done.err


def test_a_resumed_table_keeps_the_rows_of_another_run(tmp_path: Path) -> None:
    table = tmp_path / "out.video.csv"

    def kill(running: Running) -> None:
        running.until(lambda: table.exists() and table.stat().st_size > 0)
        running.kill()

    crawl(f"url={USERS[0]}", f"-o{tmp_path / 'out.csv'}", world=WORLD, folder=tmp_path, feed=None, process=True,
          meanwhile=kill)  # fmt: skip
    start(tmp_path, f"url={USERS[1]}", feed="out.csv")
    before = table.read_bytes()
    resumed = crawl(command=("resume",), world=WORLD, folder=tmp_path, feed=None, process=True)
    assert resumed.code == 2 and "has added to it since run" in resumed.err
    assert "crawl its targets anew: scrapy crawl bilibili" in resumed.err and "scrapy runs --forget" in resumed.err
    assert table.read_bytes() == before
    assert len([*csv.reader(before.decode().splitlines())]) > len(POSTS[1])


@pytest.mark.parametrize("change", ["grown", "replaced"])
def test_a_table_that_somebody_changed_is_not_cut(tmp_path: Path, change: str) -> None:
    killed = start(tmp_path, f"url={USERS[0]}", end_at="after fdatasync:2", feed="out.csv")
    table = tmp_path / "out.video.csv"
    assert killed.code == -9 and table.stat().st_size
    if change == "grown":
        with table.open("ab") as file:
            file.write(b'my,"own\nrow"\r\n')
    else:
        other = tmp_path / "other.csv"
        other.write_bytes(b"name,value\r\n" + b"a,1\r\n" * table.stat().st_size)
        other.replace(table)
    before = table.read_bytes()
    resumed = crawl(command=("resume",), world=WORLD, folder=tmp_path, feed=None, process=True)
    assert resumed.code == 2 and "anew: scrapy crawl bilibili" in resumed.err, resumed.err
    assert table.read_bytes() == before


def test_resume_keeps_pipelines_given_by_option(tmp_path: Path) -> None:
    (tmp_path / "own_pipeline.py").write_text(
        "from scrapy.exceptions import DropItem\n\n\nclass Drop:\n    def process_item(self, item):\n"
        '        raise DropItem("no")\n'
    )

    def kill(running: Running) -> None:
        running.until(lambda: len(running.sim.requests) >= 3)
        running.kill()

    env = {"PYTHONPATH": str(tmp_path)}
    pipelines = {"ITEM_PIPELINES": '{"own_pipeline.Drop": 300}'}
    world = World(seed=9, creators=2, videos=70, page_latency=(0.3, 0.0))
    killed = crawl(f"url={USERS[0]}", f"-o{tmp_path / 'out.jsonl'}", world=world, folder=tmp_path, feed=None, env=env,
                   settings=pipelines, meanwhile=kill, process=True)  # fmt: skip
    resumed = crawl(command=("resume",), world=WORLD, folder=tmp_path, feed=None, env=env, process=True)
    assert (killed.code, resumed.code) == (-9, 0), resumed.err
    assert resumed.requests and not ids(tmp_path / "out.jsonl")


@pytest.mark.parametrize(
    ("text", "age_s", "left"),
    [
        pytest.param(WHOLE + HALF, 0, "", id="whole and half"),
        pytest.param(HALF, 0, "", id="the start of its first item"),
        pytest.param(HALF, 60, HALF, id="older than the run"),
        pytest.param(OTHER + HALF, 0, OTHER + HALF, id="of another run"),
        pytest.param(OTHER + WHOLE, 0, OTHER + WHOLE, id="partly of another run"),
    ],
)
@pytest.mark.parametrize("format_", ["jsonl", "gz", "zst"])
def test_a_feed_that_a_killed_run_overwrote_is_cut(
    tmp_path: Path, format_: str, text: str, age_s: int, left: str
) -> None:
    started = int(time.time())
    path = tmp_path / "out"
    pack = COMPRESSIONS[format_].compressor() if format_ in COMPRESSIONS else bytes
    path.write_bytes(pack(text.encode()))
    os.utime(path, (started - age_s, started - age_s))
    feeds = {"out": {"format": format_, "overwrite": True}}
    cut_killed(Run(run_id=RUN_ID, spider="a", arguments={}, feeds=feeds, folder=str(tmp_path), started_time=started))
    assert path.read_bytes() == (pack(left.encode()) if left else b"")
