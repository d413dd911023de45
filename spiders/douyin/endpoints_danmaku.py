"""Endpoint of danmaku.

Danmaku are requested by time windows, so the post's duration must be known. If no record supplied it, the routes of the
post itself are tried first.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from scraper.platform import END, SIZE_OF_PLATFORM, Context, Endpoint, Follow, NextPage, Pagination, Route, listed
from scraper.platform.targets import Target
from scraper.responses.shapes import as_shape
from scraper.responses.values import MissingError, UnexpectedShapeError, obj
from spiders.douyin import embedded_data
from spiders.douyin.endpoints_common import API, MIRROR, ROUTER, WORK_ID, by_page, plain, starts, work_page
from spiders.douyin.endpoints_works import ONE_VIDEO
from spiders.douyin.ids import PLATFORM
from spiders.douyin.pagination import WALL, WITHOUT, is_walled
from spiders.douyin.parse_words import parse_danmaku
from spiders.douyin.shapes import Post

_WINDOW_MS = 32_000
_MOST_WINDOWS = 10_000  # long posts may have long stretches without danmaku
_LONGEST_MS = 24 * 3_600_000  # a longer duration is implausible, and would never end
_LENGTH = "duration"


def _is_long(target: Target) -> bool:
    return bool(target.hint(_LENGTH))


def _is_unknown(target: Target) -> bool:
    return not target.hint(_LENGTH)


def _length(route: Route, data: Any) -> Mapping[str, str]:
    """Return the duration of a post in milliseconds, 0 for a note.

    :raises MissingError: the answer has no post
    :raises UnexpectedShapeError: the duration is implausible
    """
    works = [raw_work for raw_work in route.raw(data) if raw_work]
    if not works:
        raise MissingError(route.path)
    post = as_shape(Post, works[0])
    length = (post.video and post.video.duration) or post.duration or 0
    if length > _LONGEST_MS:
        raise UnexpectedShapeError(f"a work of {length} ms")
    return {_LENGTH: str(length)}


def _windowed(data: Any) -> list[Any]:
    """Return the danmaku of a window; null means that there are none."""
    return listed("danmaku_list")(data) or []


def _query(context: Context) -> Mapping[str, Any]:
    return {
        "app_name": "aweme", "format": "json", "group_id": context.target.id, "item_id": context.target.id,
        "duration": context.target.hint(_LENGTH),
    }  # fmt: skip


def _send(cursor: str, context: Context) -> Mapping[str, Any]:
    start = int(cursor or 0)
    return {"start_time": start, "end_time": min(start + _WINDOW_MS, int(context.target.hint(_LENGTH) or _WINDOW_MS))}


def _next_page(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next window, or the end of the list at the end of the post."""
    page, following = obj(data), int(cursor or 0) + _WINDOW_MS
    if "danmaku_list" not in page:
        return WALL if is_walled(page, "danmaku_list", cursor) else WITHOUT
    return (
        NextPage(cursor=str(following), empty_is_valid=True)
        if following < int(context.target.hint(_LENGTH) or 0)
        else END
    )


def _flown(video: Any, given: str) -> list[Target]:
    if not video.duration_ms or video.duration_ms > _LONGEST_MS:
        return []
    return [Target("video", video.video_id, given, (), PLATFORM, ((_LENGTH, str(video.duration_ms)),))]


_LIST: dict[str, Any] = {
    "raw": _windowed, "path": "danmaku_list", "parse": parse_danmaku, "referer": work_page, "is_available": _is_long,
}  # fmt: skip

DANMAKU = [
    Endpoint(
        router=f"{ROUTER}/fetch_video_danmaku", kind="video", record="danmaku", params=[WORK_ID, starts("cursor")],
        summary="the danmaku of a post, in order of time",
        routes=[
            *(replace(route, lookup=partial(_length, route), is_available=_is_unknown) for route in ONE_VIDEO.routes),
            plain(f"{MIRROR}/danmaku/get_v2/", _query, name="danmaku", **_LIST),
            by_page(f"{API}/danmaku/get_v2/", _query, decode=embedded_data.decode_list, **_LIST),
        ],
        pagination=Pagination(cursor_params=_send, next_page=_next_page, page_size=SIZE_OF_PLATFORM, total="total", max_empty_pages=_MOST_WINDOWS),
        follow=Follow(name="danmaku", record="video", targets=_flown, declared=lambda video: video.statistics.danmaku_count),
    ),
]  # fmt: skip
