"""Search: works and users, the same for every word but for some that find nothing, or a check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin.aweme import aweme
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import around, log_pb, number, size
from tests.simulator.platforms.douyin.profile import user
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Work

NILS = {"没有": "text_nil", "验证": "verify_check", "访客": "anonymous"}
FOUND = 45


def general(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Works among other things."""
    entries = [_entry(world, work) for work in search_results(world)]
    entries[3] = _mixed([entries[3]["aweme_info"], entries[4]["aweme_info"]])
    entries[4] = {"type": 999, "card_info": {"attached_info": {"aweme_list": [entries[5]["aweme_info"]]}}}
    entries[5] = {"type": 77, "card_unique_name": "sample_ad"}
    return _page(world, gate, request, "data", entries)


def videos(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Works alone."""
    return _page(world, gate, request, "data", [_entry(world, work) for work in search_results(world)])


def users(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Users."""
    people = [world.shelves.stranger(world.creator(0), place) for place in range(FOUND)]
    return _page(world, gate, request, "user_list", [{"user_info": user(world, person)} for person in people])


def search_results(world: DouyinWorld) -> list[Work]:
    """What every word finds."""
    works = min(FOUND, world.creators * world.videos)
    return [world.video(place % world.creators, place // world.creators) for place in range(works)]


def search_id(keyword: str) -> str:
    """The id of the first answer, which the further pages have to name."""
    return hex_of("search", keyword)[:24].upper()


def _page(world: DouyinWorld, gate: Gate, request: Request, name: str, entries: Sequence[dict[str, Any]]) -> Answer:
    keyword, offset = request.query.get("keyword", ""), number(request, "offset")
    nil = NILS.get(keyword, "")
    if nil == "anonymous" and gate.logged_in(request):
        nil = ""
    if offset and request.query.get("search_id") != search_id(keyword):
        nil = "params_check"
    page = [] if nil else entries[offset : offset + size(request)]
    end = offset + len(page)
    body: dict[str, Any] = {
        "status_code": 0,
        name: page,
        "cursor": end,
        "has_more": int(bool(page) and end < len(entries)),
    }
    body["search_nil_info"] = {"search_nil_type": nil, "search_nil_item": ""} if nil else None
    body |= around(world, keyword)
    body["log_pb"] = log_pb(world, keyword) if offset else {"impr_id": search_id(keyword)}
    return json_answer(body)


def _entry(world: DouyinWorld, work: Work) -> dict[str, Any]:
    return {"type": 1, "doc_type": 153, "aweme_info": aweme(world, work), "card_unique_name": "video"}


def _mixed(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": 1, "aweme_info": None, "aweme_mix_info": {"mix_items": items}}
