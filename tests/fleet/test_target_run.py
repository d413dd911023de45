"""The run of a target: who has its lease writes it, and nobody else; the next holder continues exactly."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from scrapy.crawler import Crawler
from sqlalchemy import Connection, insert, update

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.crawling.shared_run import SharedRun
from scraper.fleet.due import LeasedTarget, lease
from scraper.fleet.target_run import TargetLease, begin_run, settle_run
from scraper.ledger.run import FINISHED, Run, find_run
from scraper.ledger.schema import FAILURE, LIST_RUN, RUN, layout
from scraper.ledger.store import LeaseLostError
from tests.fleet.rows import Rows, rows_of
from tests.long_lived import WORLD, Live
from tests.postgres import Server
from tests.simulator import Fault, Simulator

LIST = "/x/space/wbi/arc/search"
CREATOR = WORLD.creator(0)
CREATOR_VIDEO = WORLD.video(0, 0)
LINK = f"https://space.bilibili.com/{CREATOR.mid}"


@pytest.fixture
def rows(postgres: Server) -> Iterator[Rows]:
    with rows_of(postgres.new_database()) as made:
        made.run(layout("postgresql").prepare)
        yield made


def add(rows: Rows) -> int:
    return rows.target(spider="bilibili", link=LINK, arguments=f'{{"url":"{LINK}"}}')


def take(rows: Rows, target_id: int, worker: str) -> LeasedTarget:
    target = rows.run(lease, target_id=target_id, worker=worker)
    assert target is not None
    return target


class Crawls:
    """Runs targets, one crawler for all of them."""

    def __init__(self, sim: Simulator, live: LongLivedCrawler, settings: Any, rows: Rows):
        self.sim, self._live, self._settings, self._rows = sim, live, settings, rows

    def start(self, target: LeasedTarget, run: Run) -> asyncio.Task[str | None]:
        return asyncio.create_task(self.shared(target, run).finish())

    def shared(self, target: LeasedTarget, run: Run) -> SharedRun:
        check = TargetLease(target.target_id, target.lease).check
        return SharedRun(run, self._settings, self._live.crawler, self._rows.url, check)


@asynccontextmanager
async def crawls(live: Live, rows: Rows, faults: Sequence[Fault] = (), **more: object) -> AsyncIterator[Crawls]:
    with live.simulator(faults, DATABASE_URL=rows.url, KEEP_RUNS=0, **more) as (sim, settings):
        async with LongLivedCrawler(settings) as crawler:
            yield Crawls(sim, crawler, settings, rows)


def has_videos(rows: Rows) -> bool:
    return bool(rows.sql("SELECT 1 FROM pg_tables WHERE tablename = 'video'"))


def stored(rows: Rows) -> Counter[str]:
    return Counter(row[0] for row in rows.sql("SELECT video_id FROM video"))


def pages(sim: Simulator) -> list[str]:
    return [request.query["pn"] for request in sim.requests if request.path == LIST]


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


def test_an_older_holder_changes_nothing_and_the_next_continues(
    live: Live, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        target_id = add(rows)
        older = take(rows, target_id, rows.worker("one"))
        async with crawls(live, rows) as made:
            run = rows.run(begin_run, target=older)
            made.sim.hold_from(LIST, pn="3")  # what is asked then is answered after the lease is lost
            first = made.start(older, run)
            await until(lambda: "3" in pages(made.sim))
            await until(lambda: has_videos(rows) and len(stored(rows)) == 60)
            rows.bury("one")
            newer = take(rows, target_id, rows.worker("two"))
            before = stored(rows)
            made.sim.release()
            error = await first
            assert error and "another worker has taken over" in error
            assert stored(rows) == before
            assert rows.run(find_run, run.run_id).state != FINISHED
            assert not rows.run(settle_run, older, run.run_id, error).is_noted
            resumed = rows.run(begin_run, target=newer)
            assert resumed.run_id == run.run_id
            assert await made.start(newer, resumed) is None
            assert rows.run(settle_run, newer, run.run_id, None).is_noted
            assert stored(rows) == Counter(WORLD.bvids(0))
            assert max(Counter(pages(made.sim)).values()) == 2 and sum(Counter(pages(made.sim)).values()) <= 5
        row = rows.get(target_id)
        assert (row.holder, row.run_id, row.last_run_id, row.exit_code) == (None, None, run.run_id, 0)

    caplog.set_level(logging.CRITICAL, "scrapy")
    asyncio.run(work())


def test_a_run_that_is_stopped_asks_nobody_to_continue_it(
    live: Live, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    def sentences() -> list[str]:
        own = [record.getMessage() for record in caplog.records if record.name.startswith("scraper.")]
        return [sentence for sentence in own if any(words in sentence for words in (LINK, "scrapy crawl", "failures"))]

    async def work() -> None:
        target = take(rows, add(rows), rows.worker("one"))
        async with crawls(live, rows) as made:
            run = rows.run(begin_run, target=target)
            made.sim.hold_from(LIST, pn="2")
            shared = made.shared(target, run)
            ended = asyncio.create_task(shared.finish())
            await until(lambda: "2" in pages(made.sim))
            shared.stop()
            made.sim.release()
            assert await ended is None
            assert rows.run(find_run, run.run_id).state != FINISHED
            assert [tuple(row) for row in rows.sql("SELECT name, run_id FROM failure")] == [("INCOMPLETE", run.run_id)]

    caplog.set_level(logging.WARNING)
    asyncio.run(work())
    assert sentences() == []


def test_a_run_begins_once(rows: Rows) -> None:
    target_id = add(rows)
    target = take(rows, target_id, rows.worker("one"))
    run = rows.run(begin_run, target=target)
    assert rows.run(begin_run, target=target).run_id == run.run_id, "after a connection that was lost at its end"
    rows.bury("one")
    take(rows, target_id, rows.worker("two"))
    with pytest.raises(LeaseLostError):
        rows.run(partial(begin_run, target=target))


def test_a_changed_target_is_crawled_with_its_new_arguments(rows: Rows) -> None:
    rows.worker()
    target_id = add(rows)
    target = take(rows, target_id, "one")
    first = rows.run(begin_run, target=target)
    rows.sql("""UPDATE fleet_target SET arguments = '{"max_items": "5"}'""")
    rows.sql("UPDATE run SET state = 'finished', exit_code = 0")
    assert rows.run(settle_run, target=target, run_id=first.run_id, error=None).is_noted
    target = take(rows, target_id, "one")
    second = rows.run(begin_run, target=target)
    assert (second.arguments, rows.run(begin_run, target=target).run_id) == (target.arguments, second.run_id)
    rows.sql("""UPDATE fleet_target SET arguments = '{"max_items": "9"}', holder = NULL""")
    third = rows.run(begin_run, target=take(rows, target_id, "one"))
    assert third.arguments == {"url": LINK, "max_items": "9"} and rows.run(find_run, second.run_id) is None
    assert rows.get(target_id).run_id == third.run_id


End = tuple[str, int, int | None, int | None] | tuple[str, int, int | None, int | None, int]


def settled_with(rows: Rows, *lists: End, state: str = FINISHED, **limits: str) -> tuple[int | None, int | None]:
    """Return the collected and the declared items of a target after a run.

    :param lists: how its lists ended: stopped, collected, declared, declared by a record, undelivered
    """
    rows.sql("UPDATE fleet_target SET due_time = 0")
    if limits:
        rows.sql("UPDATE fleet_target SET arguments = :words", words=json.dumps({"url": LINK, **limits}))
    [target_id] = rows.sql("SELECT target_id FROM fleet_target")[0]
    target = take(rows, target_id, "one")
    run = rows.run(begin_run, target=target)
    rows.sql("UPDATE run SET state = :state, exit_code = 0 WHERE run_id = :id", state=state, id=run.run_id)
    for stopped, collected, declared, by_record, *undelivered in lists:
        common = {"run_id": run.run_id, "router": "/api/x", "target": LINK, "pages": 1, "gaps": 0}
        row = {**common, "stopped": stopped, "collected": collected, "declared": declared}
        row["declared_by_record"], row["undelivered"] = by_record, undelivered[0] if undelivered else None
        rows.run(lambda connection, row=row: connection.execute(insert(LIST_RUN).values(row)))
    assert rows.run(settle_run, target=target, run_id=run.run_id, error=None).is_noted
    known = rows.get(target_id)
    return known.collected, known.declared


def test_a_list_that_ended_is_complete_whatever_the_platform_declares(rows: Rows) -> None:
    """Bilibili's comments declare their replies, too."""
    rows.worker("one"), add(rows)
    assert settled_with(rows, ("end", 10, 64, 10), ("end", 40, 40, None), ("end", 7, None, None)) == (57, 57)
    assert settled_with(rows, ("end", 90, 100, None, 10), ("end", 3, 3, None, 0)) == (93, 103), "its total is exact"
    assert settled_with(rows, ("overlap", 3, 101, None), ("date_limit", 4, 90, None)) == (7, 7)
    assert settled_with(rows, ("item_limit", 40, 500, None), max_items="40") == (40, 40), "that is what was asked for"


def test_a_list_that_was_cut_short_lacks_what_is_known_of_its_length(rows: Rows) -> None:
    rows.worker("one"), add(rows)
    cut = ("login_required", 60, None, 600)
    assert settled_with(rows, cut) == (60, 600), "the profile of its owner counts its posts"
    assert settled_with(rows, ("end", 90, 100, None), ("platform_cap", 5, 50, 70)) == (95, 140)
    assert settled_with(rows, ("cursor_stalled", 30, 20, None)) == (30, 30), "it showed more than it declares"
    assert settled_with(rows, cut, ("cursor_stalled", 5, None, None)) == (60, 600), "one of unknown length"
    assert settled_with(rows, ("cursor_stalled", 5, None, None)) == (5, None), "of none is the length known"
    assert settled_with(rows, cut, max_items="100") == (60, 100), "no more was asked for"
    assert settled_with(rows, cut, ("date_limit", 9, 90, None), since="2026-01-01") == (9, 9), "its part is unknown"
    assert settled_with(rows, cut, max_pages="4") == (60, None)


def test_runs_that_give_only_a_part_change_nothing_in_how_complete_a_target_is(rows: Rows) -> None:
    rows.worker("one"), add(rows)
    assert settled_with(rows, ("end", 98, 101, None), ("platform_cap", 2, 4, None), since="last") == (100, 102)
    assert settled_with(rows, ("platform_cap", 0, 101, None)) == (100, 102), "it gives what is new since the first"
    rows.sql("UPDATE fleet_target SET last_run_id = NULL")
    assert settled_with(rows) == (100, 102), "no list was read"
    assert settled_with(rows, ("rate_limited", 30, 101, None), state="unfinished") == (100, 102), "it is continued"


def test_a_target_says_why_its_run_was_not_complete(rows: Rows) -> None:
    rows.worker("one")
    target_id = add(rows)

    def settled(exit_code: int, *failures: str, error: str | None = None) -> str | None:
        rows.sql("UPDATE fleet_target SET due_time = 0")
        target = take(rows, target_id, "one")
        run = rows.run(begin_run, target=target)
        rows.sql(
            "UPDATE run SET state = 'finished', exit_code = :code WHERE run_id = :id", code=exit_code, id=run.run_id
        )
        for message in failures:
            row = {"run_id": run.run_id, "router": "/api/x", "input": LINK, "code": 440, "name": "COOKIE_EXPIRED"}
            rows.run(lambda connection, row=row | {"message": message}: connection.execute(insert(FAILURE).values(row)))
        rows.run(settle_run, target=target, run_id=run.run_id, error=error)
        reason: str | None = rows.get(target_id).error
        return reason

    assert settled(5, "log in again", "and again") == "COOKIE_EXPIRED: log in again"
    assert settled(7, "log in again", error="the disk is full") == "the disk is full"
    assert settled(0, "one of its posts is gone") is None


def crawlers() -> list[Crawler]:
    gc.collect()
    return [kept for kept in gc.get_objects() if isinstance(kept, Crawler)]


def test_a_run_that_ended_leaves_nothing_in_memory(live: Live, rows: Rows) -> None:
    async def work() -> None:
        worker = rows.worker("one")
        arguments = f'{{"url":"{LINK}","max_pages":"1"}}'
        ids = [rows.target(number, spider="bilibili", link=LINK, arguments=arguments) for number in range(6)]
        async with crawls(live, rows) as made:
            earlier = len(crawlers())
            for target_id in ids:
                target = take(rows, target_id, worker)
                assert await made.start(target, rows.run(begin_run, target=target)) is None
            assert len(crawlers()) <= earlier + 2, "the last one, and one that a frame may hold"

    asyncio.run(work())


def test_two_runs_may_need_the_same_file(live: Live, rows: Rows) -> None:
    """Both begin to download it at the same time, into the same folder."""

    async def work() -> None:
        worker, link = rows.worker("one"), f"https://www.bilibili.com/video/{CREATOR_VIDEO.bvid}"
        arguments = f'{{"url":"{link}"}}'
        ids = [rows.target(number, spider="bilibili", link=link, arguments=arguments) for number in range(2)]
        slow = Fault("*hdslb.com", do="drip", piece=2_000, pause=0.05)
        async with crawls(live, rows, [slow], MEDIA="cover") as made:
            targets = [take(rows, target_id, worker) for target_id in ids]
            runs = [rows.run(begin_run, target=target) for target in targets]
            ended = [made.start(target, run) for target, run in zip(targets, runs, strict=True)]
            assert await asyncio.gather(*ended) == [None, None]
        assert slow.hits == 2
        assert rows.sql("SELECT media_status, count(*) FROM media GROUP BY 1") == [("done", 1)]

    asyncio.run(work())


@pytest.mark.parametrize(
    "stopped, job, is_complete",
    [("platform_cap", None, True), ("platform_cap", b"job", False), ("cursor_stalled", None, False)],
)
def test_a_list_that_shows_no_more_to_anybody_is_complete(
    rows: Rows, stopped: str, job: bytes | None, is_complete: bool
) -> None:
    target = take(rows, add(rows), rows.worker("one"))
    run = rows.run(begin_run, target=target)
    ended = {"run_id": run.run_id, "router": "/api/list", "target": "1", "pages": 9, "gaps": 0, "collected": 90}
    failed = {"run_id": run.run_id, "router": "/api/list", "input": LINK, "code": 206, "name": "INCOMPLETE", "job": job}

    def end(connection: Connection) -> None:
        connection.execute(update(RUN).values(state=FINISHED, exit_code=3, stopped="end"))
        connection.execute(insert(LIST_RUN).values(**ended, stopped=stopped))
        connection.execute(insert(FAILURE).values(**failed, message="the platform shows 90 of 200"))

    rows.run(end)
    assert rows.run(settle_run, target, run.run_id, None).result.is_final == is_complete
    row = rows.get(target.target_id)
    assert (row.completed_time is not None, row.exit_code) == (is_complete, 3)
    assert row.error == "INCOMPLETE: the platform shows 90 of 200"


@pytest.mark.parametrize(
    ("names", "pause_s"), [(["LOGIN_REQUIRED"], 86_400), (["LOGIN_REQUIRED", "RATE_LIMITED"], 60), (["UPSTREAM"], 60)]
)
def test_what_only_the_owner_can_mend_is_not_tried_again_soon(rows: Rows, names: list[str], pause_s: int) -> None:
    target = take(rows, add(rows), rows.worker("one"))
    run = rows.run(begin_run, target=target)
    common = {"run_id": run.run_id, "router": "/api/x", "input": LINK, "code": 401, "message": "", "job": b"job"}

    def end(connection: Connection) -> None:
        connection.execute(update(RUN).values(state=FINISHED, exit_code=3, stopped="end"))
        connection.execute(insert(FAILURE), [common | {"name": name} for name in names])

    rows.sql("UPDATE fleet_target SET every = 86400")
    rows.run(end)
    assert not rows.run(settle_run, target, run.run_id, None).result.is_final
    row = rows.get(target.target_id)
    began = row.last_started_time if pause_s == 86_400 else row.last_ended_time
    assert (row.attempts, row.due_time) == (1, pytest.approx(began + pause_s))
