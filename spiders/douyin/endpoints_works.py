"""Endpoints of posts, profiles and ids.

Pages come first, then unsigned API requests, then Douyin's own page in a browser.
"""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Endpoint, Follow, Param, Route, at, if_missing
from scraper.platform.targets import Target
from spiders.douyin import embedded_data, parse
from spiders.douyin.authors import parse_author
from spiders.douyin.endpoints_common import (
    API,
    PAGE,
    ROOM_NAME,
    ROUTER,
    USER_ID,
    WORK_ID,
    by_page,
    plain,
    user_page,
    work_page,
)
from spiders.douyin.ids import PLATFORM
from spiders.douyin.query import AID
from spiders.douyin.shapes import OnePost, Post, PostDetails

_SHARE = "https://www.iesdouyin.com"

# The share page embeds its data for phones only.
MOBILE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
_PHONE = {"User-Agent": MOBILE_AGENT}
_EMBEDDED = {
    "Referer": "https://open.douyin.com/",
    "Origin": "https://open.douyin.com",
    "sec-fetch-site": "same-site",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
}


def _share_page(target: Target) -> str:
    return f"{_SHARE}/share/video/{target.id}/"


def _profile(context: Context) -> Mapping[str, Any]:
    return {
        "sec_user_id": context.target.id, "source": "channel_pc_web", "publish_video_strategy_type": 2,
        "personal_center_strategy": 1, "profile_other_record_enable": 1, "land_to": 1,
    }  # fmt: skip


def _is_asked(record: Any, context: Context) -> bool:
    return record.video_id == context.target.id


def _is_asked_user(record: Any, context: Context) -> bool:
    return record.sec_uid == context.target.id


def _may_move(record: Any) -> bool:
    """Return whether pictures may have clips that the share page leaves out: it shows stills, with or without a mark."""
    pictures = record.image_data
    return pictures is not None and len(pictures.live_photos) < len(pictures.no_watermark_image_list)


def _author(video: Any, given: str) -> list[Target]:
    return [Target("user", video.author.sec_uid, given, (), PLATFORM)] if video.author.sec_uid else []


def _ids(name: str, param: Param, kind: str, what: str) -> list[Endpoint]:
    """Return the two routers of an id helper: for one link and for many, which work the same."""
    return [
        Endpoint(
            router=f"{ROUTER}/{router}", kind=param.kind, record="id", params=[param], seed=parse.seed_id(kind),
            summary=f"the id of {what}, from any link; only short links need a request",
        )
        for router in (f"get_{name}", f"get_all_{name}")
    ]  # fmt: skip


_DETAIL: dict[str, Any] = {
    "raw": at("aweme_detail"),
    "path": "aweme_detail",
    "parse": parse.parse_work,
    "raw_type": Post,
    "shape": OnePost,
    "is_requested": _is_asked,
}
_USER: dict[str, Any] = {
    "raw": at("user"), "path": "user", "parse": parse_author, "is_requested": _is_asked_user, "referer": user_page,
}  # fmt: skip

SHARE_PAGE: dict[str, Any] = {
    "url": lambda context: _share_page(context.target), "surface": "page", "headers": PAGE | _PHONE,
    "decode": embedded_data.decode_share,
}  # fmt: skip

ONE_VIDEO = Endpoint(
    router=f"{ROUTER}/fetch_one_video", kind="video", record="video", default=True, params=[WORK_ID],
    summary="a video, note or live photo with its counts and media",
    routes=[
        Route(
            name="share page", raw=at("item_list"), path="item_list", parse=parse.parse_work, raw_type=Post, is_requested=_is_asked, **SHARE_PAGE,
            lacks={**if_missing("video_data", "image_data"), "image_data.live_photos": _may_move},
        ),
        Route(
            name="slidesinfo", url=f"{_SHARE}/web/api/v2/aweme/slidesinfo/", headers=_PHONE, referer=_share_page,
            query=lambda context: {"aweme_ids": f"[{context.target.id}]", "request_source": 200},
            raw=at("aweme_details"), path="aweme_details", parse=parse.parse_work, raw_type=Post, shape=PostDetails, is_requested=_is_asked,
            lacks=if_missing("video_data", "image_data", "image_data.live_photos"),
        ),
        Route(
            name="detail", url=f"{API}/aweme/detail/", headers=_EMBEDDED,
            query=lambda context: {"aweme_id": context.target.id, "aid": AID},
            **_DETAIL,
        ),
        by_page(f"{API}/aweme/detail/", lambda context: {"aweme_id": context.target.id}, referer=work_page, **_DETAIL),
    ],
)  # fmt: skip

WORKS = [
    ONE_VIDEO,
    Endpoint(
        router=f"{ROUTER}/handler_user_profile", kind="user", record="author", login="more", params=[USER_ID],
        summary="a creator's profile and counts",
        routes=[
            Route(
                name="page", url=lambda context: user_page(context.target), surface="page", headers=PAGE,
                decode=embedded_data.decode_profile_page, raw=at("user"), path="user", parse=parse_author, is_requested=_is_asked_user,
            ),
            plain(f"{API}/user/profile/other/", _profile, name="profile", **_USER),
            by_page(f"{API}/user/profile/other/", _profile, **_USER),
        ],
        follow=Follow(name="author", record="video", targets=_author),
    ),
    *_ids("aweme_id", WORK_ID, "aweme_id", "a work"),
    *_ids("sec_user_id", USER_ID, "sec_user_id", "a user"),
    *_ids("webcast_id", ROOM_NAME, "webcast_id", "a live room"),
]  # fmt: skip
