"""The lease of a worker: renewed while it runs, lost when it was away, never taken while it is renewed."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import text

from scraper.fleet.database import FleetDatabase
from scraper.fleet.membership import Membership, end_expired, is_alive, may_write
from tests.fleet.workers import change, prepared, rows, until
from tests.postgres import Server

LEASE_S = 0.4
RENEWED = "SELECT expires_time > started_time + 1.2 * 1.2 FROM fleet_worker"
"""Whether it was renewed: at first it expires after 1.2 s."""


@pytest.fixture
def url(postgres: Server) -> str:
    return prepared(postgres)


def test_a_worker_renews_its_lease_and_ends_it(postgres: Server, url: str) -> None:
    async def work() -> None:
        member = Membership(url, 3, 3 * LEASE_S)
        assert not member.is_valid
        await member.join()
        worker = member.worker
        member.running = 2
        await until(lambda: rows(postgres, url, RENEWED) == [(True,)])
        assert member.is_valid and member.worker == worker
        ((*row, ended),) = rows(postgres, url, "SELECT worker, concurrency, running, ended_time FROM fleet_worker")
        assert row == [worker, 3, 2] and ended is None
        await member.leave()
        assert not member.is_valid
        assert rows(postgres, url, "SELECT ended_time IS NOT NULL FROM fleet_worker") == [(True,)]

    asyncio.run(work())


def test_a_worker_that_was_away_has_lost_everything_before_it_has_another_id(postgres: Server, url: str) -> None:
    async def work() -> None:
        member, seen = Membership(url, 1, LEASE_S), []
        await member.join()
        first = member.worker
        member.lost.append(lambda: seen.append((member.worker, member.is_valid)))
        time.sleep(1.5 * LEASE_S)  # as a process that was stopped
        assert not member.is_valid, "it knows without the database"
        await until(lambda: member.is_valid)
        assert seen == [("", False)]
        assert member.worker not in ("", first)
        assert rows(postgres, url, "SELECT worker FROM fleet_worker WHERE ended_time IS NULL") == [(member.worker,)]
        await member.leave()

    asyncio.run(work())


def test_nothing_is_taken_from_a_worker_before_it_is_ended(url: str) -> None:
    async def work() -> None:
        member, database = Membership(url, 1, LEASE_S), FleetDatabase(url)
        await member.join()
        query = text(f"SELECT {is_alive(':worker')}, {may_write(':worker')}")
        worker = {"worker": member.worker}
        assert database.do(lambda connection: connection.execute(query, worker).one()) == (True, True)
        time.sleep(1.5 * LEASE_S)
        assert database.do(lambda connection: connection.execute(query, worker).one()) == (True, False)
        database.do(end_expired)
        assert database.do(lambda connection: connection.execute(query, worker).one()) == (False, False)
        assert database.do(lambda connection: connection.execute(query, {"worker": None}).one()) == (False, False)
        await member.leave()
        await database.close()

    asyncio.run(work())


def test_a_worker_that_another_transaction_has_locked_keeps_nobody_waiting(postgres: Server, url: str) -> None:
    async def work() -> None:
        member, database = Membership(url, 1, 60), FleetDatabase(url)
        await member.join()
        change(postgres, url, "UPDATE fleet_worker SET expires_time = 0")
        with postgres.connect(url.rpartition("/")[2]) as other, other.transaction():
            other.execute("SELECT 1 FROM fleet_worker FOR UPDATE")
            database.do(end_expired, tries=1)
            assert rows(postgres, url, "SELECT ended_time FROM fleet_worker") == [(None,)]
        database.do(end_expired, tries=1)
        assert rows(postgres, url, "SELECT ended_time > 0 FROM fleet_worker") == [(True,)]
        await member.leave()
        await database.close()

    asyncio.run(work())


def test_a_connection_that_was_cut_is_made_again(postgres: Server, url: str) -> None:
    async def work() -> None:
        member = Membership(url, 1, 6 * LEASE_S)
        await member.join()
        worker = member.worker
        await asyncio.to_thread(postgres.cut, url.rpartition("/")[2])
        (before,) = rows(postgres, url, "SELECT seen_time FROM fleet_worker")
        await until(lambda: rows(postgres, url, "SELECT seen_time FROM fleet_worker")[0] > before)
        assert member.is_valid and member.worker == worker
        await member.leave()

    asyncio.run(work())
