"""The project's commands, run in this process."""

from __future__ import annotations

import os
from pathlib import Path

from tests import in_process
from tests.in_process import Result


class Shell:
    """Runs `scrapy …` with a CONFIG_DIR of its own, and whatever the test has set in the environment."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __call__(self, *words: str, stdin: bytes = b"") -> Result:
        return in_process.run([*words, "-s", f"CONFIG_DIR={self.folder}"], env=dict(os.environ), stdin=stdin)
