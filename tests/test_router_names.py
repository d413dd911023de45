"""Endpoints that need no target, words that are searched for, targets of two parameters, and older names."""

import pytest

from scraper.inputs.arguments import Arguments, parse
from scraper.inputs.endpoint_choice import plan
from scraper.platform.atlas import Atlas
from scraper.platform.targets import Target
from scraper.responses.exceptions import ArgumentError
from tests.cases import SPIDERS
from tests.toys import PLATFORM, ROUTER

ATLAS = Atlas([PLATFORM])
LINK = "https://toy.test/v1"


def parsed(**named: str) -> Arguments:
    return parse({name.rstrip("_"): value for name, value in named.items()}, ATLAS)


def refused(**named: str) -> str:
    with pytest.raises(ArgumentError) as error:
        parsed(**named)
    return str(error.value)


def planned(**named: str) -> list[tuple[str, str, list[str], str]]:
    """Return kind, id, endpoints and problem of each target."""
    arguments = parsed(**named)
    plans = [(target, plan(target, arguments.ask, ATLAS, {})) for _, target, *_ in arguments.targets(ATLAS)]
    return [
        (target.kind, target.id, [name.rpartition("/")[2] for name in to.routers], to.problem) for target, to in plans
    ]


def test_a_router_that_needs_no_target() -> None:
    assert planned(router="fetch_popular") == [("popular list", "popular", ["fetch_popular"], "")]
    assert planned(router="fetch_popular,fetch_ranking") == [
        ("popular list", "popular", ["fetch_popular"], ""), ("ranking", "0", ["fetch_ranking"], ""),
    ]  # fmt: skip
    (target,) = parsed(router="fetch_popular").named
    assert (target.given, target.platform) == ("fetch_popular", "toy")


def test_a_router_that_needs_no_target_may_be_tuned_and_narrowed() -> None:
    arguments = parsed(router="fetch_popular", count="30", cursor="60", max_pages="2")
    assert (arguments.ask.count, arguments.ask.cursors, arguments.ask.max_pages) == (
        30,
        {f"{ROUTER}/fetch_popular": "60"},
        2,
    )
    assert planned(router="fetch_ranking", rid="3") == [("ranking", "3", ["fetch_ranking"], "")]
    assert planned(rid="3") == [("ranking", "3", ["fetch_ranking"], "")]


def test_one_that_needs_a_target_beside_one_that_does_not() -> None:
    assert "fetch_search takes -a keyword=" in refused(router="fetch_popular,fetch_search")


def test_a_router_that_needs_no_target_takes_no_link() -> None:
    ((*_, problem),) = planned(router="fetch_popular", url=LINK)
    assert "takes no link" in problem and "-a router=fetch_popular alone" in problem


@pytest.mark.parametrize("word", ["cat", "小猫 视频", "a:b&c=d", "50%"])
def test_a_word_that_is_searched_for(word: str) -> None:
    assert planned(router="fetch_search", keyword=f" {word} ") == [("search", word, ["fetch_search"], "")]
    assert planned(keyword=word) == [("search", word, ["fetch_search"], "")]


@pytest.mark.parametrize("word", ["a\nb", "a\x00", "x" * 101])
def test_what_is_no_word(word: str) -> None:
    assert "keyword=" in refused(router="fetch_search", keyword=word)


def test_a_target_of_two_parameters() -> None:
    (target,) = parsed(router="fetch_season", uid="2", season_id="30").named
    assert target == Target("season", "30", "2", (("user", "2"),), "toy")
    assert "needs season_id" in refused(router="fetch_season", uid="2")
    assert parsed(uid="2", season_id="30").named == [target]


def test_a_parameter_that_tunes() -> None:
    arguments = parsed(router="fetch_search", keyword="x", sort="new")
    assert (arguments.ask.options, arguments.ask.sort) == ({f"{ROUTER}/fetch_search": {"sort": "1"}}, "hot")
    assert "sort=best is malformed" in refused(router="fetch_search", keyword="x", sort="best")
    assert "sort=new" in refused(url=LINK, sort="new"), "elsewhere it has its own meaning"


def test_older_names() -> None:
    assert parsed(router="fetch_com_popular").ask.routers == parsed(router="fetch_popular").ask.routers
    arguments = parsed(router="fetch_popular", counts="30", max_cursor="60")
    assert (arguments.ask.count, arguments.ask.cursors) == (30, {f"{ROUTER}/fetch_popular": "60"})
    assert "counts means the same as count" in refused(router="fetch_popular", count="1", counts="2")
    assert "count means the same as counts" in refused(router="fetch_popular", counts="2", count="1")


@pytest.mark.parametrize(
    "router, words",
    [
        ("generate_real_msToken", ["signatures and tokens are not computed", "scrapy routes"]),
        ("/api/toy/web/generate_a_bogus", ["the crawl signs the request"]),
        ("/api/download", ["not part of a crawl", "video_data"]),
        ("update_cookie", ["scrapy update_cookie --service"]),
        ("ios/shortcut", ["not part of a crawl", "-a url="]),
    ],
)
def test_what_is_not_offered_says_what_to_use_instead(router: str, words: list[str]) -> None:
    for spider in SPIDERS:
        with pytest.raises(ArgumentError) as error:
            spider(router=router, url=LINK)
        assert [word for word in (router, *words) if word not in str(error.value)] == []


def test_a_cookie_is_no_argument() -> None:
    message = refused(router="fetch_popular", cookie="session=secret")
    assert "secret" not in message and "scrapy update_cookie" in message


def test_what_may_be_followed_is_what_the_platform_offers() -> None:
    assert parsed(url=LINK, with_="danmaku").ask.follow == {"danmaku"}
    for word in ("comments", "replies", "subtitles", "author"):
        message = refused(url=LINK, with_=word)
        assert f"with={word}" in message and "Toy has no endpoint for it" in message and "takes danmaku" in message
    assert "has no endpoint" not in refused(url=LINK, with_="coments")
