"""Runs are killed while posts come, go, hide, change and are pinned: all outputs agree with the world.

Killed runs are resumed, or a new run with `since=last` takes their place. Each run writes feeds of JSON lines, plain
and compressed, one of CSV, and the database. What they must hold is computed from the world. A PostgreSQL server also
cuts connections and restarts.
"""

from __future__ import annotations

import csv
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, create_engine, make_url, text

import scraper.ledger.store
from tests.crawling import Crawl, Running, read_feed
from tests.kills.histories import ENDER, MOMENTS, UNPACK, unfinished
from tests.parts import IS_NIGHTLY
from tests.postgres import Server
from tests.timelines import PAGE, Site

KILLS = 6 if IS_NIGHTLY else 2
HISTORIES = [
    ("sqlite", 0),
    pytest.param("sqlite", 1, marks=pytest.mark.nightly),
    pytest.param("postgresql", 0, marks=pytest.mark.nightly),
]
FEEDS = ("own feeds", "shared feeds")
ALL_WAYS = [(name, way) for name in ("bilibili", "douyin") for way in FEEDS] + [("bilibili", "comments")]
WAYS = ALL_WAYS if IS_NIGHTLY else [("bilibili", "shared feeds")]
UNDER_WAY = ("ledger_request", "ledger_list", "ledger_page", "ledger_mark", "ledger_shared", "ledger_lookup")
PINNED, GONE = 1, 2
PLAIN, PACKED, TABLE = "jsonl", ("jsonl.gz", "jsonl.zst"), "csv"
RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")


class History:
    """
    :param url: of the database
    :param server: which it is on, if it is on one
    :ivar late: posts that appeared where runs had passed already
    :ivar moved: posts that changed places, so that their times do not tell where they stand
    """

    def __init__(
        self, site: Site, chance: Random, url: str, server: Server | None, *, shared: bool, follows: bool
    ) -> None:
        self.site, self.chance, self.shared = site, chance, shared
        self.url, self.server = url, server
        self.words = ["since=last", *(["with=comments"] if follows else [])]
        self.follows = follows
        self.late: set[int] = set()
        self.moved: set[int] = set()
        self.titles: dict[int, set[str]] = {}
        self.changes: Counter[str] = Counter()
        self.kills = 0
        self._number = 0

    def change(self) -> None:
        """Change something, as creators do."""
        timeline, chance = self.site.timeline, self.chance
        shown = timeline.shown()
        what = chance.choice(["add", "add", "delete", "hide", "show", "pin", "rename", "swap"])
        if what == "add":
            for _ in range(chance.choice([1, 1, 2, 7])):
                self.site.add()
        elif what in ("delete", "hide") and len(shown) > 3:
            timeline.hidden.add(chance.choice(shown[: chance.choice([1, 6, 100])]))
        elif what == "show" and timeline.hidden:
            timeline.hidden.discard(chance.choice(sorted(timeline.hidden)))
        elif what == "pin":
            timeline.pinned = chance.choice([None, *shown])
        elif what == "rename":
            place = chance.choice(shown)
            timeline.titles[place] = f"标题{chance.random()}"
            self.titles.setdefault(place, set()).add(timeline.titles[place])
        elif what == "swap" and self.site.name == "bilibili":  # Douyin's cursors are times
            place = chance.randrange(len(timeline.made) - 1)
            timeline.swapped ^= {place}
            self.moved |= {place, place + 1}
        else:
            return
        self.changes[what] += 1

    def step(self) -> None:
        """Change some things and run, until a run comes to its end."""
        for _ in range(self.chance.choice([0, 1, 2, 4])):
            self.change()
        before = self.site.timeline.visible()
        newest = max(map(self.site.time, before))
        done = self.run(self.start)
        while done.code == -signal.SIGKILL:
            self.kills += 1
            done = self.run(self.resume if self.follows or self.chance.random() < 0.5 else self.start)
            if done.code == 2 and "is unfinished" in done.err:  # it was killed before it began, or after its end
                done = self.run(self.start)
        assert done.code in (0, 3), done.err
        after = self.site.timeline.visible()
        hidden = {place for place in range(len(self.site.timeline.made)) if place not in before & after}
        self.late |= {place for place in hidden if self.site.time(place) <= newest}

    def run(self, command: Callable[..., Crawl]) -> Crawl:
        """Run a command, in which the world may change, and which may be killed."""
        number, pause = self.chance.randint(1, 6), self.chance.random() * 0.05
        ways = ["whole", "changed", "killed", "killed", "killed after a change"]
        way = self.chance.choice([*ways, "cut", "restarted", "killed after a cut"] if self.server else ways)

        def meanwhile(running: Running) -> None:
            while len(running.sim.requests) < number and not running.has_ended():
                time.sleep(0.002)
            if "change" in way:
                self.change()
            if self.server and "cut" in way:
                self.server.cut(self.url.rpartition("/")[2])
            if self.server and way == "restarted":
                self.server.stop()
                self.server.start()
            if "killed" in way:
                time.sleep(pause)
                running.kill()

        if way == "whole":
            return command()
        if way == "killed" and self.chance.random() < 0.7:
            event = f"{self.chance.choice(MOMENTS)}:{self.chance.randint(1, 9)}:{signal.SIGKILL.value}"
            return command(process=True, env={"PYTHONPATH": str(ENDER), "END_AT": event})
        return command(process="killed" in way, meanwhile=meanwhile)

    def start(self, **more: Any) -> Crawl:
        """Start a run. All of them append to the same feeds, or each has its own."""
        self._number += 1
        name, option = ("shared", "-o") if self.shared else (str(self._number), "-O")
        feeds = [f"{option}{self.site.folder / name}.{kind}" for kind in (PLAIN, *PACKED, TABLE)]
        words = (f"url={self.site.link}", f"count={PAGE}", *self.words, *feeds)
        settings = {} if self.server else {"DATABASE_URL": self.url}
        return self._command("crawl", self.site.name, words=words, settings=settings, **more)

    def resume(self, **more: Any) -> Crawl:
        """Resume the last run."""
        return self._command("resume", **more)

    def _command(self, *command: str, env: Mapping[str, str] | None = None, **more: Any) -> Crawl:
        own = {"DATABASE_URL": self.url} if self.server else {}  # a run keeps no URL with a password
        return self.site.command(*command, feed=None, env={**own, **(env or {})}, **more)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Connect to the database."""
        engine = create_engine(make_url(self.url.replace("postgresql:", "postgresql+psycopg:")))
        with engine.connect() as connection:
            yield connection
        engine.dispose()


def feed_lines(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of all feeds of JSON lines, in the order of their runs."""
    paths = sorted(folder.glob("*.jsonl"), key=lambda path: int(path.stem) if path.stem.isdigit() else 0)
    return [line for path in paths for line in read_feed(path.read_bytes())]


def check_packed(folder: Path) -> None:
    """Hold the compressed feeds against the plain ones, byte by byte."""
    for path in folder.glob(f"*.{PLAIN}"):
        for kind in PACKED:
            packed = path.with_suffix(f".{kind}")
            body = packed.read_bytes() if packed.exists() else b""
            assert (UNPACK[packed.suffix](body) if body else b"") == path.read_bytes(), packed.name


def check_tables(folder: Path, lines: list[dict[str, Any]]) -> None:
    """Hold the CSV feeds against the lines: as many rows of each run, and among them the key of each line."""
    rows = ["\n".join(row) for path in folder.glob("*.csv") for row in csv.reader(path.read_text("utf-8").splitlines())]
    runs = Counter(match[0] for row in rows if (match := RUN_ID.search(row)))
    assert runs == Counter(line["data"]["meta"]["run_id"] for line in lines)
    text, keys = "\n".join(rows), {line["data"]["meta"]["key"] for line in lines}
    assert not [key for key in keys if key and key not in text]


def flat(values: dict[str, Any], columns: set[str], prefix: str = "") -> dict[str, Any]:
    """Return a record as the documentation says that a table holds it."""
    row: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and prefix + name not in columns:
            row |= flat(value, columns, f"{prefix}{name}_")
        else:
            row[prefix + name] = value
    return row


def stored(connection: Connection, table: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table of records by their keys, what is in `data` as further columns."""
    rows = [dict(row) for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings()]
    for row in rows:
        data = row.pop("data")
        row |= json.loads(data) if isinstance(data, str) else data
    return {row["key"]: row for row in rows}


def check_rows(connection: Connection, records: list[dict[str, Any]]) -> None:
    """Hold the tables against the records of the feeds, row by row and column by column."""
    for table in {record["meta"]["record_type"] for record in records}:
        of_table = {record["meta"]["key"]: record for record in records if record["meta"]["record_type"] == table}
        rows = stored(connection, table)
        assert set(rows) == set(of_table), table
        for key, row in rows.items() if table != "event" else ():  # two events in one second may share a key
            expected = flat(of_table[key], set(row))
            expected["key"] = expected.pop("meta_key")
            for name in {*row, *expected}:
                value = row.get(name)
                if isinstance(expected.get(name), (list, dict)) and isinstance(value, str):
                    value = json.loads(value)
                assert value == expected.get(name), (table, key, name)


def check_ledger(connection: Connection, site: Site, given: Counter[str]) -> None:
    """Hold the ledger against the world, after a run over an unchanged list."""
    for table in UNDER_WAY:
        assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
    states = Counter(connection.scalars(text("SELECT state FROM run")))
    ((listed, parts, completed, expires),) = connection.execute(
        text("SELECT list, parts, completed_time, expires FROM watched_list")
    )
    items = connection.execute(text("SELECT key, state FROM seen_item WHERE list = :list"), {"list": listed}).all()
    last = connection.scalar(text("SELECT max(started_time) FROM run"))
    assert set(states) == {"finished"} and not unfinished(site.folder)
    assert (completed, expires) == (last, 0)
    seen = {key.rpartition(":")[2]: state for key, state in items}
    assert set(seen) == set(given)
    shown, pinned = site.timeline.shown(), site.timeline.pinned
    ((top, _, cursor),) = msgspec.msgpack.decode(parts)
    assert top >= max(site.time(place) for place in shown if place != pinned) and cursor is None
    for place in shown[: PAGE - 1]:
        state = seen.get(site.ident(place), 0)
        assert not state & GONE, site.ident(place)
        assert site.name != "douyin" or bool(state & PINNED) == (place == pinned), site.ident(place)


def check(history: History) -> None:
    """Hold all outputs against the world, after runs over an unchanged list."""
    site = history.site
    lines = feed_lines(site.folder)
    check_packed(site.folder)
    check_tables(site.folder, lines)
    records = [line["data"] for line in lines if line["code"] == 200]
    videos = [record for record in records if record["meta"]["record_type"] == "video"]
    given = Counter(video["video_id"] for video in videos)
    assert set(given.values()) == {1}, "nothing comes twice"
    places = {site.ident(place): place for place in range(len(site.timeline.made))}
    missing = {place for place in site.timeline.shown() if not given[site.ident(place)]}
    assert not missing - history.late - history.moved
    for video in videos:
        place = places[video["video_id"]]
        titles = {site.timeline.made[place].title} | history.titles.get(place, set())
        assert (video["title"] or video["desc"]).startswith(tuple(titles))  # Douyin adds hashtags
    if history.follows:
        comments = Counter(record["meta"]["key"] for record in records if record["meta"]["record_type"] == "comment")
        posts = [site.timeline.made[places[ident]] for ident in given]
        assert comments == Counter(
            f"bilibili:comment:{rpid}" for post in posts for rpid in site.world.comment_ids(post)
        )
    with history.connected() as connection:
        check_rows(connection, records)
        check_ledger(connection, site, given)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Server | None]:
    """The URL of a new database, and the server that it is on."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/crawl.db", None
    server: Server = request.getfixturevalue("postgres")
    return server.new_database(), server


@pytest.mark.parametrize(("database", "seed"), HISTORIES, indirect=["database"])
@pytest.mark.parametrize(("name", "way"), WAYS)
def test_outputs_agree_with_the_world(
    tmp_path: Path, name: str, way: str, seed: int, database: tuple[str, Server | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.ledger.store, "_PAUSE_S", 0.1)
    site = Site(name, tmp_path, 23, comments=3)
    chance = Random(f"{name} {way} {seed}")
    history = History(site, chance, *database, shared=way == "shared feeds", follows=way == "comments")
    while history.kills < KILLS:
        history.step()
    for _ in range(2):  # at rest, one run is enough to close every hole; the second has nothing to do
        done = history.start()
        assert done.code == 0, done.err
    check(history)
