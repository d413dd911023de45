"""What the pages of each platform look like. Sizes are those of recorded answers."""

from tests.bench.pages import CURSOR, MORE, Fill, Shape
from tests.simulator.avbv import to_bvid

FIRST_ID = {"douyin": 7412345678900000000, "tiktok": 7300000000000000000, "bilibili": 100_000_000}
_NEWEST_S = 1_790_000_000


def post_id(platform: str, number: int) -> str:
    """Return the id that the record of a post has."""
    plain = FIRST_ID[platform] + number
    return to_bvid(plain) if platform == "bilibili" else str(plain)


def _ids(platform: str) -> Fill:
    return lambda number: post_id(platform, number)


def _aid(number: int) -> int:
    return FIRST_ID["bilibili"] + number


def _time(number: int) -> int:
    return _NEWEST_S - number


def _douyin_posts(size: int, url_length: int) -> Shape:
    return Shape(
        page="douyin/web/fetch_user_post_videos/page_1.response.json",
        items="aweme_list",
        item=("douyin/web/fetch_one_video/detail_2026.response.json", "aweme_detail"),
        fills={"7412345678901234567": _ids("douyin")},
        size=size,
        url_length=url_length,
        fixed={"max_cursor": CURSOR, "has_more": MORE},
    )


def _tiktok_posts(size: int, url_length: int) -> Shape:
    struct = "__DEFAULT_SCOPE__/webapp.video-detail/itemInfo/itemStruct"
    return Shape(
        page="tiktok/web/fetch_user_post/creator_page.response.json",
        items="itemList",
        item=("tiktok/web/fetch_one_video/video_2026.response.html", struct),
        fills={"7300000000000000002": _ids("tiktok"), "1699663698": _time},
        size=size,
        url_length=url_length,
        fixed={"hasMorePrevious": MORE},
    )


POSTS = {
    "douyin": _douyin_posts(28_000, 250),
    "tiktok": _tiktok_posts(28_000, 400),
    "bilibili": Shape(
        page="bilibili/web/fetch_user_post_videos/list_2025.response.json",
        items="data/list/vlist",
        item=("bilibili/web/fetch_user_post_videos/list_2025.response.json", "data/list/vlist/0"),
        fills={"BV1L9Uoa9EUx": _ids("bilibili"), "111298867365120": _aid},
        size=1_600,
        url_length=80,
    ),
}
SMALL_POSTS = {"douyin": _douyin_posts(12_000, 0), "tiktok": _tiktok_posts(12_000, 0)}

COMMENTS = {
    "douyin": Shape(
        page="douyin/web/fetch_video_comments/page_1.response.json",
        items="comments",
        item=("douyin/web/fetch_video_comments/page_1.response.json", "comments/0"),
        fills={"7412345678900000001": _ids("douyin")},
        size=3_300,
        url_length=240,
        fixed={"cursor": CURSOR, "has_more": MORE},
    ),
    "tiktok": Shape(
        page="tiktok/web/fetch_post_comment/first_page.response.json",
        items="comments",
        item=("tiktok/web/fetch_post_comment/first_page.response.json", "comments/0"),
        fills={"7400000000000000011": _ids("tiktok")},
        size=3_100,
        url_length=280,
        fixed={"cursor": CURSOR, "has_more": MORE},
    ),
    "bilibili": Shape(
        page="bilibili/web/fetch_video_comments/first_page.response.json",
        items="data/replies",
        item=("bilibili/web/fetch_video_comments/first_page.response.json", "data/replies/0"),
        fills={"250000000001": _aid},
        size=8_000,
        url_length=75,
        fixed={"data/cursor/next": CURSOR},
    ),
}
