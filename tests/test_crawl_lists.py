"""Lists from their first page to their end, and lists that stop before it."""

from __future__ import annotations

import pytest

from tests.crawling import LIST, STUBBORN, Crawl, Envelope, by_target, crawl, together
from tests.simulator import Fault, World
from tests.simulator.platforms.bilibili import listing
from tests.simulator.specials import ODD_PLACE

WORLD = World(seed=1, creators=3, videos=600)
SMALL = World(seed=1, creators=2, videos=95)
PATH = "/x/space/wbi/arc/search"
BROKEN = [Fault(every=7, times=2, do=kind) for kind in ("reset", "status", "truncate", "empty", "garbage")]
HURT = {
    "broken": [*BROKEN, Fault(every=7, do="reset")],
    "slow": [Fault(every=7, times=4, do="slow", delay=0.05), Fault(every=7, do="status", status=500)],
    "limited": [Fault(every=7, times=5, do="rate_limit"), Fault(every=7, do="rate_limit", status=429, retry_after=0)],
}
STOPS: dict[str, dict[str, object]] = {
    "repeat": {"do": "repeat", "after": 1},
    "empty_page": {"do": "empty_page", "query": {"pn": 3}},
    "empty_once": {"do": "empty_page", "nth": 3},
    "null_data": {"do": "null_data", "nth": 3},
    "unknown_code": {"do": "unknown_code", "nth": 3},
    "wrong_types": {"do": "wrong_types", "nth": 3},
    "never": {"do": "status", "query": {"pn": 3}},
    "half_page": {"do": "half_page", "nth": 2},
}


def space(world: World, number: int = 0) -> str:
    return f"https://space.bilibili.com/{world.creator(number).mid}"


def ids(done: Crawl) -> list[str]:
    return [record["video_id"] for record in done.records]


@pytest.fixture(scope="module")
def hurt() -> dict[str, Crawl]:
    """Three creators with twenty pages each, every seventh request being hit."""
    links = " ".join(space(WORLD, number) for number in range(3))
    return together(
        **{
            name: lambda hits=hits: crawl(f"url={links}", world=WORLD, faults=hits, settings=STUBBORN, gzip=True)
            for name, hits in HURT.items()
        }
    )


@pytest.fixture(scope="module")
def stopped() -> dict[str, Crawl]:
    """A creator with four pages, the list of which goes wrong."""
    return together(
        **{
            name: lambda kind=kind: crawl(f"url={space(SMALL)}", world=SMALL, faults=[Fault(path=PATH, **kind)])
            for name, kind in STOPS.items()
        }
    )


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    special = SMALL.special
    return together(
        items=lambda: crawl(f"url={space(SMALL)}", "max_items=47", world=SMALL),
        pages=lambda: crawl(f"url={space(SMALL)}", "max_pages=2", world=SMALL),
        count=lambda: crawl(f"uid={SMALL.creator(0).mid}", "count=50", world=SMALL),
        start=lambda: crawl(f"uid={SMALL.creator(0).mid}", "pn=3", world=SMALL),
        one=lambda: crawl(f"uid={SMALL.creator(0).mid}", "pn=2", "count=20", "max_pages=1", world=SMALL),
        beyond=lambda: crawl(f"uid={SMALL.creator(0).mid}", "pn=9", world=SMALL),
        special=lambda: crawl(
            "url=" + " ".join(f"https://space.bilibili.com/{special[n]}" for n in ("user_empty", "user_gone")),
            world=SMALL,
        ),
        odd=lambda: crawl(f"url=https://space.bilibili.com/{special['odd_user']}", world=SMALL),
        showcase=lambda: crawl(f"url=https://space.bilibili.com/{special['showcase']}/video", world=SMALL),
        two=lambda: crawl(f"url={space(SMALL, 0)} {space(SMALL, 1)}", "max_items=40", world=SMALL),
    )


@pytest.mark.parametrize("kind", HURT)
def test_every_video_once_though_every_seventh_request_fails(hurt: dict[str, Crawl], kind: str) -> None:
    done = hurt[kind]
    assert done.code == 0, done.err
    assert sum(request.fault is not None for request in done.requests) >= len(done.requests) // 7 > 0
    idents = ids(done)
    assert len(idents) == len(set(idents)) == 1800
    assert set(idents) == {bvid for number in range(3) for bvid in WORLD.bvids(number)}
    for number in range(3):
        own = [envelope["data"] for envelope in by_target(done)[space(WORLD, number)]]
        assert [record["video_id"] for record in own] == list(WORLD.bvids(number))
        assert [record["meta"]["position"] for record in own] == list(range(1, 601))
        assert own[-1]["meta"]["page"] == 20


def test_an_entry_of_a_list(crawls: dict[str, Crawl]) -> None:
    record, video = crawls["pages"].records[40], SMALL.video(0, 40)
    assert (record["video_id"], record["title"], record["create_time"]) == (video.bvid, video.title, video.created)
    assert record["duration_ms"] == (video.duration * 1000 or None)
    assert record["author"]["uid"] == str(video.mid)
    assert record["statistics"]["digg_count"] is None and record["video_data"] is None
    meta = record["meta"]
    assert (meta["partial"], meta["page"], meta["position"], meta["cursor"]) == (True, 2, 41, "2")
    assert (meta["router"], meta["target"], meta["target_kind"]) == (LIST, space(SMALL), "user")
    for listed, place in zip(crawls["pages"].records, range(60), strict=True):
        video = SMALL.video(0, place)
        assert listed["statistics"]["play_count"] == (None if video.hash % 61 == 2 else listing.plays(video))


def test_limits_are_no_failure(crawls: dict[str, Crawl]) -> None:
    every = list(SMALL.bvids(0))
    assert ids(crawls["items"]) == every[:47] and len(crawls["items"].asked(PATH)) == 2
    assert ids(crawls["pages"]) == every[:60] and len(crawls["pages"].asked(PATH)) == 2
    two = by_target(crawls["two"])
    assert [len(two[space(SMALL, number)]) for number in range(2)] == [40, 40], "for each list"
    assert {crawls[name].code for name in ("items", "pages", "two")} == {0}


def test_where_a_walk_starts_and_how_large_its_pages_are(crawls: dict[str, Crawl]) -> None:
    every = list(SMALL.bvids(0))
    assert ids(crawls["count"]) == every
    assert [request.query["ps"] for request in crawls["count"].asked(PATH)] == ["50", "50"]
    assert ids(crawls["start"]) == every[60:]
    assert [request.query["pn"] for request in crawls["start"].asked(PATH)] == ["3", "4"]
    assert ids(crawls["one"]) == every[20:40] and len(crawls["one"].asked(PATH)) == 1


def test_a_list_without_anything_in_it(crawls: dict[str, Crawl]) -> None:
    answers = by_target(crawls["special"])
    [empty] = answers[f"https://space.bilibili.com/{SMALL.special['user_empty']}"]
    [gone] = answers[f"https://space.bilibili.com/{SMALL.special['user_gone']}"]
    record = empty["data"]
    assert (empty["code"], empty["router"], record["meta"]["record_type"]) == (200, LIST, "listing")
    assert (record["listing"], record["count"], record["declared_total"]) == ("fetch_user_post_videos", 0, 0)
    assert gone["code"] == 404
    assert crawls["special"].code == 0


def test_one_odd_entry_costs_only_itself(crawls: dict[str, Crawl]) -> None:
    done = crawls["odd"]
    mid = int(SMALL.special["odd_user"])
    assert ids(done) == list(SMALL.bvids_of(mid)) and len(done.records) == 44
    [failure] = [envelope for envelope in done.envelopes if envelope["code"] != 200]
    error = failure["data"]["error"]
    assert (failure["code"], error["name"], error["retryable"]) == (422, "UPSTREAM_CHANGED", False)
    assert f"data.list.vlist[{ODD_PLACE}].bvid" in error["message"]
    assert done.code == 3


def test_the_videos_of_every_trait_in_a_list(crawls: dict[str, Crawl]) -> None:
    done = crawls["showcase"]
    by_id = {record["video_id"]: record for record in done.records}
    assert list(by_id) == list(SMALL.bvids_of(int(SMALL.special["showcase"])))
    assert by_id[str(SMALL.special["charging"])]["flags"]["paid"] is True
    assert by_id[str(SMALL.special["coop"])]["flags"]["coop"] is True
    assert by_id[str(SMALL.special["season"])]["mix"]["title"] == "合集"
    assert 'Q&A <1> "' in by_id[str(SMALL.special["entities"])]["title"]


def the_failure(done: Crawl) -> Envelope:
    [failure] = [envelope for envelope in done.envelopes if envelope["code"] != 200]
    assert failure["router"] == LIST
    assert done.code == 3
    return failure


@pytest.mark.parametrize(("kind", "came", "cursor"), [("repeat", 30, "2"), ("never", 60, "3")])
def test_a_list_that_stops_before_its_end(stopped: dict[str, Crawl], kind: str, came: int, cursor: str) -> None:
    done = stopped[kind]
    assert ids(done) == list(SMALL.bvids(0))[:came]
    failure = the_failure(done)
    assert (failure["code"], failure["data"]["error"]["name"]) == (206, "INCOMPLETE")
    assert failure["data"]["meta"]["cursor"] == cursor, "where to go on"
    assert failure["data"]["error"]["retryable"] is True
    assert failure["data"]["error"]["input"] == space(SMALL)


def test_a_page_that_stays_empty_is_stepped_over_and_told(stopped: dict[str, Crawl]) -> None:
    done, all_of_it = stopped["empty_page"], list(SMALL.bvids(0))
    assert ids(done) == all_of_it[:60] + all_of_it[90:]
    failure = the_failure(done)
    assert failure["data"]["error"]["name"] == "INCOMPLETE" and failure["data"]["meta"]["cursor"] == "3"
    assert "1 page stayed empty" in failure["data"]["error"]["message"]


@pytest.mark.parametrize("kind", ["null_data", "unknown_code"])
def test_a_page_of_an_unknown_shape(stopped: dict[str, Crawl], kind: str) -> None:
    done = stopped[kind]
    failure = the_failure(done)
    assert ids(done) == list(SMALL.bvids(0))[:60]
    assert (failure["code"], failure["data"]["error"]["name"]) == (422, "UPSTREAM_CHANGED")
    assert (failure["data"]["meta"]["cursor"], failure["data"]["meta"]["page"]) == ("3", 3)
    says = {"null_data": "data.list.vlist", "unknown_code": "987654"}[kind]
    assert says in failure["data"]["error"]["message"]


def test_a_page_that_came_empty_is_asked_for_again(stopped: dict[str, Crawl]) -> None:
    assert ids(stopped["empty_once"]) == list(SMALL.bvids(0))
    assert [request.query["pn"] for request in stopped["empty_once"].asked(PATH)] == ["1", "2", "3", "3", "4"]


def test_numbers_that_come_as_texts_are_still_numbers(stopped: dict[str, Crawl]) -> None:
    assert ids(stopped["wrong_types"]) == list(SMALL.bvids(0))
    assert {type(record["create_time"]) for record in stopped["wrong_types"].records} == {int}


def test_a_page_that_never_came_was_asked_for_four_times(stopped: dict[str, Crawl]) -> None:
    assert [request.query["pn"] for request in stopped["never"].asked(PATH)] == ["1", "2", "3", "3", "3", "3"]


def test_a_short_page_is_no_end(stopped: dict[str, Crawl]) -> None:
    every = list(SMALL.bvids(0))
    assert ids(stopped["half_page"]) == every[:45] + every[60:]
    assert stopped["half_page"].code == 0


def test_a_page_beyond_the_end_holds_nothing(crawls: dict[str, Crawl]) -> None:
    record = crawls["beyond"].only()["data"]
    assert (record["count"], record["declared_total"], crawls["beyond"].code) == (0, 95, 0)
