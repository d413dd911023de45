"""PostgreSQL as the database of a crawl: the same rows as in SQLite, whatever the server does meanwhile."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import scraper.ledger.store
from scraper.ledger import backends
from scraper.ledger.store import Store
from scraper.output.exit_code import OUTPUT, of_crawl
from scraper.output.sinks import OUTPUT_FAILURES
from tests.crawling import Crawl, Running, crawl
from tests.kills.histories import timeless
from tests.pages import run
from tests.postgres import Server
from tests.simulator import World
from tests.test_crawl_bad_data import LONG, READ, bad_crawl
from tests.test_sinks import pages

WORLD = World(seed=5, creators=3, videos=40)
SLOW = World(seed=5, creators=3, videos=40, page_latency=(0.05, 0.0))
USERS = "url=" + " ".join(f"https://space.bilibili.com/{WORLD.creator(number).mid}" for number in range(3))
WORDS = (USERS, "with=comments,replies", "max_items=8")
LOGIN = f'cookie: "{WORLD.login_cookie}"\n'
OWN = ("ledger_", "watched_list", "seen_item", "run", "list_run", "schema_version")  # differ from run to run


@pytest.fixture
def server(postgres: Server) -> Server:
    return postgres


def start(folder: Path, url: str, *words: str, **more: Any) -> Crawl:
    options = {"world": WORLD, "config": LOGIN, **more}
    return crawl(*(words or WORDS), settings={"DATABASE_URL": url}, folder=folder, **options)


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def plain(value: object) -> object:
    """Return a value as both databases show it."""
    if isinstance(value, str) and value[:1] in "{[":
        value = json.loads(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    return int(value) if isinstance(value, bool) else value


def of_server(server: Server, url: str) -> dict[str, Counter[str]]:
    """Return the rows of each table of records, without what each run has anew."""
    with server.connect(name_of(url)) as connection:
        there = connection.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = [str(name) for (name,) in there]
        return {
            name: counted(connection.execute(f'SELECT * FROM "{name}"')) for name in names if not name.startswith(OWN)
        }  # type: ignore[call-overload]


def of_file(path: Path) -> dict[str, Counter[str]]:
    with closing(sqlite3.connect(path)) as connection:
        there = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        names = [name for (name,) in there]
        return {
            name: counted(connection.execute(f'SELECT * FROM "{name}"')) for name in names if not name.startswith(OWN)
        }


def counted(cursor: Any) -> Counter[str]:
    columns = [column[0] for column in cursor.description]
    kept = [number for number, name in enumerate(columns) if name not in ("time", "id", "job", "number")]
    return Counter(timeless(repr([plain(row[number]) for number in kept])) for row in cursor)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counter[str]]:
    """The rows that an uninterrupted crawl leaves in SQLite."""
    folder = tmp_path_factory.mktemp("reference")
    done = start(folder, f"sqlite:///{folder}/a.db")
    assert done.code == 0, done.err
    return of_file(folder / "a.db")


def test_both_databases_get_the_same_rows(server: Server, tmp_path: Path, reference: dict[str, Counter[str]]) -> None:
    url = server.new_database()
    done = start(tmp_path, url)
    assert done.code == 0, done.err
    rows = of_server(server, url)
    assert rows["video"].total() == 24 and rows["comment"].total() > 24
    assert rows == reference
    assert "owner-secret" not in done.err and not any(b"owner-secret" in body for body in done.files.values())


def meanwhile_cut(server: Server, url: str, times: int) -> Callable[[Running], None]:
    def cut(active: Running) -> None:
        for number in range(times):
            active.until(lambda least=8 * number + 6: len(active.sim.requests) > least or active.has_ended())  # type: ignore[misc]
            server.cut(name_of(url))

    return cut


def test_connections_that_are_cut_cost_nothing(
    server: Server, tmp_path: Path, reference: dict[str, Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.ledger.store, "_PAUSE_S", 0.01)
    url = server.new_database()
    done = start(tmp_path, url, world=SLOW, meanwhile=meanwhile_cut(server, url, 6))
    assert done.code == 0, done.err
    assert "trying again in" in done.err, "it was noticed"
    assert of_server(server, url) == reference


def test_a_restart_in_mid_crawl_costs_nothing(
    server: Server, tmp_path: Path, reference: dict[str, Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.ledger.store, "_PAUSE_S", 0.5)
    url = server.new_database()

    def restart(active: Running) -> None:
        active.until(lambda: len(active.sim.requests) > 15)
        server.stop()
        server.start()

    done = start(tmp_path, url, world=SLOW, meanwhile=restart)
    assert done.code == 0, done.err
    assert of_server(server, url) == reference


def test_a_database_that_stays_away_stops_the_crawl_which_is_resumed(
    server: Server, tmp_path: Path, reference: dict[str, Counter[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.ledger.store, "_PAUSE_S", 0.01)
    url = server.new_database()

    def stop(active: Running) -> None:
        active.until(lambda: len(active.sim.requests) > 15)
        server.stop()

    broken = start(tmp_path, url, world=SLOW, meanwhile=stop)
    server.start()
    assert broken.code == OUTPUT and "cannot be written" in broken.err and "owner-secret" not in broken.err
    resumed = crawl(world=SLOW, config=LOGIN, command=("resume",), settings={"DATABASE_URL": url}, folder=tmp_path)
    assert resumed.code == 0, resumed.err
    assert of_server(server, url) == reference
    lines = [json.dumps(envelope["data"]["meta"]["key"]) for envelope in resumed.envelopes]
    assert len(lines) == len(set(lines)) == sum(rows.total() for name, rows in reference.items() if name != "snapshot")


def test_a_database_that_is_down_is_said_before_the_first_request(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scraper.ledger.store, "_PAUSE_S", 0.01)
    done = start(tmp_path, "postgresql://me:owner-secret@127.0.0.1:9/x")
    assert done.code == OUTPUT and not done.requests
    assert "cannot be written" in done.err and "owner-secret" not in done.err
    wrong = start(tmp_path, server.url("x").replace("owner-secret", "hunter22"))
    assert wrong.code == OUTPUT and "password authentication failed" in wrong.err and "trying again" not in wrong.err


@pytest.mark.nightly
def test_two_runs_on_one_database_wait_for_each_other(
    server: Server, tmp_path: Path, reference: dict[str, Counter[str]]
) -> None:
    url = server.new_database()
    done: list[Crawl] = []
    threads = [
        threading.Thread(target=lambda number=number: done.append(start(tmp_path / str(number), url, process=True)))
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [crawled.code for crawled in done] == [0, 0], [crawled.err[-2000:] for crawled in done]
    assert not any("deadlock" in crawled.err for crawled in done)
    rows = of_server(server, url)
    assert {name: len(rows[name]) for name in ("video", "comment")} == {
        name: len(reference[name]) for name in ("video", "comment")
    }


def test_transactions_that_overlap_take_turns(server: Server) -> None:
    url = server.new_database()
    with server.connect(name_of(url)) as connection:
        connection.execute("CREATE TABLE mine AS SELECT number, 0 AS writes FROM generate_series(1, 9) number")

    async def write(numbers: range) -> None:
        store = Store(url)
        await store.open([])
        for _ in range(20):
            for number in numbers:  # the other one takes the rows in the other order
                await store.run(partial(add_one, number=number))
            await store.commit()
        store.close()

    def add_one(connection: Any, number: int) -> None:
        connection.exec_driver_sql("UPDATE mine SET writes = writes + 1 WHERE number = %s", (number,))

    async def both() -> None:
        await asyncio.gather(write(range(1, 10)), write(range(9, 0, -1)))

    asyncio.run(both())
    with server.connect(name_of(url)) as connection:
        assert connection.execute("SELECT DISTINCT writes FROM mine").fetchall() == [(40,)]
        [(deadlocks,)] = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks == 0


def test_values_that_the_server_refuses_cost_only_their_record(server: Server) -> None:
    made = pages(3)
    made[1][2].data.duration_ms = 2**70
    made[1][3].data.author.uid = "x" * 10_000_000  # too long for an index, if it cannot be compressed
    made[2][0].data.title = "\0 \ud800"
    made[2][1].data.video_data.streams[0].fps = float("nan")
    stats = run(made, DATABASE_URL=server.new_database())
    assert of_crawl(stats) == 1 and stats["item_error_count"] == 2 and stats["database/rows"] == 10
    assert OUTPUT_FAILURES not in stats


def test_a_commit_whose_answer_is_lost_is_not_done_twice(server: Server) -> None:
    url = server.new_database()
    store = Store(url)
    lost = iter([True, True])

    def prepare(connection: Any) -> None:
        connection.exec_driver_sql("CREATE TABLE mine (a int)")

    def cut_after_commit(connection: Any) -> None:
        connection.exec_driver_sql("INSERT INTO mine VALUES (1)")
        if next(lost, False):
            driver = connection.connection.driver_connection
            commit = driver.commit

            def committed_and_lost() -> None:
                commit()
                server.cut(name_of(url))
                driver.execute("SELECT 1")

            driver.commit = committed_and_lost

    async def work() -> None:
        await store.open([prepare])
        await store.commit(cut_after_commit)
        await store.commit(cut_after_commit)

    asyncio.run(work())
    store.close()
    with server.connect(name_of(url)) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (2,)


def test_values_that_no_database_holds_cost_no_row(server: Server) -> None:
    url = server.new_database()
    assert bad_crawl(url).code == 3
    with server.connect(name_of(url)) as connection:
        rows = connection.execute('SELECT title, length("desc") FROM video ORDER BY create_time').fetchall()
    assert [title for title, _ in rows] == READ and dict(rows)["long"] == len(LONG)


def test_a_transaction_that_is_given_up_may_have_lost_its_connection(server: Server) -> None:
    url = server.new_database()
    store = Store(url)

    def add(connection: Any) -> None:
        connection.exec_driver_sql("INSERT INTO mine VALUES (1)")

    async def work() -> None:
        await store.open([lambda connection: connection.exec_driver_sql("CREATE TABLE mine (a int)")])
        await store.run(add)
        server.cut(name_of(url))
        await store.rollback()
        await store.commit(add)

    asyncio.run(work())
    store.close()
    with server.connect(name_of(url)) as connection:
        assert connection.execute("SELECT count(*) FROM mine").fetchone() == (1,)


def test_a_server_that_allows_no_long_statements_only_delays_a_crawl(server: Server) -> None:
    """A statement that waits for another program is one, too."""
    url = server.new_database()
    name = name_of(url)
    with server.connect(name) as other:
        other.execute(f"ALTER DATABASE {name} SET statement_timeout = '100ms'")
        store = Store(url)

        async def work() -> None:
            await store.open([lambda connection: connection.exec_driver_sql("CREATE TABLE mine (number INTEGER)")])
            other.execute("SELECT pg_advisory_lock(%s)", (backends._LOCK,))
            written = asyncio.ensure_future(
                store.commit(lambda connection: connection.exec_driver_sql("INSERT INTO mine VALUES (1)"))
            )
            await asyncio.sleep(0.25)
            other.execute("SELECT pg_advisory_unlock(%s)", (backends._LOCK,))
            await written
            store.close()

        asyncio.run(work())
        assert other.execute("SELECT number FROM mine").fetchall() == [(1,)]
