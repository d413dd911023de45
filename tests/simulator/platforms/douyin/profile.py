"""A creator as the web API writes one."""

from __future__ import annotations

from typing import Any

from tests.simulator.platforms.douyin.aweme import avatar
from tests.simulator.randomness import hex_of, words
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker

PROVINCES = ("广东", "浙江", "四川", "河南")


def user(world: DouyinWorld, maker: Maker) -> dict[str, Any]:
    """The whole object."""
    bits = maker.hash
    followers = (bits >> 9) % 3_000_000
    room = int(world.room(maker)) if maker.kind == "user_live" else 0
    return {
        "uid": maker.uid,
        "sec_uid": maker.sec_uid,
        "short_id": str(bits % 10**10),
        "unique_id": maker.handle if maker.number % 2 else "",
        "nickname": maker.name,
        "signature": words(bits >> 5, 5),
        "gender": bits % 3,
        **{f"avatar_{name}": avatar(maker, size) for name, size in _SIZES.items()},
        "cover_url": [{"uri": hex_of(maker.uid), "url_list": [f"https://p3.douyinpic.com/obj/{hex_of(maker.uid)}"]}],
        "aweme_count": world.count(maker),
        "favoriting_count": bits % 900,
        "follower_count": followers,
        "following_count": (bits >> 17) % 900,
        "max_follower_count": followers + 10,
        "mplatform_followers_count": followers + 99,
        "total_favorited": (bits >> 11) % 90_000_000,
        "dongtai_count": 0,
        "mix_count": world.shelves.mixes(maker),
        "series_count": 0,
        "secret": int(maker.kind == "user_private"),
        "is_ban": maker.kind == "user_banned",
        "is_block": False,
        "is_blocked": False,
        "is_star": False,
        "live_status": int(maker.kind == "user_live"),
        "room_id": room,
        "room_id_str": str(room),
        "room_data": "",
        "ip_location": f"IP属地：{PROVINCES[bits % len(PROVINCES)]}",
        "country": "",
        "province": "",
        "city": "",
        "district": "",
        "school_name": "",
        "user_age": -1,
        "custom_verify": "",
        "enterprise_verify_reason": "",
        "verification_type": 0,
        "show_favorite_list": False,
        "favorite_permission": 1,
        "user_not_show": 1,
    }


def camel(value: Any) -> Any:
    """The same with the keys of page data."""
    if isinstance(value, dict):
        return {_camel(key): camel(part) for key, part in value.items()}
    return [camel(part) for part in value] if isinstance(value, list) else value


def _camel(key: str) -> str:
    first, *rest = key.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


_SIZES = {"thumb": "100x100", "medium": "720x720", "larger": "1080x1080", "300x300": "300x300"}
