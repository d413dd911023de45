"""Where configuration, output and state are by default: asked of a process of its own, as a user starts one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases import ROOT

NAMES = ("CONFIG_DIR", "OUTPUT_DIR", "STATE_DIR")
READ = "import json, scraper.settings as s; print(json.dumps([s.CONFIG_DIR, s.OUTPUT_DIR, s.STATE_DIR]))"


def defaults(cwd: Path, home: Path, **more: str) -> list[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if name not in NAMES},
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "conf"),
        "XDG_STATE_HOME": str(home / "st"),
    }
    done = subprocess.run(
        [sys.executable, "-c", READ], cwd=cwd, env=environment | more, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_in_a_project_they_are_beside_its_scrapy_cfg(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = scraper.settings\n")
    expected = [str(tmp_path / name) for name in ("config", "output", "state")]
    assert defaults(tmp_path, tmp_path) == defaults(deep, tmp_path) == expected
    (tmp_path / "a" / "scrapy.cfg").write_text("[settings]\ndefault = scraper.settings\n")
    assert defaults(deep, tmp_path)[0] == str(tmp_path / "a" / "config"), "the closest one counts"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the variables are those of Linux")
def test_elsewhere_only_the_output_is_in_the_working_directory(tmp_path: Path) -> None:
    cwd, home = tmp_path / "cwd", tmp_path / "home"
    cwd.mkdir()
    app = "short-video-scraper"
    assert defaults(cwd, home) == [str(home / "conf" / app), str(cwd / "output"), str(home / "st" / app)]
    assert list(cwd.iterdir()) == [] and not home.exists(), "asking makes nothing"


def test_what_the_environment_names_counts_before_and_stands_as_it_is(tmp_path: Path) -> None:
    given = {"CONFIG_DIR": "mine", "OUTPUT_DIR": "/tmp/out", "STATE_DIR": ""}
    folders = defaults(tmp_path, tmp_path, **given)
    assert folders[:2] == ["mine", "/tmp/out"] and folders[2].endswith("short-video-scraper")
