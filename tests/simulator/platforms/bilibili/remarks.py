"""One comment or reply as the platform writes it."""

from __future__ import annotations

from typing import Any

from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.world import Video, World

PLACES = ("上海", "广东", "北京", "四川", "浙江", "湖北", "日本")
DOGE = "[doge]"
PREVIEWED = 3
PACE_S = 37


def root(world: World, video: Video, index: int, *, nested: bool = True) -> dict[str, Any]:
    """Root comment number `index`."""
    rpid = world.rpid(video, index)
    count = world.replies_at(video, index)
    nearest = [reply(world, video, rpid, place) for place in range(min(count, PREVIEWED))] if nested else []
    made = _remark(world, video, rpid, index, (0, 0, 0), count)
    made["replies"] = nearest or None
    if count:
        made["reply_control"]["sub_reply_entry_text"] = f"共{count}条回复"
    return made


def reply(world: World, video: Video, rpid: int, place: int) -> dict[str, Any]:
    """Reply number `place` of a root comment; every third answers the reply before it."""
    own = rpid + 1 + place
    index = world.comment_of(video, rpid) or 0
    parent = own - 1 if place % 3 == 2 else rpid
    dialog = own - 1 if place % 3 == 2 else own
    made = _remark(world, video, own, index + place, (rpid, parent, dialog), 0)
    made["replies"] = None
    return made


def _remark(
    world: World, video: Video, rpid: int, index: int, above: tuple[int, int, int], count: int
) -> dict[str, Any]:
    bits = world.comment_hash(rpid)
    mid = video.mid if bits % 23 == 0 else 600_000_000 + mix(bits, 1) % 90_000_000
    names = ("root", "parent", "dialog")
    return {
        "rpid": rpid,
        "oid": video.aid,
        "type": 1,
        "mid": mid,
        **dict(zip(names, above, strict=True)),
        "count": count,
        "rcount": count,
        "state": 0,
        "fansgrade": 0,
        "attr": 0,
        "ctime": video.created + 60 + index * PACE_S + bits % PACE_S,
        "mid_str": str(mid),
        "oid_str": str(video.aid),
        "rpid_str": str(rpid),
        **{f"{name}_str": str(value) for name, value in zip(names, above, strict=True)},
        "like": (bits >> 16) % 5000 if bits & 3 else 0,
        "action": 0,
        "member": _member(mid, bits),
        "content": _content(bits),
        "assist": 0,
        "up_action": {"like": bits % 31 == 0, "reply": False},
        "invisible": False,
        "card_label": [],
        "reply_control": {
            "max_line": 6,
            "time_desc": f"{bits % 300 + 1}天前发布",
            "location": f"IP属地：{PLACES[bits % len(PLACES)]}",
        },
        "folder": {"has_folded": False, "is_folded": False, "rule": ""},
        "dynamic_id_str": "0",
        "note_cvid_str": "0",
        "track_info": "",
    }


def _member(mid: int, bits: int) -> dict[str, Any]:
    return {
        "mid": str(mid),
        "uname": words(bits >> 7, 2) + str(bits % 1000),
        "sex": "保密",
        "sign": "",
        "avatar": f"https://i{bits % 3}.hdslb.com/bfs/face/{hex_of(mid)}.jpg",
        "rank": "10000",
        "face_nft_new": 0,
        "is_senior_member": 0,
        "level_info": {"current_level": bits % 7, "current_min": 0, "current_exp": 0, "next_exp": 0},
        "pendant": {"pid": 0, "name": "", "image": "", "expire": 0},
        "nameplate": {"nid": 0, "name": "", "image": "", "image_small": "", "level": "", "condition": ""},
        "official_verify": {"type": -1, "desc": ""},
        "vip": {"vipType": 0, "vipDueDate": 0, "vipStatus": 0, "label": {"text": ""}, "nickname_color": ""},
        "fans_detail": None,
        "is_contractor": False,
    }


def _content(bits: int) -> dict[str, Any]:
    content: dict[str, Any] = {"message": words(bits, 1 + bits % 9), "members": [], "jump_url": {}, "max_line": 6}
    if bits % 13 == 0:
        content["message"] += DOGE
        url = f"https://i0.hdslb.com/bfs/emote/{hex_of(DOGE)}.png"
        content["emote"] = {DOGE: {"id": 26, "package_id": 1, "type": 1, "text": DOGE, "url": url}}
    if bits % 17 == 0:
        picture = f"https://i0.hdslb.com/bfs/new_dyn/{bits:032x}.jpg"
        content["pictures"] = [{"img_src": picture, "img_width": 1080, "img_height": 720, "img_size": 200.5}]
    return content
