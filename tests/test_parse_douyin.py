"""Works of Douyin's pages, whose shape is another than that of its API, however they may turn out."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.records import VideoData
from scraper.responses.shapes import as_shape
from scraper.responses.values import UnexpectedShapeError
from spiders.douyin import camel_case, embedded_data
from spiders.douyin.parse import parse_work
from spiders.douyin.shapes import Media, Post
from spiders.douyin.streams import streams_of, video_data
from tests.cases import FIXTURES, plain
from tests.invariants import problems
from tests.mutation import mutated
from tests.recordings import context
from tests.test_robustness import arrived, sound

ID, OTHER = "7412345678901234567", "7400000000000000007"
SEC = "MS4wLjABAAAA" + "sample-0_" * 4 + "sample1"
CDN = "//v3-web.douyinvod.com/0123456789abcdef0123456789abcdef/6ae6b170/video/tos/cn/sample-{}/?a=6383"
PICTURE = "https://p3-pc-sign.douyinpic.com/tos-cn-p-0015/{}~q75.jpeg?x-expires=1794700000"


def rate(number: int, width: int, height: int, bits: int, h265: int) -> dict[str, Any]:
    played = [{"src": CDN.format(number)}, {"src": CDN.format(number).replace("v3", "v26")}]
    return {
        "uri": "v0300synthetic", "dataSize": bits * 2, "width": width, "height": height, "playAddr": played,
        "isH265": h265, "qualityType": 1, "bitRate": bits, "gearName": f"normal_{width}_0", "videoFormat": "mp4",
    }  # fmt: skip


PAGE_WORK: dict[str, Any] = {
    "awemeId": ID,
    "awemeType": 0,
    "groupId": ID,
    "desc": "样例 #标签",
    "createTime": 1793490000,
    "authorInfo": {
        "uid": "100200300400",
        "secUid": SEC,
        "nickname": "样例",
        "avatarUri": "//p3-pc.douyinpic.com/a.jpeg",
        "followerCount": 12,
        "customVerify": "",
        "enterpriseVerifyReason": "",
    },
    "awemeControl": {"canComment": True, "canShare": False},
    "chapterInfo": {"list": [{"desc": "开头", "timestamp": 0}]},
    "danmakuControl": {"danmakuCnt": 3},
    "textExtra": [{"start": 3, "end": 6, "type": 1, "hashtagName": "标签", "hashtagId": "16"}],
    "video": {
        "width": 1080,
        "height": 1920,
        "ratio": "1080p",
        "duration": 15467,
        "dataSize": 2400,
        "uri": "v0300synthetic",
        "playAddr": [{"src": CDN.format(1)}],
        "playAddrH265": [{"src": CDN.format(2)}],
        "bitRateList": [rate(3, 720, 1280, 700, 1), rate(4, 1080, 1920, 1200, 0)],
        "cover": "//p3.test/cover.jpeg",
        "coverUrlList": [PICTURE.format("cover")],
        "originCover": "//p3.test/o.jpeg",
        "dynamicCover": "//p3.test/d.webp",
    },
    "mixInfo": {"mixId": "73", "mixName": "样例合集"},
    "isPrivate": False,
    "tag": {"isTop": True, "isStory": False, "inReviewing": False},
    "stats": {"commentCount": 1, "diggCount": 2, "shareCount": 3, "playCount": 0, "collectCount": 4},
    "status": {
        "allowShare": True,
        "isReviewing": False,
        "isDelete": False,
        "isProhibited": False,
        "privateStatus": 0,
        "partSee": 0,
    },
    "music": {"idStr": "74", "title": "样例", "author": "样例", "duration": 15, "playUrl": {"urlList": [], "uri": ""}},
    "images": [],
    "seoInfo": {"ocrContent": "字幕"},
    "isAds": False,
    "duetOriginItem": "$undefined",
}


PLAYED = {"uri": "v0300synthetic", "url_list": ["https://v3.test/play"], "url_key": "v_h264_540p_9"}
VC2 = {"uri": "v0300synthetic", "url_list": ["https://v3.test/vc2"], "data_size": 7, "file_hash": "ab"}


def media(raw: dict[str, Any]) -> VideoData:
    video = as_shape(Media, raw)
    data, _ = video_data(video, streams_of(video), context("video"))
    assert data
    return data


@pytest.mark.parametrize(
    "fields, key",
    [
        ({"is_h265": 2}, ""),
        ({"is_bytevc1": 2}, ""),
        ({"is_h265": "2"}, ""),
        ({"gear_name": "adapt_bytevc2_720"}, ""),
        ({"is_h265": 1}, "v_bytevc2_720p_464830"),
    ],
)
def test_what_hardly_any_program_plays_is_no_stream(fields: dict[str, Any], key: str) -> None:
    rates = [{"bit_rate": 9, **fields, "play_addr": {**VC2, "url_key": key}}]
    data = media({"bit_rate": rates, "play_addr": PLAYED})
    assert [(stream.codec, stream.urls) for stream in data.streams] == [("h264", ["https://v3.test/play"])]
    assert data.nwm_video_url_HQ == "https://v3.test/play"
    same = {**VC2, "url_list": ["https://v3.test/same"]}
    alone = media({"bit_rate": rates, "play_addr": same})
    assert (alone.streams, alone.nwm_video_url_HQ) == ([], None) and "v0300synthetic" in alone.nwm_video_url


@pytest.mark.parametrize("fields, codecs", [({"is_h265": 2}, []), ({"is_bytevc1": 2}, []), ({"is_h265": 1}, ["h265"])])
def test_the_codec_of_an_address_that_stands_alone(fields: dict[str, Any], codecs: list[str]) -> None:
    data = media({**fields, "play_addr": VC2})
    assert [stream.codec for stream in data.streams] == codecs and data.nwm_video_url


@pytest.mark.parametrize(
    "fields, private, availability",
    [
        ({"selfSee": True}, True, "private"),
        ({"selfSee": True, "privateStatus": None}, True, "private"),
        ({"selfSee": False}, False, "public"),
        ({"selfSee": False, "privateStatus": 1}, True, "private"),
        ({"selfSee": False, "privateStatus": None}, None, "public"),
    ],
)
def test_a_work_that_only_its_author_sees(fields: dict[str, Any], private: bool | None, availability: str) -> None:
    status = {**PAGE_WORK["status"], **fields}
    for video in (
        parse_work({**PAGE_WORK, "status": status}, context("video")),
        parse_work(
            {**camel_case.work(PAGE_WORK), "status": camel_case.work({"awemeId": ID, "status": status})["status"]},
            context("video"),
        ),
    ):
        assert (video.flags.private, video.availability) == (private, availability)


def test_a_work_of_a_page() -> None:
    video = parse_work(PAGE_WORK, context("video"))
    assert (video.video_id, video.kind, video.duration_ms, video.availability) == (ID, "video", 15467, "public")
    assert [(stream.quality, stream.codec, stream.width) for stream in video.video_data.streams] == [
        ("normal_1080_0", "h264", 1080),
        ("1080p", "h265", None),
        ("normal_720_0", "h265", 720),
    ]
    assert video.video_data.nwm_video_url_HQ == "https:" + CDN.format(4)
    assert video.video_data.expire_time == 0x6AE6B170 and video.flags.pinned is True and video.can.share is False
    assert (video.mix.id, video.music.music_id, video.overlay_text) == ("73", "74", ["字幕"])
    assert (video.statistics.collect_count, video.statistics.danmaku_count, video.statistics.play_count) == (4, 3, None)
    assert video.chapters[0].title == "开头" and video.author.avatar_url == "https://p3-pc.douyinpic.com/a.jpeg"
    assert problems(plain(video)) == []


def test_a_note_of_a_page() -> None:
    images = [{"urlList": [PICTURE.format(n)], "downloadUrlList": [PICTURE.format(f"{n}-marked")]} for n in (1, 2)]
    video = parse_work({**PAGE_WORK, "images": images}, context("video"))
    assert (video.kind, video.url) == ("image", f"https://www.douyin.com/note/{ID}")
    assert len(video.image_data.no_watermark_image_list) == len(video.image_data.watermark_image_list) == 2


@pytest.mark.parametrize(
    "change, availability",
    [({"isPrivate": True}, "private"), ({"tag": {"inReviewing": True}}, "restricted")],
)
def test_the_marks_of_a_page(change: dict[str, Any], availability: str) -> None:
    assert parse_work({**PAGE_WORK, **change}, context("video")).availability == availability


def test_a_work_inside_of_another_is_left_alone() -> None:
    inner = {**PAGE_WORK, "awemeId": OTHER}
    assert parse_work({**PAGE_WORK, "duetOriginItem": inner}, context("video")).video_id == ID


def test_what_has_the_shape_of_the_api_is_left_as_it_is() -> None:
    raw = {"aweme_id": ID, "video": {"playAddr": 1}}
    assert camel_case.work(raw) is raw


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_changed_work_of_a_page_gives_a_sound_record_or_none(data: st.DataObject) -> None:
    changed = arrived(data.draw(mutated(PAGE_WORK)))
    try:
        video = parse_work(changed, context("video"))
    except UnexpectedShapeError:
        return
    sound(video)


def test_a_flight_that_is_cut_anywhere_is_put_together() -> None:
    """The chunks of the page of 2026 are not the lines of what they say."""
    page = (FIXTURES / "douyin/web/handler_user_profile/page_2026.response.html").read_text("utf-8")
    data = embedded_data.decode_profile_page(page.encode())
    lines = f'1:{json.dumps(["$", {"user": {"user": data["user"]}}])}\n2:["x"]\n'
    for cut in range(0, len(lines), 7):
        pushed = "".join(f"self.__pace_f.push([1,{json.dumps(part)}])" for part in (lines[:cut], lines[cut:]))
        assert embedded_data.decode_profile_page(f"<html><script>{pushed}</script></html>".encode()) == data


@pytest.mark.parametrize("format_", [[{}], 5, {"mp4": 1}, True])
def test_a_format_of_another_type_is_not_in_a_record(format_: Any) -> None:
    answer = json.loads((FIXTURES / "douyin/web/fetch_one_video/detail_hdr_4k.response.json").read_bytes())
    video = answer["aweme_detail"]["video"]
    for entry in (video, *video["bit_rate"]):
        entry["format"] = entry["video_format"] = format_
    record = parse_work(as_shape(Post, arrived(answer)["aweme_detail"]), context("video", ID))
    sound(record)
    assert {stream.container for stream in record.video_data.streams} == {"mp4"}
