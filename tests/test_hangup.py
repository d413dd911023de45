"""A terminal that is closed stops its crawl, and nothing that came before is lost."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.crawling import PATIENCE_S, Running, write_config
from tests.in_process import ROOT
from tests.simulator import Simulator, World

WORLD = World(seed=1, creators=2, videos=200)


def test_the_end_of_the_terminal_ends_the_crawl(tmp_path: Path) -> None:
    write_config(tmp_path)
    space = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
    words = ["-a", f"url={space}", "-a", "with=comments", "-O", str(tmp_path / "out.jsonl")]
    ours, theirs = pty.openpty()
    with Simulator(WORLD) as sim:
        folders = {f"{name.upper()}_DIR": str(tmp_path / name) for name in ("config", "state", "output")}
        env = {**os.environ, **sim.env, **folders}
        process = subprocess.Popen(
            # a session of its own, whose terminal this one is
            [sys.executable, "-c", _IN_TERMINAL, "crawl", "bilibili", *words],
            **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
            cwd=ROOT,
            env=env,
            start_new_session=True,
        )
        os.close(theirs)
        running = Running(sim=sim, folder=tmp_path, has_ended=lambda: process.poll() is not None, process=process)
        running.until(lambda: any("/x/v2/reply" in request.path for request in sim.requests))
        os.close(ours)
        assert process.wait(PATIENCE_S) == 3
    body = (tmp_path / "out.jsonl").read_bytes()
    assert body.endswith(b"\n") and all(json.loads(line) for line in body.splitlines())
    report = json.loads(next((tmp_path / "output").rglob("*.run.json")).read_text())
    assert (report["stopped"], report["close_reason"]) == ("interrupted", "shutdown")


_IN_TERMINAL = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from scrapy.cmdline import execute
execute(["scrapy", *sys.argv[1:]])
"""
