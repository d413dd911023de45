"""Endpoints of live rooms: details, streams, live areas."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import SIZE_OF_PLATFORM, Context, Endpoint, Pagination, Param, Route, at, listed, sent_as
from scraper.platform.targets import Target
from scraper.responses.values import MissingError, dig, obj
from spiders.bilibili import parse_live
from spiders.bilibili.endpoints_common import PN, ROUTER
from spiders.bilibili.ids import NUMBER
from spiders.bilibili.pagination import flagged

_LIVE = "https://api.live.bilibili.com"
_ROOM = Param(name="room_id", regex=NUMBER, example="1001", kind="live room", make=lambda number: str(int(number)))
_AREA_NUMBER = r"(?=0{0,8}[1-9])\d{1,9}"
_AREA = Param(name="area_id", regex=_AREA_NUMBER, example="1", kind="live area", make=lambda number: str(int(number)))
_ABOVE = Param(
    name="parent_area_id", regex=_AREA_NUMBER, example="1", kind="live area", narrows="parent", optional=True, make=_AREA.make
)  # fmt: skip


def _room_page(target: Target) -> str:
    return f"https://live.bilibili.com/{target.id}"


def _is_asked(room: Any, context: Context) -> bool:
    """Return whether a room has the requested number, which may be its short one."""
    return context.target.id in (room.room_id, room.alias)


def _live_page(target: Target) -> str:
    return "https://live.bilibili.com/"


def _room(data: Any) -> list[Any]:
    """Return the room of an answer.

    :raises MissingError: there is none
    """
    room = dig(data, "data")
    if not isinstance(room, dict):
        raise MissingError("data.room_id")
    return [room]


def _area(context: Context) -> Mapping[str, Any]:
    """Return the query for an area: a sub-area if its parent is known, else the whole area."""
    number, above = context.target.id, context.target.get("parent")
    return {"platform": "web", "parent_area_id": above or number, "area_id": number if above else 0, "sort_type": ""}


def _areas(data: Any) -> list[Any]:
    """Return all areas, each before its sub-areas."""
    areas: list[Any] = []
    for area in at("data")(data):
        above = {name: obj(area).get(name) for name in ("id", "name")}
        below = obj(area).get("list")
        areas.append(area)
        for sub_area in below if isinstance(below, list) else []:
            areas.append({**sub_area, parse_live.PARENT: above} if isinstance(sub_area, dict) else sub_area)
    return areas


LIVES = [
    Endpoint(
        router=f"{ROUTER}/fetch_live_room_detail", kind="live room", record="live_room", default=True, params=[_ROOM],
        summary="a live room and whether it is live",
        routes=[
            Route(
                url=f"{_LIVE}/room/v1/Room/get_info", referer=_room_page, query=lambda context: {"room_id": context.target.id},
                raw=_room, parse=parse_live.parse_room, is_requested=_is_asked,
            )
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_live_videos", kind="live room", record="live_room", login="more", params=[_ROOM],
        summary="the streams of a live room",
        routes=[
            Route(
                url=f"{_LIVE}/xlive/web-room/v2/index/getRoomPlayInfo", referer=_room_page,
                query=lambda context: {
                    "room_id": context.target.id, "protocol": "0,1", "format": "0,1,2", "codec": "0,1,2", "qn": 10000, "platform": "web",
                    "ptype": 8, "dolby": 5, "panorama": 1,
                },
                raw=_room, parse=parse_live.parse_play, is_requested=_is_asked,
            ),
            Route(
                name="older", url=f"{_LIVE}/room/v1/Room/playUrl", referer=_room_page,
                query=lambda context: {"cid": context.target.id, "platform": "web", "qn": 10000}, raw=_room, parse=parse_live.parse_old_play,
                lacks=dict.fromkeys(("owner", "alias", "start_time", "portrait"), lambda record: True),
            ),
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_live_streamers", kind="live area", record="live_room", default=True, listing="live",
        params=[_AREA, _ABOVE, PN], summary="rooms that are live in an area or sub-area",
        routes=[
            Route(
                url=f"{_LIVE}/xlive/web-interface/v1/second/getList", referer=_live_page, signed=True, query=_area,
                raw=listed("data.list"), path="data.list", parse=parse_live.parse_streaming,
            )
        ],
        pagination=Pagination(cursor_params=sent_as("page", 1), next_page=flagged("data.has_more"), total="data.count", page_size=SIZE_OF_PLATFORM),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_all_live_areas", kind="live areas", record="live_area", singleton="all", params=[], several=True,
        summary="all areas and sub-areas of live rooms",
        routes=[Route(url=f"{_LIVE}/room/v1/Area/getList", referer=_live_page, raw=_areas, path="data", parse=parse_live.parse_area)],
    ),
]  # fmt: skip
