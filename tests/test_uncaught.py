"""What the interpreter prints of an exception that nothing caught: no secret, and nothing of a reader who left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import in_process
from tests.cases import ROOT

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
