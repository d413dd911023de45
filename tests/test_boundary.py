"""Whatever is raised behind the guarded door is a BUG line of its own input, and costs no other one anything."""

import asyncio
import logging
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from scrapy.settings import Settings

from scraper.crawling.long_lived import LongLivedCrawler
from scraper.output.envelope import Envelope
from scraper.platform.route import Route
from scraper.responses import retry_after
from scraper.responses.values import UnexpectedShapeError
from spiders.douyin import camel_case
from tests.long_lived import WORLD, answers
from tests.simulator import Fault, Simulator

VIEW = "/x/web-interface/view"
FIRST, SECOND, THIRD = (WORLD.video(0, place).bvid for place in range(3))
ALL = f"{FIRST} {SECOND} {THIRD}"
ERRORS = (AttributeError, KeyError, RecursionError, OverflowError, MemoryError)
HANDLER = "scraper.crawling.page_handler.PageHandler"


def run(live: Any, faults: Any = (), **call: Any) -> list[Envelope]:
    async def crawl() -> list[Envelope]:
        async with live(faults, RETRY_TIMES=0) as crawler:
            return await answers(crawler, **call)

    return asyncio.run(crawl())


def codes(envelopes: list[Envelope]) -> dict[str, int]:
    return {str(envelope.data.meta.target): envelope.code for envelope in envelopes}


def given_of(value: Any) -> str:
    """Return the input that a job or a target is of, "" for any other value."""
    return str(getattr(getattr(value, "target", value), "given", ""))


def failing(monkeypatch: pytest.MonkeyPatch, place: str, error: type[Exception], target: str) -> None:
    """Let a method fail for the jobs of one target."""
    owner, _, name = place.rpartition(".")
    module, _, kind = owner.rpartition(".")
    holder = getattr(import_module(module), kind)
    whole = getattr(holder, name)

    def method(self: Any, *args: Any, **more: Any) -> Any:
        if target in map(given_of, args):
            raise error("on purpose")
        return whole(self, *args, **more)

    monkeypatch.setattr(holder, name, method)


PLACES = {
    "callback": f"{HANDLER}.keep",
    "errback": f"{HANDLER}.recover",
    "start": "scraper.inputs.duplicates.InputTracker.ask",
}


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("where", PLACES)
def test_an_error_of_our_own_is_a_line_for_its_input(
    live: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str, error: type[Exception]
) -> None:
    faults = [Fault(path=VIEW, do="reset", times=3)] if where == "errback" else []
    failing(monkeypatch, PLACES[where], error, SECOND)
    with caplog.at_level(logging.ERROR):
        by_target = codes(run(live, faults, url=ALL))
    other = 502 if faults else 200
    assert by_target == {FIRST: other, SECOND: 500, THIRD: other}
    assert any(record.exc_info and record.exc_info[0] is error for record in caplog.records), (
        "its traceback is in the log"
    )


def test_an_event_loop_that_ends_before_the_crawl_is_no_error_of_this_program(
    live: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def leave(sim: Simulator, settings: Settings) -> None:
        crawler = LongLivedCrawler(settings)
        await crawler.start()
        asking = asyncio.create_task(answers(crawler, url=ALL))
        while not (sim.held or asking.done()):
            await asyncio.sleep(0.01)
        assert sim.held

    with caplog.at_level(logging.WARNING), live.simulator() as (sim, settings):
        sim.hold()
        asyncio.run(leave(sim, settings))  # cancels what is under way
    assert not [record for record in caplog.records if record.getMessage().startswith("BUG") or record.exc_info]


def test_an_error_while_inputs_are_read_is_a_line_too(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*args: Any) -> Any:
        yield from ()
        raise MemoryError

    monkeypatch.setattr("scraper.inputs.arguments.Arguments._given", read)
    assert [envelope.code for envelope in run(live, url=ALL)] == [500]


def test_the_door_stands_where_making_an_envelope_fails(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "scraper.output.emitter.Emitter._stamp", ZeroDivisionError, SECOND)
    failing(monkeypatch, "scraper.output.emitter.Emitter._failure", ZeroDivisionError, SECOND)
    assert codes(run(live, url=ALL)) == {FIRST: 200, SECOND: 500, THIRD: 200}


def test_one_record_that_a_parser_fails_on_costs_only_itself(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, rows = Route.requested_record, []

    def parse(self: Any, raw: Any, context: Any) -> Any:
        rows.append(raw)
        return raw.no_such_thing if len(rows) == 3 else whole(self, raw, context)

    monkeypatch.setattr(Route, "requested_record", parse)
    envelopes = run(live, url=f"https://space.bilibili.com/{WORLD.creator(0).mid}", max_pages=1)
    assert [envelope.code for envelope in envelopes].count(500) == 1
    assert [envelope.code for envelope in envelopes].count(200) == len(rows) - 1 > 10
    (bug,) = (envelope for envelope in envelopes if envelope.code == 500)
    assert bug.data.error.name == "BUG" and "vlist[2]" in bug.data.error.message
    assert "traceback" in bug.data.error.remedy


def test_a_date_that_no_clock_knows_is_no_time_to_wait() -> None:
    now = datetime(2027, 12, 31, 23, 59, 49, tzinfo=UTC)
    assert retry_after({"retry-after": "Fri, 31 Dec 2027 23:59:59 GMT"}, now) == 10
    for year in ("99999", "9" * 30):
        assert retry_after({"retry-after": f"Fri, 31 Dec {year} 23:59:59 GMT"}) is None


def test_a_value_that_is_too_deep_is_the_platform_s_doing() -> None:
    deep: Any = "x"
    for _ in range(600):
        deep = [deep]
    with pytest.raises(UnexpectedShapeError, match="levels deep"):
        camel_case.work({"awemeId": "1", "odd": deep})
