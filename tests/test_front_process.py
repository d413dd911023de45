"""`scrapy serve` in a process of its own, which is killed, stopped and measured."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.crawling import FAST, write_config
from tests.in_process import PATIENCE_S, ROOT
from tests.simulator import Fault, FileRules, Simulator, World

WORLD = World(seed=1, creators=3, videos=95)
LIST = "/x/space/wbi/arc/search"
LINK = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
MB = 1 << 20


@contextmanager
def serving(sim: Simulator, folder: Path, **more: object) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """Start a server, and give its process and a client of it.

    :param more: settings
    """
    write_config(folder, pace=FAST)
    folders = {name: str(folder / name.lower()) for name in ("OUTPUT_DIR", "STATE_DIR")}
    environment = {**os.environ, **sim.env, **folders, "CONFIG_DIR": str(folder / "config")}
    log = folder / "serve.log"
    with log.open("wb") as file:
        words = [sys.executable, "-m", "scrapy", "serve", "--port", "0"]
        words += [word for name, value in more.items() for word in ("-s", f"{name}={value}")]
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=file, stdout=subprocess.DEVNULL)
    try:
        until(lambda: process.poll() is not None or b"Taking calls at" in log.read_bytes())
        match = re.search(r"Taking calls at (http://\S+?);", log.read_text())
        assert match, log.read_text()
        with httpx.Client(base_url=match[1], trust_env=False, timeout=60) as client:
            yield process, client
    finally:
        process.kill()
        process.wait()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def state(client: httpx.Client, path: str) -> str:
    return str(client.get(path).json()["data"]["state"])


def listed(sim: Simulator) -> Counter[str]:
    return Counter(request.query["pn"] for request in sim.requests if request.path == LIST)


def test_a_job_goes_through_a_kill_and_a_stop(tmp_path: Path) -> None:
    """Each row of its feed is there once, and each page is requested once but for those under way."""
    stuck = [Fault("api.bilibili.com", LIST, nth=place, do="slow", delay=60) for place in (2, 4)]
    with Simulator(WORLD, stuck) as sim:
        with serving(sim, tmp_path) as (process, client):
            path = client.post("/api/jobs", json={"url": LINK, "max_items": 90}).headers["location"]
            until(lambda: listed(sim)["2"] == 1)
            until(lambda: client.get(path).json()["data"]["rows"] == 30)
            process.kill()
        with serving(sim, tmp_path, DOWNLOAD_TIMEOUT=1) as (process, client):
            until(lambda: listed(sim)["3"] == 1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        with serving(sim, tmp_path) as (_, client):
            until(lambda: state(client, path) not in ("queued", "running"))
            job = client.get(path).json()["data"]
            feed = [json.loads(line) for line in client.get(f"{path}/feed").text.splitlines()]
    assert (job["state"], job["rows"]) == ("finished", 90)
    keys = [line["data"]["meta"]["key"] for line in feed]
    assert len(keys) == len(set(keys)) == 90
    assert listed(sim) == {"1": 1, "2": 2, "3": 2}


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(6))
def test_kills_at_any_moment_cost_nothing(tmp_path: Path, seed: int) -> None:
    """Three jobs at once, and a server that is killed six times."""
    with Simulator(WORLD, [Fault(path=LIST, do="slow", delay=0.3)]) as sim:
        with serving(sim, tmp_path, SERVE_JOBS=3) as (_, client):
            links = [f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3)]
            paths = [client.post("/api/jobs", json={"url": link}).headers["location"] for link in links]
        for moment in range(5):
            with serving(sim, tmp_path, SERVE_JOBS=3) as (process, client):
                time.sleep(0.07 * (seed + 1) * (moment % 3 + 1))
                process.kill()
        with serving(sim, tmp_path, SERVE_JOBS=3) as (_, client):
            until(lambda: all(state(client, path) not in ("queued", "running") for path in paths))
            for number, path in enumerate(paths):
                assert state(client, path) == "finished"
                keys = [
                    json.loads(line)["data"]["meta"]["key"] for line in client.get(f"{path}/feed").text.splitlines()
                ]
                assert len(keys) == len(set(keys)) == WORLD.count(WORLD.creator(number))


@pytest.mark.nightly
def test_a_large_file_passes_in_constant_memory(tmp_path: Path) -> None:
    size = 400 * MB
    world = World(seed=1, creators=3, videos=40, files=FileRules(size=size))
    link = f"https://www.tiktok.com/@_/video/{world.tiktok.video(0, 0).id}"
    with Simulator(world) as sim, serving(sim, tmp_path) as (process, client):
        client.get("/api/download", params={"url": link}, headers={"Range": "bytes=0-99"}).raise_for_status()
        before, received = peak(process.pid), 0
        with client.stream("GET", "/api/download", params={"url": link}) as answer:
            for block in answer.iter_raw(MB):
                received += len(block)
        assert received == int(answer.headers["content-length"]) >= size
        assert peak(process.pid) - before < 40 * MB


def peak(pid: int) -> int:
    """Return the most memory that a process has had, in bytes."""
    match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match
    return int(match[1]) * 1024
