"""Mixes, sounds and hashtags themselves, and the favourites of whoever is logged in."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import author, avatar, aweme
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import LARGEST, around, number, size
from tests.simulator.randomness import words
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import EPOCH
from tests.simulator.worlds.shelves import Mix

MICROSECONDS = 1_000_000


def mixes(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The mixes of a creator."""
    maker = world.creator_of(request.query.get("sec_user_id", ""))
    if maker is None or maker.kind == "user_gone":
        return failures.coded(2065)
    start, total = number(request, "cursor"), world.shelves.mixes(maker)
    places = range(start, min(start + size(request), total))
    rows = [mix_info(world, world.shelves.mix(maker, place)) for place in places]
    body = {"status_code": 0, "mix_infos": rows or None, "cursor": start + len(rows), "min_cursor": start}
    body |= {"has_more": int(start + len(rows) < total), "total": total}
    return json_answer(body | around(world, f"mixes/{start}"))


def mix(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """One mix."""
    shelf = world.shelves.mix_of(request.query.get("mix_id", ""))
    made = None if shelf is None else mix_info(world, shelf)
    return json_answer({"status_code": 0, "mix_info": made} | around(world, "mix"))


def mix_info(world: DouyinWorld, of: Mix) -> dict[str, Any]:
    """A mix as it is written."""
    statis = {"play_vv": of.maker.hash % 90_000, "collect_vv": of.maker.hash % 900, "current_episode": 0}
    return {
        "mix_id": world.mix_id(of.number),
        "mix_name": f"合集{of.place}",
        "desc": words(of.maker.hash >> 4, 4),
        "author": author(of.maker),
        "statis": statis | {"updated_to_episode": len(world.shelves.items(of))},
        "cover_url": avatar(of.maker, "720x720"),
        "status": {"status": 2, "is_collected": 0},
        "create_time": EPOCH - 86_400,
        "update_time": EPOCH,
    }


def sound(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """One sound."""
    work = world.shelves.sound_of(request.query.get("music_id", ""))
    made = None if work is None else {**aweme(world, work)["music"], "user_count": work.hash % 900, "album": ""}
    return json_answer({"status_code": 0, "music_info": made} | around(world, "sound"))


def hashtag(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """One hashtag."""
    ident = request.query.get("ch_id", "")
    maker = world.shelves.hashtag_maker(ident)
    challenge = {"cid": ident, "cha_name": "话题", "desc": "", "is_commerce": False, "type": 1, "sub_type": 0}
    made = None if maker is None else challenge | {"user_count": maker.hash % 900, "view_count": maker.hash % 10**9}
    return json_answer({"status_code": 0, "ch_info": made} | around(world, "hashtag"))


def favourites(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The favourites of the account: the works of the first creator, by a time in microseconds."""
    if not gate.logged_in(request):
        return failures.coded(8)
    if request.method != "POST":
        return failures.coded(5)
    asked = dict(parse_qsl(request.body.decode()))
    moment, maker = int(asked.get("cursor", 0)), world.creator(0)
    start = world.shelves.after(maker, moment // 1000)
    end = min(start + min(int(asked.get("count", LARGEST)), LARGEST), world.count(maker))
    works = [world.listed(maker, place) for place in range(start, end)]
    cursor = works[-1].created * MICROSECONDS if works else moment
    body = {"status_code": 0, "aweme_list": [aweme(world, work) for work in works], "cursor": cursor, "uid": maker.uid}
    return json_answer(body | {"has_more": int(end < world.count(maker))} | around(world, f"favourites/{moment}"))
