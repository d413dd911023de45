"""TikTok's works and creators as they were really answered from 2020 to 2026. The facts were read out by hand."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scraper.records import Author, Comment, Video
from scraper.responses.outcomes import Outcome
from spiders.tiktok import embedded_data
from spiders.tiktok.parse_app import parse_aweme
from spiders.tiktok.parse_comment import parse_comment
from spiders.tiktok.parse_user import parse_author, user_info
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.spider import TIKTOK
from tests.cases import classify, plain
from tests.invariants import problems
from tests.recordings import RECORDINGS, context, decoded, endpoint_of, read, recorded

STATISTICS = ("play_count", "digg_count", "comment_count", "share_count", "collect_count")

# file, place in it, id, made, ms, width, height, handle, counts, music, its ms
WEB: list[tuple[str, int, str, int, int, int, int, str, tuple[int | None, ...], str, int | None]] = [
    ("item_detail/post_detail", 0, "7305827434223971061", 1701020508, 89000, 576, 1024, "jypyzvh___",
     (19100000, 1700000, 7121, 8829, 210700), "7305827463197321987", 89000),
    ("item_list/related_videos", 0, "7286156731504244500", 1696492800, 31000, 720, 1280, "jheievvyfadz_smyvvtbsfr_",
     (263100, 11600, 73, 22, 446), "7286156947568078211", 31000),
    ("item_list/related_videos", 1, "7285547909239983739", 1696298818, 9000, 720, 1280, "dakptgr04",
     (878900, 79400, 679, 709, 8552), "7099466421144721024", 9000),
    ("item_list/trending_2020", 0, "6810264522671382932", 1585638274, 15000, 576, 1248, "keesgghtb568",
     (24196909, 729879, 1784, 200887, None), "6545316650586906569", None),
    ("item_list/trending_2020", 1, "6811902715327689443", 1586019696, 10000, 576, 1024, "unoamnifsict",
     (379053, 25429, 658, 608, None), "6681206676226648461", None),
    ("item_list/feed_2021", 0, "6932268218745067300", 1614044487, 58000, 576, 1024, "azbgemzmzlsxnulnugvkeq",
     (80200, 16000, 393, 612, None), "6932268231501224711", 58000),
    ("item_list/user_posts", 0, "7513039993159723313", 1749265942, 18000, 576, 1024, "er.854",
     (1900000, 68300, 1502, 2528, 5012), "7287891047864294283", 17000),
    ("item_struct/readme_2021", 0, "7039426840830879019", 1638994283, 14000, 576, 1024, "jfrymjfbutmbp",
     (10600000, 817800, 21900, 26100, None), "7002377343274668731", 14000),
    ("item_struct/video_info", 0, "7235267734634870850", 1684592048, 10000, 720, 1280, "gqatabu_hl_",
     (3500000, 113900, 962, 1075, 9082), "7235267755236072511", 10000),
    ("search_item/search_2025_05_02", 0, "7457874391008074722", 1736421708, 32000, 1024, 576, "skdx.re",
     (477984, 45108, 130, 743, 3380), "7457874459261734561", 32000),
    ("search_item/search_2025_05_24", 0, "7458607280880234562", 1736592338, 41000, 576, 768, "dxe_hhqx3332",
     (2414227, 178670, 1378, 3793, 13122), "7458607301193121032", 41000),
    ("search_item/search_2025_05_24", 1, "7370152455829099074", 1715997359, 22000, 576, 1024, "hvwjvbrbyejntsljvvzxob",
     (12130, 370, 8, 4, 37), "7362414234667018770", 22000),
    ("search_item/search_2026", 0, "7603296355074308582", 1770280392, 15000, 576, 1024, "hby_qzlwy623",
     (12100, 2887, 179, 38, 100), "7428683676920418224", 22000),
    ("search_item/search_2026", 1, "7559547421387551084", 1760094373, 62000, 576, 768, "sunxh69447",
     (16900000, 1800000, 3088, 24200, 71235), "6929134621508806503", 60000),
]  # fmt: skip

# file, place, id, made, ms, width, height, handle, counts with shares and downloads, qualities, hashtags, music, its ms
APP = [
    ("aweme_detail/multi_detail_2022", 0, "7086595175036330589", 1649976516, 39845, 908, 1920, "qtkm",
     (4964, 66, 39, 415578, 9), 0, [1144765, 635685, 476812], "6968593955778510966", "FR"),
    ("aweme_list/challenge_2021", 0, "6864614389873125919", 1598292592, 28652, 576, 1024, "iilawb_srfnenl",
     (4163152, 353011, 1269, 725, None), 293, [1620672, 896738, 648874], "6835837995467599080", "US"),
    ("aweme_list/challenge_2021", 1, "6992456889829067850", 1628058242, 9913, 576, 1024, "pfoovwd",
     (1823449, 319879, 1626, 932, None), 137, [1637595, 890649, 638282], "6992456477681564188", "US"),
    ("aweme_list/music_2021", 0, "6901762671018913606", 1606941884, 13651, 576, 1024, "ajtmlaihyjotk",
     (878424, 131857, 23778, 2522, None), 1174, [1272136, 709443, 523208], "6767362750910828623", "US"),
    ("aweme_list/music_2021", 1, "6971857887632657352", 1623262162, 12351, 576, 1024, "ajtmlaihyjotk",
     (1543037, 129587, 81362, 569, None), 131, [1891999, 1050089, 685026], "6767362750910828623", "US"),
    ("aweme_list/user_posts_2021", 0, "6990567183718434871", 1627618258, 5779, 576, 1024, "yezqjlircrczbvir7",
     (5040, 453, 11, 3, None), 11, [None], "6948086712692373525", "US"),
    ("search_item/search_2021", 0, "6932229951800777638", 1614035575, 27002, 576, 1024, "qomulzxsuga",
     (16509966, 1256636, 21992, 56460, None), 20546, [1644771, 908213, 652914], "6800370847011208824", "US"),
    ("search_item/search_2021", 1, "6985955638008922485", 1626544550, 15300, 576, 1024, "zwwqnfrq01",
     (356320, 14914, 315, 549, None), 726, [1079876, 683231, 528271], "6975111024731958029", "US"),
]  # fmt: skip


def works(value: Any, *marks: str) -> list[Any]:
    """Return every work in an answer, wherever it is in it."""
    if isinstance(value, dict):
        if all(mark in value for mark in marks):
            return [value]
        return [work for inner in value.values() for work in works(inner, *marks)]
    return [work for inner in value for work in works(inner, *marks)] if isinstance(value, list) else []


def sound(record: Any) -> Any:
    assert problems(plain(record)) == []
    return record


def is_round(number: int | None) -> bool:
    return number is not None and number >= 10_000 and number % 100 == 0


def web(file: str, place: int = 0) -> Video:
    raw = works(decoded(f"tiktok_web/{file}.json"), "createTime", "video")[place]
    return sound(parse_item(raw, context("video")))


def app(file: str, place: int = 0) -> Video:
    raw = works(decoded(f"tiktok_app/{file}.json"), "aweme_id", "video", "statistics")[place]
    return sound(parse_aweme(raw, context("video")))


@pytest.mark.parametrize("file, place, ident, made, ms, width, height, handle, counts, music, music_ms", WEB)
def test_a_work_of_the_web(
    file: str, place: int, ident: str, made: int, ms: int, width: int, height: int, handle: str,
    counts: tuple[int | None, ...], music: str, music_ms: int | None,
) -> None:  # fmt: skip
    video = web(file, place)
    assert (video.video_id, video.create_time, video.duration_ms) == (ident, made, ms)
    assert (video.width, video.height, video.kind, video.type) == (width, height, "video", "video")
    assert (video.author.unique_id, video.url) == (handle, f"https://www.tiktok.com/@{handle}/video/{ident}")
    assert tuple(getattr(video.statistics, name) for name in STATISTICS) == counts
    assert video.music and (video.music.music_id, video.music.duration_ms) == (music, music_ms)
    round_ones = {f"statistics.{name}" for name, number in zip(STATISTICS, counts, strict=True) if is_round(number)}
    assert set(video.meta.approximate) <= round_ones and video.meta.missing == []
    assert video.video_data and video.video_data.nwm_video_url and video.video_data.nwm_video_url_HQ
    assert not any("/aweme/v1/play/" in url for stream in video.video_data.streams for url in stream.urls)


@pytest.mark.parametrize(
    "file, place, ident, made, ms, width, height, handle, counts, downloads, rates, music, region", APP
)
def test_a_work_of_the_app(
    file: str, place: int, ident: str, made: int, ms: int, width: int, height: int, handle: str,
    counts: tuple[int | None, ...], downloads: int, rates: list[int | None], music: str, region: str,
) -> None:  # fmt: skip
    video = app(file, place)
    assert (video.video_id, video.create_time, video.duration_ms) == (ident, made, ms)
    assert (video.width, video.height, video.kind, video.raw_kind) == (width, height, "video", "0")
    assert (video.author.unique_id, video.url) == (handle, f"https://www.tiktok.com/@{handle}/video/{ident}")
    assert tuple(getattr(video.statistics, name) for name in STATISTICS) == counts
    assert video.statistics.download_count == downloads and video.region == region
    assert video.music and video.music.music_id == music and video.availability == "public"
    assert video.video_data and [stream.bitrate for stream in video.video_data.streams] == rates
    assert {(stream.quality, stream.codec) for stream in video.video_data.streams} == {("540p", "h264")}
    assert video.video_data.headers and video.video_data.cookie_names == []
    assert all("/aweme/v1/play/" not in stream.urls[0] for stream in video.video_data.streams)


def best(video: Video) -> tuple[Any, ...]:
    assert video.video_data
    first = video.video_data.streams[0]
    return first.quality, first.codec, first.width, first.fps, first.bitrate, len(first.urls)


@pytest.mark.parametrize(
    "file, place, first, streams, expiry",
    [
        ("item_detail/post_detail", 0, ("1080p", "h265", None, None, 1312594, 2), 5, 1701437082),
        ("item_list/related_videos", 0, ("1080p", "h265", None, None, 1497826, 2), 4, 1696754252),
        ("item_list/trending_2020", 0, ("720p", None, 576, None, None, 1), 1, 1591405617),
        ("item_list/user_posts", 0, ("1080p", "h265", 1080, 30.0, 873954, 2), 5, 1761112959),
        ("item_struct/readme_2021", 0, ("720p", "h264", 576, None, 1460722, 1), 1, 1640594684),
        ("page_rehydration/plain", 0, ("720p", None, 720, None, 1066942, 1), 1, 1790262358),
        ("search_item/search_2026", 1, ("1080p", "h265", 1080, None, 2375016, 2), 5, 1770461345),
    ],
)
def test_streams_are_sorted_best_first(
    file: str, place: int, first: tuple[Any, ...], streams: int, expiry: int
) -> None:
    video = web(file, place)
    assert best(video) == first
    assert video.video_data and len(video.video_data.streams) == streams and video.video_data.expire_time == expiry
    assert video.video_data.nwm_video_url_HQ == video.video_data.streams[0].urls[0]


def test_an_author_who_is_only_a_handle() -> None:
    video = web("item_struct/video_info")
    assert video.author.uid == "7232706905046972834" and video.author.nickname == "灯黑香 林"
    assert (video.author.sec_uid or "").startswith("MS4wLjABAAAApO0P") and video.author.verified is None
    assert video.anchors and (video.anchors[0].anchor_kind, video.anchors[0].id) == ("54", None)
    assert video.suggested_words and len(video.hashtags or []) == 7 and video.region == "JP"


def test_what_stands_beside_the_picture() -> None:
    placed = web("item_list/related_videos", 1)
    assert placed.place and placed.place.id == "20442396786889863" and placed.place.name == "头ヤ湖"
    assert len(placed.hashtags or []) == 5 and placed.hashtags[4].id == "7221742831499814659"
    assert placed.flags.duet is False and placed.refs.duet_from is None
    old = web("item_list/trending_2020")
    assert (old.desc_language, old.place, old.mix, old.statistics.repost_count) == (None, None, None, None)
    assert web("search_item/search_2025_05_24").video_data.wm_video_url is None  # type: ignore[union-attr]


def test_hashtags_and_mentions_of_the_app() -> None:
    video = app("aweme_list/challenge_2021")
    assert len(video.hashtags or []) == 3 and len(video.mentions or []) == 1
    marked = app("aweme_detail/multi_detail_2022")
    assert len(marked.hashtags or []) == 11 and marked.can.download is False and marked.alt_ids == {
        "vid": "y55064px3736x1b5vaux75tzbuhev28o"
    }  # fmt: skip
    assert best(app("aweme_list/user_posts_2021")) == ("540p", "h264", None, None, None, 3)


@pytest.mark.parametrize("folder", ["tiktok_web", "tiktok_app"])
def test_every_recorded_work_is_read(folder: str) -> None:
    read: dict[str, tuple[tuple[str, ...], Callable[..., Video]]] = {
        "tiktok_web": (("createTime", "video"), parse_item),
        "tiktok_app": (("aweme_id", "video", "statistics"), parse_aweme),
    }
    marks, parse = read[folder]
    recorded(f"{folder}/failure/{'205001' if folder == 'tiktok_web' else 'invalid_parameters'}.json")  # or skip

    raw_works = [
        raw
        for path in sorted((RECORDINGS / folder).rglob("*.json"))
        for raw in works(json.loads(path.read_bytes()), *marks)
    ]
    assert len(raw_works) >= 8
    for raw in raw_works:
        video = sound(parse(raw, context("video")))
        assert video.kind == "video" and video.video_data and video.video_data.streams and video.author.unique_id


def test_a_whole_page() -> None:
    verdict = classify(TIKTOK, recorded("tiktok_web/page_html/index.html"), decode=embedded_data.video_data)
    assert verdict.outcome is Outcome.OK
    video = sound(parse_item(verdict.data["itemInfo"]["itemStruct"], context("video")))
    assert (video.video_id, video.create_time, video.duration_ms) == ("7524919458657241955", 1752031845, 31000)
    assert (video.region, video.desc_language, video.raw_kind) == ("VN", "vi", "106")
    assert best(video) == ("1080p", "h265", 1080, 60.0, 1226086, 2)
    assert video.statistics.repost_count == 0 and video.flags.aigc is False
    assert video.video_data.expire_time == 1754394419


def test_the_scope_of_a_page() -> None:
    verdict = classify(TIKTOK, recorded("tiktok_web/page_rehydration/plain.json"), decode=embedded_data.video_data)
    video = sound(parse_item(verdict.data["itemInfo"]["itemStruct"], context("video")))
    assert (video.video_id, video.statistics.collect_count) == ("7665075737534121784", 6767)
    assert video.video_data.streams[0].size == 3356735 and video.author.verified is True
    assert [category.name for category in video.category or []][:2] == ["Science", "Education"]


def tracks(name: str, decode: Any = None) -> list[tuple[str | None, str, str | None, int | None, list[str]]]:
    endpoint, data = endpoint_of("/api/tiktok/web/fetch_video_subtitles"), decoded(name) if decode is None else decode
    post = context("video", works(data, "createTime", "video")[0]["id"])
    subtitles = [sound(endpoint.routes[0].parse(row, post)) for row in endpoint.routes[0].raw(data)]
    assert {one.video_id for one in subtitles} == {post.target.id}
    return [(one.lang, one.source, one.format, one.expire_time, one.meta.missing) for one in subtitles]


def test_the_subtitles_of_a_page() -> None:
    verdict = classify(TIKTOK, recorded("tiktok_web/page_html/index.html"), decode=embedded_data.video_data)
    listed = tracks("", verdict.data)
    assert listed[:2] == [("vie-VN", "asr", "webvtt", 1754394419, []), ("eng-US", "mt", "webvtt", 1754394419, [])]


def test_the_subtitles_of_an_answer_of_2023() -> None:
    listed = tracks("tiktok_web/item_detail/post_detail.json")
    assert [row[0] for row in listed[:3]] == ["ara-SA", "spa-ES", "vie-VN"]
    assert {row[3] for row in listed} == {1701437082} and {row[2] for row in listed} == {"webvtt"}


def profile(data: Any) -> Author:
    return sound(parse_author(user_info(data)[0], context("user")))


def test_a_profile_page_of_2026() -> None:
    verdict = classify(TIKTOK, recorded("tiktok_web/page_user/bio_link.json"), decode=embedded_data.user_data)
    author = profile(verdict.data)
    assert (author.uid, author.unique_id, author.register_time) == ("68616494644492932", "kkmrmske", 1456730962)
    counts = author.statistics
    assert (counts.follower_count, counts.total_favorited, counts.video_count) == (86900407, 1300921874, 617)
    assert (author.live, author.handle_change_time, author.private, author.verified) == (None, None, False, True)


def test_a_profile_of_the_api() -> None:
    author = profile(decoded("tiktok_web/user_detail/user_detail.json"))
    assert (author.uid, author.unique_id, author.commerce) == ("6799838953374933454", "ew.415", True)
    assert (author.statistics.follower_count, author.statistics.total_favorited) == (427682, 6764096)
    assert author.name_change_time == 1752997307 and author.register_time is None
    old = profile(decoded("tiktok_web/user_detail/user_2021.json"))
    assert (old.uid, old.private, old.signature) == ("684574219601028148", True, None)
    assert old.statistics.friend_count is None


@pytest.mark.parametrize(
    "file, outcome, is_page",
    [
        ("tiktok_web/failure/item_missing.json", Outcome.NOT_FOUND, True),
        ("tiktok_web/failure/author_status_reviewing.json", Outcome.PRIVATE, True),
        ("tiktok_web/failure/user_banned.json", Outcome.NOT_FOUND, True),
        ("tiktok_web/failure/waf.html", Outcome.CHALLENGE, True),
        ("tiktok_web/failure/waf.html", Outcome.CHALLENGE, False),
        ("tiktok_web/failure/205001.json", Outcome.BAD_INPUT, False),
        ("tiktok_web/failure/empty_body.txt", Outcome.CHALLENGE, False),
        ("tiktok_web/failure/url_doesnt_match.json", Outcome.SIGNATURE_REJECTED, False),
        ("tiktok_app/failure/invalid_parameters.json", Outcome.BAD_INPUT, False),
        ("bytedance_common/failure/verify_slide_2026.json", Outcome.CHALLENGE, False),
        ("bytedance_common/failure/verify_slide_2026.json", Outcome.CHALLENGE, True),
    ],
)
def test_a_recorded_failure(file: str, outcome: Outcome, is_page: bool) -> None:
    read = (embedded_data.user_data if "user" in file else embedded_data.video_data) if is_page else None
    assert classify(TIKTOK, recorded(file), decode=read).outcome is outcome


def comment(raw: Any) -> Comment:
    return sound(parse_comment(raw, context("video")))


def test_a_page_of_comments_of_2026() -> None:
    page = read("/api/tiktok/web/fetch_post_comment", recorded("tiktok_web/comment_list/page1_2026.json"))
    assert (len(page.records), page.total, page.next_page.cursor, page.faults) == (19, 227, "20", [])
    first = sound(page.records[0])
    assert (first.comment_id, first.video_id) == ("7603301258905940842", "7603296357708271376")
    assert (first.create_time, first.digg_count, first.reply_count, first.text) == (1770281693, 2, 0, None)
    assert (first.lang, first.depth, first.pinned, first.liked_by_author) == (None, 0, False, False)
    assert [(image.width, image.height) for image in first.images or []] == [(720, 1520)]
    assert "image-origin.jpeg" in (first.images or [])[0].url


def test_comments_of_2023_with_their_first_replies() -> None:
    comments = {raw["cid"]: comment(raw) for raw in decoded("tiktok_web/comment_list/comments_2023.json")}
    liked = comments["7259632877285533888"]
    assert (liked.liked_by_author, liked.replied_by_author, liked.reply_count) == (True, True, 1)
    assert (liked.lang, liked.create_time, liked.digg_count) == ("ja", 1690265003, 11)
    assert len(comments) == 20 and all(record.author and record.author.unique_id for record in comments.values())


def test_comments_of_the_app_of_2021() -> None:
    page = read(
        "/api/tiktok/web/fetch_post_comment", recorded("tiktok_app/comment_list/comments_2021.json"), cursor="20"
    )
    assert [record.comment_id for record in page.records][:1] == ["6996843253234638743"]
    assert (page.total, page.next_page.cursor, page.faults) == (98124, "40", [])
    assert all(sound(record).images is None and record.lang is None for record in page.records)


def test_a_page_of_posts_of_2025() -> None:
    router = "/api/tiktok/web/fetch_user_post"
    place = next(at for at, route in enumerate(endpoint_of(router).routes) if route.name == "browser")
    verdict = classify(TIKTOK, recorded("tiktok_web/item_list/user_posts.json"))
    page = endpoint_of(router).read(verdict.data, context("user", "MS4wLjABAAAAsample0000000000000000"), "", place)
    assert [record.video_id for record in page.records] == ["7513039993159723313"] and page.faults == []
    assert (page.next_page.cursor, page.next_page.stop) == ("1758331327601", None)


def test_many_works_of_the_app_of_2022() -> None:
    router, answer = "/api/tiktok/app/fetch_multi_video", recorded("tiktok_app/aweme_detail/multi_detail_2022.json")
    page = read(router, answer, "7086595175036330589,7086595175036330590")
    assert [sound(record).video_id for record in page.records] == ["7086595175036330589"]
    assert page.next_page.stop is Outcome.NOT_FOUND and "7086595175036330590" in page.next_page.message


@pytest.mark.parametrize("router", ["fetch_related_videos", "fetch_recommended"])
def test_works_that_were_proposed_in_2023(router: str) -> None:
    """The list was kept without what stood around it."""
    answer = {"statusCode": 0, "hasMore": True, "itemList": decoded("tiktok_web/item_list/related_videos.json")}
    page = read(f"/api/tiktok/web/{router}", answer)
    idents = [sound(record).video_id for record in page.records]
    assert idents[:2] == ["7286156731504244500", "7285547909239983739"] and len(idents) == 6 and page.faults == []
