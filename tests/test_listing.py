"""Lists while they are walked: repeats, stalls, limits, and how each list ended."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from scraper.arguments import Arguments
from scraper.endpoint import END, Cursor, Page, Turn
from scraper.job import Job
from scraper.listing import Listing, Listings
from scraper.outcomes import Outcome
from scraper.records import Id, meta_for
from scraper.targets import Target

TARGET = Target("user", "2", "2")
FIRST = Job(router="/api/a/web/list", target=TARGET)


def records(*names: int) -> list[Id]:
    return [Id(input=str(n), value="x", kind="k", meta=meta_for(Id, "a", str(n))) for n in names]


def page(*names: int, turn: Turn = END, total: int | None = None, faults: int = 0) -> Page:
    return Page(records(*names), ["x"] * faults, turn, total)


def after(cursor: str) -> Turn:
    return Turn(cursor=cursor)


def walk(*pages: Page, **limits: int) -> tuple[Listing, list[int], str, str]:
    """Walk a list, and return it, what it gave, how it ended and what was said."""
    listing, job, came = Listing(Arguments(**limits)), FIRST, []
    for each in pages:
        step = listing.take(each, job)
        came += [int(record.input) for record in step.records]
        if step.reason:
            assert step.cursor is None and (step.stop is not None) is (step.reason in Outcome.__members__)
            return listing, came, step.reason, step.message
        assert step.cursor and step.stop is None
        job = job.after(step.cursor, listing.count)
    return listing, came, "", ""


def test_a_list_to_its_end() -> None:
    listing, came, reason, _ = walk(page(1, 2, turn=after("2"), total=3), page(3, total=3))
    assert (came, reason, listing.count, listing.declared) == ([1, 2, 3], "end", 3, 3)


def test_an_empty_list() -> None:
    listing, came, reason, _ = walk(page(total=0))
    assert (came, reason, listing.count) == ([], "end", 0)


def test_a_record_that_comes_again_is_given_once() -> None:
    _, came, reason, _ = walk(page(1, 2, 2, turn=after("2")), page(2, 3, turn=after("3")), page(1, 4))
    assert (came, reason) == ([1, 2, 3, 4], "end")


def test_a_page_that_comes_again_stops_the_list() -> None:
    listing, came, reason, said = walk(page(1, 2, turn=after("2"), total=9), page(1, 2, turn=after("3"), total=9))
    assert (came, reason, listing.count) == ([1, 2], "INCOMPLETE", 2)
    assert "page 2 holds only what earlier pages held" in said and "2 of 9 came" in said


def test_a_last_page_that_comes_again_is_the_end() -> None:
    _, came, reason, _ = walk(page(1, turn=after("2")), page(1))
    assert (came, reason) == ([1], "end")


@pytest.mark.parametrize("cursors", [[""], ["2", "2"], ["2", "3", "2"], ["2", "3", ""]])
def test_a_cursor_that_comes_again_stops_the_list(cursors: list[str]) -> None:
    pages = [page(number, turn=Turn(cursor=cursor)) for number, cursor in enumerate(cursors)]
    listing, came, reason, said = walk(*pages)
    assert (came, reason, listing.count) == (list(range(len(cursors))), "INCOMPLETE", len(cursors))
    assert f"cursor again after page {len(cursors)}" in said


def test_an_empty_page_before_the_end_stops_the_list() -> None:
    _, came, reason, said = walk(page(1, turn=after("2")), page(turn=after("3")), page(2))
    assert (came, reason) == ([1], "INCOMPLETE") and "page 2 came empty" in said


def test_a_page_of_nothing_but_faults_is_not_empty() -> None:
    _, came, reason, _ = walk(page(turn=after("2"), faults=3), page(1))
    assert (came, reason) == ([1], "end")


def test_a_platform_that_stops_the_list() -> None:
    wall = Turn(stop=Outcome.LOGIN_REQUIRED, message="log in", login_marker=True)
    listing = Listing(Arguments())
    listing.take(page(1, turn=after("2")), FIRST)
    step = listing.take(page(2, turn=wall, total=8), FIRST.after("2", 1))
    assert (step.stop, step.login_marker, step.reason, len(step.records)) == (wall.stop, True, "LOGIN_REQUIRED", 1)
    assert step.message == "log in; the list is incomplete: 2 of 8 came"


@pytest.mark.parametrize(
    "most, expected", [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 3, 4]), (9, [1, 2, 3, 4])]
)
def test_max_items(most: int, expected: list[int]) -> None:
    pages = page(1, 2, turn=after("2")), page(2, 3, turn=after("3")), page(4)
    listing, came, reason, said = walk(*pages, max_items=most)
    assert (came, listing.count, said) == (expected, len(expected), "")
    assert reason == ("max_items" if most <= 4 else "end")


def test_max_pages() -> None:
    pages = page(1, turn=after("2")), page(2, turn=after("3")), page(3)
    assert [walk(*pages, max_pages=most)[1:3] for most in (1, 2, 3, 4)] == [
        ([1], "max_pages"), ([1, 2], "max_pages"), ([1, 2, 3], "end"), ([1, 2, 3], "end"),
    ]  # fmt: skip


def test_a_limit_that_is_reached_is_no_failure() -> None:
    assert walk(page(1, turn=after("")), max_items=1)[2] == "max_items"


def test_an_empty_page_may_come_right_but_one_with_records_is_kept() -> None:
    gap = Turn(stop=Outcome.INCOMPLETE, message="empty", retry=True)
    assert Listing(Arguments()).take(page(turn=gap), FIRST).retry is True
    assert Listing(Arguments()).take(page(1, turn=gap), FIRST).retry is False
    assert Listing(Arguments()).take(page(turn=after("2")), FIRST).retry is True
    assert Listing(Arguments()).take(page(1, turn=after("")), FIRST).retry is False


def test_a_page_that_comes_right_the_second_time_goes_on() -> None:
    listing = Listing(Arguments())
    assert listing.take(page(turn=after("2")), FIRST).stop is Outcome.INCOMPLETE
    step = listing.take(page(1, turn=after("2")), FIRST.again())
    assert (step.stop, step.cursor, len(step.records)) == (None, "2", 1)


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), min_size=1, max_size=12), st.integers(1, 40) | st.none())
def test_no_walk_gives_a_record_twice_or_too_many(content: list[list[int]], most: int | None) -> None:
    turns = [after(str(number)) for number in range(2, len(content) + 1)] + [END]
    pages = [page(*names, turn=turn) for names, turn in zip(content, turns, strict=True)]
    listing, came, reason, _ = walk(*pages, **({"max_items": most} if most else {}))
    assert len(set(came)) == len(came) == listing.count and reason
    assert most is None or len(came) <= most
    assert came == list(dict.fromkeys(name for names in content for name in names))[: len(came)]


EXACT = Cursor(send=lambda cursor, context: {}, turn=lambda data, context, cursor: END, total="n", exact=True)
ROUGH = Cursor(send=lambda cursor, context: {}, turn=lambda data, context, cursor: END, total="n")


@pytest.fixture
def stats() -> MemoryStatsCollector:
    return MemoryStatsCollector(get_crawler())


def test_a_closed_list_is_forgotten_and_counted(stats: MemoryStatsCollector, caplog: pytest.LogCaptureFixture) -> None:
    listings = Listings(Arguments(), stats)
    listings.take(page(1, 2, turn=after("2"), total=9), FIRST)
    with caplog.at_level(logging.INFO):
        listings.close(FIRST.after("2", 2), EXACT, "end")
    assert stats.get_value(f"listings/{FIRST.router}/end") == 1
    assert stats.get_value(f"listings/{FIRST.router}/undelivered") == 7
    assert "2 of 9 declared" in caplog.text
    listings.close(FIRST, EXACT, "end")
    assert stats.get_value(f"listings/{FIRST.router}/end") == 1
    again, _ = listings.take(page(1), FIRST)
    assert again.count == 1


def test_two_walks_of_a_list_do_not_meet(stats: MemoryStatsCollector) -> None:
    listings = Listings(Arguments(), stats)
    second = Job(router=FIRST.router, target=TARGET, ask=1)
    for job in (FIRST, second):
        _, step = listings.take(page(1), job)
        assert len(step.records) == 1


def test_a_single_answer_is_no_list_in_the_stats(stats: MemoryStatsCollector) -> None:
    listings = Listings(Arguments(), stats)
    listings.take(page(1), FIRST)
    listings.close(FIRST, None, "end")
    assert stats.get_stats() == {}


@pytest.mark.parametrize("cursor, reason, short", [(EXACT, "end", 7), (ROUGH, "end", None), (EXACT, "max_items", None)])
def test_what_was_declared_and_not_delivered_is_counted_at_the_end_of_an_exact_list(
    stats: MemoryStatsCollector, cursor: Cursor, reason: str, short: int | None
) -> None:
    listings = Listings(Arguments(), stats)
    listings.take(page(1, 2, total=9), FIRST)
    listings.close(FIRST, cursor, reason)
    assert stats.get_value(f"listings/{FIRST.router}/undelivered") == short
    assert stats.get_value(f"listings/{FIRST.router}/{reason}") == 1


def test_a_last_page_that_repeats_is_no_end_where_more_was_declared() -> None:
    listing = Listing(Arguments())
    listing.take(page(1, 2, turn=after("2"), total=3), FIRST, exact=True)
    step = listing.take(page(1, 2, total=3), FIRST.after("2", 2), exact=True)
    assert step.stop is Outcome.INCOMPLETE and "2 of 3" in step.message
    listing = Listing(Arguments())
    listing.take(page(1, 2, turn=after("2"), total=9), FIRST)
    assert listing.take(page(1, 2, total=9), FIRST.after("2", 2)).reason == "end", "its total counts replies as well"


def test_a_wall_does_not_lower_what_was_declared() -> None:
    listing = Listing(Arguments())
    listing.take(page(1, turn=after("2"), total=8), FIRST)
    listing.take(page(turn=Turn(stop=Outcome.LOGIN_REQUIRED, message="a wall"), total=5), FIRST.after("2", 1))
    assert listing.declared == 8
