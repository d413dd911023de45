"""A crawl whose standard output or standard error was closed by its caller."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.crawling import PATIENCE_S, write_config
from tests.in_process import ROOT
from tests.simulator import Simulator, World

WORLD = World(seed=1, creators=1, videos=2)
VIDEO = WORLD.video(0, 0).bvid


def crawl_without(stream: int, folder: Path, *words: str) -> tuple[int, bytes, int]:
    """Crawl a video with a closed stream. Return the exit code, what came from the other stream, and the requests."""
    write_config(folder)
    with Simulator(WORLD) as sim:
        env = {**os.environ, **sim.env, "CONFIG_DIR": str(folder / "config"), "STATE_DIR": str(folder / "state")}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "bilibili", *words],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            preexec_fn=partial(os.close, stream),
        ) as process:
            out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out + err, len(sim.requests)


def test_without_standard_error_there_is_a_feed_and_no_log(tmp_path: Path) -> None:
    done = crawl_without(2, tmp_path, "-a", f"url={VIDEO}", "-O", str(tmp_path / "out.jsonl"))
    assert done[:2] == (0, b"")
    [line] = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["data"]["video_id"] == VIDEO


def test_without_standard_error_a_feed_on_standard_output_is_nothing_but_the_feed(tmp_path: Path) -> None:
    words = ("-a", f"url={VIDEO}", "-O", "-:jsonlines", "-s", "SUMMARY=on")
    code, out, _ = crawl_without(2, tmp_path, *words)
    assert code == 0
    [line] = out.splitlines()
    assert json.loads(line)["data"]["video_id"] == VIDEO


def test_without_standard_output_nothing_is_asked_for_it(tmp_path: Path) -> None:
    code, log, requests = crawl_without(1, tmp_path, "-a", f"url={VIDEO}", "-O", "-:jsonlines")
    assert (code, requests) == (7, 0)
    assert b"standard output is closed" in log and b"Traceback" not in log and b"NoneType" not in log
