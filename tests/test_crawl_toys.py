"""What a row can say, in whole crawls: endpoints without a target, forms, content that is no JSON, gaps, trees."""

from pathlib import Path
from typing import Any

from tests.toycrawl import Crawl
from tests.toys import ROUTER


def page(names: list[Any], cursor: int | None = None, total: int | None = None) -> dict[str, Any]:
    """Return an answer; it has more where a cursor is given."""
    return {"code": 0, "data": names, "cursor": cursor or 0, "has_more": cursor is not None, "total": total}


def test_a_board_is_asked_for_by_its_router_alone(tmp_path: Path) -> None:
    script = {"/popular?cursor=0": page(["a", "b"], 20, 3), "/popular?cursor=20": page(["c"], None, 3)}
    done = Crawl(tmp_path, script, "router=fetch_com_popular")
    assert done.values == ["a", "b", "c"] and not done.errors
    assert {envelope["router"] for envelope in done.envelopes} == {f"{ROUTER}/fetch_popular"}
    assert done.lists == [f"{ROUTER}/fetch_popular popular: declared 3, collected 3, stopped: end"]
    assert done.asked == ["/popular?cursor=0", "/popular?cursor=20"]


def test_a_run_leaves_its_report(tmp_path: Path) -> None:
    script = {"/popular?cursor=0": page(["a", "b"], 20, 9), "/popular?cursor=20": page(["a"], 40, 9)}
    done = Crawl(tmp_path, script, "router=fetch_popular,fetch_ranking", "max_pages=9")
    report = done.report
    assert report["run_id"] == done.envelopes[0]["data"]["meta"]["run_id"]
    assert (report["spider"], report["state"], report["stopped"]) == ("toy", "finished", "end")
    assert report["arguments"] == {"router": "fetch_popular,fetch_ranking", "max_pages": "9"}
    assert report["started_time"] <= report["ended_time"]
    popular, ranking = f"{ROUTER}/fetch_popular", f"{ROUTER}/fetch_ranking"
    assert report["records"] == {"id": 2}
    assert report["outcomes"] == {popular: {"OK": 2, "INCOMPLETE": 1}, ranking: {"UPSTREAM": 1}}
    row = {"router": f"{ROUTER}/fetch_popular", "target": "popular", "declared": 9}
    again = {"router": "fetch_popular", "cursor": "20"}
    row |= {"declared_by_record": None, "collected": 2, "pages": 2, "gaps": 0, "undelivered": 0}
    assert done.listings == [{**row, "stopped": "cursor_stalled", "cursor": "20", "arguments": again}]
    lists = report["lists"]
    del lists["rows"]
    sums = {"declared": 9, "undeclared": 0, "collected": 2, "pages": 2}
    assert lists == {"number": 1, **sums, "stopped": {"cursor_stalled": 1}}


def test_a_secret_in_an_argument_is_not_kept(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {"/video": page(["v1"])}, "url=https://toy.test/v1?token=abc")
    assert "abc" not in str(done.report["arguments"]) and done.values == ["v1"]


def test_what_is_searched_for_is_asked_for_as_it_was_given(tmp_path: Path) -> None:
    word = "/search?q=%E7%8C%AB%26x&sort=1&cursor=0"
    done = Crawl(tmp_path, {word: page(["a"])}, "router=fetch_search", "keyword=猫&x", "sort=new")
    assert done.values == ["a"] and done.asked == [word]


def test_a_list_by_a_posted_form(tmp_path: Path) -> None:
    script = {
        "/likes?aid=1 count=30&cursor=0": page(["a"], 30),
        "/likes?aid=1 count=30&cursor=30": page(["b"]),
    }
    done = Crawl(tmp_path, script, "router=fetch_own_likes", "counts=30")
    assert done.values == ["a", "b"] and not done.errors
    assert done.report["lists"]["undeclared"] == 1, "its pages name no number"


def test_an_empty_page_is_asked_for_again_and_then_stepped_over(tmp_path: Path) -> None:
    script = {
        "/popular?cursor=0": page(["a"], 20),
        "/popular?cursor=20": page([], 40),
        "/popular?cursor=40": page(["b"]),
    }
    done = Crawl(tmp_path, script, "router=fetch_popular")
    assert done.values == ["a", "b"] and not done.errors
    assert done.asked.count("/popular?cursor=20") == 2
    assert "page 2 was empty, but the list continues" in done.log
    assert done.lists == [f"{ROUTER}/fetch_popular popular: declared unknown, collected 2, stopped: end"]
    assert f"WARNING: {done.lists[0]}" in done.log and done.listings[0]["gaps"] == 1


def test_pages_that_stay_empty_are_a_named_stop(tmp_path: Path) -> None:
    script = {f"/popular?cursor={number}": page([], number + 1) for number in range(9)}
    done = Crawl(tmp_path, script, "router=fetch_popular")
    ((name, message),) = done.errors
    assert name == "INCOMPLETE" and "page 6 was empty, but the list continues" in message
    assert done.listings[0]["stopped"] == "cursor_stalled"


def test_what_a_record_leads_to(tmp_path: Path) -> None:
    script = {"/video": page(["v1"]), "/danmaku?cid=v11": "#one|two#", "/danmaku?cid=v12": '{"code": 7}'}
    done = Crawl(tmp_path, script, "url=v1", "with=danmaku")
    assert sorted(done.values) == ["one", "two", "v1"]
    assert [name for name, _ in done.errors] == ["UPSTREAM_CHANGED"]
    assert [envelope["data"]["meta"]["target"] for envelope in done.envelopes] == ["v1"] * 4


def test_nothing_is_observed_unless_it_is_asked_for(tmp_path: Path) -> None:
    done = Crawl(tmp_path, {"/search?q=x&sort=0&cursor=0": page(["a"])}, "router=fetch_search", "keyword=x")
    assert [envelope["data"]["meta"]["record_type"] for envelope in done.envelopes] == ["id"]


def test_what_stood_where_in_a_list(tmp_path: Path) -> None:
    pages = {0: page(["a", "b"], 20), 20: page(["b", "c"])}
    script = {f"/search?q=x&sort=2&cursor={cursor}": answer for cursor, answer in pages.items()}
    given = ("router=fetch_search", "keyword=x", "sort=old")
    done = Crawl(tmp_path, script, *given, OBSERVE="placement,edge")
    listings = done.of("placement")
    assert [(row["item_key"], row["meta"]["page"], row["meta"]["position"]) for row in listings] == [
        ("toy:id:a", 1, 1), ("toy:id:b", 1, 2), ("toy:id:c", 2, 3),
    ]  # fmt: skip
    assert {(row["listing"], row["list_kind"], row["query"]) for row in listings} == {("fetch_search", "search", "x")}
    assert [row["filters"] for row in listings] == [{"sort": "2"}] * 3 and all(row["seen_time"] for row in listings)
    assert len({row["meta"]["key"] for row in listings}) == 3
    assert done.values == ["a", "b", "c"] and done.report["records"] == {"id": 3, "placement": 3}


def test_who_follows_whom(tmp_path: Path) -> None:
    script = {"/followers?user=u1&cursor=0": page(["u2", "u3"])}
    done = Crawl(tmp_path, script, "user=u1", OBSERVE="edge")
    assert [(record["src_key"], record["edge_kind"], record["dst_key"]) for record in done.of("edge")] == [
        ("toy:id:u2", "follows", "toy:author:u1"), ("toy:id:u3", "follows", "toy:author:u1"),
    ]  # fmt: skip
    assert not done.of("placement")
