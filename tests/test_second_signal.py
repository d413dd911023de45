"""A second signal during a stop ends the crawl at once: its feed consists of whole lines, and the run can go on."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

import pytest
from scrapy.utils.test import get_crawler

from spiders.bilibili.spider import BilibiliSpider
from tests.crawling import Running, crawl
from tests.simulator import Fault, World

WORLD = World(seed=1, creators=2, videos=60)


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param((signal.SIGTERM, signal.SIGTERM), id="SIGTERM twice"),
        pytest.param((signal.SIGINT, signal.SIGTERM), id="SIGINT and SIGTERM"),
        pytest.param((signal.SIGHUP, signal.SIGHUP), id="SIGHUP twice"),
    ],
)
def test_a_second_signal_ends_a_stop_that_waits(tmp_path: Path, numbers: tuple[signal.Signals, signal.Signals]) -> None:
    log = tmp_path / "log"

    def stop_twice(running: Running) -> None:
        assert running.process
        running.until(lambda: any(request.fault for request in running.sim.requests))  # an answer that never ends
        running.process.send_signal(numbers[0])
        running.until(lambda: "shutting down gracefully" in log.read_text("utf-8"))
        assert running.process.poll() is None, "it waits for that answer"
        running.process.send_signal(numbers[1])

    done = crawl(
        f"url=https://space.bilibili.com/{WORLD.creator(0).mid}",
        "with=comments",
        world=WORLD,
        faults=[Fault(after=8, do="stall")],
        settings={"LOG_FILE": log, "DOWNLOAD_TIMEOUT": 3600},
        meanwhile=stop_twice,
        folder=tmp_path,
        process=True,
    )
    assert done.code == 3
    assert done.records and done.files["out.jsonl"].endswith(b"\n")
    text = log.read_text("utf-8")
    assert "forcing unclean shutdown" in text
    (report,) = done.reports
    left = report["requests_left"]
    assert left > 0 and f"The crawl is incomplete (forced_stop: {left} request" in text
    assert f" left). To continue: scrapy resume {report['run_id']}" in text
    assert (report["state"], report["stopped"], report["exit_code"]) == ("unfinished", "interrupted", 3)
    assert report["resume"] == f"scrapy resume {report['run_id']}"
    rest = crawl(world=WORLD, command=("resume",), folder=tmp_path)
    videos = [record["video_id"] for record in rest.records if record.get("type") == "video"]
    assert sorted(videos) == sorted(WORLD.bvids(0)) and "forced_stop" not in rest.err


def test_a_signal_before_the_start_is_no_silence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = {"CONFIG_DIR": str(tmp_path), "STATE_DIR": str(tmp_path)}
    spider = get_crawler(BilibiliSpider, settings)._create_spider(url="BV1M1421t7hT")
    with caplog.at_level(logging.WARNING):
        spider.close_at_once(is_exited=False)
    assert caplog.messages[-1] == (
        "The crawl did not begin (forced_stop). To crawl: scrapy crawl bilibili -a url=BV1M1421t7hT"
    )
