"""The forms of Douyin's links, and which of two ids in one link is meant."""

import pytest

from scraper.inputs.arguments import parse
from scraper.inputs.endpoint_choice import plan
from scraper.inputs.share_text import find
from scraper.platform.atlas import Atlas
from scraper.platform.targets import SHORT_LINK, UNKNOWN, Target, match
from spiders.douyin.spider import DOUYIN, DouyinSpider

ID, OTHER = "7412345678901234567", "7400000000000000001"
SEC = "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"
LONG = "MS4wLjABAAAA" + "a" * 64
TRACKED = f"?region=CN&mid={OTHER}&u_code=0&did=MS4wdid&with_sec_did=1&share_sign=x&ts=1793500000&from=web_code_link"


def targets_in(text: str) -> list[Target]:
    return list(find(text, DOUYIN.patterns, DOUYIN.bare_ids, DOUYIN.link_hosts))


@pytest.mark.parametrize(
    "link, kind, ident",
    [
        (f"https://www.douyin.com/video/{ID}", "video", ID),
        (f"https://douyin.com/video/{ID}/?previous_page=app_code_link", "video", ID),
        (f"http://www.douyin.com/note/{ID}", "video", ID),
        (f"https://www.douyin.com/slides/{ID}", "video", ID),
        (f"https://www.douyin.com/gallery/{ID}", "video", ID),
        (f"https://www.iesdouyin.com/share/video/{ID}/{TRACKED}", "video", ID),
        (f"https://www.iesdouyin.com/share/note/{ID}/{TRACKED}", "video", ID),
        (f"https://www.iesdouyin.com/share/slides/{ID}/{TRACKED}", "video", ID),
        (f"https://m.douyin.com/share/video/{ID}", "video", ID),
        (f"https://open.douyin.com/player/video?vid={ID}&autoplay=0", "video", ID),
        (f"https://www.douyin.com/discover?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/jingxuan?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/jingxuan/food?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/user/{SEC}?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/user/self?modal_id={ID}&showTab=like", "video", ID),
        (f"https://www.douyin.com/search/%E6%A0%B7?modal_id={ID}&type=general", "video", ID),
        (f"https://www.douyin.com/root/search/a?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/channel/300203?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/video/{OTHER}?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/collection/{OTHER}?modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/user/{SEC}?vid={OTHER}&modal_id={ID}", "video", ID),
        (f"https://www.douyin.com/user/{SEC}?vid={ID}", "video", ID),
        (f"https://www.douyin.com/?vid={ID}", "video", ID),
        (f"https://www.douyin.com/user/{SEC}?showTab=like", "user", SEC),
        (f"https://www.douyin.com/user/{LONG}", "user", LONG),
        (f"https://www.iesdouyin.com/share/user/{SEC}?sec_uid={SEC}", "user", SEC),
        (f"https://www.iesdouyin.com/share/user/100200300400?sec_uid={SEC}", "user", SEC),
        (f"https://www.douyin.com/collection/{ID}", "mix", ID),
        (f"https://www.douyin.com/collection/{ID}/12", "mix episode", ID),
        (f"https://www.douyin.com/mix/{ID}", "mix", ID),
        (f"https://www.iesdouyin.com/share/mix/detail/{ID}/{TRACKED}", "mix", ID),
        (f"https://www.douyin.com/music/{ID}", "music", ID),
        (f"https://www.iesdouyin.com/share/music/{ID}", "music", ID),
        ("https://www.douyin.com/hashtag/1600000000000000", "hashtag", "1600000000000000"),
        ("https://www.iesdouyin.com/share/challenge/1600000000000000", "hashtag", "1600000000000000"),
        ("https://live.douyin.com/123456789012", "live room", "123456789012"),
        ("https://live.douyin.com/sample_name?room=1", "live room", "sample_name"),
        ("https://www.douyin.com/follow/live/123456789012", "live room", "123456789012"),
        ("https://www.douyin.com/root/live/123456789012", "live room", "123456789012"),
        ("https://www.douyin.com/follow?webRid=123456789012", "live room", "123456789012"),
        (f"https://www.douyin.com/share/live/{ID}", "live room", ID),
        (f"https://webcast.amemv.com/douyin/webcast/reflow/{ID}?sec_user_id={SEC}", "live room", ID),
        (f"https://webcast.amemv.com/douyin/webcast/reflow/episode/{ID}?replay_id=1", "live replay", ID),
        (f"https://www.douyin.com/vsdetail/{ID}", "live replay", ID),
        (f"https://www.ixigua.com/douyin/share/video/{ID}", "Xigua video", ID),
        (f"https://www.douyin.com/article/{ID}", "article", ID),
        ("https://www.douyin.com/user/self?showTab=favorite_collection", "own favourites", "own"),
        ("https://v.douyin.com/AbCdEf1/", SHORT_LINK, "AbCdEf1"),
        ("https://v.douyin.com/i-Y_x12z/", SHORT_LINK, "i-Y_x12z"),
        ("https://v.iesdouyin.com/AbCdEf1", SHORT_LINK, "AbCdEf1"),
    ],
)
def test_a_link(link: str, kind: str, ident: str) -> None:
    target = match(link, DOUYIN.patterns)
    assert target and (target.kind, target.id, target.platform) == (kind, ident, "douyin")


@pytest.mark.parametrize(
    "text, kinds",
    [
        ("7.43 复制打开抖音，看看【样例的作品】 https://v.douyin.com/AbCdEf1/ 12/31 a@b.cd :1pm #x", [SHORT_LINK]),
        ("https://v.douyin.com/AbCdEf1/复制此链接，打开Dou音搜索，直接观看视频！", [SHORT_LINK]),
        ("看v.douyin.com/AbCdEf1/吧", [SHORT_LINK]),
        (ID, ["video"]),
        ("712345678901234", ["video"]),
        (f"{ID}, {OTHER}", ["video", "video"]),
        (SEC, ["user"]),
        ("12345678901234", [UNKNOWN]),
        ("100200300400", [UNKNOWN]),
        (f"编号{ID}", [UNKNOWN]),
        ("https://www.douyin.com/", [UNKNOWN]),
        ("https://www.douyin.com/video/", [UNKNOWN]),
        ("https://www.douyin.com/video/123", [UNKNOWN]),
        (f"https://www.douyin.com/user/{SEC[:15]}", [UNKNOWN]),
        (f"https://evil.test/?https://www.douyin.com/video/{ID}", [UNKNOWN]),
        (f"https://www.douyin.com.evil.test/video/{ID}", [UNKNOWN]),
        (f"https://www.douyin.com@evil.test/video/{ID}", [UNKNOWN]),
    ],
)
def test_a_text(text: str, kinds: list[str]) -> None:
    assert [target.kind for target in targets_in(text)] == kinds


def test_a_room_by_its_stream_is_another_than_one_by_its_number() -> None:
    by_number, by_stream = targets_in(f"https://live.douyin.com/{ID} https://www.douyin.com/share/live/{ID}")
    assert (by_number.get("by"), by_stream.get("by")) == ("", "room_id") and by_number.key != by_stream.key


def planned(link: str, **named: str) -> tuple[list[str], str]:
    atlas = Atlas([DOUYIN])
    (target,) = targets_in(link)
    made = plan(target, parse({"url": link, **named}, atlas).ask, atlas, {})
    return [router.rpartition("/")[2] for router in made.routers], made.problem


@pytest.mark.parametrize("link", [f"https://www.douyin.com/series/{ID}", f"https://www.douyin.com/article/{ID}"])
def test_a_kind_without_an_endpoint_says_so(link: str) -> None:
    routers, problem = planned(link)
    assert routers == ["fetch_one_video"] and "not supported yet" in problem


@pytest.mark.parametrize(
    "link, router",
    [
        (f"https://www.douyin.com/user/{SEC}", "fetch_user_post_videos"),
        (f"https://www.douyin.com/mix/{ID}", "fetch_user_mix_videos"),
        (f"https://www.douyin.com/music/{ID}", "fetch_music_videos"),
        ("https://www.douyin.com/hashtag/1600000000000000", "fetch_hashtag_videos"),
        ("https://www.douyin.com/search/%E7%8C%AB", "fetch_general_search"),
        ("https://www.douyin.com/user/self?showTab=favorite_collection", "fetch_user_collection_videos"),
        ("https://live.douyin.com/123456789012", "fetch_user_live_videos"),
    ],
)
def test_a_list_is_the_natural_thing_of_what_has_one(link: str, router: str) -> None:
    assert planned(link) == ([router], "")


def test_a_user_by_number_is_told_what_to_give_instead() -> None:
    _, problem = planned("https://www.douyin.com/share/user/100200300/")
    assert problem == (
        "this link shows a user by number, which is not supported yet:"
        " open it in a browser, and give the URL that the browser shows"
    )


def test_a_profile_is_asked_for_by_its_router() -> None:
    assert planned(f"https://www.douyin.com/user/{SEC}", router="handler_user_profile") == (
        ["handler_user_profile"],
        "",
    )
    routers, problem = planned(f"https://www.douyin.com/video/{ID}", router="handler_user_profile")
    assert routers == ["handler_user_profile"] and "takes a user, and this is a video" in problem


@pytest.mark.parametrize(
    "name, value, router",
    [
        ("aweme_id", ID, "fetch_one_video"),
        ("sec_user_id", SEC, "fetch_user_post_videos"),
        ("mix_id", ID, "fetch_user_mix_videos"),
    ],
)
def test_a_parameter_names_what_asks(name: str, value: str, router: str) -> None:
    arguments = parse({name: value}, DouyinSpider.build_atlas())
    assert [router.rpartition("/")[2] for router in arguments.ask.routers] == [router]
    assert [(target.id, target.platform) for target in arguments.named] == [(value, "douyin")]


def test_a_word_that_was_searched_for_does_not_end_a_link() -> None:
    line = f"看看 https://www.douyin.com/search/猫咪?modal_id={ID} 快来"
    (target,) = find(line, DOUYIN.patterns, DOUYIN.bare_ids, DOUYIN.link_hosts)
    assert (target.kind, target.id) == ("video", ID)
