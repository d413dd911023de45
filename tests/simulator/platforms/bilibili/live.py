"""Live rooms: what they are, where their streams are, which are live, and the areas that they are filed under."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.randomness import hex_of, words
from tests.simulator.world import World
from tests.simulator.worlds.bilibili import AREAS, ON_AIR, SUB_AREAS, Room

PAGE = 30
STARTED = 1_789_990_000
QUALITIES = ((10000, "原画"), (400, "蓝光"), (250, "超清"))
PARENTS = ("娱乐", "网游", "手游")
FORMATS = {"http_stream": ("flv",), "http_hls": ("ts", "fmp4")}


def info(world: World, request: Request) -> Answer:
    """A room, named by its long or its short number."""
    room = _room(world, request.query.get("room_id"))
    if room is None:
        return json_answer({"code": 1, "msg": "未找到该房间", "message": "未找到该房间", "data": []})
    began = datetime.fromtimestamp(STARTED, UTC) + timedelta(hours=8)
    return _ok(
        {
            "uid": room.owner.mid,
            "room_id": room.number,
            "short_id": room.short,
            "attention": room.hash % 9000,
            "online": room.hash % 90_000 if room.status == ON_AIR else 0,
            "is_portrait": False,
            "description": "<p>样例</p>",
            "live_status": room.status,
            **_area(room),
            "background": "",
            "title": words(room.hash, 3),
            "user_cover": f"https://i0.hdslb.com/bfs/live/new_room_cover/{hex_of(room.number)}.jpg",
            "keyframe": "",
            "live_time": f"{began:%Y-%m-%d %H:%M:%S}" if room.status == ON_AIR else "0000-00-00 00:00:00",
            "tags": "样例,歌",
            "hot_words": ["好"],
        }
    )


def play(world: World, request: Request) -> Answer:
    """Where the streams of a room are; nowhere while it is not live."""
    room = _room(world, request.query.get("room_id"))
    if room is None:
        return envelope.refusal(19002003)
    urls = None
    if room.status == ON_AIR:
        stream = [
            {"protocol_name": protocol, "format": [_format(room, name) for name in formats]}
            for protocol, formats in FORMATS.items()
        ]
        names = [{"qn": number, "desc": desc, "hdr_desc": ""} for number, desc in QUALITIES]
        urls = {"conf_json": "{}", "playurl": {"cid": room.number, "g_qn_desc": names, "stream": stream}}
    return _ok(
        {
            "room_id": room.number,
            "short_id": room.short,
            "uid": room.owner.mid,
            "is_hidden": False,
            "is_locked": False,
            "is_portrait": False,
            "live_status": room.status,
            "encrypted": False,
            "live_time": STARTED if room.status == ON_AIR else -62170012800,
            "playurl_info": urls,
        }
    )


def old_play(world: World, request: Request) -> Answer:
    """The same on the older route: one quality, from several hosts; none while it is not live."""
    room = _room(world, request.query.get("cid"))
    if room is None:
        return envelope.refusal(19002003)
    durl = [
        {"url": f"https://d1--cn-gotcha{n}.bilivideo.com/live-bvc/{room.number}.flv?expires={_end()}", "order": n}
        for n in (1, 2)
        if room.status == ON_AIR
    ]
    names = [{"qn": number, "desc": desc} for number, desc in QUALITIES]
    return _ok(
        {"current_quality": 4, "accept_quality": ["4"], "current_qn": 10000, "quality_description": names, "durl": durl}
    )


def streaming(world: World, request: Request) -> Answer:
    """One page of the rooms of an area that are live."""
    page, parent = whole(request.query.get("page", "1")), whole(request.query.get("parent_area_id"))
    if not page or not parent or parent > AREAS:
        return envelope.refusal(-400)
    every = [maker for maker in world.library.on_air() if parent == 1 or maker.area // SUB_AREAS == parent - 1]
    shown = every[(page - 1) * PAGE : page * PAGE]
    listed = [
        {
            "roomid": room.number,
            "uid": room.owner.mid,
            "title": words(room.hash, 3),
            "uname": room.owner.name,
            "online": room.hash % 90_000,
            "cover": f"https://i0.hdslb.com/bfs/live/{hex_of(room.number)}.jpg",
            "face": f"https://i0.hdslb.com/bfs/face/{hex_of(room.owner.mid)}.jpg",
            **_area(room),
            "watched_show": {"switch": True, "num": room.hash % 900_000, "text_small": "9万"},
        }
        for room in shown
    ]
    return _ok(
        {"banner": [], "new_tags": [], "list": listed, "count": len(every), "has_more": int(page * PAGE < len(every))}
    )


def areas(request: Request) -> Answer:
    """All areas, those of each below it."""
    return _ok(
        [
            {"id": parent + 1, "name": PARENTS[parent], "list": [_sub(parent, place) for place in range(SUB_AREAS)]}
            for parent in range(AREAS)
        ]
    )


def _ok(data: Any) -> Answer:
    return json_answer({"code": 0, "msg": "ok", "message": "ok", "data": data})


def _room(world: World, number: str | None) -> Room | None:
    room_number = whole(number)
    return None if room_number is None else world.library.room_of(room_number)


def _area(room: Room) -> dict[str, Any]:
    parent, place = divmod(room.area, SUB_AREAS)
    number = int(_sub(parent, place)["id"])
    return {
        "parent_area_id": parent + 1,
        "parent_area_name": PARENTS[parent],
        "area_id": number,
        "area_name": _sub(parent, place)["name"],
    }


def _sub(parent: int, place: int) -> dict[str, Any]:
    number = 100 * (parent + 1) + place
    return {
        "id": str(number),
        "parent_id": str(parent + 1),
        "old_area_id": "1",
        "name": f"{PARENTS[parent]}{place}",
        "act_id": "0",
        "pk_status": "0",
        "hot_status": 0,
        "lock_status": "0",
        "pic": f"http://i0.hdslb.com/bfs/live/{hex_of(number)}.png",
        "parent_name": PARENTS[parent],
        "area_type": 0,
    }


def _format(room: Room, name: str) -> dict[str, Any]:
    codecs = ("avc", "hevc") if name == "fmp4" else ("avc",)
    return {"format_name": name, "codec": [_codec(room, name, codec) for codec in codecs]}


def _codec(room: Room, name: str, codec: str) -> dict[str, Any]:
    ending = "flv" if name == "flv" else "m3u8"
    hosts = [
        {"host": f"https://cn-sim-{n:02d}.bilivideo.com", "extra": f"expires={_end()}&len=0&oi=1", "stream_ttl": 3600}
        for n in (1, 2)
    ]
    return {
        "codec_name": codec,
        "current_qn": QUALITIES[0][0],
        "accept_qn": [number for number, _ in QUALITIES],
        "base_url": f"/live-bvc/1/live_{room.number}_{codec}_{name}.{ending}?",
        "url_info": hosts,
        "hdr_qn": None,
        "dolby_type": 0,
    }


def _end() -> int:
    return int(time.time()) + 3600
