"""Lists while they are walked: repeats, stalls, limits, and how each list ended."""

import logging
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.statscollectors import MemoryStatsCollector, StatsCollector
from scrapy.utils.test import get_crawler

from scraper.crawling.list_progress import ListProgress
from scraper.crawling.list_registry import ListRegistry
from scraper.crawling.watches import Watches
from scraper.inputs.ask import Ask
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.platform import END, Endpoint, NextPage, Page, Pagination, Param
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.records import Id, meta_for
from scraper.responses.outcomes import Outcome
from tests.toys import PLATFORM

TARGET = Target("user", "2", "2")
FIRST = Job(router="/api/a/web/list", target=TARGET)


def records(*names: int) -> list[Id]:
    return [Id(input=str(n), value="x", id_kind="k", meta=meta_for(Id, "a", str(n))) for n in names]


def page(*names: int, next_page: NextPage = END, total: int | None = None, faults: int = 0) -> Page:
    return Page(records(*names), ["x"] * faults, next_page, total)


def after(cursor: str) -> NextPage:
    return NextPage(cursor=cursor)


def cursor(**more: Any) -> Pagination:
    return Pagination(
        cursor_params=lambda cursor, context: {}, next_page=lambda data, context, cursor: END, total="n", **more
    )


EXACT, ROUGH = cursor(exact=True), cursor()


def walk(*pages: Page, how: Pagination = ROUGH, **limits: int) -> tuple[ListProgress, list[int], str, str]:
    """Walk a list, and return it, what it gave, how it ended and what was said. No page comes right by itself."""
    first = msgspec.structs.replace(FIRST, ask=Ask(**limits))
    listing, job, came = ListProgress(first, how), first, []
    for answer in pages:
        step = listing.take(answer, job)
        came += [int(record.input) for record in step.records]
        if step.reason:
            assert step.cursor is None and (step.stop is None) is step.reason.is_wanted
            return listing, came, step.reason, step.message
        assert step.cursor and (step.stop is None or step.retry)
        job = job.after(step.cursor, listing.count)
    return listing, came, "", ""


def registry(atlas: Any, stats: StatsCollector) -> ListRegistry:
    return ListRegistry(atlas, stats, Watches(None, {}, stats, is_dry=False))


def test_a_list_to_its_end() -> None:
    listing, came, reason, _ = walk(page(1, 2, next_page=after("2"), total=3), page(3, total=3))
    assert (came, reason, listing.count, listing.declared) == ([1, 2, 3], "end", 3, 3)


def test_an_empty_list() -> None:
    listing, came, reason, _ = walk(page(total=0))
    assert (came, reason, listing.count) == ([], "end", 0)


@pytest.mark.parametrize("known, reason", [(None, "end"), (0, "end"), (3, "cursor_stalled")])
def test_a_list_that_shows_nothing_of_what_its_owner_counts(known: int | None, reason: str) -> None:
    how = cursor(known_total=lambda target: known, max_empty_pages=5)
    gaps = [page(next_page=NextPage(cursor=at, empty_is_common=True)) for at in "23"]
    assert walk(*gaps, page(), how=how)[1:3] == ([], reason)
    assert walk(*gaps, page(1), how=how)[1:3] == ([1], "end")


def test_a_record_that_comes_again_is_given_once() -> None:
    _, came, reason, _ = walk(page(1, 2, 2, next_page=after("2")), page(2, 3, next_page=after("3")), page(1, 4))
    assert (came, reason) == ([1, 2, 3, 4], "end")


def test_a_page_that_comes_again_stops_the_list() -> None:
    listing, came, reason, message = walk(
        page(1, 2, next_page=after("2"), total=9), page(1, 2, next_page=after("3"), total=9)
    )
    assert (came, reason, listing.count) == ([1, 2], "cursor_stalled", 2)
    assert "page 2 holds only what earlier pages held" in message and "2 of 9 collected" in message


def test_a_last_page_that_comes_again_is_the_end() -> None:
    _, came, reason, _ = walk(page(1, next_page=after("2")), page(1))
    assert (came, reason) == ([1], "end")


@pytest.mark.parametrize("cursors", [[""], ["2", "2"], ["2", "3", "2"], ["2", "3", ""]])
def test_a_cursor_that_comes_again_stops_the_list(cursors: list[str]) -> None:
    pages = [page(number, next_page=NextPage(cursor=cursor)) for number, cursor in enumerate(cursors)]
    listing, came, reason, message = walk(*pages)
    assert (came, reason, listing.count) == (list(range(len(cursors))), "cursor_stalled", len(cursors))
    assert f"repeated a cursor after page {len(cursors)}" in message


def test_an_empty_page_before_the_end_is_stepped_over() -> None:
    _, came, reason, _ = walk(page(1, next_page=after("2")), page(next_page=after("3")), page(2))
    assert (came, reason) == ([1, 2], "end")


def test_too_many_empty_pages_in_a_row_stop_the_list() -> None:
    empty = [page(next_page=after(str(number))) for number in range(3, 12)]
    _, came, reason, message = walk(page(1, next_page=after("2")), *empty, how=cursor(max_empty_pages=2))
    assert (came, reason) == ([1], "cursor_stalled")
    assert "page 4 was empty" in message and "the 2 pages before" in message
    _, came, reason, message = walk(
        page(1, next_page=after("2")), page(next_page=after("3")), page(2), how=cursor(max_empty_pages=0)
    )
    assert (came, reason) == ([1], "cursor_stalled") and "page 2 was empty, but the list continues" in message
    pages = (
        page(1, next_page=after("2")),
        *empty[:2],
        page(2, next_page=after("20")),
        page(next_page=after("21")),
        page(3),
    )
    assert walk(*pages, how=cursor(max_empty_pages=2))[1:3] == ([1, 2, 3], "end"), "they are counted anew"


def test_an_empty_page_with_an_old_cursor_stops_the_list() -> None:
    _, came, reason, message = walk(page(1, next_page=after("2")), page(next_page=after("2")), page(2))
    assert (came, reason) == ([1], "cursor_stalled") and "page 2 was empty" in message


def test_of_a_gap_that_is_usual_only_the_first_page_is_asked_for_again() -> None:
    for how, first, second in (
        ({"empty_is_common": True}, True, False),
        ({"empty_is_valid": True}, False, False),
        ({}, True, True),
    ):
        listing = ListProgress(FIRST, ROUGH)
        for job, asked in ((FIRST, first), (FIRST.after("2", 0), second)):
            step = listing.take(page(next_page=NextPage(cursor=f"{job.page + 1}", **how)), job)
            assert (step.cursor, step.reason) == (f"{job.page + 1}", None)
            assert step.retry is asked and (step.stop is None) is not asked


@pytest.mark.parametrize(
    "counted, came, reason", [(2, 2, "end"), (3, 2, "cursor_stalled"), (None, 2, "end"), (None, 0, "cursor_stalled")]
)
def test_where_the_platform_says_no_end(counted: int | None, came: int, reason: str) -> None:
    how = cursor(known_total=lambda target: counted)
    first, last = page(*range(came), next_page=after("2")), page(next_page=NextPage(end_inferred=True))
    listing, _, stopped, message = walk(first, last, how=how)
    assert stopped == reason and ("showed nothing" in message) == (reason == "cursor_stalled")
    assert listing.go_on == ("2" if came else ""), "from where the empty pages begin"


def test_a_list_that_is_null_before_its_end_stops() -> None:
    null = page(next_page=after("3"))._replace(absent=True)
    _, came, reason, message = walk(page(1, next_page=after("2")), null, page(2))
    assert (came, reason) == ([1], "cursor_stalled") and "page 2 has no list at all (null)" in message
    assert ListProgress(FIRST, ROUGH).take(null, FIRST).retry is True
    assert walk(page(1, next_page=after("2")), page()._replace(absent=True))[2] == "end"


@pytest.mark.parametrize("totals, reason", [((4, 4, 4), "end"), ((4, 3, 3), "end"), ((9, 9, 5), "cursor_stalled")])
def test_a_list_that_shrank_until_its_end(totals: tuple[int, ...], reason: str) -> None:
    first, second, third = totals
    pages = (
        page(1, 2, next_page=after("2"), total=first),
        page(3, next_page=after("3"), total=second),
        page(4, total=third),
    )
    _, came, ended, message = walk(*pages, how=EXACT)
    assert (came, ended) == ([1, 2, 3, 4], reason)
    assert ("the list shrank during the crawl, from 9 declared to 5" in message) is (reason != "end")
    assert walk(*pages, how=ROUGH)[2] == "end", "its total counts something else"


def test_a_list_that_shrank_below_what_it_gave_stops() -> None:
    pages = page(1, 2, next_page=after("2"), total=9), page(3, next_page=after("3"), total=2), page(4, total=2)
    _, came, reason, message = walk(*pages, how=EXACT)
    assert (came, reason) == ([1, 2, 3], "cursor_stalled") and "from 9 declared to 2" in message


@pytest.mark.parametrize(
    "total, pages, reason",
    [
        (9, [[1, 2], [3]], "platform_cap"), (None, [[1, 2], [3]], "platform_cap"), (3, [[1, 2], [3]], "platform_cap"),
        (9, [[1], [2]], "end"), (4, [[1, 2], [3, 4]], "end"),
    ],
)  # fmt: skip
def test_an_end_at_the_cap_of_a_platform_is_none(total: int | None, pages: list[list[int]], reason: str) -> None:
    turns = [after("2"), END]
    made = [page(*names, next_page=next_page, total=total) for names, next_page in zip(pages, turns, strict=True)]
    _, came, ended, message = walk(*made, how=cursor(max_visible=3))
    assert (came, ended) == ([name for names in pages for name in names], reason)
    assert ("the platform shows no more than about 3 of a list" in message) is (reason != "end")


@pytest.mark.parametrize("total, reason", [(6, "end"), (7, "platform_cap")])
def test_where_all_that_is_declared_came_the_cap_is_not_what_ended_it(total: int, reason: str) -> None:
    pages = page(1, 2, next_page=after("2"), total=total), page(3, total=total)
    assert walk(*pages, how=cursor(max_visible=3, weight=lambda record: 2))[2] == reason


@pytest.mark.parametrize(
    "last", [page(next_page=after("3")), page(1, next_page=after("3")), page(3, next_page=after("2"))]
)
def test_the_cap_explains_a_list_that_stalls(last: Page) -> None:
    _, _, reason, message = walk(page(1, 2, next_page=after("2")), last, how=cursor(max_visible=2, max_empty_pages=0))
    assert reason == "platform_cap" and "no more than about" in message


def test_a_cursor_may_come_again_where_its_row_says_so() -> None:
    pages = (
        page(1, next_page=after("2")),
        page(2, next_page=after("2")),
        page(3, next_page=after("2")),
        page(3, next_page=after("2")),
    )
    _, came, reason, message = walk(*pages, how=cursor(cursor_may_repeat=True))
    assert (came, reason) == ([1, 2, 3], "cursor_stalled") and "page 4 holds only what earlier pages held" in message


def test_a_page_of_nothing_but_faults_is_not_empty() -> None:
    _, came, reason, _ = walk(page(next_page=after("2"), faults=3), page(1))
    assert (came, reason) == ([1], "end")


def test_a_platform_that_stops_the_list() -> None:
    wall = NextPage(stop=Outcome.LOGIN_REQUIRED, message="log in", login_marker=True)
    listing = ListProgress(FIRST)
    listing.take(page(1, next_page=after("2")), FIRST)
    step = listing.take(page(2, next_page=wall, total=8), FIRST.after("2", 1))
    assert (step.stop, step.login_marker, step.reason, len(step.records)) == (wall.stop, True, "login_required", 1)
    assert step.message == "log in; the list is incomplete: 2 of 8 collected"


@pytest.mark.parametrize(
    "most, expected", [(1, [1]), (2, [1, 2]), (3, [1, 2, 3]), (4, [1, 2, 3, 4]), (9, [1, 2, 3, 4])]
)
def test_max_items(most: int, expected: list[int]) -> None:
    pages = page(1, 2, next_page=after("2")), page(2, 3, next_page=after("3")), page(4)
    listing, came, reason, message = walk(*pages, max_items=most)
    assert (came, listing.count, message) == (expected, len(expected), "")
    assert reason == ("item_limit" if most <= 4 else "end")


def test_max_pages() -> None:
    pages = page(1, next_page=after("2")), page(2, next_page=after("3")), page(3)
    assert [walk(*pages, max_pages=most)[1:3] for most in (1, 2, 3, 4)] == [
        ([1], "item_limit"), ([1, 2], "item_limit"), ([1, 2, 3], "end"), ([1, 2, 3], "end"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("", (None, False, None)),
        ("empty_is_common", (Outcome.INCOMPLETE, True, "2")),
        ("empty_is_valid", (None, False, "2")),
    ],
)
def test_an_empty_page_at_the_limit_is_passed_if_such_pages_are_usual(kind: str, expected: tuple[Any, ...]) -> None:
    """A common one is requested once more before."""
    job = msgspec.structs.replace(FIRST, ask=Ask(max_pages=1))
    answer = page(next_page=NextPage(cursor="2", **({kind: True} if kind else {})))
    step = ListProgress(job, cursor(max_empty_pages=5)).take(answer, job)
    assert (step.stop, step.retry and step.once, step.cursor) == expected and step.reason is Stop.ITEM_LIMIT


def test_a_limit_that_is_reached_is_no_failure() -> None:
    assert walk(page(1, next_page=after("")), max_items=1)[2] == "item_limit"


def test_an_empty_page_may_come_right_but_one_with_records_is_kept() -> None:
    gap = NextPage(stop=Outcome.INCOMPLETE, message="empty", retry=True)
    assert ListProgress(FIRST).take(page(next_page=gap), FIRST).retry is True
    assert ListProgress(FIRST).take(page(1, next_page=gap), FIRST).retry is False
    assert ListProgress(FIRST).take(page(next_page=after("2")), FIRST).retry is True
    assert ListProgress(FIRST).take(page(1, next_page=after("")), FIRST).retry is False


def test_a_page_that_comes_right_the_second_time_goes_on() -> None:
    listing = ListProgress(FIRST)
    assert listing.take(page(next_page=after("2")), FIRST).stop is Outcome.INCOMPLETE
    step = listing.take(page(1, next_page=after("2")), FIRST.again())
    assert (step.stop, step.cursor, len(step.records)) == (None, "2", 1)


@given(st.lists(st.lists(st.integers(0, 30), max_size=6), min_size=1, max_size=12), st.integers(1, 40) | st.none())
def test_no_walk_gives_a_record_twice_or_too_many(content: list[list[int]], most: int | None) -> None:
    turns = [after(str(number)) for number in range(2, len(content) + 1)] + [END]
    pages = [page(*names, next_page=next_page) for names, next_page in zip(content, turns, strict=True)]
    listing, came, reason, _ = walk(*pages, **({"max_items": most} if most else {}))
    assert len(set(came)) == len(came) == listing.count and reason
    assert most is None or len(came) <= most
    assert came == list(dict.fromkeys(name for names in content for name in names))[: len(came)]


def row(how: Pagination | None) -> Atlas:
    """The platform of one endpoint, which is a list where it has a cursor."""
    router, names = FIRST.router, [Param(name="uid", regex=r"\d+", example="2", kind="user")]
    endpoint = Endpoint(router=router, kind="user", record="id", params=names, summary="a list", pagination=how)
    return Atlas([replace(PLATFORM, endpoints=[endpoint])])


@pytest.fixture
def stats() -> MemoryStatsCollector:
    return MemoryStatsCollector(get_crawler())


def test_a_closed_list_is_forgotten_and_told(stats: MemoryStatsCollector, caplog: pytest.LogCaptureFixture) -> None:
    listings = registry(row(EXACT), stats)
    listings.take(page(1, 2, next_page=after("2"), total=9), FIRST)
    listings.take(page(3, total=9), FIRST.after("2", 2))
    with caplog.at_level(logging.INFO):
        listings.close(FIRST.after("2", 2), Stop.END)
    assert [stats.get_value(f"listings/{FIRST.router}/{name}") for name in ("end", "declared", "collected")] == [
        1,
        9,
        3,
    ]
    assert stats.get_value(f"listings/{FIRST.router}/undelivered") == 6
    assert caplog.messages == ["/api/a/web/list 2: declared 9, collected 3, stopped: end"]
    rows = listings.take_ended()
    summary = {"router": FIRST.router, "target": "2", "declared": 9, "declared_by_record": None}
    assert rows == [
        {
            **summary,
            "collected": 3,
            "pages": 2,
            "gaps": 0,
            "undelivered": 6,
            "stopped": "end",
            "cursor": None,
            "arguments": None,
        }
    ]
    listings.close(FIRST, Stop.END)
    assert stats.get_value(f"listings/{FIRST.router}/end") == 1 and not listings.take_ended()
    again, _ = listings.take(page(1), FIRST)
    assert again.count == 1


def test_a_list_that_declares_nothing(stats: MemoryStatsCollector, caplog: pytest.LogCaptureFixture) -> None:
    listings = registry(row(ROUGH), stats)
    with caplog.at_level(logging.INFO):
        for job in (FIRST, Job(router=FIRST.router, target=TARGET, input=1, depth=1, declared=7)):
            listings.take(page(1), job)
            listings.close(job, Stop.END)
    assert caplog.messages == [
        "/api/a/web/list 2: declared unknown, collected 1, stopped: end",
        "/api/a/web/list 2: declared 7, collected 1, stopped: end",
    ]
    rows = listings.take_ended()
    assert [(line["declared"], line["declared_by_record"]) for line in rows] == [(None, None), (None, 7)]
    assert stats.get_value(f"listings/{FIRST.router}/undelivered") is None, (
        "a record that leads to a list is no promise"
    )


def test_a_list_whose_first_page_never_came(stats: MemoryStatsCollector, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        listings = registry(row(ROUGH), stats)
        listings.close(FIRST, Stop.TARGET_GONE)
    assert caplog.messages == ["/api/a/web/list 2: declared unknown, collected 0, stopped: target_gone"]
    [line] = listings.take_ended()
    assert (line["collected"], line["stopped"]) == (0, "target_gone")


def test_lists_that_the_end_of_a_crawl_left_open(stats: MemoryStatsCollector) -> None:
    listings = registry(row(ROUGH), stats)
    listings.take(page(1, next_page=after("2")), FIRST)
    rows = [line for _ in range(2) for line in listings.interrupt(Stop.BUDGET)]
    assert [(line["collected"], line["stopped"], line["cursor"]) for line in rows] == [(1, "budget", "2")]


def test_where_to_go_on_from_a_list_that_stopped(stats: MemoryStatsCollector) -> None:
    listings = registry(row(ROUGH), stats)
    for number, names, following in ((1, [1], "2"), (2, [], "3"), (3, [], "4")):
        job = Job(router=FIRST.router, target=TARGET, page=number, cursor="" if number == 1 else str(number))
        listings.take(page(*names, next_page=after(following)), job)
    assert listings.close(job.after("4", 1), Stop.CURSOR_STALLED) == "2", "before the empty pages"
    [line] = listings.take_ended()
    assert (line["cursor"], line["gaps"]) == ("2", 2)
    assert stats.get_value(f"listings/{FIRST.router}/gaps") == 2
    listings.take(page(1, next_page=after("2")), FIRST)
    assert listings.close(FIRST.after("2", 1), Stop.INTERRUPTED) == "2", "the page that never came"


def test_usual_gaps_are_counted_where_something_came_behind_them_and_warn_of_nothing(
    stats: MemoryStatsCollector, caplog: pytest.LogCaptureFixture
) -> None:
    listings = registry(row(ROUGH), stats)
    names = {1: [1], 2: [], 3: [], 4: [2], 5: [], 6: [], 7: []}
    for number, inputs in names.items():
        next_page = END if number == 7 else NextPage(cursor=str(number + 1), empty_is_common=True)
        listings.take(
            page(*inputs, next_page=next_page), Job(router=FIRST.router, target=TARGET, page=number, cursor=str(number))
        )
    with caplog.at_level(logging.INFO):
        listings.close(FIRST, Stop.END)
    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert [line["gaps"] for line in listings.take_ended()] == [2]
    assert stats.get_value(f"listings/{FIRST.router}/gaps") == 2


def test_two_walks_of_a_list_do_not_meet(stats: MemoryStatsCollector) -> None:
    listings = registry(row(ROUGH), stats)
    second = Job(router=FIRST.router, target=TARGET, input=1)
    for job in (FIRST, second):
        _, step = listings.take(page(1), job)
        assert len(step.records) == 1


def test_a_single_answer_is_no_list_in_the_stats(stats: MemoryStatsCollector) -> None:
    listings = registry(row(None), stats)
    listings.take(page(1), FIRST)
    listings.close(FIRST, Stop.END)
    assert stats.get_stats() == {}


@pytest.mark.parametrize(
    "how, reason, short",
    [(EXACT, Stop.END, 7), (ROUGH, Stop.END, None), (EXACT, Stop.ITEM_LIMIT, None)],
)
def test_what_was_declared_and_not_delivered_is_counted_at_the_end_of_an_exact_list(
    stats: MemoryStatsCollector, how: Pagination, reason: Stop, short: int | None
) -> None:
    listings = registry(row(how), stats)
    listings.take(page(1, 2, total=9), FIRST)
    listings.close(FIRST, reason)
    assert stats.get_value(f"listings/{FIRST.router}/undelivered") == short
    assert stats.get_value(f"listings/{FIRST.router}/{reason}") == 1


def test_a_last_page_that_repeats_is_no_end_where_more_was_declared() -> None:
    listing = ListProgress(FIRST, EXACT)
    listing.take(page(1, 2, next_page=after("2"), total=3), FIRST)
    step = listing.take(page(1, 2, total=3), FIRST.after("2", 2))
    assert step.stop is Outcome.INCOMPLETE and "2 of 3" in step.message
    listing = ListProgress(FIRST)
    listing.take(page(1, 2, next_page=after("2"), total=9), FIRST)
    assert listing.take(page(1, 2, total=9), FIRST.after("2", 2)).reason == "end", "its total counts replies as well"


def test_a_wall_does_not_lower_what_was_declared() -> None:
    listing = ListProgress(FIRST)
    listing.take(page(1, next_page=after("2"), total=8), FIRST)
    listing.take(page(next_page=NextPage(stop=Outcome.LOGIN_REQUIRED, message="a wall"), total=5), FIRST.after("2", 1))
    assert listing.declared == 8


def test_a_page_that_is_asked_for_again_gives_all_its_records_again() -> None:
    listing = ListProgress(FIRST, EXACT)
    listing.take(page(1, 2, next_page=after("2"), total=4), FIRST)
    second, wall = FIRST.after("2", 2), NextPage(stop=Outcome.LOGIN_REQUIRED, login_marker=True)
    step = listing.take(page(2, 3, next_page=wall), second)
    assert [record.input for record in step.records] == ["3"]
    listing.forget(step.records)
    step = listing.take(page(2, 3, 4, total=4), second)
    assert ([record.input for record in step.records], step.reason, listing.count) == (["3", "4"], "end", 4)


@pytest.mark.parametrize(
    "ask, total, pages, left",
    [(Ask(), 100, 1, 9), (Ask(), 95, 2, 8), (Ask(), 10, 1, 0), (Ask(), 5, 1, 0), (Ask(), None, 1, None),
     (Ask(max_items=35), 100, 1, 3), (Ask(max_items=35), None, 2, 2), (Ask(max_pages=4), 100, 3, 1),
     (Ask(max_pages=4), None, 1, 3)],
)  # fmt: skip
def test_how_many_pages_are_left(ask: Ask, total: int | None, pages: int, left: int | None) -> None:
    listing, job = ListProgress(FIRST), msgspec.structs.replace(FIRST, ask=ask)
    for number in range(pages):
        ids = range(10 * number, 10 * number + 10)
        step = listing.take(page(*ids, next_page=after(str(number + 2)), total=total), job)
        job = job.after(step.cursor or "", listing.count)
    assert listing.pages_left == left
