"""Cases from the field, with the values that their reports say are right."""

import json
from typing import Any

import pytest

from scraper.crawling.route_fallback import most_informative
from scraper.jobs.job import Job, Tried
from scraper.platform import Context
from scraper.platform.targets import Target
from scraper.responses import Answer, Verdict
from scraper.responses.outcomes import Outcome
from spiders.bilibili import danmaku
from spiders.bilibili import endpoints_users as bilibili_users
from spiders.douyin.endpoints import ENDPOINTS as DOUYIN
from spiders.douyin.verdicts import VERDICTS as DOUYIN_VERDICTS
from spiders.tiktok.endpoints import ENDPOINTS as TIKTOK
from spiders.tiktok.parse_collections import parse_hashtag, parse_music
from spiders.tiktok.parse_user import parse_author
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.verdicts import VERDICTS as TIKTOK_VERDICTS

O = Outcome  # noqa: E741
ITEM_ID = "7300000000000000002"
ROOM = {"id_str": "7412000000000000001", "title": "t"}
OWNER = {"id_str": "100200300401", "sec_uid": "MS4wLjABAAAAsample", "nickname": "主播"}


def context(ident: str, kind: str = "live room") -> Context:
    return Context(Target(kind, ident, "as given", (), ""))


def verdict(verdicts: Any, body: Any, status: int = 200) -> Verdict:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return verdicts.classify(Answer(status, {}, raw))


# 9: the platform's own words stand in the data


@pytest.mark.parametrize("verdicts", [DOUYIN_VERDICTS, TIKTOK_VERDICTS])
@pytest.mark.parametrize("place", ["prompts", "message"])
@pytest.mark.parametrize(
    "code, words, outcome",
    [
        (4001038, "该内容暂时无法查看", O.NOT_FOUND),
        (10037, "系统繁忙", O.UPSTREAM),
        (10011, "invalid params", O.BAD_INPUT),
        (100001, "list is not available", O.UPSTREAM_CHANGED),
    ],
)
def test_the_words_of_a_webcast_answer(verdicts: Any, place: str, code: int, words: str, outcome: Outcome) -> None:
    result = verdict(verdicts, {"status_code": code, "data": {place: words}})
    assert result.outcome is outcome and words in result.message
    assert result.outcome.retryable is (outcome is O.UPSTREAM)


# 10: not live is not the same as not there


def douyin_rooms(data: dict[str, Any]) -> list[Any]:
    answer = {"status_code": 0, "data": data}
    assert verdict(DOUYIN_VERDICTS, answer).outcome is O.OK
    endpoint = next(endpoint for endpoint in DOUYIN if endpoint.name == "fetch_user_live_videos")
    page = endpoint.read(answer, context("123456789012"))
    assert page.faults == []
    return page.records


@pytest.mark.parametrize("rooms", [[ROOM], [{**ROOM, "status": 4}], []])
def test_a_room_that_is_offline_has_its_owner(rooms: list[Any]) -> None:
    (room,) = douyin_rooms({"data": rooms, "user": OWNER, "enter_room_id": ROOM["id_str"], "room_status": 2})
    assert (room.status, room.room_id, room.alias) == ("offline", ROOM["id_str"], "123456789012")
    assert (room.owner.nickname, room.owner.sec_uid) == ("主播", "MS4wLjABAAAAsample")
    assert room.live_streams == [] and room.meta.missing == []


def test_a_room_that_was_never_on_air_lacks_its_number() -> None:
    (room,) = douyin_rooms({"data": [], "user": OWNER})
    assert (room.status, room.room_id, room.meta.missing) == ("offline", "123456789012", ["room_id"])


def test_a_room_on_air_keeps_its_own_owner() -> None:
    own = {"id_str": "5", "nickname": "own"}
    (room,) = douyin_rooms({"data": [{**ROOM, "status": 2, "owner": own}], "user": OWNER})
    assert (room.status, room.owner.nickname) == ("live", "own")


def test_a_room_of_nobody_is_not_there() -> None:
    assert verdict(DOUYIN_VERDICTS, {"status_code": 0, "data": {"data": []}}).outcome is O.NOT_FOUND


def test_a_tiktok_user_who_is_not_live() -> None:
    user = {"id": "1", "uniqueId": "sample.user", "roomId": "", "nickname": "n", "secUid": "MS4w"}
    answer = {"statusCode": 0, "data": {"user": user, "liveRoom": {}}}
    assert verdict(TIKTOK_VERDICTS, answer).outcome is O.OK
    endpoint = next(endpoint for endpoint in TIKTOK if endpoint.name == "fetch_live_room")
    (room,) = endpoint.read(answer, context("sample.user")).records
    assert (room.status, room.owner.nickname, room.meta.missing) == ("offline", "n", ["room_id"])


# 15: what is rounded is called so


STATS = {"playCount": 1_200_000, "diggCount": 12_300, "commentCount": 12_345, "shareCount": 900, "collectCount": 10_000}
ROUNDED = ["statistics.play_count", "statistics.digg_count", "statistics.collect_count"]


def test_rounded_counts_of_a_post() -> None:
    raw = {"id": ITEM_ID, "createTime": 1790000000, "author": {"uniqueId": "someone"}, "stats": STATS}
    assert parse_item(raw, context(ITEM_ID, "video")).meta.approximate == ROUNDED
    exact = {**raw, "statsV2": {name: str(number) for name, number in STATS.items()}}
    assert parse_item(exact, context(ITEM_ID, "video")).meta.approximate == []


def test_rounded_counts_of_others() -> None:
    author = parse_author(
        {"user": {"id": "1"}, "stats": {"followerCount": 1_500_000, "videoCount": 10_001}}, context("x")
    )
    assert author.meta.approximate == ["statistics.follower_count"]
    hashtag = parse_hashtag({"challenge": {"id": "1"}, "stats": {"viewCount": 25_000_000}}, context("x"))
    assert hashtag.meta.approximate == ["view_count"]
    music = parse_music({"music": {"id": "1"}, "stats": {"videoCount": 15_300}}, context("x"))
    assert music.meta.approximate == ["video_count"]


# 16: a page for people that refuses a user agent


MAINTENANCE = b"<!DOCTYPE html><html><head><title>Site Under\n Maintenance</title></head><body>%s</body></html>" % (
    b"x" * 9000
)


@pytest.mark.parametrize("status", [200, 403, 503])
def test_site_under_maintenance(status: int) -> None:
    result = verdict(TIKTOK_VERDICTS, MAINTENANCE, status)
    assert "refuses this user agent or address" in result.message
    assert "user_agent" in result.advice and "browser that you copied the cookie from" in result.advice
    assert result.outcome is O.CHALLENGE


def test_a_post_about_maintenance_is_a_post() -> None:
    body = b'{"statusCode": 0, "itemInfo": {"itemStruct": {"id": "1", "desc": "site under maintenance"}}}'
    assert verdict(TIKTOK_VERDICTS, body).outcome is O.OK
    assert verdict(TIKTOK_VERDICTS, b"<html>Bad gateway</html>", 503).outcome is O.UPSTREAM


# 17: danmaku as people type them


@pytest.mark.parametrize(
    "written, right",
    [
        ("a&#28;b", "ab"), ("a & b", "a & b"), ("a&#x1c;b", "ab"), ("a\x1cb", "ab"), ("Q&A", "Q&A"), ("1&lt;2", "1<2"),
        ("&#20320;", "你"), ("&#xD800;x", "x"), ("&#99999999;", "&#99999999;"), ("&amp;#28;", "&#28;"), ("￾x", "x"),
    ],
)  # fmt: skip
def test_a_dirty_danmaku_is_salvaged(written: str, right: str) -> None:
    element = f'<d p="1.5,1,25,16777215,1790000000,0,ab12,99">{written}</d>'
    data = danmaku.read(
        f'<?xml version="1.0" encoding="UTF-8"?><i><maxlimit>9</maxlimit>{element}{element}</i>'.encode()
    )
    assert [elem["content"] for elem in data["elems"]] == [right, right]


def test_bytes_that_are_no_text_cost_only_themselves() -> None:
    data = danmaku.read(b'<i><d p="1,1,25,1,1790000000,0,ab,9">a\xffb</d></i>')
    assert [elem["content"] for elem in data["elems"]] == ["a\ufffdb"]


# L15: a page that is empty in the middle of a list


def test_an_empty_page_in_the_middle_is_stepped_over() -> None:
    endpoint = next(endpoint for endpoint in bilibili_users.USERS if endpoint.name == "fetch_user_post_videos")
    answer = {"code": 0, "data": {"list": {"vlist": []}, "page": {"count": 310, "pn": 4, "ps": 30}}}
    page = endpoint.read(answer, context("123", "user"), "4")
    assert page.next_page.cursor == "5" and page.next_page.stop is None
    last = endpoint.read(answer, context("123", "user"), "11")
    assert last.next_page.stop is O.INCOMPLETE, "10 more were declared, and no page is left for them"


# L16: the remedy is that of the outcome that is told


def test_the_remedy_of_what_is_told() -> None:
    job = Job(
        router="/r", target=Target("video", "1", "given", (), ""), tried=(Tried(0, O.GEO_BLOCKED, "not here", ""),)
    )
    judged = most_informative(
        job, Verdict(O.UPSTREAM, "there is no browser", unavailable=True), ["page", "browser"], "browser"
    )
    assert judged.outcome is O.GEO_BLOCKED and not judged.unavailable and "not here" in judged.message


def test_a_browser_is_advised_where_it_would_help() -> None:
    tried = (Tried(0, O.CHALLENGE, "a check", ""),)
    job = Job(router="/r", target=Target("video", "1", "given", (), ""), tried=tried)
    assert most_informative(
        job, Verdict(O.UPSTREAM, "there is no browser", unavailable=True), ["page", "browser"], "browser"
    ).unavailable
    of_its_own = (Tried(0, O.CHALLENGE, "refused agent", "", "change the user agent"),)
    job = Job(router="/r", target=Target("video", "1", "given", (), ""), tried=of_its_own)
    judged = most_informative(
        job, Verdict(O.UPSTREAM, "there is no browser", unavailable=True), ["page", "browser"], "browser"
    )
    assert (judged.advice, judged.unavailable) == ("change the user agent", False)
