"""How runs start: wrong usage is told alone, and no two runs write one feed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from scraper.ledger.ledger import Ledger
from scraper.ledger.run import Run
from scraper.ledger.run_lock import release
from scraper.ledger.store import Store, default_url
from tests.crawling import crawl, read_feed
from tests.simulator import Fault, World


@pytest.mark.parametrize("command", ["crawl", "estimate", "resume", "retry", "runs x", "drift"])
def test_wrong_usage_is_told_without_a_banner(tmp_path: Path, command: str) -> None:
    done = crawl(command=command.split(), folder=tmp_path, feed=None)
    assert done.code == 2 and done.err.startswith("Usage\n") and "Versions" not in done.err
    if command in ("crawl", "estimate"):
        assert f"give one spider: scrapy {command} SPIDER -a url=…" in done.err


@pytest.mark.parametrize("name", ["out.jsonl", "./out.jsonl", "file://{folder}/out.jsonl", "other.jsonl"])
def test_of_two_runs_that_begin_at_once_one_writes_a_feed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    url = default_url(str(tmp_path))

    def ledger(run_id: str, feed: str) -> Ledger:
        run = Run(run_id=run_id, spider="bilibili", arguments={}, folder=str(tmp_path), feeds={feed: {}})
        return Ledger(Store(url), run, str(tmp_path))

    async def begin_both() -> str:
        first, second = ledger("1", "out.jsonl"), ledger("2", name.format(folder=tmp_path))
        try:
            for one in (first, second):
                await one.store.open([one.prepare])
            await first.begin()
            await second.begin()
        except BlockingIOError as error:
            return str(error.strerror)
        finally:
            for one in (first, second):
                one.store.close()
                release(str(tmp_path), one.run.run_id, is_finished=True)
        return ""

    refusal = asyncio.run(begin_both())
    assert ("out.jsonl is being written by run 1, which is still alive" in refusal) is (name != "other.jsonl")


def test_a_retry_has_a_feed_of_its_own(tmp_path: Path) -> None:
    world = World(seed=3, creators=3, videos=40)
    words = (f"url=https://space.bilibili.com/{world.creator(0).mid}",)
    refused = [Fault(do="reset", path="/x/space/wbi/arc/search")]
    first = crawl(*words, world=world, faults=refused, folder=tmp_path, settings={"RETRY_TIMES": 0})
    done = crawl(world=world, command=["retry", first.reports[0]["run_id"]], folder=tmp_path, feed=None)
    (feed,) = done.reports[-1]["feeds"]
    lines = read_feed(Path(feed["uri"]).read_bytes())
    assert done.code == 0 and feed["rows"] == len(lines) == 40
    assert {line["data"]["video_id"] for line in lines} == set(world.bvids(0))
