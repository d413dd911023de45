"""Histories of runs: a start that ends somewhere, resumed until it is finished, and what must hold afterwards."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import openpyxl
from backports import zstd

from tests.crawling import FAST, Crawl, crawl, read_feed
from tests.postgres import shared
from tests.simulator import World
from tests.simulator.messages import Request

_NOW = time.time() - 86_400
ENDER = Path(__file__).parent / "ender"
VOLATILE = ("wts", "w_rid", "dm_img_list", "dm_img_str", "dm_cover_img_str", "dm_img_inter", "msToken", "a_bogus",
            "X-Bogus", "auth_key", "verifyFp", "fp", "device_id", "webid", "ts", "_signature")  # fmt: skip
_TIMES = re.compile(
    r"\d{8}T\d{6}Z-\w{4}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\?[^\"' ]*|/[0-9a-f]{8}/video/"
    r"|\"logged_in\": \w+|(?<!\d)\d{10}(?!\d)"
)
OF_THE_LEDGER = ("run", "list_run", "schema_version")
MOMENTS = ("half write", "before fdatasync", "after fdatasync", "before commit", "after commit", "before truncate",
           "after truncate", "before unlink", "after unlink", "before replace", "after replace", "before fsync",
           "after fsync")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scenario:
    """A crawl with its outputs.

    :param words: its arguments; `{folder}` becomes its folder
    :param files: texts to write there before it starts
    :param feeds: the names of its feeds there
    :param database: whether DATABASE_URL is set
    :param server: whether it names a database of a PostgreSQL server
    :param earlier: number of lines that are in its feeds before
    :param session: number of requests that a start may repeat, since they belong to no page
    """

    name: str
    words: Sequence[str]
    world: World
    spider: str = "bilibili"
    configs: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    feeds: Sequence[str] = ("out.jsonl",)
    database: bool = False
    server: bool = False
    stdin: str = ""
    session: int = 6
    earlier: int = 0
    concurrency: int = 8

    def start(self, folder: Path, end_at: str = "") -> Crawl:
        """Start the crawl.

        :param end_at: `<event>:<number>:<signal>` as `ender` takes it, or `log <file>` for a file that gets all events
        """
        feeds = [f"-O{folder / name}" for name in self.feeds[1:]]
        ways = self.ways(folder, end_at)
        return crawl(*self.given(folder), *feeds, feed=self.feeds[0], command=("crawl", self.spider), **ways)

    def resume(self, folder: Path, end_at: str = "") -> Crawl:
        """Resume the run. If it had not read its standard input to the end, it gets that again."""
        is_read = any((folder / "state/runs").glob("*.end"))
        own = {"settings": {}, "stdin": "" if is_read else self.stdin}
        return crawl(command=("resume",), feed=None, **{**self.ways(folder, end_at), **own})

    def given(self, folder: Path) -> list[str]:
        """Write the files that the crawl reads, and return its arguments."""
        for name, text in self.files.items():
            (folder / name).write_text(text, "utf-8")
        return [word.format(folder=folder) for word in self.words]

    def ways(self, folder: Path, end_at: str) -> dict[str, Any]:
        """Return how it runs, as `crawl` takes it."""
        env = {"PYTHONPATH": str(ENDER)}
        if end_at.startswith("log "):
            env["END_LOG"] = end_at.removeprefix("log ")
        elif end_at:
            env["END_AT"] = end_at
        settings = dict(self.settings)
        if self.database:
            env["DATABASE_URL"] = url_of(folder) if self.server else f"sqlite:///{folder}/crawl.db"
        return {
            "folder": folder,
            "env": env,
            "settings": settings,
            "stdin": self.stdin,
            "process": True,
            "world": self.world,
            "config": self.configs.get("bilibili_web", ""),
            "configs": {name: text for name, text in self.configs.items() if name != "bilibili_web"},
            "pace": {**FAST, "concurrency": self.concurrency},
        }

    def outputs(self, folder: Path) -> dict[str, Counter[str]]:
        """Return the lines of each feed and the rows of each table, without times and run ids."""
        lines = {name: Counter(_lines(folder / name)) for name in self.feeds if not name.endswith(".csv")}
        lines |= {path.name: Counter(_rows_of(path)) for path in folder.glob("*.csv")}
        return {**lines, **self.rows(folder)}

    def rows(self, folder: Path) -> dict[str, Counter[str]]:
        """Return the rows of each table of records."""
        if not self.database:
            return {}
        return rows_of_server(folder) if self.server else rows(folder / "crawl.db")


UNPACK = {".gz": gzip.decompress, ".zst": zstd.decompress}


def _lines(path: Path) -> list[str]:
    """Return the lines of a feed, each whole."""
    if not path.exists():
        return []
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        return [timeless(repr(row)) for sheet in book for row in sheet.iter_rows(values_only=True)]
    text = UNPACK.get(path.suffix, bytes)(path.read_bytes())
    assert not text or text.endswith(b"\n"), "half a line"
    return [timeless(json.dumps(envelope, sort_keys=True)) for envelope in read_feed(text)]


def _rows_of(path: Path) -> list[str]:
    """Return the rows of a table, each whole."""
    rows = [*csv.reader(io.StringIO(path.read_bytes().decode("utf-8")), strict=True)]
    assert {len(row) for row in rows} <= {len(rows[0])} if rows else True, "half a row"
    return [timeless("|".join(row)) for row in rows]


def timeless(line: str) -> str:
    """Return a line without run ids, times of requests, and times at which a URL expires."""
    return _TIMES.sub(lambda match: match[0] if match[0].isdecimal() and int(match[0]) < _NOW else "", line)


def rows(path: Path) -> dict[str, Counter[str]]:
    """Return the rows of each table of records."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in names if not name.startswith(("ledger_", "sqlite_")) and name not in OF_THE_LEDGER]
        read = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in own}
        return _counted(read)


@cache
def url_of(folder: Path) -> str:
    """Return the URL of the database of a folder."""
    return shared().new_database()


def rows_of_server(folder: Path) -> dict[str, Counter[str]]:
    """Return the rows of each table of records of a server."""
    with shared().connect(url_of(folder).rpartition("/")[2]) as connection:
        tables = connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = [str(name) for (name,) in tables]
        own = [name for name in names if not name.startswith("ledger_") and name not in OF_THE_LEDGER]
        read = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in own}  # type: ignore[call-overload]
        return _counted(read)


def _counted(tables: Mapping[str, Sequence[tuple[Any, ...]]]) -> dict[str, Counter[str]]:
    """Return how often each row is in its table. Failures are numbered in the order in which they happen."""
    return {
        name: Counter(timeless(repr(row[1:] if name == "failure" else row)) for row in rows)
        for name, rows in tables.items()
    }


def pages(done: Crawl) -> Counter[str]:
    """Return how often each page was asked."""
    return Counter(asked(request) for request in done.requests)


def asked(request: Request) -> str:
    kept = sorted((name, value) for name, value in request.query.items() if name not in VOLATILE)
    return f"{request.host}{request.path} {kept}"


class Reference:
    """What an uninterrupted run gives.

    :ivar events: how often each event happened at which a run can be ended
    """

    def __init__(self, scenario: Scenario):
        folder = Path(mkdtemp(prefix=f"reference-{scenario.name.replace(' ', '-')}-"))
        done = scenario.start(folder, f"log {folder}/events")
        self.outputs, self.pages, self.code = scenario.outputs(folder), pages(done), done.code
        self.events = Counter((folder / "events").read_text("utf-8").splitlines())
        assert not unfinished(folder), done.err


reference = cache(Reference)


def killed(scenario: Scenario, folder: Path, chance: Random, kills: int) -> list[str]:
    """Run a crawl that is killed some times, and return what is not as after an uninterrupted run."""
    whole = reference(scenario)
    moments = []
    for number in range(kills):
        event = chance.choice([event for event in MOMENTS if whole.events[event]])
        last = whole.events[event] if not number else max(1, whole.events[event] // 2)
        moments.append(f"{event}:{chance.randint(1, last)}:{signal.SIGKILL.value}")
    runs = [scenario.start(folder, moments[0])]
    for moment in moments[1:]:
        if runs[-1].code == -signal.SIGKILL:
            runs.append(_continued(scenario, folder, moment))
    while runs[-1].code == -signal.SIGKILL:
        runs.append(_continued(scenario, folder))
    return [f"{moments}: {difference}" for difference in differences(scenario, folder, whole, runs)]


def _continued(scenario: Scenario, folder: Path, end_at: str = "") -> Crawl:
    """Resume a run, or start it again if it had not begun."""
    done = scenario.resume(folder, end_at)
    if (
        done.code == 2
        and "is unfinished" in done.err
        and not any(map(Counter.total, scenario.outputs(folder).values()))
    ):
        return scenario.start(folder, end_at)
    return done


def differences(scenario: Scenario, folder: Path, whole: Reference, runs: Sequence[Crawl]) -> list[str]:
    """Return what is not as after an uninterrupted run."""
    wrong = not_as(scenario.outputs(folder), whole.outputs)
    over = sum(map(pages, runs), Counter()) - whole.pages
    most = (scenario.concurrency + scenario.session) * (len(runs) - 1)
    if over.total() > most:
        wrong.append(f"{over.total()} pages were asked again, at most {most} may be: {over.most_common(8)}")
    if runs[-1].code not in (whole.code, 2) or (runs[-1].code == 2 and wrong):  # 2: it was finished before the kill
        wrong.append(f"exit code {runs[-1].code}, not {whole.code}: {runs[-1].err[-600:]}")
    if left := unfinished(folder):
        wrong.append(f"unfinished: {left}")
    return wrong


def not_as(outputs: Mapping[str, Counter[str]], right: Mapping[str, Counter[str]]) -> list[str]:
    """Return how outputs differ from what they should be."""
    wrong = []
    for name in sorted({*outputs, *right}):
        more = outputs.get(name, Counter()) - right.get(name, Counter())
        less = right.get(name, Counter()) - outputs.get(name, Counter())
        wrong += [f"{name}: {more.total()} more, such as {more.most_common(1)}"] if more else []
        wrong += [f"{name}: {less.total()} less, such as {less.most_common(1)}"] if less else []
    return wrong


def unfinished(folder: Path) -> list[str]:
    """Return the lock files of the runs that are not finished."""
    return [path.name for path in (folder / "state/runs").glob("*.lock") if path.stat().st_size]
