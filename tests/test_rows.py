"""A row of a list gets the verdict that the same thing gets when it is asked for alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.platform import Context, Endpoint
from scraper.platform.targets import Target
from scraper.responses import Answer
from scraper.responses.outcomes import Outcome
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
    "told, outcome",
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
def test_rows_of_douyin(name: str, told: dict[str, Any], outcome: Outcome) -> None:
    hidden = douyin(ID, status=told)
    assert alone(DOUYIN_VERDICTS, {"status_code": 0, "aweme_detail": hidden}) is outcome
    answer = {"status_code": 0, "aweme_list": [hidden, douyin(GOOD, video=PLAYED)], "has_more": 0, "max_cursor": 1}
    page = named(DOUYIN, name).read(answer, Context(TARGET))
    assert [record.video_id for record in page.records] == [GOOD] and page.faults == []
    assert [reading.outcome for reading in page.refused] == [outcome] and ID in page.refused[0].message


@pytest.mark.parametrize("told", [{"isContentClassified": True}, {"isPreview": True}, {"previewType": 4}])
@pytest.mark.parametrize("name", ["fetch_user_post", "fetch_user_like", "fetch_hashtag_videos", "fetch_music_videos"])
def test_rows_of_tiktok(name: str, told: dict[str, Any]) -> None:
    hidden = tiktok(ID, video={"duration": 9}, **told)
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


def test_a_row_that_is_not_shown_has_a_line(tmp_path: Path) -> None:
    rows = [douyin(ID, status={"self_see": True}), douyin(GOOD, video=PLAYED)]
    body = json.dumps({"status_code": 0, "aweme_list": rows, "has_more": 0, "max_cursor": 1}).encode()
    secret = "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"
    done = Crawl({"post": (200, {}, body)}, tmp_path, router="fetch_user_post_videos", sec_user_id=secret)
    codes = {envelope["code"]: envelope["data"] for envelope in done.envelopes}
    assert set(codes) == {200, 451}
    assert codes[451]["error"]["name"] == "PRIVATE" and ID in codes[451]["error"]["message"]
