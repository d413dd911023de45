"""A second signal during a stop ends the crawl at once: its feed consists of whole lines, and the log has a command."""

from __future__ import annotations

import json
import re
import shlex
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
    text = log.read_text("utf-8")
    assert "forcing unclean shutdown" in text
    assert "The crawl is incomplete (forced_stop). To crawl the rest: " in text
    many = b"".join(body for name, body in done.files.items() if name.endswith(".unfinished.sh")).decode()
    remedies = "\n".join(failure["error"]["remedy"] for failure in done.failures)  # of lists that still got their line
    commands = re.findall(r"scrapy crawl bilibili (-.*)", f"{text}\n{many}\n{remedies}")
    commands = [words for words in commands if "fetch_video_comments" not in words]  # the videos will do
    rest = [record for words in commands for record in crawl(*shlex.split(words)[1::2], world=WORLD).records]
    videos = {record["video_id"] for record in [*done.records, *rest] if record.get("type") == "video"}
    assert videos == set(WORLD.bvids(0))
    (manifest,) = [body for name, body in done.files.items() if re.fullmatch(r"state/runs/[^.]+\.json", name)]
    assert json.loads(manifest)["reason"] == "forced_stop"
