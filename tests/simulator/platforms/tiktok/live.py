"""Live rooms: a user's on the web, and one by its number."""

from __future__ import annotations

import json
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.tiktok.item import author
from tests.simulator.platforms.tiktok.streams import picture
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import EPOCH, Maker
from tests.simulator.worlds.tiktok import TiktokWorld

HOST = "webcast.tiktok.com"
INFO = "/webcast/room/info/"
ON_AIR, OVER = 2, 4
KINDS = {"user_live": ON_AIR, "user_was_live": OVER}
QUALITIES = (("Original", "origin", 10), ("720p", "hd", 3))


def of_user(world: TiktokWorld, request: Request) -> Answer:
    """The room of a creator."""
    maker = world.creator_by_handle(request.query.get("uniqueId", ""))
    if maker is None or maker.kind not in KINDS:
        return json_answer({"statusCode": 19881007, "message": "user_not_found", "data": {}})
    status = KINDS[maker.kind]
    user = {**author(world, maker), "roomId": world.room(maker), "status": status}
    room = {
        "status": status,
        "title": maker.name,
        "startTime": EPOCH,
        "coverUrl": picture(world, maker.uid, "live"),
        "mode": 0,
        "streamId": world.room(maker),
        "liveRoomStats": {"userCount": 12, "enterCount": 99},
    }
    if status == ON_AIR:
        room["streamData"] = {"pull_data": _pulled(maker)}
    return json_answer({"statusCode": 0, "message": "", "data": {"user": user, "stats": {}, "liveRoom": room}})


def by_number(world: TiktokWorld, request: Request) -> Answer:
    """A room by its number; of one that is not there nothing but a word is said."""
    makers = map(world.special_creator, KINDS)
    maker = next((maker for maker in makers if world.room(maker) == request.query.get("room_id")), None)
    if maker is None:
        return json_answer({"status_code": 0, "data": {"prompts": ""}, "extra": {}})
    owner = {"id_str": maker.uid, "display_id": maker.handle, "nickname": maker.name, "sec_uid": maker.sec_uid}
    data: dict[str, Any] = {"id_str": world.room(maker), "status": KINDS[maker.kind], "title": maker.name}
    data |= {"create_time": EPOCH, "owner": owner, "user_count": 12, "like_count": 345}
    if data["status"] == ON_AIR:
        data["stream_url"] = {"live_core_sdk_data": {"pull_data": _pulled(maker)}}
    return json_answer({"status_code": 0, "data": data, "extra": {}})


def _pulled(maker: Maker) -> dict[str, Any]:
    streams = {}
    for _, key, _ in QUALITIES:
        base = f"pull-f5-va01.tiktokcdn.com/stage/stream-{maker.number}_{key}"
        mark = f"?expire={EPOCH + 86_400}&sign={hex_of(key)}"
        main = {"flv": f"https://{base}.flv{mark}", "hls": f"https://{base}/playlist.m3u8{mark}"}
        streams[key] = {"main": {**main, "sdk_params": json.dumps({"VCodec": "h264", "vbitrate": 2_000_000})}}
    named = [{"name": name, "sdk_key": key, "level": level} for name, key, level in QUALITIES]
    return {"stream_data": json.dumps({"data": streams}), "options": {"qualities": named}}
