"""The identities of a fleet: one holder, one pace, one rest, over a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from scraper.fleet import held_identities
from scraper.identities.identity import FIRST_REST_S
from scraper.identities.request_budget import RequestBudget
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from tests.cases import ROOT
from tests.fleet.hammer import hammer
from tests.fleet.workers import SERVICE, Worker, change, configure, prepared, rows, until, wait_for, worker
from tests.postgres import Server

CHALLENGE = Verdict(Outcome.CHALLENGE, "a captcha")


@pytest.fixture
def url(postgres: Server) -> str:
    return prepared(postgres)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at once what a worker does every second or half a second."""
    monkeypatch.setattr(held_identities, "_POLL_S", 0.01)
    monkeypatch.setattr(held_identities, "_UPKEEP_S", 0.02)


def with_workers(
    url: str, folder: Path, test: Callable[..., Coroutine[Any, Any, None]], number: int = 2, **options: float
) -> None:
    """Run a test with some workers."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            await test(*[await stack.enter_async_context(worker(url, folder, **options)) for _ in range(number)])

    asyncio.run(run())


def test_one_worker_at_a_time_holds_an_identity(postgres: Server, url: str, tmp_path: Path) -> None:
    configure(tmp_path)

    async def run() -> None:
        async with worker(url, tmp_path) as second:
            async with worker(url, tmp_path) as first:
                assert await first.obtain() == ["a"]
                refused = await second.held.obtain(SERVICE, "a")
                assert refused and refused.outcome is Outcome.RATE_LIMITED and not refused.final
                assert "other workers hold all identities" in refused.message
                assert second.names() == [] and await second.held.reserve(second.get(), second.pool.pace) is None
            await asyncio.sleep(0.02)
            assert await second.obtain() == ["a"]
            assert rows(postgres, url, "SELECT holder, lease FROM fleet_identity") == [(second.membership.worker, 2)]

    asyncio.run(run())
    assert rows(postgres, url, "SELECT holder FROM fleet_identity") == [(None,)]


def test_it_is_given_up_when_all_are_held_for_too_long(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path)
    monkeypatch.setattr(held_identities, "_LONGEST_WITHOUT_S", 0.2)

    async def test(first: Worker, second: Worker) -> None:
        assert await first.obtain() == ["a"]
        refusals = []
        while not refusals or not refusals[-1].final:
            refusals.append(await second.held.obtain(SERVICE, "a"))
            await asyncio.sleep(0.02)
        assert len(refusals) > 3 and all(refusal.outcome.retryable for refusal in refusals)
        assert "more identities" in refusals[-1].advice
        sought = await second.held.seek(SERVICE)
        assert sought and not sought.final

    with_workers(url, tmp_path, test)


def test_the_same_cookie_is_one_identity_whatever_its_name(url: str, tmp_path: Path) -> None:
    (mine, other) = (tmp_path / "mine", tmp_path / "other")
    for folder in (mine, other):
        folder.mkdir()
    configure(mine, ["a"])
    path = configure(other) / SERVICE / "config.yaml"
    path.write_text("identities: [{name: else, cookie: SESSDATA=a}, {name: new, cookie: SESSDATA=b}]")

    async def run() -> None:
        async with worker(url, mine) as first, worker(url, other) as second:
            assert await first.obtain() == ["a"]
            assert await second.obtain("else") == ["new"]

    asyncio.run(run())


def test_the_preferred_identity_is_taken_if_it_is_free(url: str, tmp_path: Path) -> None:
    configure(tmp_path, "abc")

    async def test(first: Worker, second: Worker, third: Worker) -> None:
        assert await first.obtain("c") == ["c"]
        assert await second.obtain("c") != ["c"]
        assert first.pool.choose("list").credentials.name == "c", "what is not held is not chosen"
        assert third.pool.choose("list").credentials.name in "abc", "if none is held, requests can be made and wait"

    with_workers(url, tmp_path, test, 3)


def test_reservations_keep_the_pace_of_the_last_holder(url: str, tmp_path: Path) -> None:
    configure(tmp_path, delay_s=100)

    async def run() -> None:
        async with worker(url, tmp_path) as first:
            await first.obtain()
            assert 0 >= await left_s(first) > -1
            assert 100 >= await left_s(first) > 99
        async with worker(url, tmp_path) as second:
            await second.obtain()
            assert 200 >= await left_s(second) > 195
            assert not second.get().is_ready, "another identity is preferred meanwhile"

    asyncio.run(run())


def test_the_next_holder_counts_from_the_last_send_not_from_its_reservation(url: str, tmp_path: Path) -> None:
    configure(tmp_path, delay_s=0.5)

    async def run() -> None:
        async with worker(url, tmp_path) as first:
            await first.obtain()
            await left_s(first)
            await asyncio.sleep(0.6)  # it is sent much later than it was reserved
            first.pool.take(first.get(), RequestBudget())
            sent = first.get().last_sent
        async with worker(url, tmp_path) as second:
            await second.obtain()
            due = await second.held.reserve(second.get(), second.pool.pace)
            assert due and due >= sent + 0.5

    asyncio.run(run())


async def left_s(own: Worker) -> float:
    """Reserve a request, and return the seconds until it may be sent."""
    due = await own.held.reserve(own.get(), own.pool.pace)
    assert due is not None
    return due - own.get().clock()


def test_what_a_dead_worker_held_is_taken_after_its_lease_and_a_whole_gap(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    configure(tmp_path, delay_s=50)

    async def test(first: Worker, second: Worker) -> None:
        await first.obtain()
        change(postgres, url, "UPDATE fleet_identity SET next_time = 0")
        assert await second.obtain() == []
        expire(postgres, url, first)
        assert await first.held.reserve(first.get(), first.pool.pace) is None, "its lease is over for the database"
        assert first.names() == []
        async with asyncio.timeout(20):
            while await second.obtain() != ["a"]:  # a heartbeat of the first one may have the row at this moment
                await asyncio.sleep(0.01)
        assert 50 >= await left_s(second) > 49

    with_workers(url, tmp_path, test)


def expire(server: Server, url: str, own: Worker) -> None:
    """End the lease of a worker, as time does."""
    statement = f"UPDATE fleet_worker SET expires_time = 0 WHERE worker = '{own.membership.worker}'"
    assert change(server, url, statement) == 1


def test_what_a_worker_writes_after_its_lease_changes_nothing(postgres: Server, url: str, tmp_path: Path) -> None:
    configure(tmp_path)

    async def test(first: Worker, second: Worker) -> None:
        await first.obtain()
        expire(postgres, url, first)
        assert await second.obtain() == ["a"]
        before = rows(postgres, url, "SELECT * FROM fleet_identity")
        first.pool.limit(first.get(), 300, 1)
        first.pool.stop(first.get(), CHALLENGE)
        await first.held._writes.join()
        assert rows(postgres, url, "SELECT * FROM fleet_identity") == before

    with_workers(url, tmp_path, test)


def test_a_pause_lasts_over_a_change_of_holder(url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    configure(tmp_path)
    caplog.set_level("INFO")

    async def run() -> None:
        async with worker(url, tmp_path) as first:
            await first.obtain()
            first.pool.limit(first.get(), 300, 1)
        async with worker(url, tmp_path) as second:
            await second.obtain()
            assert 300 >= await left_s(second) > 290
            assert 300 >= second.get().rate_limits.left_s > 290
        held = [line for line in caplog.messages if line.startswith("This worker holds ")]
        assert [" waits " in line for line in held] == [False, True], held

    asyncio.run(run())


def test_a_challenge_stops_an_identity_everywhere_until_its_rest_is_over(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    configure(tmp_path)
    stopped = "SELECT stopped, message, holder FROM fleet_identity WHERE stopped IS NOT NULL"

    async def test(first: Worker, second: Worker) -> None:
        await first.obtain()
        first.pool.stop(first.get(), CHALLENGE)
        await until(lambda: rows(postgres, url, stopped) == [("CHALLENGE", "a captcha", None)])
        refused = await second.held.obtain(SERVICE, "a")
        assert refused and refused.final and refused.outcome is Outcome.CHALLENGE and "a captcha" in refused.message
        assert refused.retry_after and FIRST_REST_S >= refused.retry_after > FIRST_REST_S - 5
        await asyncio.sleep(0.02)
        change(postgres, url, "UPDATE fleet_identity SET rested_time = 0")
        assert await second.obtain() == ["a"]
        second.pool.stop(second.get(), CHALLENGE)
        await until(lambda: rows(postgres, url, "SELECT stops FROM fleet_identity") == [(2,)])
        ((rest,),) = rows(postgres, url, "SELECT rested_time - stopped_time FROM fleet_identity")
        assert rest == pytest.approx(2 * FIRST_REST_S, abs=1), "each rest is longer, whoever was challenged"

    with_workers(url, tmp_path, test)


def test_another_identity_is_used_instead_of_one_that_was_stopped(postgres: Server, url: str, tmp_path: Path) -> None:
    configure(tmp_path, "ab")

    async def test(first: Worker, second: Worker) -> None:
        await first.obtain("a")
        first.pool.stop(first.get("a"), CHALLENGE)
        assert first.pool.choose("list").credentials.name == "b"
        assert await first.obtain() == ["b"]
        await first.held._writes.join()
        change(postgres, url, "UPDATE fleet_identity SET rested_time = 0, next_time = 0, holder = NULL")
        assert await second.obtain() == ["b"], "one that was stopped is tried last, also after its rest"

    with_workers(url, tmp_path, test)


def test_a_limit_per_hour_holds_over_a_change_of_holder(postgres: Server, url: str, tmp_path: Path) -> None:
    configure(tmp_path, per_hour=4)

    async def run() -> None:
        async with worker(url, tmp_path) as first:
            await first.obtain()
            for _ in range(4):
                await left_s(first)
        change(postgres, url, "UPDATE fleet_sent SET time = time - 3000")
        async with worker(url, tmp_path) as second:
            await second.obtain()
            assert 600 >= second.pool.next_allowed(second.get(), time.time()) - time.time() > 590
        change(postgres, url, "UPDATE fleet_sent SET time = time - 600")
        async with worker(url, tmp_path) as third:
            await third.obtain()
            now = time.time()
            assert third.pool.next_allowed(third.get(), now) == now
        assert rows(postgres, url, "SELECT * FROM fleet_sent") == [], "what is older than an hour is not kept"

    asyncio.run(run())


def test_workers_share_identities_while_their_requests_wait(url: str, tmp_path: Path) -> None:
    configure(tmp_path, "abcde")

    async def run() -> None:
        async with worker(url, tmp_path) as first:
            first.pool.waiting = 9
            await first.obtain()
            await until(lambda: len(first.names()) == 5)
            async with worker(url, tmp_path) as second:
                second.pool.waiting = 9
                await until_obtained(second)
                await until(lambda: {len(first.names()), len(second.names())} == {2, 3})
                assert not set(first.names()) & set(second.names())
            await until(lambda: len(first.names()) == 5)
            first.pool.waiting = 1

    asyncio.run(run())


async def until_obtained(own: Worker) -> None:
    async with asyncio.timeout(20):
        while not await own.obtain():
            await asyncio.sleep(0.02)


def test_a_worker_with_little_to_do_takes_one(url: str, tmp_path: Path) -> None:
    configure(tmp_path, "abcde")

    async def test(first: Worker) -> None:
        first.pool.waiting = 1
        await first.obtain()
        await asyncio.sleep(0.2)  # of which upkeep makes use several times
        assert len(first.names()) == 1

    with_workers(url, tmp_path, test, 1)


def test_what_is_not_used_is_given_back_but_nothing_that_is_under_way(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    configure(tmp_path)
    holders = "SELECT count(*) FROM fleet_identity WHERE holder IS NOT NULL"
    closed: list[list[str]] = []

    async def test(first: Worker) -> None:
        async def close() -> None:
            closed.append([*first.names(), str(rows(postgres, url, holders))])

        first.held.closers.add(close)
        await first.obtain()
        request = Request()
        first.pool.in_flight(first.get()).enter(request)
        await asyncio.sleep(0.3)
        assert first.names() == ["a"], "an answer is still processed"
        first.pool.leave(request)
        with first.held.using(first.get()):
            await asyncio.sleep(0.3)
            assert first.names() == ["a"], "a file is being downloaded"
        first.pool.waiting = 1
        await asyncio.sleep(0.3)
        assert first.names() == ["a"], "a request waits for the end of a pause, for example"
        first.pool.waiting = 0
        await until(lambda: first.names() == [])
        await until(lambda: rows(postgres, url, holders) == [(0,)])
        assert closed == [["[(1,)]"]], "what may still send is closed before others may take it"

    with_workers(url, tmp_path, test, 1, idle_s=0.1)


class Request:
    """What may be in flight."""


def test_the_fleet_knows_the_login_and_its_end(postgres: Server, url: str, tmp_path: Path) -> None:
    path = configure(tmp_path) / SERVICE / "config.yaml"
    path.write_text("identities: [{name: a, cookie: 'SESSDATA=ab12%2C1893456000%2Cef56'}, {name: b}]")

    async def test(first: Worker) -> None:
        await first.obtain("a")
        await left_s(first)
        query = "SELECT name, login, cookie_expires_time, sent FROM fleet_identity ORDER BY name"
        assert rows(postgres, url, query) == [("a", True, 1893456000, 1), ("b", False, None, 0)]

    with_workers(url, tmp_path, test, 1)


def test_an_answer_of_the_database_that_was_lost_loses_no_identity(postgres: Server, url: str, tmp_path: Path) -> None:
    configure(tmp_path)

    async def test(first: Worker) -> None:
        await first.obtain()
        first.held._held.clear()  # as if the statement had been done, and its answer lost
        assert await first.obtain() == ["a"]
        await asyncio.to_thread(postgres.cut, url.rpartition("/")[2])
        assert await first.held.reserve(first.get(), first.pool.pace) is None
        assert first.names() == ["a"]
        assert await left_s(first) <= 0

    with_workers(url, tmp_path, test, 1)


def test_a_process_that_stops_between_two_statements_keeps_nothing_locked(
    postgres: Server, url: str, tmp_path: Path
) -> None:
    configure(tmp_path)
    locking = "SELECT 1 FROM fleet_identity, fleet_worker FOR UPDATE NOWAIT"

    async def test(first: Worker) -> None:
        await first.obtain()

        def between(connection: Connection) -> list[tuple[Any, ...]]:
            connection.exec_driver_sql("UPDATE fleet_identity SET sent = sent")
            connection.exec_driver_sql("UPDATE fleet_worker SET running = running")
            return rows(postgres, url, locking)

        assert await first.held._database.run(between, tries=1) == [(1,)]
        assert await first.membership._database.run(between, tries=1) == [(1,)]

    with_workers(url, tmp_path, test, 1)


# Processes


@contextmanager
def hammering(url: str, folder: Path, number: int, **options: float) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run processes that send as one identity."""
    words = [str(options.get(name, default)) for name, default in (("holds", 1), ("most", 20), ("lease_s", 30.0))]
    command = [sys.executable, "-m", "tests.fleet.hammer", url, str(folder)]
    with ExitStack() as stack:
        processes = []
        for place in range(number):
            process = subprocess.Popen([*command, str(folder / f"{place}.log"), *words], cwd=ROOT)
            stack.callback(process.wait)
            stack.callback(process.kill)
            processes.append(process)
        yield processes


def sends(folder: Path) -> list[tuple[float, str]]:
    """Return what all processes sent: when, and under which lease."""
    lines = [line.split() for path in folder.glob("*.log") for line in path.read_text("utf-8").splitlines()]
    return sorted((float(sent), holder) for sent, holder in lines)


def check(folder: Path, delay_s: float, most: int) -> None:
    """Check that the gap was held, and that one process at a time sent."""
    sent = sends(folder)
    assert min(after[0] - before[0] for before, after in pairwise(sent)) >= delay_s
    turns = [[*turn] for _, turn in groupby(sent, key=lambda send: send[1])]
    assert len({turn[0][1] for turn in turns}) == len(turns), "nobody sends again after another one did"
    assert {len(turn) for turn in turns} <= {*range(1, most + 1)}


def test_four_workers_keep_the_exact_gap(url: str, tmp_path: Path) -> None:
    configure(tmp_path, delay_s=0.01)

    async def run() -> None:
        logs = [str(tmp_path / f"{number}.log") for number in range(4)]
        await asyncio.gather(*(hammer(url, str(tmp_path), log, 2, 10, 30.0) for log in logs))

    asyncio.run(run())
    assert len(sends(tmp_path)) == 80
    check(tmp_path, 0.01, 10)


@pytest.mark.nightly
def test_four_processes_keep_the_exact_gap_and_take_turns(url: str, tmp_path: Path) -> None:
    configure(tmp_path, delay_s=0.02)
    with hammering(url, tmp_path, 4) as processes:
        assert [process.wait(60) for process in processes] == [0] * 4
    assert len(sends(tmp_path)) == 80
    check(tmp_path, 0.02, 20)


@pytest.mark.nightly
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGSTOP])
def test_a_process_that_ends_or_sleeps_sends_nothing_while_another_holds(
    url: str, tmp_path: Path, ending: signal.Signals
) -> None:
    configure(tmp_path, delay_s=0.05)
    with hammering(url, tmp_path, 2, most=40, holds=3, lease_s=1.0) as processes:
        wait_for(lambda: len(sends(tmp_path)) >= 5)
        (first,) = {holder for _, holder in sends(tmp_path)}
        place = next(place for place in range(2) if (tmp_path / f"{place}.log").exists())
        os.kill(processes[place].pid, ending)
        wait_for(lambda: {holder for _, holder in sends(tmp_path)} != {first})
        if ending is signal.SIGSTOP:
            os.kill(processes[place].pid, signal.SIGCONT)
            assert processes[place].wait(60) == 0
        assert processes[1 - place].wait(60) == 0
    check(tmp_path, 0.05, 40)
