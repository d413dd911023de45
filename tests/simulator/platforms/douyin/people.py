"""Who follows whom: a guest is told how many, and nothing else."""

from __future__ import annotations

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import author
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import around, number, size
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.shelves import FOLLOWERS, FOLLOWING, HIDDEN_FOLLOWERS


def followers(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Who follows a creator; more are counted than are shown."""
    return _people(world, gate, request, "followers", (0, FOLLOWERS, FOLLOWERS + HIDDEN_FOLLOWERS))


def following(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Whom a creator follows."""
    return _people(world, gate, request, "followings", (FOLLOWERS, FOLLOWING, FOLLOWING))


def _people(world: DouyinWorld, gate: Gate, request: Request, name: str, shown: tuple[int, int, int]) -> Answer:
    maker = world.creator_of(request.query.get("sec_user_id", ""))
    if maker is None or maker.kind == "user_gone":
        return failures.coded(2065)
    if maker.kind == "user_private":
        return failures.coded(2096)
    shelves, (first, count, total) = world.shelves, shown
    since = number(request, "max_time") or int(world.now())
    places = [place for place in range(count) if shelves.followed_at(place) < since] if gate.logged_in(request) else []
    page = places[: size(request)]
    body = {
        "status_code": 0,
        name: [author(shelves.stranger(maker, first + place)) for place in page],
        "has_more": len(places) > len(page),
        "total": total,
        "offset": len(page),
        "min_time": shelves.followed_at(page[-1]) if page else 0,
        "max_time": since,
        "mix_count": 0,
        "myself_user_id": "0",
    }
    return json_answer(body | around(world, f"{name}/{since}"))
