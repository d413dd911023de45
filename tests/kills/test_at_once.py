"""Many processes at once on one STATE_DIR: each ends well, and each post is given once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.crawling import FAST, _environment, read_feed, write_config
from tests.in_process import ROOT
from tests.kills.histories import not_as, reference, unfinished
from tests.kills.scenarios import GROUPS
from tests.simulator import Simulator, World

CRAWLS, RESUMES = 12, 4
WORLD = World(seed=5, creators=3, videos=40, page_latency=(0.05, 0.0))


def together(folder: Path, world: World, *commands: list[str]) -> list[tuple[int, str]]:
    """Start commands at once, and return their exit codes and logs."""
    write_config(folder, f'cookie: "{world.login_cookie}"\n', FAST)
    with Simulator(world) as sim:
        env = _environment(sim, folder / "config", folder, {})
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True
            )
            for words in commands
        ]
        logs = [process.communicate()[1] for process in started]
    assert not [log for log in logs if "Traceback" in log]
    return [(process.returncode, log) for process, log in zip(started, logs, strict=True)]


@pytest.mark.nightly
def test_crawls_at_once_share_a_ledger(tmp_path: Path) -> None:
    links = [f"url=https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
    feeds = [tmp_path / f"{number}.jsonl" for number in range(CRAWLS)]
    words = ["crawl", "bilibili", "-a", "since=last"]
    commands = [[*words, "-a", links[number % 3], "-O", str(feed)] for number, feed in enumerate(feeds)]
    assert {code for code, _ in together(tmp_path, WORLD, *commands)} == {0}
    given = Counter(line["data"]["video_id"] for feed in feeds for line in read_feed(feed.read_bytes()))
    assert given == Counter(bvid for number in range(3) for bvid in WORLD.bvids(number))
    assert not unfinished(tmp_path)


@pytest.mark.nightly
def test_one_of_many_resumes_continues_a_run(tmp_path: Path) -> None:
    scenario = GROUPS["lists"][0]
    killed = scenario.start(tmp_path, "after commit:9:9")
    assert killed.code == -9
    done = together(tmp_path, scenario.world, *[["resume"]] * RESUMES)
    assert sorted(code for code, _ in done) == [0, *[2] * (RESUMES - 1)]
    assert all("is still alive" in log or "is unfinished" in log for code, log in done if code)
    assert not_as(scenario.outputs(tmp_path), reference(scenario).outputs) == []
