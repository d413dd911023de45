"""Who follows whom, for logged-in sessions; of a long list only the beginning is shown."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope, users
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import hex_of
from tests.simulator.world import World
from tests.simulator.worlds.bilibili import FOLLOWED, Person

MOST = 50
FOLLOWERS_SHOWN, FOLLOWED_SHOWN = 1000, 100
HIDES_FOLLOWERS, HIDES_FOLLOWED = 22118, 22115


def relations(world: World, gate: Gate, request: Request, *, followers: bool) -> Answer:
    """One page of who follows a user, or of whom a user follows; behind what is shown it is empty."""
    if not gate.logged_in(request):
        return envelope.refusal(-101)
    creator = users.whose(world, request.query.get("vmid", ""))
    page, size = whole(request.query.get("pn", "1")), whole(request.query.get("ps", str(MOST)))
    if not page or not size or size > MOST:
        return envelope.refusal(-400)
    if creator is None:
        return envelope.ok({"list": [], "re_version": 0, "total": 0})
    if creator.kind == "user_banned":
        return envelope.refusal(HIDES_FOLLOWERS if followers else HIDES_FOLLOWED)
    total = world.library.followers(creator) if followers else FOLLOWED
    shown = min(total, FOLLOWERS_SHOWN if followers else FOLLOWED_SHOWN)
    people = [world.library.follower(creator, place) for place in range((page - 1) * size, min(page * size, shown))]
    return envelope.ok({"list": [_person(person) for person in people], "re_version": 0, "total": total})


def _person(person: Person) -> dict[str, Any]:
    return {
        "mid": person.mid,
        "attribute": 0,
        "mtime": 1_790_000_000,
        "tag": None,
        "special": 0,
        "uname": person.name,
        "face": f"http://i{person.hash % 3}.hdslb.com/bfs/face/{hex_of(person.mid)}.jpg",
        "sign": "",
        "official_verify": {"type": 0 if person.hash % 9 == 0 else -1, "desc": ""},
        "vip": {"vipType": 2 * (person.hash % 2), "vipDueDate": 0, "vipStatus": person.hash % 2},
    }
