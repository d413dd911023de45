"""What the pages of each platform look like. Sizes are those of recorded answers."""

from tests.bench.pages import CURSOR, LAST, MORE, Fill, Shape
from tests.simulator.avbv import to_bvid

PLATFORMS = ("douyin", "tiktok", "bilibili")
_FIRST_ID = {"douyin": 7412345678900000000, "tiktok": 7300000000000000000, "bilibili": 100_000_000}
_NEWEST_S = 1_790_000_000
_DOUYIN_POST = ("douyin/web/fetch_one_video/detail_2026.response.json", "aweme_detail")
_TIKTOK_PAGE = "tiktok/web/fetch_one_video/video_2026.response.html"
_TIKTOK_POST = (_TIKTOK_PAGE, "__DEFAULT_SCOPE__:webapp.video-detail:itemInfo:itemStruct")
_SHARE_PAGE = "douyin/web/fetch_one_video/share_video.response.html"
_VIEW = "bilibili/web/fetch_one_video/view_2025"
_TRANSLATIONS = {f"text_{number}": "a text of the page, in the language of the viewer" for number in range(3_200)}


def number_of(platform: str, ident: str | int) -> int:
    """Return the number of an item from its plain id."""
    return int(ident) - _FIRST_ID[platform]


def plain_id(platform: str) -> Fill:
    """Return what gives the numeric id of an item from its number."""
    return lambda number: _FIRST_ID[platform] + number


def bvid(number: int) -> str:
    return to_bvid(_FIRST_ID["bilibili"] + number)


def time_of(number: int) -> int:
    """Return when a post was made, in seconds: the next one is a second older."""
    return _NEWEST_S - number


def number_at(time_s: int) -> int:
    """Return the number of the post that was made at a time."""
    return _NEWEST_S - time_s


def _douyin_posts(size: int, url_length: int) -> Shape:
    return Shape(
        page="douyin/web/fetch_user_post_videos/page_1.response.json",
        items="aweme_list",
        item=_DOUYIN_POST,
        fills={"7412345678901234567": plain_id("douyin")},
        size=size,
        url_length=url_length,
        fixed={"max_cursor": CURSOR, "has_more": MORE},
    )


def _tiktok_posts(size: int, url_length: int) -> Shape:
    return Shape(
        page="tiktok/web/fetch_user_post/creator_page.response.json",
        items="itemList",
        item=_TIKTOK_POST,
        fills={"7300000000000000002": plain_id("tiktok"), "1699663698": time_of},
        size=size,
        url_length=url_length,
        fixed={"hasMorePrevious": MORE},
    )


POSTS = {
    "douyin": _douyin_posts(28_000, 250),
    "tiktok": _tiktok_posts(28_000, 400),
    "bilibili": Shape(
        page="bilibili/web/fetch_user_post_videos/list_2025.response.json",
        items="data:list:vlist",
        item=("bilibili/web/fetch_user_post_videos/list_2025.response.json", "data:list:vlist:0"),
        fills={"BV1L9Uoa9EUx": bvid, "111298867365120": plain_id("bilibili")},
        size=1_600,
        url_length=80,
        fixed={"data:page": {"pn": 1, "ps": 30, "count": CURSOR}},
    ),
}
SMALL_POSTS = {"douyin": _douyin_posts(12_000, 0), "tiktok": _tiktok_posts(12_000, 0)}
VIDEOS = {
    "douyin": Shape(
        page=_SHARE_PAGE,
        item=(_SHARE_PAGE, "loaderData:video_(id)/page:videoInfoRes:item_list:0"),
        fills={"7412345678901234567": plain_id("douyin")},
        size=12_000,
        url_length=250,
    ),
    "tiktok": Shape(
        page=_TIKTOK_PAGE,
        item=_TIKTOK_POST,
        fills={"7300000000000000002": plain_id("tiktok")},
        size=28_000,
        url_length=400,
        fixed={"__DEFAULT_SCOPE__:webapp.i18n-translation": _TRANSLATIONS},
    ),
    "bilibili": Shape(
        page=f"{_VIEW}.response.json",
        item=(f"{_VIEW}.response.json", "data"),
        fills={"BV1L9Uoa9EUx": bvid, "111298867365120": plain_id("bilibili")},
        size=5_200,
        url_length=80,
    ),
}
STREAMS = {
    "dash": Shape(
        page=f"{_VIEW}.dash.response.json", item=(f"{_VIEW}.dash.response.json", "data"), fills={}, size=40_000
    ),
    "mp4": Shape(page=f"{_VIEW}.mp4.response.json", item=(f"{_VIEW}.mp4.response.json", "data"), fills={}, size=3_000),
}
COMMENTS = {
    "douyin": Shape(
        page="douyin/web/fetch_video_comments/page_1.response.json",
        items="comments",
        item=("douyin/web/fetch_video_comments/page_1.response.json", "comments:0"),
        fills={"7412345678900000001": plain_id("douyin")},
        size=3_300,
        url_length=240,
        fixed={"cursor": CURSOR, "has_more": MORE},
    ),
    "tiktok": Shape(
        page="tiktok/web/fetch_post_comment/first_page.response.json",
        items="comments",
        item=("tiktok/web/fetch_post_comment/first_page.response.json", "comments:0"),
        fills={"7400000000000000011": plain_id("tiktok")},
        size=3_100,
        url_length=280,
        fixed={"cursor": CURSOR, "has_more": MORE},
    ),
    "bilibili": Shape(
        page="bilibili/web/fetch_video_comments/first_page.response.json",
        items="data:replies",
        item=("bilibili/web/fetch_video_comments/first_page.response.json", "data:replies:0"),
        fills={"250000000001": plain_id("bilibili")},
        size=8_000,
        url_length=75,
        fixed={"data:cursor:next": CURSOR, "data:cursor:is_end": LAST, "data:cursor:pagination_reply": None},
    ),
}
