"""Endpoints of live rooms: by handle, and by room id."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Endpoint, Param, Route
from scraper.platform.targets import Target
from spiders.tiktok.endpoints_common import WEB, either
from spiders.tiktok.ids import HANDLE, HOME, is_number, user
from spiders.tiktok.parse_live import parse_room, parse_user_room, rooms

WEBCAST = "webcast.tiktok.com"
_NAME = Param(
    name="uniqueId", regex=rf"@?{HANDLE}", example="sample.user", kind="live room",
    make=lambda name: user(name.removeprefix("@")),
)  # fmt: skip


def _is_user(target: Target) -> bool:
    return not is_number(target.id)


def _is_room(target: Target) -> bool:
    return is_number(target.id)


def _live_page(target: Target) -> str:
    return f"{HOME}@{target.id}/live" if _is_user(target) else HOME


def _query(context: Context) -> Mapping[str, Any]:
    return {"uniqueId": context.target.id, "sourceType": 54}


def _is_asked(record: Any, context: Context) -> bool:
    return context.target.id in (record.room_id, (record.alias or "").lower())


_ROOM: dict[str, Any] = {"raw": rooms, "path": "data", "is_requested": _is_asked, "referer": _live_page}

LIVES = [
    Endpoint(
        router=f"{WEB}/fetch_live_room", kind="live room", record="live_room", default=True, params=[_NAME],
        summary="a user's live room, live or not, with its streams",
        routes=[
            *either(f"{HOME}api-live/user/room/", _query, "live", parse=parse_user_room, is_available=_is_user, **_ROOM),
            Route(
                name="webcast", url=f"https://{WEBCAST}/webcast/room/info/", is_available=_is_room, parse=parse_room,
                query=lambda context: {"aid": 1988, "room_id": context.target.id}, **_ROOM,
            ),
        ],
    ),
]  # fmt: skip
