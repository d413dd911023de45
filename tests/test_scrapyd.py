"""A real Scrapyd runs a spider: it adds an argument of its own to every run."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.cases import ROOT

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


def test_scrapyd_runs_a_spider_and_its_job_is_in_the_manifest(tmp_path: Path) -> None:
    port = _free_port()
    (tmp_path / "scrapyd.conf").write_text(
        f"[scrapyd]\nbind_address = 127.0.0.1\nhttp_port = {port}\npoll_interval = 0.2\n"
        f"eggs_dir = {tmp_path}/eggs\nlogs_dir = {tmp_path}/logs\ndbs_dir = {tmp_path}/dbs\n"
        "[settings]\nproject = scraper.settings\n"
    )
    state = tmp_path / "state"
    (tmp_path / "config").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OUTPUT_DIR": str(tmp_path / "output")}
    environment |= {"STATE_DIR": str(state), "CONFIG_DIR": str(tmp_path / "config")}
    with subprocess.Popen(
        [sys.executable, "-m", "scrapyd"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _until(port, "daemonstatus.json", lambda status: status["status"] == "ok")
            form = b"project=project&spider=bilibili&router=bv_to_aid&bv_id=BV17x411w7KC"
            job = _called(port, "schedule.json", form)["jobid"]
            finished = "listjobs.json?project=project"
            _until(port, finished, lambda jobs: any(row["id"] == job for row in jobs["finished"]))
        finally:
            server.terminate()
    (manifest,) = [json.loads(path.read_text()) for path in (state / "runs").glob("*.json")]
    assert manifest["arguments"]["_job"] == job and manifest["reason"] == "finished"
    assert manifest["records"] and not manifest["failures"]
