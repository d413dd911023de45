"""Users in lists: who follows whom, and who is found."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.tiktok import failures, profile
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import author
from tests.simulator.platforms.tiktok.paging import log, paged
from tests.simulator.platforms.tiktok.streams import picture
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import EPOCH, Maker
from tests.simulator.worlds.tiktok import TiktokWorld

FANS, FOLLOWED = "67", "21"
MOST, PACE_S = 35, 1000
FOUND = 50


def users(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """Who follows a user, or whom a user follows, the latest first: to a login alone, and by time."""
    maker = world.creator_of(request.query.get("secUid", ""))
    if maker is None or maker.kind in profile.GONE:
        return failures.coded(10202)
    before, asked = whole(request.query.get("minCursor")), whole(request.query.get("count")) or 0
    scene = request.query.get("scene")
    if before is None or not 0 < asked <= MOST or scene not in (FANS, FOLLOWED):
        return failures.coded(10201)
    every = world.gathered.followers(maker) if scene == FANS else world.gathered.following(maker)
    if not gate.logged_in(request) or (maker.kind == "user_shy" and scene == FOLLOWED):
        return json_answer({"statusCode": 0, "userList": [], "hasMore": False, "total": 0, **log(request)})
    first = (EPOCH - before) // PACE_S if before else 0
    shown = every[first : first + asked]
    body = {"statusCode": 0, "userList": [{"user": author(world, maker), "stats": NOTHING} for maker in shown]}
    cursors = {"minCursor": EPOCH - (first + len(shown)) * PACE_S, "maxCursor": EPOCH - first * PACE_S}
    more = first + len(shown) < len(every)
    return json_answer({**body, **cursors, "hasMore": more, "total": len(every), **log(request)})


NOTHING = {"followerCount": 0, "followingCount": 0, "heartCount": 0, "videoCount": 0, "diggCount": 0}


def search(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The users that a search finds."""
    none = request.query.get("keyword") == "nothing"
    every = [] if none else [world.stranger(place) for place in range(FOUND)]
    return paged(
        request, every, lambda maker: _found(world, maker), "user_list", rid=hex_of(world.seed, "users").upper()
    )


def _found(world: TiktokWorld, maker: Maker) -> dict[str, Any]:
    info = {
        "uid": maker.uid,
        "sec_uid": maker.sec_uid,
        "unique_id": maker.handle,
        "nickname": maker.name,
        "signature": "",
        "avatar_thumb": {"uri": maker.uid, "url_list": [picture(world, maker.uid, "Thumb")]},
        "follower_count": maker.hash % 90_000 + 1,
        "following_count": 0,
        "total_favorited": 0,
        "aweme_count": 0,
        "secret": 0,
        "room_id": 0,
        "custom_verify": "",
        "enterprise_verify_reason": "",
    }
    return {"user_info": info, "position": None, "uniqid_position": None}
