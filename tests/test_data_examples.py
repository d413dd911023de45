"""The examples of docs/data.md run, and load every record with its id."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.conversion.converter import convert
from tests.crawling import crawl
from tests.simulator import World

PAGE = (Path(__file__).parents[1] / "docs" / "data.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WORLD = World(seed=1, creators=3, videos=40)
CREATOR = WORLD.tiktok.creator(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    url = f"url=https://www.tiktok.com/@{CREATOR.handle} https://www.tiktok.com/@user/video/7300000000000000009"
    feeds = ("max_items=12", f"-O{folder}/out.csv")
    done = crawl(url, *feeds, command=("crawl", "tiktok"), world=WORLD, folder=folder)
    assert {*done.codes} == {200, 404}, done.err
    convert([folder / "out.jsonl"], folder / "out.parquet")
    return folder


def test_the_examples_load_all_ids(folder: Path) -> None:
    ids = {WORLD.tiktok.video(1, place).id for place in range(40)}
    program = "".join(f"{example}\nprint('ids:', ids_of(videos))\n" for example in EXAMPLES)
    helper = (
        "def ids_of(videos):\n"
        "    column = videos.project('video_id').fetchall() if hasattr(videos, 'project') else videos['video_id']\n"
        "    return ' '.join(row[0] if isinstance(row, tuple) else row for row in column)\n"
    )
    done = subprocess.run([sys.executable, "-c", helper + program], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("ids:")]
    assert len(loaded) == len(EXAMPLES) == 4 and all(len(rows) == 12 for rows in loaded)
    assert all({*rows} <= ids for rows in loaded)
