"""The project's commands, run in this process."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Shell:
    """Runs `scrapy …` with a CONFIG_DIR of its own. Commands that crawl want a process of their own instead."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]):
        self.folder, self._capsys = folder, capsys

    def __call__(self, *words: str) -> Done:
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", *words, "-s", f"CONFIG_DIR={self.folder}"], get_project_settings())
        out, err = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)
