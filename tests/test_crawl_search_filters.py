"""Crawls of searches whose links have filters: what the platform is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.crawling import Crawl, crawl, together
from tests.simulator import Seen, World
from tests.simulator.signing import OPEN
from tests.tiktok import SITE, go

WORLD = World(seed=1, creators=2, videos=30, signing=OPEN)
BILIBILI, DOUYIN = "/x/web-interface/wbi/search/type", "/aweme/v1/web/general/search/single/"
VIDEOS = {
    "order": "dm",
    "duration": "2",
    "tids": "3",
    "pubtime_begin_s": "1790000000",
    "pubtime_end_s": "1790086399",
}


def bilibili(link: str) -> Crawl:
    return crawl(f"url=https://search.bilibili.com/{link}", "max_pages=2", world=WORLD)


def douyin(link: str) -> Crawl:
    """Crawl as a logged-in user, without a browser."""
    options = {"command": ("crawl", "douyin"), "configs": {"douyin_web": f'cookie: "{WORLD.douyin.login_cookie}"\n'}}
    return crawl(f"url=https://www.douyin.com/search/{link}", "max_pages=2", world=WORLD, **options)


@pytest.fixture(scope="module")
def crawls() -> Mapping[str, Crawl]:
    selected = "&".join(f"{name}={value}" for name, value in VIDEOS.items())
    return together(
        videos=lambda: bilibili(f"video?keyword=样例&{selected}"),
        users=lambda: bilibili("upuser?keyword=样例&order=fans&order_sort=1&user_type=1"),
        neutral=lambda: bilibili("all?keyword=样例&order=0&duration=0&tids=all&pubtime_begin_s="),
        unfit=lambda: bilibili("all?keyword=样例&duration=9"),
        douyin=lambda: douyin("样例?publish_time=7&sort_type=2"),
        douyin_neutral=lambda: douyin("样例?publish_time=0&sort_type=0&filter_duration=&content_type=0"),
        douyin_unfit=lambda: douyin("样例?filter_duration=1-5"),
        tiktok=lambda: go(f"url={SITE}/search?q=a%20walk&publish_time=0&sort_type=", "max_pages=1"),
        tiktok_unfit=lambda: go(f"url={SITE}/search?q=a%20walk&publish_time=7"),
    )


def queries(done: Crawl, path: str) -> list[Mapping[str, str]]:
    """The query of every request for a path; there is at least one, and it led to records."""
    asked: list[Seen] = done.asked(path)
    assert asked and done.records and not done.failures
    return [request.query for request in asked]


def test_bilibili_is_asked_for_what_the_link_selects_on_every_page(crawls: Mapping[str, Crawl]) -> None:
    pages = queries(crawls["videos"], BILIBILI)
    assert len(pages) == 2
    for query in pages:
        assert {name: query[name] for name in VIDEOS} == VIDEOS and query["keyword"] == "样例"
    for query in queries(crawls["users"], BILIBILI):
        assert (query["search_type"], query["order"], query["order_sort"], query["user_type"]) == (
            "bili_user", "fans", "1", "1",
        )  # fmt: skip


def test_douyin_is_asked_for_what_the_link_selects_on_every_page(crawls: Mapping[str, Crawl]) -> None:
    pages = queries(crawls["douyin"], DOUYIN)
    assert len(pages) == 2
    for query in pages:
        selected = json.loads(query["filter_selected"])
        assert (selected["publish_time"], selected["sort_type"], query["is_filter_search"]) == ("7", "2", "1")


def test_values_that_select_everything_select_nothing(crawls: Mapping[str, Crawl]) -> None:
    for query in queries(crawls["neutral"], BILIBILI):
        assert (query["order"], query["duration"], query["tids"]) == ("totalrank", "0", "0")
        assert "pubtime_begin_s" not in query
    for query in queries(crawls["douyin_neutral"], DOUYIN):
        assert query["is_filter_search"] == "0" and "filter_selected" not in query
    assert queries(crawls["tiktok"], "/api/search/item/full/")[0]["keyword"] == "a walk"


@pytest.mark.parametrize(
    "name, named",
    [("unfit", "duration=9"), ("douyin_unfit", "filter_duration=1-5"), ("tiktok_unfit", "publish_time=7")],
)
def test_a_filter_that_cannot_be_asked_for_is_named(crawls: Mapping[str, Crawl], name: str, named: str) -> None:
    failure = crawls[name].only()
    assert failure["code"] == 400 and named in failure["data"]["error"]["message"]
    assert not crawls[name].requests
