"""Hashtags, sounds and searches of the web."""

from __future__ import annotations

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.tiktok import failures
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.item import author, item_struct
from tests.simulator.platforms.tiktok.paging import log, paged
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.tiktok import TiktokWorld


def challenge(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """A hashtag, by its name."""
    name = request.query.get("challengeName", "")
    ident = world.gathered.tag_id(name)
    works = world.gathered.tagged(ident or "")
    if ident is None or works is None:
        return failures.coded(10205)
    stats = {"videoCount": len(works), "viewCount": len(works) * 1000}
    known = {"id": ident, "title": name, "desc": f"all about {name}", "isCommerce": False}
    info = {"challenge": known, "stats": stats, "statsV2": {key: str(value) for key, value in stats.items()}}
    return json_answer({"statusCode": 0, "challengeInfo": info, **log(request)})


def challenge_items(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works with a hashtag."""
    works = world.gathered.tagged(request.query.get("challengeID", ""))
    return failures.coded(10205) if works is None else paged(request, works, lambda work: item_struct(world, work))


def music(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """A sound."""
    work = world.gathered.sound_of(request.query.get("musicId", ""))
    if work is None:
        return failures.coded(10203)
    sound = item_struct(world, work)["music"]
    stats = {"videoCount": len(world.gathered.works(work.owner))}
    info = {"music": sound, "author": author(world, world.creator(work.owner)), "stats": stats}
    return json_answer({"statusCode": 0, "musicInfo": info, **log(request)})


def music_items(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works with a sound."""
    work = world.gathered.sound_of(request.query.get("musicID", ""))
    if work is None:
        return failures.coded(10203)
    return paged(request, world.gathered.works(work.owner), lambda work: item_struct(world, work))


def search(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """The works that a search finds. Whoever goes on must say the name that the first answer gave the search."""
    keyword, offset = request.query.get("keyword", ""), request.query.get("offset", "0")
    rid = hex_of(world.seed, "search", keyword).upper()
    if not keyword or (offset != "0" and request.query.get("search_id") not in (None, rid)):
        return failures.coded(10201)
    at = request.asking_only({**request.query, "cursor": offset})
    works = world.gathered.matching(keyword)
    return paged(at, works, lambda work: item_struct(world, work), "item_list", rid=rid)
