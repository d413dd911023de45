"""Works and profiles of Douyin as they were really answered from 2019 to 2026. The facts were read out by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from scraper.records import Video
from scraper.responses.outcomes import Outcome
from spiders.douyin.authors import parse_author
from spiders.douyin.parse import parse_work
from spiders.douyin.verdicts import VERDICTS
from tests.cases import classify, plain
from tests.invariants import problems
from tests.recordings import PLATFORMS, context, decoded, recorded

DOUYIN = next(platform for platform in PLATFORMS if platform.name == "douyin")


def works(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the works of an answer, however deep, and none that is inside of another."""
    if isinstance(value, list):
        for item in value:
            yield from works(item)
    elif isinstance(value, dict) and "aweme_id" in value and "video" in value:
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from works(item)


def read(file: str) -> list[Video]:
    return [parse_work(work, context("video")) for work in works(decoded(file))]


# file, id, published, ms, width, height, raw kind, streams, short side and codec of the best, digg, comment, share
VIDEOS: list[tuple[str, str, int, int, int, int, str, int, int | None, str, tuple[int, int, int]]] = [
    ("app/aweme_list/feed_2020", "6870318933805432204", 1599627689, 68578, 1024, 576, "0", 3, None, "h265",
     (1307510, 19672, 14870)),
    ("app/aweme_list/user_posts_2020", "6871068361081866201", 1599795299, 52911, 576, 998, "0", 3, None, "h265",
     (77976, 120, 185)),
    ("web/aweme_detail/post_detail", "7071967231170212157", 1646570683, 9611, 1080, 1920, "0/4", 3, 720, "h265",
     (165539, 7343, 23537)),
    ("web/aweme_list/post_2023_03", "7188795450462163705", 1673771886, 13095, 1080, 1440, "0", 11, 1080, "h264",
     (48559, 18165, 41916)),
    ("web/aweme_object/search_video_2026", "7565738210670036384", 1761818400, 94000, 576, 1024, "0/4", 3, 720, "h265",
     (60149, 3296, 3468)),
    ("web/aweme_object/type33_2019", "6667865583718889630", 1552635084, 22967, 368, 640, "33", 1, 368, "h264",
     (969318, 6996, 500)),
    ("web/aweme_object/type53", "6766145282970147486", 1575365966, 9775, 720, 1280, "53", 5, 1080, "h264",
     (1300816, 30140, 4365)),
    ("web/aweme_object/type55", "7166766402084976309", 1668642842, 10936, 1080, 1920, "55", 1, 720, "h264",
     (317, 113, 0)),
    ("web/aweme_object/type61", "7061007098056334529", 1644018836, 18179, 1080, 1920, "61", 3, 1080, "h264",
     (320, 32, 13)),
    ("web/aweme_object/type66", "7107404941222067867", 1654821672, 13329, 720, 1056, "66", 1, 720, "h264",
     (318, 278, 0)),
]  # fmt: skip


@pytest.mark.parametrize("file, ident, at, ms, width, height, raw, streams, short, codec, counts", VIDEOS)
def test_a_video(
    file: str, ident: str, at: int, ms: int, width: int, height: int, raw: str, streams: int, short: int | None,
    codec: str, counts: tuple[int, int, int],
) -> None:  # fmt: skip
    (video,) = read(f"douyin_{file}.json")
    assert (video.video_id, video.create_time, video.duration_ms) == (ident, at, ms)
    assert (video.kind, video.raw_kind, video.type) == ("video", raw, "video")
    assert (video.width, video.height, video.image_data) == (width, height, None)
    assert video.url == f"https://www.douyin.com/video/{ident}" and video.meta.approximate == []
    statistics = video.statistics
    assert (statistics.digg_count, statistics.comment_count, statistics.share_count, statistics.play_count) == (
        *counts,
        None,
    )
    best = video.video_data.streams[0]
    assert best.codec == codec and video.video_data.nwm_video_url_HQ == best.urls[0]
    assert (min(best.width, best.height) if best.width else None) == short
    assert video.availability == "public" and problems(plain(video)) == []
    assert len(video.video_data.streams) == streams


# file, expiry as the path of its play URLs says, and the time of their log id
EXPIRIES = [
    ("app/aweme_list/feed_2020", 0x5F5F9D06, 1600097978),
    ("app/aweme_list/user_posts_2020", 0x5F5F82F3, 1600091303),
    ("web/aweme_detail/post_detail", 0x64BA6DEA, 1689935824),
    ("web/aweme_list/post_2023_03", 0x64134B44, 1678982440),
    ("web/aweme_object/type53", 0x644E35DD, 1682843588),
]


@pytest.mark.parametrize("file, until, asked", EXPIRIES)
def test_play_urls_end_an_hour_after_they_were_asked_for(file: str, until: int, asked: int) -> None:
    (video,) = read(f"douyin_{file}.json")
    assert video.video_data.expire_time == until
    assert abs(until - asked - 3600) <= 120


def test_a_square_of_720_is_a_dummy_unless_the_video_is_one() -> None:
    (video,) = read("douyin_app/aweme_list/feed_2020.json")
    assert {(stream.width, stream.height) for stream in video.video_data.streams} == {(None, None)}
    assert [stream.quality for stream in video.video_data.streams][:2] == [
        "heaacv2_adapt_lowest_720",
        "heaacv2_adapt_540",
    ]


def test_a_stream_whose_h265_is_2_is_h266_and_left_out() -> None:
    (video,) = read("douyin_web/aweme_object/search_video_2026.json")
    assert [(stream.quality, stream.codec) for stream in video.video_data.streams] == [
        ("720p", "h265"), ("576p", "h264"), ("540_3_1", "h265"),
    ]  # fmt: skip


def test_a_list_of_2020_says_no_time_so_that_the_id_tells_it_nearly() -> None:
    videos = read("douyin_web/aweme_list/iesdouyin_2020.json")
    assert [video.video_id for video in videos] == [
        "6839264345234188394", "6839230340067645310", "6838962478617981619", "6838939895045649856",
        "6837799024028637873", "6837477418085121907",
    ]  # fmt: skip
    assert [video.create_time for video in videos][:2] == [6839264345234188394 >> 32, 6839230340067645310 >> 32]
    assert [video.duration_ms for video in videos] == [9567, 8600, 9100, 7267, 8067, 6365]
    assert [video.statistics.digg_count for video in videos][:3] == [50, 649, 92]
    for video in videos:
        assert video.meta.approximate == ["create_time"] and video.kind == "video" and problems(plain(video)) == []
        assert video.availability == "unknown" and video.raw_kind == "4"
        assert "watermark=1" in video.video_data.wm_video_url_HQ
        assert [len(stream.urls) for stream in video.video_data.streams] == [2]


@pytest.mark.parametrize(
    "file, ident, at, images, width, height, music, hashtags",
    [
        ("aweme_list/post_image", "7232626237179306810", 1683977029, 3, 1440, 1918, "7203284394630646426", 5),
        (
            "aweme_object/search_images2_2026",
            "7584769169322989416",
            1765966706,
            2,
            1170,
            1560,
            "7570311642806121275",
            5,
        ),
    ],
)
def test_a_note(
    file: str, ident: str, at: int, images: int, width: int, height: int, music: str, hashtags: int
) -> None:
    (video,) = read(f"douyin_web/{file}.json")
    assert (video.video_id, video.create_time, video.type, video.kind) == (ident, at, "image", "image")
    assert (video.raw_kind, video.url) == ("68/2", f"https://www.douyin.com/note/{ident}")
    assert (video.width, video.height, video.duration_ms, video.video_data) == (width, height, None, None)
    plain_ones, marked = video.image_data.no_watermark_image_list, video.image_data.watermark_image_list
    assert len(plain_ones) == len(marked) == images and video.image_data.live_photos == []
    assert all(url.partition("?")[0].endswith(".jpeg") for url in (*plain_ones, *marked))
    assert not any("water" in url for url in plain_ones) and all("water" in url for url in marked)
    assert video.music.music_id == music and len(video.hashtags) == hashtags and problems(plain(video)) == []


def test_a_note_in_a_mix() -> None:
    (video,) = read("douyin_web/aweme_list/post_image.json")
    assert (video.mix.id, video.mix.episode) == ("7238089454394950990", 1)
    assert video.statistics.collect_count == 1572 and video.statistics.admire_count == 1


def test_what_stands_beside_a_video_of_2019() -> None:
    (video,) = read("douyin_web/aweme_object/type53.json")
    assert (video.mix.id, video.mix.episode) == ("6759059132804334338", 33)
    (hashtag,), (mention,) = video.hashtags, video.mentions
    assert (hashtag.id, hashtag.start, hashtag.end, hashtag.commerce) == ("1587818819920973", 0, 6, False)
    assert (mention.uid, mention.start, mention.end) == ("9620617279", 15, 21) and mention.sec_uid
    assert video.category == [] and video.author.verified is True and video.statistics.collect_count == 2968


def test_what_a_search_of_2026_tells() -> None:
    (video,) = read("douyin_web/aweme_object/search_video_2026.json")
    assert [category.id for category in video.category] == ["2027", "2027001", "2027001002"]
    assert (video.alt_ids["comment_gid"], video.region) == ("7565738209909023748", None)
    assert (video.music.music_id, video.music.duration_ms) == ("7565738259472782619", 94000)
    assert video.flags.story is False and video.can.download is True
    assert video.hashtags == [] and video.mentions == []


def test_two_videos_of_a_search_of_2023() -> None:
    first, second = read("douyin_web/search_item/search_2023.json")
    assert (first.video_id, first.create_time, first.duration_ms) == ("7231759790941041997", 1683775292, 74885)
    assert (second.video_id, second.statistics.digg_count) == ("7231739169864964683", 246399)
    for video, size, bits in ((first, (1920, 1080), 4167232), (second, (1728, 1080), 2833198)):
        best = video.video_data.streams[0]
        assert ((best.width, best.height), best.bitrate, best.quality) == (size, bits, "normal_1080_0")
        assert problems(plain(video)) == []


def test_more_of_2023() -> None:
    (listed,) = read("douyin_web/aweme_list/post_video.json")
    assert (listed.video_id, listed.create_time, listed.width, listed.height) == (
        "7253290038467862114", 1688788818, 1920, 1200,
    )  # fmt: skip
    best = listed.video_data.streams[0]
    assert (best.width, best.height, best.fps, best.bitrate) == (1728, 1080, 25.0, 2251713)
    (typed,) = read("douyin_web/aweme_object/type0.json")
    assert (typed.video_id, typed.width, typed.height) == ("7227779407468779122", 3840, 2160)
    assert (typed.video_data.streams[0].width, typed.duration_ms, len(typed.hashtags)) == (1280, 18042, 5)


@pytest.mark.parametrize(
    "file, key, ident, at, ms, size, streams, counts",
    [
        ("video", "46", "7234501308094015762", 1684413603, 212609, (1920, 1080), 15, (248861, 26547, 8691)),
        ("post", "45", "7060825344876703247", 1643976610, 15172, (1080, 1920), 4, (16214396, 340289, 181735)),
    ],
)
def test_a_page_of_2023(
    file: str, key: str, ident: str, at: int, ms: int, size: tuple[int, int], streams: int, counts: tuple[int, ...]
) -> None:
    state = decoded(f"douyin_web/page_render_data/{file}.json")
    video = parse_work(state[key]["aweme"]["detail"], context("video"))
    assert (video.video_id, video.create_time, video.duration_ms, (video.width, video.height)) == (ident, at, ms, size)
    statistics = video.statistics
    assert (
        statistics.digg_count,
        statistics.comment_count,
        statistics.collect_count,
    ) == counts and statistics.play_count is None
    assert video.author.verified is True and video.author.sec_uid and video.author.avatar_url
    assert (video.availability, video.mix, video.raw_kind) == ("public", None, "0") and video.flags.pinned is False
    assert (video.video_data.streams[0].width, video.video_data.streams[0].height) == size
    assert len(video.video_data.streams) == streams and video.overlay_text and video.cover_data.dynamic_cover
    assert problems(plain(video)) == []


def test_a_profile_of_2023() -> None:
    author = parse_author(decoded("douyin_web/user_profile/profile.json")["user"], context("user"))
    assert (author.uid, author.short_id, author.gender, author.ip_location) == ("553921366639", None, "male", "河南")
    counts = author.statistics
    assert (counts.follower_count, counts.following_count, counts.total_favorited) == (298468, 45, 2305265)
    assert (counts.video_count, counts.mix_count) == (509, 5) and author.register_time is None
    assert (author.private, author.banned, author.commerce, author.verified) == (False, False, True, False)
    assert (author.likes_public, author.live.status, author.live.room_id, author.school) == (
        False,
        "offline",
        None,
        None,
    )
    assert author.meta.key == f"douyin:author:{author.sec_uid}" and problems(plain(author)) == []


@pytest.mark.parametrize(
    "file, status, outcome",
    [
        ("douyin_web/failure/post_delete.json", 200, Outcome.PRIVATE),
        ("douyin_web/failure/core_dep.json", 200, Outcome.NOT_FOUND),
        ("douyin_web/failure/empty_object.json", 200, Outcome.CHALLENGE),
        ("douyin_web/failure/captcha_middle_page.html", 200, Outcome.CHALLENGE),
        ("douyin_web/failure/argus_403.txt", 403, Outcome.SIGNATURE_REJECTED),
        ("douyin_web/failure/login_2483.json", 200, Outcome.LOGIN_REQUIRED),
        ("douyin_web/failure/not_logged_8.json", 200, Outcome.LOGIN_REQUIRED),
        ("douyin_web/failure/server_nap_4.json", 200, Outcome.CHALLENGE),
        ("bytedance_common/failure/verify_slide_2026.json", 200, Outcome.CHALLENGE),
    ],
)
@pytest.mark.parametrize("login", [False, True])
def test_a_failure(file: str, status: int, outcome: Outcome, login: bool) -> None:
    if login and outcome is Outcome.LOGIN_REQUIRED:
        outcome = Outcome.COOKIE_EXPIRED
    assert classify(DOUYIN, recorded(file), ask={"status": status, "login_cookie": login}).outcome is outcome


@pytest.mark.parametrize("file", ["aweme_detail/post_detail", "user_profile/profile"])
def test_a_success(file: str) -> None:
    assert DOUYIN.verdicts is VERDICTS
    assert classify(DOUYIN, recorded(f"douyin_web/{file}.json")).outcome is Outcome.OK
