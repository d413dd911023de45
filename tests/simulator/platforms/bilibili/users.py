"""What is told about a creator."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.platforms.bilibili.work import face
from tests.simulator.randomness import hex_of, words
from tests.simulator.world import Creator, World

OTHER_KINDS = "bangumi cinema tag article playlist album audio pugv season_num opus"
NO_PENDANT = {"pid": 0, "name": "", "image": "", "expire": 0, "image_enhance": "", "image_enhance_frame": ""}
NO_PLATE = {"nid": 0, "name": "", "image": "", "image_small": "", "level": "", "condition": ""}


def find(world: World, mid: str) -> Creator | Answer:
    """The creator that is asked for, or the refusal."""
    number = whole(mid)
    if number is None:
        return envelope.refusal(-400)
    creator = world.creator_of(number)
    if creator is None or creator.kind == "user_gone":
        return envelope.refusal(-404)
    return creator


def whose(world: World, mid: str) -> Creator | None:
    """The creator whose list is asked for; lists take any number, and show nothing of those who are gone."""
    number = whole(mid)
    creator = None if number is None else world.creator_of(number)
    return None if creator is None or creator.kind == "user_gone" else creator


def acc_info(world: World, request: Request) -> Answer:
    """The profile."""
    creator = find(world, request.query.get("mid", ""))
    return creator if isinstance(creator, Answer) else envelope.ok(_profile(creator))


def card(world: World, request: Request) -> Answer:
    """The card, with the counts of followers and works."""
    creator = find(world, request.query.get("mid", ""))
    if isinstance(creator, Answer):
        return creator
    data = {
        "card": card_of(creator),
        "following": False,
        "archive_count": world.count(creator),
        "article_count": 0,
        "follower": followers(creator),
        "like_num": creator.hash % 9_000_000,
    }
    if request.query.get("photo") == "true":
        picture = f"http://i0.hdslb.com/bfs/space/{hex_of(creator.mid, 'space')}.png"
        data["space"] = {"s_img": picture, "l_img": picture}
    return envelope.ok(data)


def relation_stat(world: World, request: Request) -> Answer:
    """How many follow and are followed."""
    mid = request.query.get("vmid", "")
    creator = find(world, mid)
    if isinstance(creator, Answer):
        return creator
    counts = {"following": following(creator), "whisper": 0, "black": 0, "follower": followers(creator)}
    return envelope.ok({"mid": creator.mid, **counts})


def upstat(world: World, gate: Gate, request: Request) -> Answer:
    """Plays and likes in sum; nothing without a login."""
    creator = find(world, request.query.get("mid", ""))
    if isinstance(creator, Answer):
        return creator
    if not gate.logged_in(request):
        return envelope.ok({})
    views = creator.hash % 90_000_000
    return envelope.ok({"archive": {"view": views}, "article": {"view": 0}, "likes": views // 17})


def navnum(world: World, request: Request) -> Answer:
    """How much of each kind the creator has."""
    creator = find(world, request.query.get("mid", ""))
    if isinstance(creator, Answer):
        return creator
    data: dict[str, Any] = {"video": world.count(creator), "channel": {"master": 0, "guest": 0}}
    return envelope.ok({**data, "favourite": {"master": 1, "guest": 1}, **dict.fromkeys(OTHER_KINDS.split(), 0)})


def followers(creator: Creator) -> int:
    """How many follow the creator."""
    return (creator.hash >> 9) % 3_000_000


def following(creator: Creator) -> int:
    """How many the creator follows."""
    return (creator.hash >> 17) % 900


def card_of(creator: Creator) -> dict[str, Any]:
    """The card itself; its mid is a string."""
    return {
        "mid": str(creator.mid),
        "name": creator.name,
        "approve": False,
        "sex": "保密",
        "rank": "10000",
        "face": face(creator),
        "DisplayRank": "0",
        "regtime": 0,
        "spacesta": -2 if creator.kind == "user_banned" else 0,
        "birthday": "",
        "place": "",
        "description": "",
        "article": 0,
        "attentions": [],
        "fans": followers(creator),
        "friend": following(creator),
        "attention": following(creator),
        "sign": words(creator.hash >> 5, 5),
        "level_info": {"current_level": creator.hash % 7, "current_min": 0, "current_exp": 0, "next_exp": 0},
        "pendant": NO_PENDANT,
        "nameplate": NO_PLATE,
        "Official": {"role": 0, "title": "", "desc": "", "type": -1},
        "official_verify": {"type": -1, "desc": ""},
        "vip": {**vip_of(creator), "vipType": vip_of(creator)["type"], "vipStatus": vip_of(creator)["status"]},
    }


def vip_of(creator: Creator) -> dict[str, Any]:
    """Whether the creator pays for a membership."""
    paid = creator.hash % 3 == 1
    label = {"path": "", "text": "年度大会员" if paid else "", "label_theme": "annual_vip" if paid else ""}
    due = 1_924_963_200_000 if paid else 0
    return {"type": 2 * paid, "status": int(paid), "due_date": due, "vip_pay_type": 0, "theme_type": 0, "label": label}


def _room(creator: Creator) -> dict[str, Any] | None:
    if creator.hash % 3 == 0:
        return None
    number = 20_000_000 + creator.hash % 9_000_000
    return {
        "roomStatus": 1,
        "liveStatus": 0,
        "url": f"https://live.bilibili.com/{number}?broadcast_type=0&is_room_feed=0",
        "title": words(creator.hash, 3),
        "cover": "",
        "roomid": number,
        "roundStatus": 0,
        "broadcast_type": 0,
    }


def _profile(creator: Creator) -> dict[str, Any]:
    verified = creator.hash % 4 == 0
    title = f"{words(creator.hash, 2)}作者" if verified else ""
    return {
        "mid": creator.mid,
        "name": creator.name,
        "sex": "保密",
        "face": face(creator),
        "face_nft": 0,
        "face_nft_type": 0,
        "sign": words(creator.hash >> 5, 5),
        "rank": 10000,
        "level": creator.hash % 7,
        "jointime": 0,
        "moral": 0,
        "silence": int(creator.kind == "user_banned"),
        "coins": 0,
        "fans_badge": False,
        "fans_medal": {"show": False, "wear": False, "medal": None},
        "official": {"role": int(verified), "title": title, "desc": "", "type": 0 if verified else -1},
        "vip": vip_of(creator),
        "pendant": NO_PENDANT,
        "nameplate": NO_PLATE,
        "user_honour_info": {"mid": 0, "colour": None, "tags": [], "is_latest_100honour": 0},
        "is_followed": False,
        "top_photo": f"http://i0.hdslb.com/bfs/space/{hex_of(creator.mid, 'space')}.png",
        "theme": {},
        "sys_notice": {},
        "live_room": _room(creator),
        "birthday": "",
        "school": {"name": ""},
        "profession": {"name": "", "department": "", "title": "", "is_show": 0},
        "tags": None,
        "series": {"user_upgrade_status": 3, "show_upgrade_window": False},
        "is_senior_member": 0,
        "mcn_info": None,
        "gaia_res_type": 0,
        "gaia_data": None,
        "is_risk": False,
        "elec": {"show_info": {"show": False, "state": -1, "title": "", "icon": "", "jump_url": ""}},
        "contract": {"is_display": False, "is_follow_display": False},
        "certificate_show": False,
        "name_render": None,
    }
