"""Endpoints of comments and replies."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import REPLIES, Endpoint, Follow, Pagination, Param, Route, closed_comments, listed
from scraper.platform.targets import Target
from scraper.responses.shapes import as_shape
from scraper.responses.values import dig
from spiders.tiktok import embedded_data
from spiders.tiktok.endpoints_common import AWEME_ID, PAGE, WEB, api, either, offset, starts, work_page
from spiders.tiktok.ids import PLATFORM, WORK
from spiders.tiktok.pagination import next_page_by
from spiders.tiktok.parse_comment import parse_comment
from spiders.tiktok.parse_web import can_comment
from spiders.tiktok.shapes import CommentList, CommentRow, Post

_USUAL, _MOST = 20, 50  # larger values are refused
_ITEM = Param(name="item_id", regex=WORK, example="7300000000000000002", kind="comment", narrows="video")
_COMMENT = Param(name="comment_id", regex=WORK, example="7400000000000000011", kind="comment")
_REGION = Param(name="current_region", regex=r"[A-Z]{0,2}", example="US")
_by_cursor = next_page_by("cursor", "has_more", "comments")


def _listing(context: Any) -> dict[str, Any]:
    return {
        "count": context.size(_USUAL, _MOST), "current_region": context.option("current_region"),
        "enter_from": "tiktok_web", "fromWeb": 1, "is_non_personalized": "false",
    }  # fmt: skip


def _commented(video: Any, given: str) -> list[Target]:
    return closed_comments.commented(video, given, PLATFORM)


def _of_item(data: Any) -> Mapping[str, str]:
    """Return the hints of a post's page."""
    return closed_comments.known_hints(can_comment(as_shape(Post, dig(data, "itemInfo.itemStruct"))))


_LIST: dict[str, Any] = {
    "raw": listed("comments"),
    "path": "comments",
    "parse": parse_comment,
    "raw_type": CommentRow,
    "shape": CommentList,
    "referer": work_page,
}

COMMENTS = [
    Endpoint(
        router=f"{WEB}/fetch_post_comment", kind="video", record="comment", params=[AWEME_ID, starts(), _REGION],
        summary="the comments of a post; TikTok counts more than it shows",
        routes=[
            *either(api("comment/list"), lambda context: {"aweme_id": context.target.id, **_listing(context)}, "video", **_LIST),
            Route(
                name="page", surface="page", url=lambda context: work_page(context.target), decode=embedded_data.video_data,
                headers=PAGE, lookup=_of_item, explains_empty=True, authoritative=True, is_available=closed_comments.are_unknown, best_effort=True,
            ),
        ],
        pagination=Pagination(
            cursor_params=offset, next_page=_by_cursor, total="total", why_empty=closed_comments.no_comments
        ),
        follow=Follow(
            name="comments", record="video", targets=_commented, declared=lambda video: video.statistics.comment_count,
        ),
    ),
    Endpoint(
        router=f"{WEB}/fetch_post_comment_reply", kind="comment", record="comment", summary="the replies to a comment",
        params=[_ITEM, _COMMENT, starts(), _REGION],
        routes=either(
            api("comment/list/reply"),
            lambda context: {
                "item_id": context.target.get("video"), "comment_id": context.target.id, **_listing(context),
            },
            "video", **_LIST,
        ),
        pagination=Pagination(cursor_params=offset, next_page=_by_cursor, total="total"),
        follow=REPLIES,
    ),
]  # fmt: skip
