"""A row of a list gets the verdict that the same thing gets when it is asked for alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.platform import Context, Endpoint
from scraper.platform.targets import Target
from scraper.responses import Answer
from scraper.responses.outcomes import Outcome
from spiders.bilibili.endpoints import ENDPOINTS as BILIBILI
from spiders.bilibili.verdicts import VERDICTS as BILIBILI_VERDICTS
from spiders.douyin.endpoints import ENDPOINTS as DOUYIN
from spiders.douyin.verdicts import VERDICTS as DOUYIN_VERDICTS
from spiders.tiktok.endpoints import ENDPOINTS as TIKTOK
from spiders.tiktok.verdicts import VERDICTS as TIKTOK_VERDICTS
from tests.test_route_fallback_douyin import Crawl

O = Outcome  # noqa: E741
ID, GOOD = "7412345678901234567", "7412345678901234568"
TARGET = Target("user", "MS4wLjABAAAAsample", "as given", (), "")
PLAYED = {"play_addr": {"uri": "v1", "url_list": ["https://v3.test/play"]}}


def named(endpoints: list[Endpoint], name: str) -> Endpoint:
    return next(endpoint for endpoint in endpoints if endpoint.name == name)


def alone(verdicts: Any, body: Any) -> Outcome:
    return verdicts.classify(Answer(200, {}, json.dumps(body).encode())).outcome


def douyin(ident: str, **more: Any) -> dict[str, Any]:
    author = {"uid": "1", "sec_uid": "MS4w"}
    return {"aweme_id": ident, "aweme_type": 0, "create_time": 1790000000, "author": author, **more}


def tiktok(ident: str, **more: Any) -> dict[str, Any]:
    return {"id": ident, "createTime": 1790000000, "author": {"uniqueId": "someone"}, "stats": {}, **more}


@pytest.mark.parametrize(
    "fields, outcome",
    [
        ({"is_delete": True}, O.NOT_FOUND),
        ({"is_prohibited": True}, O.NOT_FOUND),
        ({"self_see": True}, O.PRIVATE),
        ({"private_status": 1}, O.PRIVATE),
        ({"private_status": 2}, O.PRIVATE),
        ({"in_reviewing": True}, O.PRIVATE),
    ],
)
@pytest.mark.parametrize("name", ["fetch_user_post_videos", "fetch_user_like_videos", "fetch_user_mix_videos"])
def test_rows_of_douyin(name: str, fields: dict[str, Any], outcome: Outcome) -> None:
    hidden = douyin(ID, status=fields)
    assert alone(DOUYIN_VERDICTS, {"status_code": 0, "aweme_detail": hidden}) is outcome
    answer = {"status_code": 0, "aweme_list": [hidden, douyin(GOOD, video=PLAYED)], "has_more": 0, "max_cursor": 1}
    page = named(DOUYIN, name).read(answer, Context(TARGET))
    assert [record.video_id for record in page.records] == [GOOD] and page.faults == []
    assert [reading.outcome for reading in page.refused] == [outcome] and ID in page.refused[0].message


@pytest.mark.parametrize("fields", [{"isContentClassified": True}, {"isPreview": True}, {"previewType": 4}])
@pytest.mark.parametrize("name", ["fetch_user_post", "fetch_user_like", "fetch_hashtag_videos", "fetch_music_videos"])
def test_rows_of_tiktok(name: str, fields: dict[str, Any]) -> None:
    hidden = tiktok(ID, video={"duration": 9}, **fields)
    outcome = alone(TIKTOK_VERDICTS, {"statusCode": 0, "itemInfo": {"itemStruct": hidden}})
    assert outcome is O.LOGIN_REQUIRED
    shown = tiktok(GOOD, video={"duration": 9, "playAddr": "https://cdn.test/v"})
    answer = {"statusCode": 0, "itemList": [hidden, shown], "hasMore": False, "cursor": "1"}
    endpoint = named(TIKTOK, name)
    route = next(place for place, way in enumerate(endpoint.routes) if not way.lookup)
    page = endpoint.read(answer, Context(TARGET), "1790000000000", route)
    assert [record.video_id for record in page.records] == [GOOD]
    assert [reading.outcome for reading in page.refused] == [outcome]


def test_rows_of_the_app() -> None:
    hidden = {"aweme_id": ID, "create_time": 1790000000, "author": {"uid": "1"}, "status": {"is_delete": True}}
    assert alone(TIKTOK_VERDICTS, {"status_code": 0, "aweme_list": [hidden]}) is O.NOT_FOUND
    target = Target("videos", ID, "as given", (), "")
    page = named(TIKTOK, "fetch_multi_video").read({"status_code": 0, "aweme_details": [hidden]}, Context(target))
    assert page.records == [] and [reading.outcome for reading in page.refused] == [O.NOT_FOUND]


BVID = "BV17x411w7KC"


def archive(bvid: str, **more: Any) -> dict[str, Any]:
    return {"bvid": bvid, "pubdate": 1790000000, "owner": {"mid": 1}, "title": "样例", "pages": [], **more}


def bilibili(name: str, rows: list[dict[str, Any]]) -> Any:
    """Return the page that an endpoint reads from rows."""
    page = {"count": 2, "num": 1, "size": 30}
    data = {"list": rows, "no_more": True} if "archives" not in name else {"archives": rows, "page": page}
    endpoint = named(BILIBILI, name.partition(" ")[0])
    return endpoint.read({"code": 0, "data": data}, Context(TARGET))


@pytest.mark.parametrize(
    "name", ["fetch_com_popular", "fetch_ranking", "fetch_season_videos archives", "fetch_series_videos archives"]
)
def test_rows_of_bilibili_have_the_availability_of_the_video_alone(name: str) -> None:
    states = {-100: "deleted", -50: "private", -40: "restricted", -16: "restricted", -4: "restricted", 0: "public"}
    rows = [archive(BVID, state=state) for state in states]
    assert [record.availability for record in bilibili(name, rows).records] == [*states.values()]
    view = named(BILIBILI, "fetch_one_video")
    asked = Context(Target("video", BVID, BVID, (), ""))
    availabilities = [view.read({"code": 0, "data": row}, asked).records[0].availability for row in rows]
    assert availabilities == [*states.values()]


@pytest.mark.parametrize(
    "fields",
    [{"attr": 9}, {"attr": 1}, {"attr": 0}, {"title": "已失效视频"}, {"title": "已失效视频", "attr": 0}],
    ids=str,
)
@pytest.mark.parametrize("kind", [2, 12])
def test_entries_of_a_folder(fields: dict[str, Any], kind: int) -> None:
    """`attr` alone tells, if it is there: anyone may call a video so."""
    row = {
        "id": 170001,
        "type": kind,
        "bvid": BVID,
        "ctime": 1790000000,
        "title": "样例",
        "upper": {"mid": 1},
        **fields,
    }
    data = {"code": 0, "data": {"medias": [row], "has_more": False}}
    page = named(BILIBILI, "fetch_user_collection_videos").read(data, Context(TARGET))
    is_gone = fields.get("attr", 1) != 0
    assert len(page.records) == (not is_gone) and page.faults == []
    assert [reading.outcome for reading in page.refused] == [O.NOT_FOUND] * is_gone


@pytest.mark.parametrize("fields", [{"type": "DYNAMIC_TYPE_NONE"}, {"major": {"type": "MAJOR_TYPE_NONE"}}], ids=str)
def test_a_dynamic_whose_content_was_deleted(fields: dict[str, Any]) -> None:
    outcome = alone(BILIBILI_VERDICTS, {"code": 4101139, "message": "", "data": None})
    modules = {"module_author": {"mid": 1, "pub_ts": 1790000000}, "module_dynamic": {"major": fields.get("major")}}
    rows = [{"id_str": "800000000000000001", "type": fields.get("type", "DYNAMIC_TYPE_AV"), "modules": modules}]
    forward = {**rows[0], "type": "DYNAMIC_TYPE_FORWARD", "id_str": "800000000000000002", "orig": {**rows[0], **fields}}
    forward["modules"] = {**modules, "module_dynamic": {"desc": {"text": "转发"}, "major": None}}
    data = {"code": 0, "data": {"items": [*rows, forward], "has_more": False, "offset": ""}}
    page = named(BILIBILI, "fetch_user_dynamic").read(data, Context(TARGET))
    assert [reading.outcome for reading in page.refused] == [outcome]
    assert [record.video_id for record in page.records] == ["800000000000000002"], "what it forwards is another thing"


def test_a_row_that_is_not_shown_has_a_line(tmp_path: Path) -> None:
    rows = [douyin(ID, status={"self_see": True}), douyin(GOOD, video=PLAYED)]
    body = json.dumps({"status_code": 0, "aweme_list": rows, "has_more": 0, "max_cursor": 1}).encode()
    secret = "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"
    done = Crawl({"post": (200, {}, body)}, tmp_path, router="fetch_user_post_videos", sec_user_id=secret)
    codes = {envelope["code"]: envelope["data"] for envelope in done.envelopes}
    assert set(codes) == {200, 451}
    assert codes[451]["error"]["name"] == "PRIVATE" and ID in codes[451]["error"]["message"]
