"""The lists of works on the web that are not a creator's unsigned one."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.tiktok import failures, profile
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import author, item_struct
from tests.simulator.platforms.tiktok.paging import log, paged
from tests.simulator.worlds.gathered import Mix
from tests.simulator.worlds.realm import Maker, Work
from tests.simulator.worlds.tiktok import TiktokWorld

LEAST, MOST = 16, 35
CLOSED = ("user_private", "user_private_counted")


def posts(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works of a creator that are older than a moment; 0 is now. The answer says where the next page starts."""
    maker = _maker(world, request)
    cursor, asked = whole(request.query.get("cursor")), whole(request.query.get("count")) or 0
    if maker is None or cursor is None or not LEAST <= asked <= MOST:
        return failures.coded(10201 if maker else 10202)
    if maker.kind in CLOSED or not world.count(maker):
        return json_answer({"statusCode": 0, "hasMore": False, "cursor": "-1", **log(request)})
    every = [world.listed(maker, place) for place in range(world.count(maker))]
    older = [work for work in every if not cursor or work.created * 1000 < cursor]
    shown = older[:asked]
    body = {"statusCode": 0, "hasMore": len(older) > len(shown), "itemList": _items(world, shown)}
    return json_answer({**body, "cursor": str(shown[-1].created * 1000 if shown else -1), **log(request)})


def likes(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works that a user likes; the list is left out where it is hidden."""
    maker = _maker(world, request)
    return failures.coded(10202) if maker is None else _works(world, request, world.gathered.liked(maker) or [])


def reposts(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works that a user reposted."""
    maker = _maker(world, request)
    works = [] if maker is None or maker.kind in CLOSED else world.gathered.reposted(maker)
    return failures.coded(10202) if maker is None else _works(world, request, works)


def saved(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """What the account saved."""
    if not gate.logged_in(request):
        return failures.coded(10102, "user not login")
    own = request.query.get("secUid") == world.creator(0).sec_uid
    return _works(world, request, world.gathered.saved() if own else [])


def collection(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works in a public collection."""
    if request.query.get("collectionId") != world.gathered.collection():
        return failures.coded(100002)
    return _works(world, request, world.gathered.saved())


def playlists(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The playlists of a creator."""
    maker = _maker(world, request)
    if maker is None:
        return failures.coded(10202)
    every = [] if maker.kind == "user_empty" else world.gathered.mixes(maker)
    return paged(request, every, lambda mix: _mix(world, mix), "playList")


def mix_items(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works in a playlist."""
    mix = world.gathered.mix_of(request.query.get("mixId", ""))
    return failures.coded(100002) if mix is None else _works(world, request, world.gathered.items(mix))


def mix_detail(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """One playlist."""
    mix = world.gathered.mix_of(request.query.get("mixId", ""))
    if mix is None:
        return failures.coded(100002)
    return json_answer({"statusCode": 0, "mixInfo": {"mix": _mix(world, mix)}, **log(request)})


def related(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """Works that resemble one; there is one page of them."""
    work = world.work_of(request.query.get("itemID", ""))
    if work is None:
        return failures.coded(10204, "item doesn't exist")
    asked = whole(request.query.get("count")) or 16
    return json_answer(
        {"statusCode": 0, "itemList": _items(world, world.gathered.works(work.hash, asked)), **log(request)}
    )


def recommended(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """What is shown to somebody who asks for nothing."""
    asked = whole(request.query.get("count")) or 6
    body = {"statusCode": 0, "hasMore": True, "itemList": _items(world, world.gathered.works(0, asked))}
    return json_answer({**body, **log(request)})


def _works(world: TiktokWorld, request: Request, every: list[Work]) -> Answer:
    return paged(request, every, lambda work: item_struct(world, work))


def _items(world: TiktokWorld, works: list[Work]) -> list[dict[str, Any]]:
    return [item_struct(world, work) for work in works]


def _maker(world: TiktokWorld, request: Request) -> Maker | None:
    maker = world.creator_of(request.query.get("secUid", ""))
    return None if maker is not None and maker.kind in profile.GONE else maker


def _mix(world: TiktokWorld, mix: Mix) -> dict[str, Any]:
    ident, items = world.gathered.mix_id(mix), world.gathered.items(mix)
    named = {"id": ident, "mixId": ident, "name": f"part {mix.place}", "mixName": f"part {mix.place}"}
    cover = item_struct(world, items[0])["video"]["cover"] if items else ""
    return {**named, "cover": cover, "videoCount": len(items), "creator": author(world, mix.maker)}
