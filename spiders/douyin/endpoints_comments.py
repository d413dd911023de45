"""Endpoints of comments and replies."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import REPLIES, Endpoint, Follow, Pagination, Param, Route, closed_comments, listed
from scraper.platform.targets import Target
from scraper.records.comment import with_replies
from scraper.responses.shapes import as_shape
from scraper.responses.values import dig
from spiders.douyin.endpoints_common import API, ROUTER, WORK_ID, listing, offset, size, starts, work_page
from spiders.douyin.endpoints_works import SHARE_PAGE
from spiders.douyin.ids import PLATFORM, WORK
from spiders.douyin.pagination import next_page_by
from spiders.douyin.parse import can_comment
from spiders.douyin.parse_comment import parse_comment
from spiders.douyin.shapes import Post, Remark, RemarkList

_CAP = 860  # Douyin shows about 900 comments of a post, however many there are
_COMMENT = Param(name="comment_id", regex=WORK, example="7412345678900000001", kind="comment")
_ITEM = Param(name="item_id", regex=WORK, example="7412345678901234567", kind="comment", narrows="video")
_FIXED = {"item_type": 0, "insert_ids": "", "whale_cut_token": "", "cut_version": 1, "rcFT": ""}
_by_cursor = next_page_by("cursor", "comments")


def _video(video: Any, given: str) -> list[Target]:
    return closed_comments.commented(video, given, PLATFORM)


def _of_work(data: Any) -> Mapping[str, str]:
    """Return the hints of a post's share page."""
    return closed_comments.known_hints(can_comment(as_shape(Post, dig(data, "item_list.0"))))


_LIST: dict[str, Any] = {
    "raw": listed("comments"), "path": "comments", "parse": parse_comment, "raw_type": Remark, "shape": RemarkList,
    "referer": work_page,
}  # fmt: skip

COMMENTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_video_comments", kind="video", record="comment", params=[WORK_ID, starts("cursor")],
        summary="the comments of a post, hot ones first; Douyin shows about 900",
        routes=[
            *listing(
                f"{API}/comment/list/", lambda context: {"aweme_id": context.target.id, **_FIXED, "count": size(context)}, **_LIST
            ),
            Route(
                name="share page", lookup=_of_work, explains_empty=True, authoritative=True, is_available=closed_comments.are_unknown, best_effort=True, **SHARE_PAGE
            ),
        ],
        pagination=Pagination(
            cursor_params=offset, next_page=_by_cursor, total="total", max_visible=_CAP, weight=with_replies,
            why_empty=closed_comments.no_comments,
        ),
        follow=Follow(name="comments", record="video", targets=_video, declared=lambda video: video.statistics.comment_count),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_comment_replies", kind="comment", record="comment",
        params=[_ITEM, _COMMENT, starts("cursor")], summary="the replies to a comment",
        routes=listing(
            f"{API}/comment/list/reply/",
            lambda context: {
                "item_id": context.target.get("video"), "comment_id": context.target.id, "cut_version": 1, "item_type": 0,
                "count": size(context),
            },
            **_LIST,
        ),
        pagination=Pagination(cursor_params=offset, next_page=_by_cursor, total="total"),
        follow=REPLIES,
    ),
]  # fmt: skip
