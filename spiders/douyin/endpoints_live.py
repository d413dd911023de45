"""Endpoints of live rooms, gift rankings and products.

A room has a number for links, and another number for each broadcast.
"""

import json
from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Endpoint, Param, Route, at, listed
from scraper.platform.targets import UNTRIMMED, Target
from spiders.douyin import embedded_data
from spiders.douyin.endpoints_common import PAGE, ROOM_NAME, ROUTER, counts, size
from spiders.douyin.ids import BROADCAST, ROOM_ID, SEC_UID
from spiders.douyin.parse_live import parse_room
from spiders.douyin.parse_market import parse_product, parse_rank
from spiders.douyin.query import AID

_LIVE = "https://live.douyin.com"
_WEBCAST = "https://webcast.amemv.com"
_MOST_PRODUCTS = 100
_ROOM_ID = Param(name="room_id", regex=BROADCAST, example="7400000000000000003", kind="live room", sets=ROOM_ID)
_OWNER = Param(
    name="sec_user_id", regex=SEC_UID, example="MS4wLjABAAAA" + "sample-0_" * 4 + "sample1", kind="live room",
    narrows="sec_user_id", optional=True,
)  # fmt: skip
_RANKING = Param(name="rank_type", regex=r"\d{1,3}", example="30")
_SELLER = Param(
    name="author_id", regex=r"(?=0{0,19}[1-9])\d{5,20}", example="100200300400", kind="live room", narrows="author_id"
)


def _common(context: Context) -> Mapping[str, Any]:
    return {
        "aid": AID, "app_name": "douyin_web", "live_id": 1, "device_platform": "web", "language": "zh-CN",
        "enter_from": "web_share_link", "cookie_enabled": "true", "screen_width": 1536, "screen_height": 864,
        "browser_language": "zh-CN",
    }  # fmt: skip


def _enter(context: Context) -> Mapping[str, Any]:
    return {
        **_common(context), "web_rid": context.target.id, "room_id_str": "", "enter_source": "",
        "is_need_double_stream": "false", "insert_task_id": "", "live_reason": "",
    }  # fmt: skip


def _reflow(context: Context) -> Mapping[str, Any]:
    owner = context.target.get("sec_user_id") or context.target.hint("sec_user_id")
    return {
        "type_id": 0, "live_id": 1, "room_id": context.target.id, "sec_user_id": owner, "version_code": "99.99.99",
        "app_id": 1128,
    }  # fmt: skip


def _ranking(context: Context) -> Mapping[str, Any]:
    return {
        **_common(context), "webcast_sdk_version": 2450, "room_id": context.target.id,
        "rank_type": context.option("rank_type", "30"),
    }  # fmt: skip


def _cart(context: Context) -> Mapping[str, Any]:
    return {
        **_common(context), "device_platform": "webapp", "room_id": context.target.id,
        "author_id": context.target.get("author_id"), "offset": 0, "limit": size(context, _MOST_PRODUCTS, _MOST_PRODUCTS),
    }  # fmt: skip


def _counter(context: Context) -> Mapping[str, Any]:
    """Return the query for all products of a broadcast at once."""
    seller = context.target.get("author_id")
    entrance = {
        "room_id": context.target.id,
        "anchor_id": seller,
        "carrier_type": "live_popup_card",
        "ecom_scene_id": "1001",
    }
    return {
        **_common(context), "device_platform": "webapp", "room_id": context.target.id, "author_id": seller,
        "live_scene_id": 0, "entrance_info": json.dumps(entrance, separators=(",", ":")),
    }  # fmt: skip


def _home(target: Target) -> str:
    return f"{_LIVE}/"


def _by_name(target: Target) -> bool:
    return target.get("by") != ROOM_ID["by"]


def _by_number(target: Target) -> bool:
    return not _by_name(target)


def _has_name(record: Any, context: Context) -> bool:
    """Return whether this is the requested room; if it has a custom name, the number cannot be compared.

    If punctuation was cut off the name, it must equal the owner's handle, since it may name another room.
    """
    asked = context.target.id
    if context.target.hint(UNTRIMMED):
        return (getattr(record.owner, "unique_id", None) or "").lower() == asked.lower()
    return record.alias == asked or not asked.isdigit()


def _has_number(record: Any, context: Context) -> bool:
    return record.room_id == context.target.id


def _both(where: str, query: Any, other: tuple[str, Any] | None = None, **shared: Any) -> list[Route]:
    """Return the unsigned route and the browser route, which may request another path."""
    other_path, also = other or (where, query)
    return [
        Route(
            name="api", url=f"{_LIVE}{where}", query=query, describes_browser=True, best_effort=True, referer=_home, decode=embedded_data.decode_unsigned, **shared
        ),
        Route(
            name="browser", transport="browser", surface="browser", url=f"{_LIVE}{other_path}", query=also, describes_browser=True,
            referer=_home, **shared,
        ),
    ]  # fmt: skip


_ENTER = _both(
    "/webcast/room/web/enter/",
    _enter,
    raw=embedded_data.rooms_of,
    path="data.data",
    parse=parse_room,
    is_requested=_has_name,
    is_available=_by_name,
)
_PAGE = Route(
    name="page", url=lambda context: f"{_LIVE}/{context.target.id}", surface="page", headers=PAGE, decode=embedded_data.decode_live_page,
    raw=at("room"), path="room", parse=parse_room, is_requested=_has_name, is_available=_by_name,
)  # fmt: skip
_REFLOW = Route(
    name="reflow", url=f"{_WEBCAST}/webcast/room/reflow/info/", query=_reflow, raw=at("data.room"), path="data.room",
    parse=parse_room, is_requested=_has_number, is_available=_by_number,
)  # fmt: skip

LIVES = [
    Endpoint(
        router=f"{ROUTER}/fetch_user_live_videos", kind="live room", record="live_room", default=True, params=[ROOM_NAME],
        summary="a live room with its streams, by its name or number in links", routes=[_ENTER[0], _PAGE, _ENTER[1], _REFLOW],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_live_videos_by_room_id", kind="live room", record="live_room",
        params=[_ROOM_ID, _OWNER], summary="a live room with its streams, by broadcast number", routes=[_REFLOW],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_live_gift_ranking", kind="live room", record="live_rank", params=[_ROOM_ID, _RANKING],
        summary="the gift ranking of a broadcast", login="more", several=True,
        routes=_both(
            "/webcast/ranklist/audience/", _ranking, raw=at("data.ranks"), path="data.ranks", parse=parse_rank, is_available=_by_number
        ),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_live_room_product_result", kind="live room", record="product", params=[_ROOM_ID, _SELLER, counts("limit")],
        summary="up to 100 products sold in a broadcast", login="needed", several=True,
        routes=_both(
            "/live/promotions/page/", _cart, ("/live/promotions/pop/v3/", _counter), raw=listed("promotions"),
            path="promotions", parse=parse_product, is_available=_by_number,
        ),
    ),
]  # fmt: skip
