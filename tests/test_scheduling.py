"""The recipes of docs/scheduling.md run as they are written, in a folder of their own."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scraper.output import exit_code
from tests.crawling import write_config
from tests.in_process import PATIENCE_S, ROOT
from tests.simulator import Fault, Simulator, World

PAGE = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
WORLD = World(seed=3, creators=1, videos=5)
SERVICES = ("bilibili_web", "douyin_web", "tiktok_web", "tiktok_app")


def block(language: str, holds: str) -> str:
    """Return the one block of the page that is in a language and contains a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    [found_block] = [text for text in blocks if holds in text]
    return found_block


class Place:
    """A folder as the page supposes it at /srv/crawler."""

    def __init__(self, folder: Path, sim: Simulator):
        self.folder, self.sim = folder, sim
        for service in SERVICES:
            write_config(folder, service_name=service)
        links = [f"https://www.bilibili.com/video/{WORLD.video(0, number).bvid}" for number in range(3)]
        (folder / "targets.txt").write_text("\n".join(links), "utf-8")
        (folder / "scrapy.cfg").write_text("[settings]\ndefault = scraper.settings\n", "utf-8")
        (program := folder / ".venv" / "bin" / "scrapy").parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scrapy "$@"\n', "utf-8")
        program.chmod(0o755)
        self.env = {**os.environ, **sim.env, "PYTHONPATH": str(ROOT), "CRAWLER": str(folder)}
        self.env |= {"RATE_LIMIT_WAIT": "0.1", "RETRY_TIMES": "0"}

    def here(self, text: str) -> str:
        return text.replace("/srv/crawler", str(self.folder))

    def run(self, command: str) -> int:
        done = subprocess.run(["sh", "-c", command], env=self.env, capture_output=True, text=True, timeout=PATIENCE_S)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The reports of its runs."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("output/hybrid/*.run.json"))]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Simulator(WORLD) as sim:
        yield Place(tmp_path, sim)


def test_the_line_for_cron(place: Place) -> None:
    fields = block("crontab", "scrapy crawl").strip().split(None, 5)
    assert place.run(place.here(fields[5])) == 0
    [report] = place.reports
    assert report["outcomes"] == {"/api/hybrid/video_data": {"OK": 3}} and report["exit_code"] == 0
    readme = re.findall(r"^```crontab\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert [line.strip().split(None, 5) for line in readme] == [fields]


@pytest.mark.skipif(not shutil.which("jq"), reason="the script calls jq")
def test_the_script_resumes_and_retries(place: Place) -> None:
    (script := place.folder / "crawl.sh").write_text(block("sh", "scrapy resume"), "utf-8")
    stopped = f"cd {place.folder} && .venv/bin/scrapy crawl hybrid -a file=targets.txt -a max_requests=9"
    assert place.run(stopped) == 3
    [unfinished] = place.reports
    lines = map(json.loads, Path(unfinished["feeds"][0]["uri"]).read_text("utf-8").splitlines())
    answered = [line["data"]["video_id"] for line in lines if line["code"] == 200]
    place.sim.faults.append(Fault(do="reset", path="/x/web-interface/view", query={"bvid": answered[0]}, first=1))
    assert place.run(f"sh {script}") == 0
    runs = {report["run_id"]: report for report in place.reports}
    assert len(runs) == 3 and {report["state"] for report in runs.values()} == {"finished"}
    assert runs[unfinished["run_id"]]["records"] == {"video": 3}
    [again] = [report for report in runs.values() if report["retry_of"]]
    assert again["records"] == {"video": 1} and runs[again["retry_of"]]["exit_code"] == 3


@pytest.mark.nightly
@pytest.mark.skipif(not shutil.which("jq"), reason="the script calls jq")
def test_the_script_crawls_anew_if_a_run_cannot_be_resumed(place: Place) -> None:
    (script := place.folder / "crawl.sh").write_text(block("sh", "scrapy resume"), "utf-8")
    stopped = f"cd {place.folder} && .venv/bin/scrapy crawl hybrid -a file=targets.txt -a max_requests=4"
    assert place.run(stopped) == 3
    with (place.folder / "targets.txt").open("a", encoding="utf-8") as targets:
        targets.write(f"\nhttps://www.bilibili.com/video/{WORLD.video(0, 3).bvid}")
    assert place.run(f"sh {script}") == 0
    assert [report["records"].get("video", 0) for report in place.reports if report["state"] == "finished"] == [4]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_units_for_systemd(place: Place) -> None:
    units = {"crawler.service": block("ini", "[Service]"), "crawler.timer": block("ini", "[Timer]")}
    for name, text in units.items():
        (place.folder / name).write_text(place.here(text).replace("User=crawler\n", ""), "utf-8")
    names = [str(place.folder / name) for name in units]
    checked = subprocess.run(["systemd-analyze", "verify", *names], capture_output=True, text=True, timeout=PATIENCE_S)
    about = [line for line in checked.stderr.splitlines() if "crawler" in line]
    assert about == [], checked.stderr
    calendar = re.findall(r"^OnCalendar=(.*)$", units["crawler.timer"], re.MULTILINE)
    subprocess.run(["systemd-analyze", "calendar", *calendar], check=True, capture_output=True, timeout=PATIENCE_S)
    [start] = re.findall(r"^ExecStart=(.*)$", place.here(units["crawler.service"]), re.MULTILINE)
    assert place.run(f"cd {place.folder} && {shlex.join(shlex.split(start))}") == 0


def test_every_exit_code_is_in_the_table() -> None:
    codes = {value for name, value in vars(exit_code).items() if name.isupper() and isinstance(value, int)}
    assert {int(code) for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)} == codes
