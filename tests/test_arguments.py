"""Arguments are checked before anything is asked, and a wrong one is named with its right form."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from scraper.inputs.arguments import Arguments, parse
from scraper.inputs.endpoint_choice import plan
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import UNKNOWN, Target
from scraper.responses.exceptions import ArgumentError
from spiders.bilibili.spider import BILIBILI
from spiders.douyin.spider import DOUYIN
from spiders.hybrid import HybridSpider
from spiders.tiktok.spider import TIKTOK
from tests.cases import SPIDERS

ATLAS = Atlas([BILIBILI])
BV = "BV1L9Uoa9EUx"
VIDEO = f"https://www.bilibili.com/video/{BV}"
ONE = "/api/bilibili/web/fetch_one_video"


def parsed(**named: str) -> Arguments:
    return parse({name.rstrip("_"): value for name, value in named.items()}, ATLAS)


def targets_of(arguments: Arguments) -> list[Target]:
    return [asked.target for asked in arguments.targets(ATLAS)]


def refused(**named: str) -> str:
    with pytest.raises(ArgumentError) as error:
        parsed(**named)
    return str(error.value)


def routers(**named: str) -> list[list[str]]:
    """Return the last segments of the routers that each target gets."""
    arguments = parsed(**named)
    return [
        [router.rpartition("/")[2] for router in plan(target, arguments.ask, ATLAS, {}).routers]
        for target in targets_of(arguments)
    ]


@pytest.mark.parametrize(
    "named, words",
    [
        ({"ulr": VIDEO}, ["unknown argument ulr", "did you mean url?"]),
        ({"url": VIDEO, "max_page": "2"}, ["max_page", "did you mean max_pages?"]),
        ({"url": VIDEO, "qqqqqqq": "1"}, ["unknown argument qqqqqqq", "url", "max_items"]),
        ({"router": "fetch_user_post_videos", "user": "1"}, ["unknown argument user; ", " mid", " uid"]),
        ({"router": "fetch_user_post_videos", "sec_uid": "1"}, ["sec_uid; fetch_user_post_videos takes", " uid"]),
        ({"router": "fetch_com_popular", "sec_uid": "1"}, ["argument sec_uid; fetch_com_popular takes pn; "]),
        ({"router": "fetch_com_popular,fetch_ranking", "sec_uid": "1"}, ["popular and fetch_ranking take pn, rid; "]),
        ({"sec_uid": "1"}, ["unknown argument sec_uid; arguments are url, "]),
        ({"url": VIDEO, "max_items": "ten"}, ["max_items=ten: must be a whole number from 1, such as max_items=20"]),
        (
            {"router": "fetch_video_comments", "bv_id": BV, "pn": '{"type":1}'},
            ['pn={"type":1} is malformed; example: pn=1; the cursor of a page is given as cursor=…'],
        ),
        ({"router": "fetch_user_post_videos", "uid": "2", "pn": "x"}, ["pn=x is malformed; example: pn=1"]),
        ({}, ["nothing to crawl", "-a url=", "-a file=", "-a router="]),
        ({"router": "fetch_one_video"}, ["nothing to crawl"]),
        ({"max_items": "2"}, ["nothing to crawl"]),
        ({"url": VIDEO, "file": "-"}, ["url and file cannot be combined"]),
        ({"url": VIDEO, "bv_id": BV}, ["url and bv_id cannot be combined"]),
        ({"file": "-", "uid": "2"}, ["file and uid cannot be combined"]),
        ({"url": VIDEO, "p": "2"}, ["url and p cannot be combined"]),
        ({"url": ""}, ["url is empty"]),
        ({"url": VIDEO, "sort": " "}, ["sort is empty"]),
        ({"url": VIDEO, "router": ""}, ["router is empty"]),
        ({"file": "no/such/file.txt"}, ["file=no/such/file.txt", "no such file"]),
        ({"url": VIDEO, "sort": "best"}, ["sort=best", "hot, time"]),
        ({"url": VIDEO, "tags": "red, blue"}, ["tags=red, blue: must be name=value, several separated by ;"]),
        ({"url": VIDEO, "tags": "team=red;=x"}, ["tags=team=red;=x: must be name=value"]),
        ({"url": VIDEO, "tags": ";"}, ["tags=;: must be name=value"]),
        ({"url": VIDEO, "max_items": "0"}, ["max_items=0", "max_items=20"]),
        ({"url": VIDEO, "max_items": "-1"}, ["max_items=-1"]),
        ({"url": VIDEO, "max_items": "many"}, ["max_items=many"]),
        ({"url": VIDEO, "max_items": "2.5"}, ["max_items=2.5"]),
        ({"url": VIDEO, "max_pages": "１"}, ["max_pages=１"]),
        ({"url": VIDEO, "max_pages": "9999999999"}, ["max_pages=9999999999"]),
        ({"uid": "2", "count": "101"}, ["count=101", "up to 100"]),
        ({"uid": "2", "since": "last", "pn": "3", "router": "fetch_user_post_videos"}, ["since=last", "cursor"]),
        ({"url": VIDEO, "with": "coments"}, ["with=coments", "comments"]),
        ({"url": VIDEO, "router": "fetch_one_vidoe"}, ["router=fetch_one_vidoe", "did you mean fetch_one_video?"]),
        ({"url": VIDEO, "router": "/api/elsewhere/web/fetch_one_video"}, ["router=", "unknown endpoint"]),
        ({"url": VIDEO, "router": "fetch_one_video,nothing"}, ["router=nothing"]),
        ({"bv_id": "BV1short"}, ["bv_id=BV1short", "bv_id=BV1L9Uoa9EUx"]),
        ({"bv_id": "av0"}, ["bv_id=av0"]),
        ({"uid": "abc"}, ["uid=abc", "uid=100200300"]),
        ({"bv_id": BV, "p": "0"}, ["p=0", "p=2"]),
        ({"router": "fetch_video_playurl", "bv_id": BV, "cid": "x"}, ["cid=x", "cid=25000000001"]),
        ({"bv_id": BV, "cid": "1"}, ["choose an endpoint", "fetch_video_playurl or fetch_video_subtitles"]),
        ({"season_id": "1", "ep_id": "2", "router": "fetch_bangumi_season"}, ["mean the same", "give only one"]),
        ({"router": "fetch_video_danmaku", "p": "2"}, ["needs cid or bv_id", "-a cid=25000000001 or -a bv_id="]),
        ({"uid": "2", "pn": "0"}, ["pn=0", "pn=1"]),
        ({"p": "2"}, ["p", "router="]),
        ({"rpid": "1"}, ["rpid", "router="]),
        ({"router": "fetch_comment_reply", "rpid": "1"}, ["fetch_comment_reply needs bv_id", "-a rpid="]),
        ({"router": "fetch_comment_reply", "bv_id": BV}, ["fetch_comment_reply needs rpid"]),
        ({"router": "fetch_one_video", "uid": "2"}, ["fetch_one_video takes no uid", "-a bv_id="]),
        ({"router": "fetch_one_video", "bv_id": BV, "pn": "2"}, ["fetch_one_video takes no pn"]),
        ({"router": "fetch_one_video,fetch_video_parts", "bv_id": BV}, ["exactly one router"]),
        ({"url": VIDEO, "router": "fetch_one_video", "pn": "2"}, ["takes no pn"]),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_named(named: dict[str, str], words: list[str]) -> None:
    message = refused(**named)
    assert [word for word in words if word not in message] == []
    assert len(message) < 600 and "\n" not in message


def test_links_of_several_lines() -> None:
    arguments = parsed(url=f"{VIDEO}\n\n  \nav2 av170001\n看 https://b23.tv/AbCd123，")
    assert [target.kind for target in targets_of(arguments)] == ["video"] * 3 + ["short link"]


def test_a_file_may_hold_comments_and_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / "targets.txt"
    path.write_bytes(b"\xef\xbb\xbf" + f"{VIDEO}\r\n# {VIDEO}\n\n  \n  av2\n\xff".encode() + b"\xff\xfe\nBV")
    assert [target.kind for target in targets_of(parsed(file=str(path)))] == ["video", "video", UNKNOWN, UNKNOWN]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_file_may_be_in_any_encoding_that_windows_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, newline: str
) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    text = mark + newline.join(
        ["# 看看", f"看【标题】{VIDEO}", "", "av2", "https://search.bilibili.com/all?keyword=猫咪"]
    )
    (tmp_path / "targets.txt").write_bytes(text.encode(encoding))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text.encode(encoding)))))
    for file in (str(tmp_path / "targets.txt"), "-"):
        assert [target.id for target in targets_of(parsed(file=file))] == [BV, "BV1xx411c7mD", "猫咪"]


def test_a_file_may_be_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"av2\n#av3\n"))))
    assert [target.id for target in targets_of(parsed(file="-"))] == ["BV1xx411c7mD"]


def test_the_natural_endpoint_of_a_kind() -> None:
    assert routers(url=VIDEO) == [["fetch_one_video"]]
    assert routers(url="https://space.bilibili.com/2") == [["fetch_user_post_videos"]]
    assert routers(bv_id=BV) == [["fetch_one_video"]] and routers(uid="2") == [["fetch_user_post_videos"]]


@pytest.mark.parametrize(
    "name", [endpoint.router for endpoint in BILIBILI.endpoints] + [e.name for e in BILIBILI.endpoints]
)
def test_a_router_by_its_path_or_its_last_segment(name: str) -> None:
    assert list(parsed(url=VIDEO, router=f" {name} ").ask.routers) in (
        [[name]]
        if name.startswith("/")
        else [[endpoint.router] for endpoint in BILIBILI.endpoints if endpoint.name == name]
    )


def test_several_routers_for_one_target() -> None:
    assert routers(url=VIDEO, router="fetch_video_parts,fetch_video_playurl") == [
        ["fetch_video_parts", "fetch_video_playurl"]
    ]
    assert routers(url=f"{VIDEO} https://space.bilibili.com/2", router=f"{ONE},fetch_user_profile") == [
        ["fetch_one_video"], ["fetch_user_profile"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url, router, words",
    [
        ("https://space.bilibili.com/2", "fetch_one_video", ["fetch_one_video takes a video", "this is a user"]),
        (VIDEO, "fetch_comment_reply", ["fetch_comment_reply takes a comment"]),
        ("https://www.bilibili.com/read/cv1", "", ["a link to an article page", "not supported yet"]),
        ("https://www.bilibili.com/", "", ["unrecognised link: www.bilibili.com/ is not a supported page"]),
        ("https://evil.example/x", "", ["evil.example is not supported (Bilibili is)"]),
        ("看看这个", "", ["no link or id found. Example: https://www.bilibili.com/"]),
        ("", "fetch_video_parts", []),
    ],
)
def test_a_wrong_target_says_what_is_wrong(url: str, router: str, words: list[str]) -> None:
    arguments = parsed(url=url or VIDEO, **({"router": router} if router else {}))
    (target,) = targets_of(arguments)
    asked = plan(target, arguments.ask, ATLAS, {})
    assert bool(asked.problem) is bool(words)
    assert [word for word in words if word not in asked.problem] == []


def test_a_link_of_another_platform_names_its_spider() -> None:
    arguments = parsed(url="https://site.test/v/1")
    (foreign,) = targets_of(arguments)
    other = SimpleNamespace(name="other", link_hosts={"site.test"})
    planned = plan(foreign, arguments.ask, ATLAS, {"other": other})
    assert "scrapy crawl other" in planned.problem and planned.platform == "other"
    assert planned.advice == "do what the message says"


@pytest.mark.parametrize(
    "url, router, advice",
    [
        ("看看这个", "", "give a link, an id, or a share text that contains one"),
        ("https://www.youtube.com/watch?v=1", "", "remove this input: it cannot be corrected"),
        ("https://www.bilibili.com/read/cv1", "", "remove this input: it cannot be corrected"),
        ("https://www.bilibili.com/", "", ""),
        ("https://space.bilibili.com/2", "fetch_one_video", ""),
    ],
)
def test_the_advice_fits_what_can_be_corrected(url: str, router: str, advice: str) -> None:
    arguments = parsed(url=url, **({"router": router} if router else {}))
    (target,) = targets_of(arguments)
    assert plan(target, arguments.ask, ATLAS, {}).advice == advice


def test_an_unfit_router_is_answered_with_those_that_fit() -> None:
    arguments = parsed(url="https://space.bilibili.com/2", router="fetch_one_video")
    (target,) = targets_of(arguments)
    problem = plan(target, arguments.ask, ATLAS, {}).problem
    assert "a user: give router= with one of fetch_user_post_videos, " in problem and "fetch_user_profile" in problem


def test_an_ambiguous_id_names_the_platforms_and_the_spiders_that_accept_it() -> None:
    every = HybridSpider.build_atlas()
    arguments = parse({"url": "7300000000000000002"}, every)
    others = {platform.name: platform for platform in every.platforms}
    [target] = [asked.target for asked in arguments.targets(every)]
    rejected = plan(target, arguments.ask, every, others)
    assert "Douyin or TikTok" in rejected.problem and "Bilibili" not in rejected.problem
    assert "`scrapy crawl douyin` or `scrapy crawl tiktok`" in rejected.problem


def test_the_router_of_an_unknown_target_is_the_asked_one() -> None:
    for given, router in (({}, ONE), ({"router": "fetch_video_parts"}, "/api/bilibili/web/fetch_video_parts")):
        arguments = parsed(url="nothing", **given)
        (target,) = targets_of(arguments)
        assert plan(target, arguments.ask, ATLAS, {}).routers == [router]


def test_parameters_name_a_target() -> None:
    arguments = parsed(bv_id=" av170001 ", p="3")
    assert arguments.named[0] and (arguments.named[0].id, arguments.named[0].get("p")) == ("BV17x411w7KC", "3")
    assert arguments.named[0].given == "av170001"
    assert parsed(bv_id=BV, p="1").named[0].key == parsed(bv_id=BV).named[0].key
    streams = parsed(router="fetch_video_playurl", bv_id=BV, cid="25000000001")
    assert [router.rpartition("/")[2] for router in streams.ask.routers] == ["fetch_video_playurl"] and streams.named[
        0
    ].get("cid")
    reply = parsed(bv_id=BV, rpid="250000000001")
    assert (reply.named[0].kind, reply.named[0].id, reply.named[0].get("video")) == ("comment", "250000000001", BV)
    assert parsed(uid="0002").named[0].id == "2"
    for name, value, kind, ident in (
        ("season_id", "1001", "bangumi", "ss1001"),
        ("ep_id", "02001", "episode", "ep2001"),
    ):
        (season,) = parsed(**{name: value}).named
        assert (season.kind, season.id, season.given) == (kind, ident, value)
    assert [router.rpartition("/")[2] for router in parsed(cid="7").ask.routers] == ["fetch_video_danmaku"]


def test_parameters_that_tune_go_with_links() -> None:
    arguments = parsed(url="https://space.bilibili.com/2", pn="3", count="20", max_pages="1", max_items="7")
    assert arguments.ask.cursors["/api/bilibili/web/fetch_user_post_videos"] == "3"
    assert (arguments.ask.count, arguments.ask.max_pages, arguments.ask.max_items, arguments.ask.sort) == (
        20,
        1,
        7,
        "hot",
    )


def test_a_first_cursor_of_comments() -> None:
    router = "/api/bilibili/web/fetch_video_comments"
    given = {"bv_id": BV, "router": "fetch_video_comments"}
    offset = '{"type":3,"direction":1,"Data":{"cursor":12}}'
    assert parsed(**given, cursor=offset).ask.cursors == {router: offset}
    assert parsed(**given, pn="2").ask.cursors == {router: '{"type":1,"direction":1,"data":{"pn":2}}'}
    assert parsed(**given, pn="1").ask.cursors == {router: ""}
    for number in ("1", "2"):  # which a program keeps while it follows the cursor
        assert parsed(**given, pn=number, cursor=offset).ask.cursors == {router: offset}


def test_what_to_follow() -> None:
    assert parsed(url=VIDEO).ask.follow == frozenset()
    assert parsed(url=VIDEO, with_=" comments ").ask.follow == {"comments"}
    assert parsed(url=VIDEO, with_="replies").ask.follow == {"comments", "replies"}


@pytest.mark.parametrize("name", ["bv_id", "uid", "rpid", "cid", "p", "pn", "cursor", "count"])
def test_every_known_parameter_is_an_argument(name: str) -> None:
    assert "unknown argument" not in refused(url=VIDEO, file="-", **{name: "1"})


def test_every_spider_checks_its_arguments() -> None:
    for spider in SPIDERS:
        with pytest.raises(ArgumentError):
            spider(ulr="x")


def test_a_router_that_several_platforms_have_is_that_of_each_target() -> None:
    every = Atlas([BILIBILI, DOUYIN, TIKTOK])
    links = (
        f"{VIDEO} https://www.tiktok.com/@_/video/7300000000000000002 https://www.douyin.com/video/7412345678901234567"
    )
    arguments = parse({"router": "fetch_one_video", "url": links}, every)
    planned = [plan(target, arguments.ask, every, {}).routers for _, target, *_ in arguments.targets(every)]
    assert planned == [[ONE], ["/api/tiktok/web/fetch_one_video"], ["/api/douyin/web/fetch_one_video"]]
    users = parse({"router": "fetch_user_profile", "url": "https://www.douyin.com/video/7412345678901234567"}, every)
    assert [plan(target, users.ask, every, {}).problem for _, target, *_ in users.targets(every)] == [
        "fetch_user_profile takes a user, and this is a video: give router= with one of "
        "fetch_one_video, fetch_related_videos, fetch_video_comments, fetch_video_danmaku"
    ]
    own = parse({"router": "fetch_one_video", "itemId": "7300000000000000002"}, every)
    assert list(own.ask.routers) == ["/api/tiktok/web/fetch_one_video"]


def test_a_parameter_that_several_platforms_have_means_none_of_them_by_itself() -> None:
    with pytest.raises(ArgumentError) as raised:
        parse({"keyword": "x"}, HybridSpider.build_atlas())
    routers = ("/api/bilibili/web/fetch_search", "/api/tiktok/web/fetch_search_video")
    assert "choose an endpoint with router=" in str(raised.value) and all(
        router in str(raised.value) for router in routers
    )


def test_scrapyd_adds_an_argument_of_its_own() -> None:
    assert list(parsed(url=VIDEO, _job="0123abcd").lines) == [VIDEO]


def test_the_router_of_every_hybrid_line_is_accepted() -> None:
    hybrid, router = HybridSpider.build_atlas(), "/api/hybrid/video_data"
    assert parse({"url": VIDEO, "router": router}, hybrid, router).ask.routers == ()
    with pytest.raises(ArgumentError, match="unknown endpoint"):
        parse({"url": VIDEO, "router": router}, Atlas([BILIBILI]))


def test_the_router_is_judged_before_its_parameters() -> None:
    with pytest.raises(ArgumentError, match="signatures and tokens are not computed"):
        parse({"router": "generate_a_bogus", "user_agent": "x", "url": VIDEO}, Atlas([DOUYIN]))


def test_an_empty_value_of_an_optional_parameter_is_no_value() -> None:
    tiktok = Atlas([TIKTOK])
    by_name = parse({"router": "fetch_user_profile", "uniqueId": "sample.user", "secUid": ""}, tiktok)
    assert [target.id for target in by_name.named] == ["sample.user"]
    comments = parse({"router": "fetch_post_comment", "aweme_id": "7300000000000000002", "current_region": ""}, tiktok)
    assert comments.named and not comments.ask.options
    posts = parse({"router": "fetch_user_post", "uniqueId": "sample.user", "secUid": "", "count": ""}, tiktok)
    assert [target.id for target in posts.named] == ["sample.user"] and posts.ask.count is None
    assert parsed(uid="2", offset="").named and "bv_id is empty" in refused(bv_id="")


@pytest.mark.parametrize(
    "of, name, value, kind, ident",
    [
        (TIKTOK, "unique_id", "Sample.User", "user", "sample.user"),
        (BILIBILI, "aid", "av170001", "video", "BV17x411w7KC"),
        (BILIBILI, "aid", "170001", "video", "BV17x411w7KC"),
        (BILIBILI, "aid", "AV170001", "video", "BV17x411w7KC"),
        (BILIBILI, "bv_id", "av170001", "video", "BV17x411w7KC"),
        (TIKTOK, "uniqueId", "@sample.user", "user", "sample.user"),
        (TIKTOK, "sec_uid", "MS4wLjABAAAAsample0000000000000000", "user", "MS4wLjABAAAAsample0000000000000000"),
        (TIKTOK, "video_id", "7300000000000000002", "video", "7300000000000000002"),
        (TIKTOK, "music_id", "7200000000000000003", "music", "7200000000000000003"),
        (TIKTOK, "hashtag_id", "4001", "hashtag", "id/4001"),
        (DOUYIN, "video_id", "7412345678901234567", "video", "7412345678901234567"),
        (DOUYIN, "sec_uid", "MS4wLjABAAAA" + "a" * 40, "user", "MS4wLjABAAAA" + "a" * 40),
        (BILIBILI, "video_id", BV, "video", BV),
        (BILIBILI, "bvid", BV, "video", BV),
        (BILIBILI, "mid", "2", "user", "2"),
    ],
)
def test_a_field_of_a_record_is_a_parameter(of: Platform, name: str, value: str, kind: str, ident: str) -> None:
    arguments = parse({name: value}, Atlas([of]))
    assert [(target.kind, target.id) for target in arguments.named] == [(kind, ident)] and len(
        arguments.ask.routers
    ) == 1


@pytest.mark.parametrize("name", ["order", "duration", "tids", "pubtime_begin_s", "order_sort", "user_type"])
@pytest.mark.parametrize("value", ["0", "all", "", "ALL"])
def test_a_filter_that_selects_everything_is_no_filter(name: str, value: str) -> None:
    """A word of its own, such as keyword=all, is searched for."""
    arguments = parsed(keyword="all", **{name: value})
    assert [target.id for target in arguments.named] == ["all"]
    assert not any(options.get(name) for options in arguments.ask.options.values())


NEEDED = {
    "season_id": {"router": "fetch_season_videos", "uid": "2"},
    "series_id": {"router": "fetch_series_videos", "uid": "2"},
    "ep_id": {"router": "fetch_bangumi_episode"},
    "room_id": {"router": "fetch_live_room_detail"},
    "uid": {"router": "fetch_user_profile"},
}


@pytest.mark.parametrize(
    "name", ["area_id", "parent_area_id", "room_id", "uid", "season_id", "series_id", "aid", "ep_id"]
)
def test_zero_names_nothing(name: str) -> None:
    """A whole area has its own number; 0 stands for it only in links, beside that number."""
    with_area = {"area_id": "1"} if name == "parent_area_id" else {}
    assert f"{name}=0 is malformed" in refused(**{**with_area, name: "0"}, **NEEDED.get(name, {}))


def test_a_number_names_a_video_only_where_it_is_an_av_number() -> None:
    for name in ("bv_id", "bvid", "video_id"):
        assert "bv_id=170001 is malformed; example: bv_id=BV1L9Uoa9EUx, or aid=170001" in refused(**{name: "170001"})
    assert "aid=0 is malformed" in refused(aid="0")
    assert "bv_id and aid mean the same: give only one" in refused(router="fetch_one_video", aid="2", bv_id=BV)
    by_number = parsed(router="fetch_comment_reply", aid="170001", rpid="7").named
    assert [(target.kind, target.id, target.get("video")) for target in by_number] == [("comment", "7", "BV17x411w7KC")]


def test_a_field_that_several_platforms_have_is_told_by_its_value() -> None:
    hybrid = HybridSpider.build_atlas()
    assert parse({"video_id": BV}, hybrid).named[0].platform == "bilibili"
    with pytest.raises(ArgumentError, match="may be aweme_id or itemId"):
        parse({"video_id": "7300000000000000002"}, hybrid)


CREATOR = "https://www.tiktok.com/@sample.user"


@pytest.mark.parametrize(
    "text, expected",
    [
        (f"{BV} # my note\nav170001\t# another\n# {BV}\n", [BV, "BV17x411w7KC"]),
        (f"{VIDEO} # see https://b23.tv/AbCd123\n", [BV]),
        (f'\ufefftitle,url\n"a, b",{VIDEO}\n', [BV]),
        (f"url\n{VIDEO}\n", [BV]),
        (f'Title;URL;Views\r\n"a; b";"{VIDEO}";5\r\nx;av170001;6\r\n', [BV, "BV17x411w7KC"]),
        (f"video_id\ttitle\n{BV}\tx\n", [BV]),
        ("unique_id,followers\nSample.User,5\n@other,6\n", ["sample.user", "other"]),
        ("@sample.user\n", ["sample.user"]),
        (f"{CREATOR},{VIDEO}\n", ["sample.user", BV]),
    ],
)
def test_files_as_people_keep_them(text: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "targets").write_text(text, "utf-8", newline="")
    hybrid = HybridSpider.build_atlas()
    asked_targets = parse({"file": str(tmp_path / "targets")}, hybrid).targets(hybrid)
    assert [asked.target.id for asked in asked_targets] == expected


def test_a_file_that_is_no_text_is_an_input_that_is_not_understood(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\0" * 200_000)
    (target,) = targets_of(parsed(file=str(tmp_path / "a.txt")))
    assert target.kind == UNKNOWN
    assert "not a regular file" in refused(file=str(tmp_path))


def test_what_a_platform_has_nothing_for_is_refused_with_the_reason() -> None:
    for platform, word, reason in (
        (DOUYIN, "subtitles", "Douyin shows no subtitles"),
        (TIKTOK, "danmaku", "TikTok has no"),
    ):
        with pytest.raises(ArgumentError, match=f"with={word}: {reason}.*; with takes comments"):
            parse({"url": "https://site.test/", "with": word}, Atlas([platform]))


def test_a_spider_of_several_platforms_says_where_it_gives_nothing(caplog: pytest.LogCaptureFixture) -> None:
    arguments = parse({"url": VIDEO, "with": "subtitles,author"}, Atlas(HybridSpider.platforms))
    assert arguments.ask.follow == {"subtitles", "author"}
    [message] = [record.getMessage() for record in caplog.records]
    assert message.startswith("with=subtitles gives nothing for Douyin: Douyin shows no subtitles on its website")


def test_tags_are_those_of_every_target() -> None:
    assert parsed(url=VIDEO, tags=" team = red;region=a=b; ").ask.tags == {"team": "red", "region": "a=b"}
    both = parse({"url": VIDEO, "tags": "team=red;region=north"}, ATLAS, tags={"team": "own"})
    assert both.ask.tags == {"team": "own", "region": "north"}
