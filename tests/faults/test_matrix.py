"""Faults × outputs × inputs: nothing is lost without a word.

The oracle is the simulator's world. If a crawl ends with 0, every record of the world that was asked for is in the
output; otherwise a line of the output or of the log says what is missing. No output holds half a row or another's row.
`make nightly PART=faults` runs every cell, `make test` a tenth of them.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from scraper.platform import Endpoint
from tests import in_process
from tests.crawling import Crawl, Running, crawl, write_config
from tests.parts import IS_NIGHTLY
from tests.simulator import Fault, World

SEED = int(os.environ.get("FAULTS_SEED", "1"))
WORLD = World(seed=1, creators=3, videos=95)
ONE, OTHER = WORLD.video(0, 0), WORLD.video(1, 0)
OF_LIST = {WORLD.video(0, number).bvid for number in range(95)}
SPACE = f"https://space.bilibili.com/{WORLD.creator(0).mid}"
INPUTS: dict[str, tuple[str, list[str], set[str]]] = {
    "one input": ("bilibili", [f"url={ONE.bvid}"], {ONE.bvid}),
    "list": ("bilibili", [f"url={SPACE}"], OF_LIST),
    "tree": ("bilibili", [f"url={ONE.bvid}", "with=comments,replies"], {ONE.bvid}),
    "hybrid": (
        "hybrid",
        [f"url={SPACE} https://www.bilibili.com/video/{WORLD.video(1, 0).bvid}"],
        OF_LIST | {WORLD.video(1, 0).bvid},
    ),
}
OUTPUTS = ("jsonl", "csv", "sqlite", "stdout")
SAYS = re.compile(r"cannot be written|BUG|The crawl ended|not answered|item_error|Error processing")
PIPELINE = """
class Raising:
    def process_item(self, item):
        raise ArithmeticError("a fault of the user's own")
"""


@contextmanager
def disk_full(folder: Path) -> Iterator[None]:
    """Refuse to write more than a few lines to any file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def parser_raises(error: type[Exception]) -> Callable[[Path], Any]:
    @contextmanager
    def broken(folder: Path) -> Iterator[None]:
        def read(*given: object) -> None:
            raise error("from a parser")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Endpoint, "read", read)
            yield

    return broken


def no_folder(folder: Path) -> Any:
    (folder / "blocked").write_text("a file where a folder has to be")
    return nullcontext()


def bad_configuration(running: Running) -> None:
    running.until(lambda: bool(running.sim.requests))
    write_config(running.folder, "cookie: [unclosed")


def stop(number: signal.Signals) -> Callable[[Running], None]:
    def send(running: Running) -> None:
        running.until(lambda: bool(running.sim.requests))
        in_process.send(number)

    return send


FAULTS: dict[str, dict[str, Any]] = {
    "none": {},
    "disk full": {"around": disk_full},
    "output cannot be made": {"around": no_folder, "below": "blocked"},
    "state cannot be made": {"around": no_folder, "env": {"STATE_DIR": "{folder}/blocked"}},
    "pipeline raises": {"settings": {"ITEM_PIPELINES": json.dumps({"raising.Raising": 500})}},
    "RecursionError": {"around": parser_raises(RecursionError)},
    "MemoryError": {"around": parser_raises(MemoryError)},
    "OverflowError": {"around": parser_raises(OverflowError)},
    "bad configuration": {"meanwhile": bad_configuration},
    "SIGINT": {"meanwhile": stop(signal.SIGINT)},
    "SIGTERM": {"meanwhile": stop(signal.SIGTERM)},
    "network down": {"env": {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}},
    "an answer breaks off": {"faults": [{"path": "*", "every": 3, "do": "reset"}]},
}
CELLS = [(fault, output, given) for fault in FAULTS for output in OUTPUTS for given in INPUTS]
CHOSEN = CELLS if IS_NIGHTLY else random.Random(SEED).sample(CELLS, len(CELLS) // 10)


def run(fault: str, output: str, given: str, folder: Path) -> Crawl:
    cell, (spider, words, _) = FAULTS[fault], INPUTS[given]
    place = folder / cell.get("below", "")
    settings, feed = dict(cell.get("settings", {})), None
    if output == "sqlite":
        settings["DATABASE_URL"] = f"sqlite:///{place}/out.db"
    else:
        words = [
            *words,
            "--overwrite-output=-:jsonl" if output == "stdout" else f"--overwrite-output={place}/o.{output}",
        ]
    (folder / "raising.py").write_text(PIPELINE)
    env = {name: value.format(folder=folder) for name, value in cell.get("env", {}).items()}
    with cell.get("around", nullcontext)(folder) if "around" in cell else nullcontext():
        return crawl(
            *words,
            world=WORLD,
            command=("crawl", spider),
            feed=feed,
            folder=folder,
            settings=settings,
            env={"PYTHONPATH": str(folder), "RETRY_TIMES": "1", **env},
            faults=[Fault(**each) for each in cell.get("faults", ())],
            meanwhile=cell.get("meanwhile"),
            may_raise=True,
        )


def rows_of(done: Crawl, output: str, folder: Path) -> list[tuple[int, str]]:
    """Return code and video id ("" for others) of what is in the output, which must hold whole rows only."""
    if output == "sqlite":
        found = _of_database(folder / "out.db") if "out.db" in done.files else []
        lines = next((body for name, body in done.files.items() if name.startswith("output/")), b"")
        return found + [each for each in _of_lines(lines) if each[0] != 200]
    if output == "csv":
        table = csv.DictReader(io.StringIO(done.files.get("o.csv", b"").decode()))
        return [(int(row["code"]), next(iter(WANTED.findall(row["data"])), "")) for row in table]
    return _of_lines(done.out.encode() if output == "stdout" else done.files.get("o.jsonl", b""))


WANTED = re.compile(r"['\"]video_id['\"]: ?['\"](BV\w{10})")


def _of_lines(body: bytes) -> list[tuple[int, str]]:
    rows = [json.loads(line) for line in body.splitlines()]
    return [(row["code"], str(row["data"].get("video_id", ""))) for row in rows]


def _of_database(path: Path) -> list[tuple[int, str]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'video'").fetchall()
        return [(200, row[0]) for row in connection.execute("SELECT video_id FROM video")] if tables else []


@pytest.mark.parametrize(("fault", "output", "given"), CHOSEN)
def test_nothing_is_lost_without_a_word(fault: str, output: str, given: str, tmp_path: Path) -> None:
    done = run(fault, output, given, tmp_path)
    rows, wanted = rows_of(done, output, tmp_path), INPUTS[given][2]
    videos = {ident for code, ident in rows if code == 200 and ident.startswith("BV")}
    assert videos <= wanted, "a record that nobody asked for"
    missing, failures = wanted - videos, [code for code, _ in rows if code != 200]
    if done.code == 0:
        assert not missing and not failures, (missing, done.err[-2000:])
    if missing:
        assert done.code, done.err[-2000:]
        assert failures or SAYS.search(done.err), done.err[-2000:]
    if fault == "none":
        assert done.code == 0 and not missing
