"""A real Scrapyd runs a spider: it adds an argument of its own to every run."""

import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cases import ROOT
from tests.crawling import write_config
from tests.simulator import Simulator, World

pytest.importorskip("scrapyd")
_WAIT_S = 120


def _called(port: int, path: str, form: bytes | None = None) -> dict:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/{path}", form, timeout=30) as answer:
        return json.load(answer)


def _until(port: int, path: str, is_done) -> dict:
    for _ in range(_WAIT_S * 2):
        try:
            if is_done(status := _called(port, path)):
                return status
        except OSError:
            pass  # it is not up yet
        time.sleep(0.5)
    raise AssertionError(f"{path} did not come to what was waited for")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def _scrapyd(folder: Path, environment: dict[str, str], settings: str = "") -> Iterator[int]:
    """Run Scrapyd in a folder, and yield its port."""
    port = _free_port()
    (folder / "scrapyd.conf").write_text(
        f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {port}\npoll_interval = 0.2\n"
        f"eggs_dir = {folder}/eggs\nlogs_dir = {folder}/logs\ndbs_dir = {folder}/dbs\n{settings}"
    )
    out = subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, "-m", "scrapyd"], cwd=folder, env=environment, stdout=out, stderr=out
    ) as server:
        try:
            _until(port, "daemonstatus.json", lambda status: status["status"] == "ok")
            yield port
        finally:
            server.terminate()


def _egg() -> bytes:
    """Return the project as an egg, as `scrapyd-deploy` builds it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as egg:
        for package in ("scraper", "spiders", "pipelines"):
            for path in sorted((ROOT / package).rglob("*.py")):
                egg.write(path, path.relative_to(ROOT).as_posix())
        for path in sorted((ROOT / "config").rglob("config.example.yaml")):
            egg.write(path, path.relative_to(ROOT).as_posix())
        egg.writestr("EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: project\nVersion: 1\n")
        egg.writestr("EGG-INFO/entry_points.txt", "[scrapy]\nsettings = scraper.settings\n")
    return made.getvalue()


def _deploy(port: int) -> dict:
    parts = [("project", "", b"videos"), ("version", "", b"1"), ("egg", '; filename="a.egg"', _egg())]
    lines = [
        b'--edge\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name.encode(), more.encode(), body)
        for name, more, body in parts
    ]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/addversion.json", b"".join([*lines, b"--edge--\r\n"]), kind
    )
    with opener.open(request, timeout=_WAIT_S) as answer:
        return json.load(answer)


@pytest.mark.nightly
def test_a_run_of_an_egg_that_is_cancelled_can_be_resumed(tmp_path: Path) -> None:
    world = World(seed=3, creators=1, videos=120, page_latency=(0.5, 0.0))
    write_config(tmp_path)
    (tmp_path / "targets.txt").write_text(f"https://space.bilibili.com/{world.creator(0).mid}\n")
    with Simulator(world) as sim:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {**sim.env, "no_proxy": "127.0.0.1"}
        for name in ("CONFIG_DIR", "OUTPUT_DIR", "STATE_DIR"):
            environment[name] = str(tmp_path / name.partition("_")[0].lower())
        with _scrapyd(tmp_path, environment) as port:
            assert _deploy(port)["spiders"] >= 4
            form = f"project=videos&spider=hybrid&file={tmp_path}/targets.txt".encode()
            job = _called(port, "schedule.json", form)["jobid"]
            _until(port, "daemonstatus.json", lambda status: len(sim.requests) >= 3)
            assert _called(port, "cancel.json", f"project=videos&job={job}".encode())["prevstate"] == "running"
            finished = "listjobs.json?project=videos"
            _until(port, finished, lambda jobs: any(row["id"] == job for row in jobs["finished"]))
        [stopped] = _reports(tmp_path)
        assert (stopped["state"], stopped["stopped"]) == ("unfinished", "interrupted")
        assert stopped["arguments"]["_job"] == job
        resumed = subprocess.run(
            [sys.executable, "-m", "scrapy", "resume", stopped["run_id"]],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            timeout=_WAIT_S,
        )
    assert resumed.returncode == 0, resumed.stderr.decode()
    [report] = _reports(tmp_path)
    assert (report["state"], report["records"]) == ("finished", {"video": 120})
    [feed] = (tmp_path / "output").rglob("*.jsonl")
    keys = [json.loads(line)["data"]["meta"]["key"] for line in feed.read_text("utf-8").splitlines()]
    assert len(set(keys)) == len(keys) == 120


def _reports(folder: Path) -> list[dict]:
    return [json.loads(path.read_text("utf-8")) for path in (folder / "output").rglob("*.run.json")]


def test_scrapyd_runs_a_spider_and_its_job_is_in_the_report(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OUTPUT_DIR": str(tmp_path / "output")}
    environment |= {"STATE_DIR": str(tmp_path / "state"), "CONFIG_DIR": str(tmp_path / "config")}
    with _scrapyd(tmp_path, environment, "[settings]\nproject = scraper.settings\n") as port:
        form = b"project=project&spider=bilibili&router=bv_to_aid&bv_id=BV17x411w7KC"
        job = _called(port, "schedule.json", form)["jobid"]
        finished = "listjobs.json?project=project"
        _until(port, finished, lambda jobs: any(row["id"] == job for row in jobs["finished"]))
    [report] = _reports(tmp_path)
    assert report["arguments"]["_job"] == job and report["stopped"] == "end"
    assert report["records"] and not report["failures"]["number"] and report["exit_code"] == 0
