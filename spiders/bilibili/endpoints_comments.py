"""Endpoints of comments and replies."""

import json
from typing import Any

from scraper.platform import (
    END,
    REPLIES,
    SIZE_OF_PLATFORM,
    Context,
    Endpoint,
    Follow,
    NewestFirst,
    NextPage,
    Pagination,
    Param,
    Route,
    lacking,
)
from scraper.platform.targets import Target
from scraper.records.comment import with_replies
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, ident, integer, obj, objs
from spiders.bilibili import parse_comment
from spiders.bilibili.endpoints_common import API, PN, ROUTER, VIDEO, by_number, video_page, video_params
from spiders.bilibili.ids import PLATFORM, aid_of, canonical
from spiders.bilibili.pagination import WALL, counting
from spiders.bilibili.shapes import HOT, PINNED, Comment, CommentList

_MODES = {"hot": 3, "time": 2}
_VIDEO_COMMENTS = 1  # type of the comment area
_REPLIES = 20
_CLOSED = NextPage(stop=Outcome.NOT_FOUND, message="the comments are closed")


def _is_closed(data: Any) -> bool:
    """Return whether comments are closed; earlier comments may still be shown."""
    return dig(data, "data.control.input_disable") is True or dig(data, "data.config.read_only") is True


def _comments_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Stop only at `is_end`. Null comments before that are the login wall."""
    at_end = dig(data, "data.cursor.is_end")
    if at_end is True or at_end == 1:
        return _CLOSED if not cursor and _is_closed(data) and not _comments(data) else END
    if dig(data, "data.replies") is None:
        return WALL
    if at_end is None:
        return lacking("data.cursor.is_end")
    offset = dig(data, "data.cursor.pagination_reply.next_offset")
    if isinstance(offset, str) and offset:
        return NextPage(cursor=offset)
    following = integer(dig(data, "data.cursor.next"))
    if following:
        return NextPage(cursor=_offset(following, context.sort))
    return lacking("data.cursor.pagination_reply.next_offset")


def _offset(following: int, sort: str) -> str:
    """Return the offset for a page number. The capital D in the second form is Bilibili's."""
    if sort == "hot":
        return json.dumps({"type": 1, "direction": 1, "data": {"pn": following}}, separators=(",", ":"))
    return json.dumps({"type": 3, "direction": 1, "Data": {"cursor": following}}, separators=(",", ":"))


def _comments(data: Any) -> list[Any]:
    """Return a page's comments without duplicates, pinned ones first and marked."""
    page = dig(data, "data")
    if not isinstance(page, dict) or not isinstance(page.get("replies") or [], list):
        raise MissingError("data.replies")
    top, upper = obj(page.get("top")), obj(page.get("upper"))
    pinned = [
        *objs(page.get("top_replies")),
        *(obj(comment) for comment in (top.get("upper"), top.get("admin"), upper.get("top"))),
    ]
    marked = [{**comment, PINNED: True} for comment in pinned if comment]
    marked += [{**comment, HOT: True} for comment in objs(page.get("hots"))]
    first: dict[Any, dict[str, Any]] = {}
    for place, comment in enumerate(marked):
        first.setdefault(ident(comment.get("rpid")) or place, comment)
    replies = page.get("replies") or []
    return (
        [*first.values(), *(reply for reply in replies if ident(dig(reply, "rpid")) not in first)] if first else replies
    )


def _replies_turn(data: Any, context: Context, cursor: str) -> NextPage:
    if dig(data, "data.page.size") == 0 and not _replies(data):  # all zeros: withheld, not empty
        return WALL
    return counting(dig(data, "data.page"), cursor, _replies(data), _replies_size(context))


def _replies_size(context: Context) -> int:
    return context.size(_REPLIES, _REPLIES)


def _replies(data: Any) -> list[Any]:
    page = dig(data, "data")
    if not isinstance(page, dict) or not isinstance(page.get("replies") or [], list):
        raise MissingError("data.replies")
    return page.get("replies") or []


def _video(video: Any, given: str) -> list[Target]:
    """Return the video as a target; other kinds of posts have their comments elsewhere."""
    return [Target("video", bvid, given, (), PLATFORM)] if (bvid := canonical(video.video_id)) else []


COMMENTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_video_comments", kind="video", record="comment", sorted=True, login="more",
        summary="the comments of a video, hot or newest first",
        params=[
            *VIDEO,
            Param(name="cursor", regex=r"(?s).{1,2000}", example='{"type":1,"direction":1,"data":{"pn":2}}', cursor=True),
            Param(name="pn", regex=r"[1-9]\d{0,5}", example="1", cursor=True, make=lambda pn: _offset(int(pn), "hot") if pn != "1" else ""),
        ],
        routes=[
            Route(
                url=f"{API}/x/v2/reply/wbi/main", referer=video_page, signed=True,
                query=lambda context: {
                    "oid": aid_of(context.target.id), "type": _VIDEO_COMMENTS, "mode": _MODES[context.sort], "plat": 1, "web_location": 1315875,
                },
                raw=_comments, path="data.replies", raw_type=Comment, shape=CommentList, parse=parse_comment.parse_comment,
            )
        ],
        pagination=Pagination(
            cursor_params=lambda cursor, context: {
                "pagination_str": json.dumps({"offset": cursor}, separators=(",", ":"), ensure_ascii=False),
                "seek_rpid": None if cursor else "",
            },
            next_page=_comments_turn, page_size=SIZE_OF_PLATFORM, total="data.cursor.all_count", weight=with_replies,
            newest_first=NewestFirst(pinned="pinned", applies=lambda target, sort: sort == "time"),
        ),
        follow=Follow(name="comments", record="video", targets=_video, declared=lambda video: video.statistics.comment_count),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_comment_reply", kind="comment", record="comment", summary="the replies to a comment",
        params=[
            *video_params("comment", "video"),
            Param(name="rpid", regex=r"(?=0{0,19}[1-9])\d{1,20}", example="250000000001", kind="comment", aliases=("comment_id",)),
            PN,
        ],
        routes=[
            Route(
                url=f"{API}/x/v2/reply/reply", referer=video_page,
                query=lambda context: {
                    "type": _VIDEO_COMMENTS, "oid": aid_of(context.target.get("video")), "root": context.target.id,
                    "ps": _replies_size(context),
                },
                raw=_replies, path="data.replies", raw_type=Comment, shape=CommentList, parse=parse_comment.parse_comment,
            )
        ],
        pagination=Pagination(cursor_params=by_number, next_page=_replies_turn, total="data.page.count", exact=True),
        follow=REPLIES,
    ),
]  # fmt: skip
