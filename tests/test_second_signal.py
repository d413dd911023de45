"""A second signal during a stop ends the crawl at once, and its feed still consists of whole lines."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

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
    assert "forcing unclean shutdown" in log.read_text("utf-8")
