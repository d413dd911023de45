"""Standard input from a producer that pauses: what has arrived is crawled, and Ctrl-C ends the crawl."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scraper.inputs.standard_input import NotYet, as_they_arrive
from tests.crawling import PATIENCE_S, Crawl, Running, crawl, write_config
from tests.in_process import ROOT
from tests.simulator import Simulator, World

WORLD = World(seed=1, creators=2, videos=4)
FIRST, SECOND = WORLD.video(0, 0).bvid, WORLD.video(0, 1).bvid


def test_lines_are_given_as_they_arrive() -> None:
    more = threading.Event()

    def lines() -> Iterator[str]:
        yield "first"
        more.wait()
        yield "second"

    arriving = as_they_arrive(lines())
    received: list[Any] = [next(line for line in arriving if line == "first"), next(arriving)]
    more.set()
    received += [line for line in arriving if not isinstance(line, NotYet)]
    assert received[0] == "first" and isinstance(received[1], NotYet) and received[2:] == ["second"]


def test_an_error_while_reading_is_raised() -> None:
    def lines() -> Iterator[str]:
        yield "first"
        raise ValueError("cut")

    arriving = as_they_arrive(lines())
    with pytest.raises(ValueError, match="cut"):
        assert [line for line in arriving if not isinstance(line, NotYet)] == ["first"]


def started(sim: Simulator, folder: Path) -> subprocess.Popen[bytes]:
    """Start a crawl of what comes by its standard input."""
    env = {**os.environ, **sim.env, "CONFIG_DIR": str(folder / "config"), "STATE_DIR": str(folder / "state")}
    env["OUTPUT_DIR"] = str(folder / "output")
    words = ["crawl", "hybrid", "-a", "file=-", "-O", str(folder / "out.jsonl")]
    write_config(folder)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-m", "scrapy", *words], cwd=ROOT, env=env, stdin=pipe, stderr=pipe)


def rows(path: Path) -> list[str]:
    body = path.read_bytes() if path.exists() else b""
    return [json.loads(line)["data"]["video_id"] for line in body[: body.rfind(b"\n") + 1].splitlines()]


def test_a_producer_that_pauses_delays_nothing(tmp_path: Path) -> None:
    with Simulator(WORLD) as sim, started(sim, tmp_path) as process:
        running = Running(sim=sim, folder=tmp_path, has_ended=lambda: process.poll() is not None, process=process)
        assert process.stdin
        process.stdin.write(f"https://www.bilibili.com/video/{FIRST}\n".encode())
        process.stdin.flush()
        running.until(lambda: rows(tmp_path / "out.jsonl") == [FIRST])
        process.stdin.write(f"{SECOND}\n".encode())
        process.stdin.flush()
        running.until(lambda: len(rows(tmp_path / "out.jsonl")) == 2)
        process.send_signal(signal.SIGINT)  # the producer still pauses
        assert process.stderr and process.wait(PATIENCE_S) == 3
        assert b"before all inputs were read" in process.stderr.read()
    assert rows(tmp_path / "out.jsonl") == [FIRST, SECOND]


def test_the_end_of_standard_input_is_the_end_of_the_crawl() -> None:
    done = crawl("file=-", world=WORLD, stdin=f"{FIRST}\n{SECOND}\n")
    assert done.code == 0 and {record["video_id"] for record in done.records} == {FIRST, SECOND}


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """Kill a crawl whose producer pauses after the first line, and return its folder."""
    with Simulator(WORLD) as sim, started(sim, tmp_path) as process:
        running = Running(sim=sim, folder=tmp_path, has_ended=lambda: process.poll() is not None, process=process)
        assert process.stdin
        process.stdin.write(f"{FIRST}\n".encode())
        process.stdin.flush()
        running.until(lambda: rows(tmp_path / "out.jsonl") == [FIRST])
        running.kill()
    return tmp_path


def resume(folder: Path, stdin: str) -> Crawl:
    return crawl(command=("resume",), feed=None, folder=folder, world=WORLD, stdin=stdin)


def test_a_killed_run_continues_when_it_gets_the_same_input_again(killed: Path) -> None:
    done = resume(killed, f"{FIRST}\n{SECOND}\n")
    assert done.code == 0, done.err
    assert rows(killed / "out.jsonl") == [FIRST, SECOND]


@pytest.mark.parametrize("stdin", ["", f"{FIRST[:-1]}", f"{SECOND}\n{FIRST}\n"])
def test_a_killed_run_does_not_continue_with_another_input(killed: Path, stdin: str) -> None:
    refused = resume(killed, stdin)
    assert refused.code == 2 and not refused.requests
    assert "Give it the same input again" in refused.err
    assert rows(killed / "out.jsonl") == [FIRST]
    assert resume(killed, f"{FIRST}\n{SECOND}\n").code == 0, "nothing is lost"
    assert rows(killed / "out.jsonl") == [FIRST, SECOND]


def test_a_killed_run_can_be_ended_with_what_it_had_read(killed: Path) -> None:
    refused = resume(killed, "")
    copy = Path(refused.err.rpartition(" < ")[2].strip())
    assert resume(killed, copy.read_text("utf-8")).code == 0
    assert rows(killed / "out.jsonl") == [FIRST]
