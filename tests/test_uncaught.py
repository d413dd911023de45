"""What the interpreter prints of an exception that nothing caught: no secret, and nothing of a reader who left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import in_process
from tests.cases import ROOT
from tests.crawling import PATIENCE_S, write_config
from tests.simulator import Simulator, World

WORLD = World(seed=1, creators=1, videos=2)
SECRET = "kanarie1secret2value3"
RAISES = f'raise RuntimeError("it echoes SESSDATA={SECRET}")\n'
IN_A_THREAD = f"""
import threading

def echo():
    raise RuntimeError("it echoes {SECRET}")

class InAThread:
    def __init__(self):
        thread = threading.Thread(target=echo, name="echo")
        thread.start()
        thread.join()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config" / "bilibili_web").mkdir(parents=True)
    config = tmp_path / "config" / "bilibili_web" / "config.yaml"
    config.write_text(f'cookie: "SESSDATA={SECRET}"\n', "utf-8")
    (tmp_path / "raises_on_import.py").write_text(RAISES, "utf-8")
    (tmp_path / "in_a_thread.py").write_text(IN_A_THREAD, "utf-8")
    folders = {name: str(tmp_path / name.lower()) for name in ("OUTPUT_DIR", "STATE_DIR")}
    return {**os.environ, **folders, "CONFIG_DIR": str(config.parents[1]), "PYTHONPATH": str(tmp_path)}


@pytest.mark.parametrize(
    "setting",
    [
        'ADDONS={"raises_on_import.Any": 1}',  # before the configuration is read: masked by its name
        'ITEM_PIPELINES={"raises_on_import.Any": 1}',
        'EXTENSIONS={"in_a_thread.InAThread": 1}',
    ],
)
def test_tracebacks_hold_no_secrets(environment: dict[str, str], setting: str) -> None:
    words = ["crawl", "bilibili", "-a", "router=bv_to_aid", "-a", "bv_id=BV17x411w7KC", "-s", setting]
    done = in_process.run(words, env=environment, may_leave=True)
    assert "RuntimeError: it echoes" in done.err and SECRET not in done.err


def test_a_reader_that_leaves_is_no_fault(environment: dict[str, str]) -> None:
    words = [sys.executable, "-m", "scrapy", "routes"]
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode


def test_an_interrupt_while_the_commands_are_imported_prints_no_traceback() -> None:
    code = "import scraper.commands\nraise KeyboardInterrupt"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "Interrupted before the start\n")


def test_an_interrupt_of_a_command_at_work_prints_no_traceback() -> None:
    code = """
from scraper.commands import crawl

def interrupted(*args):
    raise KeyboardInterrupt

crawl.Command.check_earlier_runs = interrupted
crawl.Command().run(["bilibili"], None)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "Interrupted\n")


def test_ctrl_c_at_any_time_before_the_first_request_is_one_sentence(tmp_path: Path) -> None:
    """The delays are shares of the time that the same crawl takes until its first request."""

    def start(sim: Simulator, number: int) -> subprocess.Popen[str]:
        folders = {f"{name}_DIR": str(tmp_path / f"{name}{number}") for name in ("OUTPUT", "STATE")}
        env = {**os.environ, **sim.env, **folders, "CONFIG_DIR": str(tmp_path / "config")}
        words = [sys.executable, "-m", "scrapy", "crawl", "bilibili", "-a", f"url={WORLD.video(0, 0).bvid}"]
        return subprocess.Popen(words, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)

    write_config(tmp_path)
    with Simulator(WORLD) as sim:
        began = time.monotonic()
        with start(sim, 0) as process:
            while not sim.requests:
                assert process.poll() is None
                time.sleep(0.001)
        whole = time.monotonic() - began
        for number in range(1, 11):
            before = len(sim.requests)
            with start(sim, number) as process:
                time.sleep(whole * number / 10)
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=PATIENCE_S)
            if "Traceback" in err:  # of Python, while it loads Scrapy
                assert process.returncode == -signal.SIGINT and "/scraper/commands/" not in err, err
            elif "Interrupted before the start\n" in err:
                assert process.returncode == -signal.SIGINT and len(sim.requests) == before, err
            elif "Spider closed (finished)" in err:
                assert process.returncode in (0, -signal.SIGINT), err
            else:  # the crawl had begun
                assert process.returncode in (0, 3), err
                assert process.returncode == 0 or "scrapy resume" in err or "To crawl: scrapy crawl" in err, err
