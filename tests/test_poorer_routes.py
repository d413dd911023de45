"""A route that leaves a part out does not have the last word. Case 2 of the field."""

import json
from pathlib import Path
from typing import Any

import pytest

from scraper.platform import Context
from scraper.platform.targets import Target
from spiders.tiktok.parse_app import parse_aweme
from spiders.tiktok.parse_web import parse_item
from tests.test_route_fallback_douyin import EMPTY, ID, Answer, Crawl

MARKS: list[dict[str, int]] = [{"clip_type": 5}, {"live_photo_type": 1}, {}]
CLIP = {"play_addr": {"uri": "v1", "url_list": ["https://v3.test/clip"]}}
REFUSED: Answer = (200, {}, json.dumps({"status_code": 0}).encode())
MISSING = "image_data.live_photos"


def note(*pictures: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = [{"url_list": [f"https://p3.test/{place}.jpeg"], **picture} for place, picture in enumerate(pictures)]
    author = {"uid": "1", "sec_uid": "MS4w"}
    return {"aweme_id": ID, "aweme_type": 68, "create_time": 1790000000, "author": author, "images": listed, **more}


def share(work: dict[str, Any]) -> Answer:
    state = {"loaderData": {"page": {"videoInfoRes": {"item_list": [work]}}}}
    return 200, {}, f"<html><script>window._ROUTER_DATA = {json.dumps(state)}</script></html>".encode()


def answer(name: str, data: Any) -> Answer:
    return 200, {}, json.dumps({"status_code": 0, name: data}).encode()


def crawl(answers: dict[str, Answer], folder: Path) -> Crawl:
    return Crawl(answers, folder, router="fetch_one_video", aweme_id=ID)


@pytest.mark.parametrize("mark", MARKS)
def test_the_clips_come_from_slidesinfo(mark: dict[str, int], tmp_path: Path) -> None:
    stills = note(mark, mark, statistics={"digg_count": 7})
    clips = note({**mark, "video": CLIP}, {**mark, "video": CLIP}, statistics={"share_count": 3})
    done = crawl({"share": share(stills), "slidesinfo": answer("aweme_details", [clips])}, tmp_path)
    assert done.asked == ["share", "slidesinfo"]
    record = done.only["data"]
    assert (done.only["code"], record["kind"], record["meta"]["missing"]) == (200, "live_photo", [])
    assert [photo["clip"] for photo in record["image_data"]["live_photos"]] == ["https://v3.test/clip"] * 2
    assert (record["statistics"]["digg_count"], record["statistics"]["share_count"]) == (7, 3), "both routes count"


def test_the_clips_come_from_detail_where_slidesinfo_fails(tmp_path: Path) -> None:
    clips = note({"video": CLIP}, {})
    answers = {"share": share(note({}, {})), "slidesinfo": REFUSED, "detail": answer("aweme_detail", clips)}
    done = crawl(answers, tmp_path)
    assert done.asked[0] == "share" and done.asked[-1] == "detail"
    assert (done.only["data"]["kind"], done.only["data"]["meta"]["missing"]) == ("mixed", [])


@pytest.mark.parametrize(
    "mark, kind", [({"clip_type": 5}, "live_photo"), ({"live_photo_type": 1}, "live_photo"), ({}, "image")]
)
def test_what_no_route_gives_is_named(mark: dict[str, int], kind: str, tmp_path: Path) -> None:
    done = crawl({"share": share(note(mark, mark)), "slidesinfo": REFUSED, "detail": EMPTY}, tmp_path)
    record = done.only["data"]
    assert (done.only["code"], record["kind"], record["meta"]["missing"]) == (200, kind, [MISSING])
    assert record["meta"]["surface"] == "page", "it is the share page's"
    assert "browser" not in done.asked


def test_a_note_of_stills_is_whole_where_slidesinfo_says_so(tmp_path: Path) -> None:
    stills = note({}, {})
    done = crawl({"share": share(stills), "slidesinfo": answer("aweme_details", [stills])}, tmp_path)
    assert (done.only["data"]["kind"], done.only["data"]["meta"]["missing"]) == ("image", [])


def test_a_video_of_the_share_page_is_whole(tmp_path: Path) -> None:
    video = {**note(), "aweme_type": 0, "video": CLIP}
    assert crawl({"share": share(video)}, tmp_path).asked == ["share"]


CONTEXT = Context(Target("video", ID, "as given", (), ""))
WEB_PICTURE = {"imageURL": {"urlList": ["https://cdn.test/a.jpeg"]}}
APP_PICTURE = {"display_image": {"url_list": ["https://cdn.test/a.jpeg"]}}


def web(*pictures: dict[str, Any]) -> Any:
    raw = {"id": ID, "createTime": 1790000000, "author": {"uniqueId": "someone"}, "stats": {}}
    return parse_item({**raw, "imagePost": {"images": [{**WEB_PICTURE, **picture} for picture in pictures]}}, CONTEXT)


def app(*pictures: dict[str, Any]) -> Any:
    raw = {"aweme_id": ID, "aweme_type": 150, "create_time": 1790000000, "author": {"unique_id": "someone"}}
    images = [{**APP_PICTURE, **picture} for picture in pictures]
    return parse_aweme({**raw, "image_post_info": {"images": images}}, CONTEXT)


@pytest.mark.parametrize("read", [web, app])
def test_live_photos_of_tiktok(read: Any) -> None:
    moving = {"video": {"play_addr": {"url_list": ["https://cdn.test/clip"]}}}
    both = read(moving, {})
    assert (both.kind, both.meta.missing) == ("mixed", [])
    assert [photo.clip for photo in both.image_data.live_photos] == ["https://cdn.test/clip"]
    marked = read({"live_photo_type": 1}, {"clip_type": 5})
    assert (marked.kind, marked.meta.missing) == ("live_photo", [MISSING])
    assert (read({}, {}).kind, read({}, {}).meta.missing) == ("image", [])


def test_streams_come_from_the_next_route_that_has_them(tmp_path: Path) -> None:
    bare = {"aweme_id": ID, "aweme_type": 0, "create_time": 1790000000, "author": {"uid": "1", "sec_uid": "MS4w"}}
    played = {**bare, "video": {"play_addr": {"uri": "v1", "url_list": ["https://v3.test/play/?ratio=1080p"]}}}
    answers = {
        "share": share({**bare, "statistics": {"digg_count": 7}}),
        "slidesinfo": answer("aweme_details", [bare]),
        "detail": answer("aweme_detail", played),
    }
    done = crawl(answers, tmp_path)
    record = done.only["data"]
    assert done.asked[0] == "share" and done.asked[-1] == "detail"
    assert record["video_data"]["nwm_video_url"] and record["meta"]["missing"] == []
    assert record["statistics"]["digg_count"] == 7


def test_a_video_without_streams_anywhere_names_them(tmp_path: Path) -> None:
    bare = {"aweme_id": ID, "aweme_type": 0, "create_time": 1790000000, "author": {"uid": "1", "sec_uid": "MS4w"}}
    done = crawl({"share": share(bare), "slidesinfo": REFUSED, "detail": REFUSED}, tmp_path)
    assert (done.only["code"], done.only["data"]["meta"]["missing"]) == (200, ["video_data"])
