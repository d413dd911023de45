"""A creator as the web writes one."""

from __future__ import annotations

from typing import Any

from tests.simulator.platforms.tiktok.item import author, user_stats
from tests.simulator.worlds.realm import Maker
from tests.simulator.worlds.tiktok import TiktokWorld

GONE = {"user_gone": (10221, ""), "user_missing": (10202, ""), "user_banned": (10221, "user banned")}
NOBODY = (10221, "")


def user_info(world: TiktokWorld, maker: Maker) -> dict[str, Any]:
    """The creator with the counts; those of the older kind are rounded."""
    exact = user_stats(world, maker)
    user: dict[str, Any] = {
        **author(world, maker),
        "shortId": "",
        "openFavorite": maker.kind == "user_likes",
        "createTime": int(maker.uid) >> 32,
        "region": "US",
        "language": "en",
        "relation": 0,
        "commentSetting": 0,
        "duetSetting": 0,
        "stitchSetting": 0,
        "followingVisibility": 2 if maker.kind == "user_shy" else 1,
        "profileTab": {"showMusicTab": False, "showPlayListTab": True},
        "ttSeller": False,
        "commerceUserInfo": {"commerceUser": False},
        "canExpPlaylist": True,
    }
    if maker.hash % 2:
        user["bioLink"] = {"link": "https://example.org", "risk": 0}
    rounded = {name: _rounded(value) if name != "videoCount" else value for name, value in exact.items()}
    return {"user": user, "stats": rounded, "statsV2": {name: str(n) for name, n in exact.items()}, "itemList": []}


def answer(world: TiktokWorld, maker: Maker | None) -> dict[str, Any]:
    """What `webapp.user-detail` and the API say about a creator, or about none."""
    if maker is None or maker.kind in GONE:
        code, message = NOBODY if maker is None else GONE[maker.kind]
        return {"needFix": False, "statusCode": code, "statusMsg": message}
    if maker.kind == "user_private":
        return {"needFix": False, "statusCode": 10222, "statusMsg": ""}
    meta = {"title": f"{maker.name} on TikTok", "desc": f"@{maker.handle}"}
    code = 10222 if maker.kind == "user_private_counted" else 0
    info = user_info(world, maker)
    return {"needFix": False, "shareMeta": meta, "statusCode": code, "statusMsg": "", "userInfo": info}


def _rounded(value: int) -> int:
    if value < 10_000:
        return value
    step = 10 ** (len(str(value)) - 3)
    return value // step * step
