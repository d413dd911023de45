"""Lists of works: of creators, of what they like, in mixes, of sounds and hashtags, and what is related."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import aweme
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import around, number, size
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Maker, Work


def posts(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The works of a creator, by time; a guest of one of them sees the first page alone."""
    maker = world.creator_of(request.query.get("sec_user_id", ""))
    if maker is None or maker.kind == "user_gone":
        return failures.coded(2065)
    cursor, guest = number(request, "max_cursor"), maker.kind == "user_walled" and not gate.logged_in(request)
    if guest and cursor:
        return json_answer({"status_code": 0})
    if maker.kind in ("user_private", "user_banned"):
        return _timed(world, None, (0, False), guest)
    if maker.kind == "user_gap" and cursor and cursor % 1000 == 0:
        return _timed(world, [], (cursor - 1, True), guest)
    pinned = None if cursor else world.shelves.pinned(maker)
    rows, following = _older(world, maker, request)
    first = [] if pinned is None else [aweme(world, pinned) | {"is_top": 1}]
    if maker.kind == "user_stalled":
        following = (_older_than(world, maker, 0), following[1])
    return _timed(world, first + rows, following, guest)


def likes(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """What a user likes, which all but one of them hide."""
    maker = world.creator_of(request.query.get("sec_user_id", ""))
    if maker is None or maker.kind == "user_gone":
        return failures.coded(2065)
    liked = world.shelves.liked(maker)
    return _timed(world, None, (0, False)) if liked is None else _timed(world, *_older(world, liked, request))


def mix_items(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The works in a mix."""
    mix = world.shelves.mix_of(request.query.get("mix_id", ""))
    if mix is None:
        return _offset(world, None, request)
    works = world.shelves.items(mix)
    statis = {"play_vv": 10, "collect_vv": 2, "updated_to_episode": len(works)}
    shared = {"mix_id": world.mix_id(mix.number), "mix_name": f"合集{mix.place}"}
    more = [{"mix_info": shared | {"statis": statis | {"current_episode": place + 1}}} for place in range(len(works))]
    return _offset(world, works, request, more)


def sound_items(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The works with a sound: those of its maker."""
    work = world.shelves.sound_of(request.query.get("music_id", ""))
    return _offset(world, None if work is None else _all(world, world.creator(work.owner)), request)


def hashtag_items(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """The works with a hashtag."""
    maker = world.shelves.hashtag_maker(request.query.get("ch_id", ""))
    return _offset(world, None if maker is None else _all(world, maker), request)


def related(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Works that are shown beside one."""
    work = gate.find(request, request.query.get("aweme_id", ""))
    if work is None or work.kind in world.hidden:
        return failures.coded(2053)
    other = world.creator((work.owner + 1) % world.creators)
    rows = [aweme(world, candidate) for candidate in _all(world, other) if candidate.id != work.id][: size(request)]
    return json_answer({"status_code": 0, "aweme_list": rows, "has_more": 1} | around(world, work.id))


def _all(world: DouyinWorld, maker: Maker) -> list[Work]:
    return [world.listed(maker, place) for place in range(world.count(maker))]


def _older(world: DouyinWorld, maker: Maker, request: Request) -> tuple[list[dict[str, Any]], tuple[int, bool]]:
    """A page of works, and the moment at which the next one begins, and whether there is one."""
    start = world.shelves.after(maker, number(request, "max_cursor"))
    end = min(start + size(request), world.count(maker))
    rows = [aweme(world, world.listed(maker, place)) for place in range(start, end)]
    return rows, (_older_than(world, maker, end - 1), end < world.count(maker))


def _older_than(world: DouyinWorld, maker: Maker, place: int) -> int:
    return world.listed(maker, place).created * 1000 if place >= 0 and world.count(maker) else 0


def _timed(
    world: DouyinWorld, rows: list[dict[str, Any]] | None, following: tuple[int, bool], guest: bool = False
) -> Answer:
    cursor, more = following
    body = {"status_code": 0, "min_cursor": int(world.now()) * 1000, "max_cursor": cursor, "has_more": int(more)}
    body |= {"aweme_list": rows, "time_list": ["2026·11"], "request_item_cursor": 0, "post_serial": 2}
    body["not_login_module"] = {"guide_login_tip_exist": guest}
    return json_answer(body | around(world, f"posts/{cursor}"))


def _offset(
    world: DouyinWorld, works: Sequence[Work] | None, request: Request, more: Sequence[dict[str, Any]] = ()
) -> Answer:
    start = number(request, "cursor")
    places = range(start, min(start + size(request), len(works or ())))
    rows = [aweme(world, (works or ())[place]) | (more[place] if more else {}) for place in places]
    end = places.stop if places else start
    body = {"status_code": 0, "aweme_list": None if works is None else rows, "cursor": end, "min_cursor": start}
    return json_answer(body | {"has_more": int(end < len(works or ()))} | around(world, f"{request.path}/{start}"))
