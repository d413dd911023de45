"""Videos, streams and creators as they were really answered from 2020 to 2026. The facts were read out by hand."""

from typing import Any

import pytest

from scraper.records import StreamSet, VideoData, meta_for
from scraper.responses.outcomes import Outcome
from spiders.bilibili import parse, streams
from spiders.bilibili.ids import aid_of, bvid_of
from tests.cases import classify, plain
from tests.invariants import problems
from tests.recordings import BILIBILI, context, decoded, only, read, recorded

WEB = "/api/bilibili/web"
STATISTICS = (
    "play_count",
    "danmaku_count",
    "comment_count",
    "collect_count",
    "coin_count",
    "share_count",
    "digg_count",
)

# file, aid, published, seconds, cid, counts as in STATISTICS, best rank, honours and warnings, coauthors, original
VIEWS: list[tuple[str, int, int, int, str, tuple[int, ...], int | None, int | None, int | None, bool]] = [
    ("same_video_2020", 89289391, 1580377255, 486, "162873395",
     (1362470, 8753, 2489, 47970, 55627, 7927, 115395), 55, None, 2, True),
    ("same_video_2022", 17508978, 1580377255, 486, "365096682",
     (2270927, 11839, 2619, 58725, 71048, 9398, 155954), 55, 3, 2, True),
    ("same_video_2025", 12909632, 1580377255, 486, "639661001",
     (2404179, 12348, 2676, 58329, 72793, 9620, 161270), 55, 4, 2, True),
    ("top_arc_2020", 49324912, 1544469671, 208, "98805887",
     (1058237, 16821, 3725, 76888, 100694, 17091, 90521), None, None, None, True),
    ("data_only_2024", 4460785116, 1716682410, 797, "5052739373",
     (79595, 813, 142, 258, 565, 31, 6344), None, 0, None, True),
]  # fmt: skip


def view_of(file: str) -> Any:
    answer = decoded(f"bilibili/view/{file}.json")
    return answer if "code" in answer else {"code": 0, "data": answer}


def video_of(answer: Any) -> Any:
    """Return the video of a view that was requested by its own code."""
    return only(read(f"{WEB}/fetch_one_video", answer, answer["data"].get("bvid") or bvid_of(answer["data"]["aid"])))


@pytest.mark.parametrize("file, aid, at, seconds, cid, counts, rank, labels, staff, original", VIEWS)
def test_a_view(
    file: str, aid: int, at: int, seconds: int, cid: str, counts: tuple[int, ...], rank: int | None,
    labels: int | None, staff: int | None, original: bool,
) -> None:  # fmt: skip
    video = video_of(view_of(file))
    assert (video.alt_ids["aid"], video.alt_ids["cid"]) == (str(aid), cid)
    assert (video.create_time, video.duration_ms, video.kind) == (at, seconds * 1000, "video")
    assert (video.width, video.height, video.flags.original) == (1920, 1080, original)
    assert tuple(getattr(video.statistics, name) for name in STATISTICS) == counts
    assert (video.statistics.rank_best, video.statistics.rank_now) == (rank, None)
    assert (video.labels if video.labels is None else len(video.labels)) == labels
    assert (video.coauthors if video.coauthors is None else len(video.coauthors)) == staff
    assert video.flags.coop is (staff is not None) and video.availability == "public"
    assert problems(plain(video)) == []


def test_a_view_of_2020_names_no_code_so_that_it_is_computed() -> None:
    video = video_of(view_of("same_video_2020"))
    assert aid_of(video.video_id) == 89289391 and video.url.endswith(video.video_id)
    assert video.mentions is None and video.submit_time == 1580212263


@pytest.mark.parametrize(
    "file, bvid",
    [("same_video_2022", "BV1UW41187P2"), ("same_video_2025", "BV1Cx411H77c"), ("top_arc_2020", "BV1yb411L7QX"),
     ("data_only_2024", "BV1qu4X1T7SL")],
)  # fmt: skip
def test_a_later_view_names_its_code(file: str, bvid: str) -> None:
    assert video_of(view_of(file)).video_id == bvid


def test_what_a_view_leaves_empty_is_not_known() -> None:
    video = video_of(view_of("data_only_2024"))
    assert video.desc is None and video.flags.story is False and video.can.reprint is False
    old = video_of(view_of("top_arc_2020"))
    assert old.parts is None and old.can.download is False and old.can.share is None


def test_categories_of_2025_have_two_levels() -> None:
    video = video_of(view_of("same_video_2025"))
    assert [(category.id, category.level) for category in video.category] == [("28", 1), ("2061", 2)]


def test_a_view_of_ten_parts() -> None:
    answer = {"code": 0, "data": decoded("bilibili/view_detail/detail_2025.json")["data"]["View"]}
    video = only(read(f"{WEB}/fetch_one_video", answer, "BV1ns411o7Fm"))
    assert (video.video_id, video.alt_ids["cid"], video.width, video.height) == ("BV1ns411o7Fm", "923963", 512, 288)
    assert [part.duration_ms for part in video.parts] == [
        seconds * 1000 for seconds in (199, 205, 308, 273, 241, 336, 250, 201, 201, 198)
    ]
    assert video.flags.original is False and video.statistics.play_count == 45252521 and len(video.labels) == 1
    third = only(read(f"{WEB}/fetch_one_video", answer, "BV1ns411o7Fm", p="3"))
    assert (third.alt_ids["cid"], third.width, third.height) == ("558702", 432, 324)


def test_a_view_of_2022_without_a_description() -> None:
    answer = {"code": 0, "data": decoded("bilibili/view_detail/detail_2022.json")["data"]["View"]}
    video = video_of(answer)
    assert (video.video_id, video.desc, video.labels) == ("BV1ns4y1774F", None, [])
    assert (video.statistics.play_count, video.statistics.digg_count, video.duration_ms) == (325270, 2039, 33000)


def test_forty_related_videos_are_views_too() -> None:
    related = [
        parse.parse_view(raw, context("video"))
        for raw in decoded("bilibili/view_detail/detail_2025.json")["data"]["Related"]
    ]
    assert len(related) == 40
    first, second = related[:2]
    assert (first.video_id, first.create_time, first.duration_ms) == ("BV12B4U1p7HW", 1711002767, 259_000)
    assert (second.video_id, second.statistics.play_count) == ("BV1hE411875o", 91790223)


def test_parts() -> None:
    page = read(f"{WEB}/fetch_video_parts", recorded("bilibili/pagelist/doc.json"), "BV1L9Uoa9EUx")
    assert [(record.cid, record.no, record.duration_ms, record.width, record.height) for record in page.records] == [
        ("38727799", 1, 33_000, 1920, 1080),
        ("95586024", 2, 133_000, 1484, 1080),
        ("81959063", 3, 210_000, 1484, 1080),
        ("36693177", 4, 503_000, 992, 720),
    ]


def streams_of(file: str, add: Any = streams.add_dash) -> VideoData:
    record = StreamSet(cid="1", video_id="BV1L9Uoa9EUx", meta=meta_for(StreamSet, "bilibili", "1"))
    verdict = classify(BILIBILI, recorded(f"bilibili/playurl/{file}.json"), signed=True)
    assert verdict.outcome is Outcome.OK
    add(record, verdict.data, context("video"))
    assert problems(plain(record)) == []
    return record.video_data


# file, pictures, sounds, the best (quality, codec, height, frames, bits a second), bits of the sounds, expiry, offered
DASH = [
    ("dash_2021", 13, 3, ("HDR", "h265", 1920, 125.0, 13799375), (329376, 67279), 1615860500, 7),
    ("dash_2022", 8, 3, ("1080P", "h265", 1080, 30.303, 576418), (319124, 67324), 1660383237, 6),
    ("dash_2026_language", 15, 3, ("1080P+", "h264", 1080, 30.0, 1973175), (137674, 65625), 1768921888, 5),
]


@pytest.mark.parametrize("file, pictures, sounds, best, bits, expiry, offered", DASH)
def test_dash(
    file: str, pictures: int, sounds: int, best: tuple[Any, ...], bits: tuple[int, int], expiry: int, offered: int
) -> None:
    data = streams_of(file)
    assert (len(data.streams), len(data.audio_streams), len(data.qualities_offered)) == (pictures, sounds, offered)
    first = data.streams[0]
    assert (first.quality, first.codec, first.height, first.fps, first.bitrate) == best
    assert data.nwm_video_url_HQ == first.urls[0] and data.wm_video_url is data.wm_video_url_HQ is None
    assert (data.audio_streams[0].bitrate, data.audio_streams[-1].bitrate) == bits
    assert (data.expire_time, data.preview, data.segments, data.nwm_video_url) == (expiry, False, [], None)


def test_mirrors_that_are_null_are_none() -> None:
    data = streams_of("dash_2022")
    assert sorted(len(stream.urls) for stream in data.streams) == [1, 1, 3, 3, 3, 3, 3, 3]
    assert len(data.audio_streams[0].urls) == 1


# file, quality, container, bytes, mirrors, expiry
FILES = [
    ("durl_2020", "1080P+", "flv", 219827828, 2, 1589565412),
    ("durl_2023", "360P", "mp4", 2802786, 1, 1677233313),
    ("html5_2022", "720P", "flv", 70486426, 3, 1662808778),
    ("pgc_2022", "480P", "flv", 111138876, 3, 1656098195),
]


@pytest.mark.parametrize("file, quality, container, size, mirrors, expiry", FILES)
def test_single_files(file: str, quality: str, container: str, size: int, mirrors: int, expiry: int) -> None:
    for add in (streams.add_dash, streams.add_mp4):
        data = streams_of(file, add)
        (stream,) = data.streams
        assert (stream.quality, stream.container, stream.size, len(stream.urls)) == (quality, container, size, mirrors)
        assert (stream.audio, stream.codec, data.expire_time, data.segments) == (True, "h264", expiry, [])
        assert data.nwm_video_url == data.nwm_video_url_HQ == stream.urls[0] and data.audio_url is None


def test_segments_are_in_order() -> None:
    data = streams_of("durl_4parts_2020")
    assert [segment.duration_ms for segment in data.segments] == [364417, 364395, 352333, 356773]
    assert [segment.order for segment in data.segments] == [1, 2, 3, 4]
    assert [segment.size for segment in data.segments] == [23018310, 23694756, 22835734, 23466279]
    assert (data.streams, data.nwm_video_url, data.nwm_video_url_HQ) == ([], None, None)
    assert data.expire_time == 1589874109
