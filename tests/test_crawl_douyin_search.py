"""Whole crawls of Douyin's search: what a word finds, what it does not, and who is not told."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Fault, World
from tests.simulator.platforms.douyin.search import search_id, search_results
from tests.simulator.signing import OPEN

API = "/aweme/v1/web"
NO_BROWSER = {"PLAYWRIGHT_LAUNCH_OPTIONS": '{"executable_path": "/nowhere/chromium"}'}
WORLD = World(seed=1, creators=3, videos=20, signing=OPEN)
DOUYIN = WORLD.douyin
LOGIN = f'cookie: "{DOUYIN.login_cookie}"\n'
FAULTS = [Fault(every=2, times=1, do=kind) for kind in ("reset", "truncate", "rate_limit")]
GENERAL, VIDEO, USER = "fetch_general_search", "fetch_video_search", "fetch_user_search"


def run(*words: str, config: str = "", **more) -> Crawl:
    options = {"world": WORLD, "command": ("crawl", "douyin"), "env": NO_BROWSER, **more}
    return crawl(*words, configs={"douyin_web": config}, **options)


@pytest.fixture(scope="module")
def crawls() -> dict[str, Crawl]:
    return together(
        general=lambda: run(f"url=https://www.douyin.com/search/{quote('小猫 散步')}?type=general"),
        video=lambda: run("keyword=小猫 散步", f"router={VIDEO}", "count=20", faults=FAULTS),
        user=lambda: run("keyword=小猫", f"router={USER}"),
        filtered=lambda: run("keyword=小猫", f"router={VIDEO}", "sort=time", "publish_time=7", "max_pages=1"),
        start=lambda: run("keyword=小猫", f"router={VIDEO}", f"cursor=40-{search_id('小猫')}"),
        nothing=lambda: run("keyword=没有", f"router={GENERAL}"),
        checked=lambda: run("keyword=验证", f"router={GENERAL}"),
        guest=lambda: run("keyword=访客", f"router={GENERAL}"),
        login=lambda: run("keyword=访客", f"router={GENERAL}", "max_items=3", config=LOGIN),
    )


def ids(done: Crawl) -> list[str]:
    return [record["video_id"] for record in done.records]


FOUND = [work.id for work in search_results(DOUYIN)]


def test_a_link_to_a_search_gives_the_works_among_all_that_is_found(crawls: dict[str, Crawl]) -> None:
    done = crawls["general"]
    assert done.code == 0 and ids(done) == FOUND
    asked = done.asked(f"{API}/general/search/single/")
    assert {request.query["keyword"] for request in asked} == {"小猫 散步"}
    assert [request.query["offset"] for request in asked] == ["0", "10", "20", "30", "40"]
    assert [request.query["search_id"] for request in asked] == ["", *[search_id("小猫 散步")] * 4]


def test_videos_alone_though_requests_fail(crawls: dict[str, Crawl]) -> None:
    done = crawls["video"]
    assert done.code == 0 and ids(done) == FOUND and len({request.fault for request in done.requests}) >= 3
    assert "filter_selected" not in done.asked(f"{API}/search/item/")[0].query


def test_users(crawls: dict[str, Crawl]) -> None:
    done = crawls["user"]
    expected = [DOUYIN.shelves.stranger(DOUYIN.creator(0), place).sec_uid for place in range(45)]
    assert done.code == 0 and [record["sec_uid"] for record in done.records] == expected


def test_filters_are_passed_on(crawls: dict[str, Crawl]) -> None:
    [request] = crawls["filtered"].asked(f"{API}/search/item/")
    assert '"sort_type":"2"' in request.query["filter_selected"]
    assert '"publish_time":"7"' in request.query["filter_selected"] and request.query["is_filter_search"] == "1"


def test_a_search_goes_on_from_a_cursor(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["start"]) == FOUND[40:] and crawls["start"].code == 0


def test_a_word_that_finds_nothing(crawls: dict[str, Crawl]) -> None:
    [empty] = crawls["nothing"].records
    assert (empty["listing"], empty["query"], empty["count"]) == (GENERAL, "没有", 0)


@pytest.mark.parametrize("name", ["checked", "guest"])
def test_a_check_or_a_wall_is_no_empty_search(crawls: dict[str, Crawl], name: str) -> None:
    failure = crawls[name].only()
    assert failure["code"] == 403 and "logged-in" in failure["data"]["error"]["message"]


def test_a_login_is_told_more(crawls: dict[str, Crawl]) -> None:
    assert ids(crawls["login"]) == FOUND[:3] and crawls["login"].code == 0
