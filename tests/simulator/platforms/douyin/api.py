"""The JSON routes."""

from __future__ import annotations

import orjson

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures, rooms
from tests.simulator.platforms.douyin.aweme import aweme, images_of
from tests.simulator.platforms.douyin.gate import APID, OLD_APID, Gate
from tests.simulator.platforms.douyin.paging import around, log_pb, now_ms
from tests.simulator.platforms.douyin.profile import user
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.douyin import CODES, HALF, REASONS, DouyinWorld
from tests.simulator.worlds.realm import Work

MISSING = "SYSTEM_ITEM_NOT_EXIST"


def detail(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """One work."""
    ident = request.query.get("aweme_id", "")
    if not ident.isdigit():
        return failures.coded(5)
    work = gate.find(request, ident)
    refusal = work and (code_of(work) or failures.refused(_way(work)))
    if refusal:
        return refusal
    reason = reason_of(work)
    if work and not reason and images_of(work) and request.query.get("aid", APID) == OLD_APID:
        reason = "images_base"
    if work is None or reason:
        body = {"aweme_detail": None, "filter_detail": failures.filtered(ident, reason or MISSING)}
        return json_answer({**body, "log_pb": log_pb(world, ident), "status_code": 0})
    return json_answer({"status_code": 0, "aweme_detail": aweme(world, work), **around(world, ident)})


def slidesinfo(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Some works; neither cookie nor signature is wanted."""
    idents = _idents(request.query.get("aweme_ids", ""))
    if not idents:
        return failures.coded(5)
    works = [(ident, gate.find(request, ident)) for ident in idents]
    for _, work in works:
        refusal = work and (code_of(work) or failures.refused(work.kind))
        if refusal:
            return refusal
    shown = [aweme(world, work) for _, work in works if work and not reason_of(work)]
    hidden = [(ident, reason_of(work)) for ident, work in works]
    lost = [failures.filtered(ident, reason) for ident, reason in hidden if reason]
    return json_answer({"status_code": 0, "aweme_details": shown, "filter_list": lost, **around(world, idents[0])})


def profile(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """A creator."""
    maker = world.creator_of(request.query.get("sec_user_id", ""))
    if maker is None or maker.kind == "user_gone":
        return failures.coded(2065)
    return json_answer({"status_code": 0, "status_msg": None, "user": user(world, maker), **around(world, maker.uid)})


def reflow_info(world: DouyinWorld, request: Request) -> Answer:
    """A room by its number, and whose it is."""
    if not request.query.get("sec_user_id"):
        return json_answer({"status_code": 10011, "data": {"message": "Request params error", "prompts": "参数错误"}})
    maker = world.maker_of_room(request.query.get("room_id", ""))
    if maker is None:
        return json_answer({"status_code": 30003, "data": {"message": "room not found", "prompts": "直播已结束"}})
    return json_answer({"status_code": 0, "data": {"room": rooms.room(world, maker)}, "extra": {"now": now_ms(world)}})


def room_enter(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """A room by its name in addresses."""
    maker = world.maker_of_room(request.query.get("web_rid", ""))
    rows = [] if maker is None else [rooms.room(world, maker)]
    return json_answer({"status_code": 0, "data": {"data": rows}, "extra": {"now": now_ms(world)}})


def visitor(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Who one is, a guest as well; one whose login has ended is told that."""
    if "sessionid" in request.cookies and not gate.logged_in(request):
        return failures.coded(8)
    ident = hex_of(request.cookies.get("ttwid", ""))[:16]
    data = {
        "id": ident,
        "user_uid": str(int(ident, 16)),
        "user_uid_type": int(gate.logged_in(request)),
        "create_time": "0",
    }
    return json_answer({"status_code": 0, **data} | around(world, ident))


def reason_of(work: Work | None) -> str:
    """Why a work is filtered, or nothing."""
    return MISSING if work is None else REASONS.get(work.kind, "")


def code_of(work: Work) -> Answer | None:
    """The answer of a work that is nothing but a code."""
    return failures.coded(CODES[work.kind]) if work.kind in CODES else None


def _way(work: Work) -> str:
    return HALF[work.kind] if work.kind.startswith("detail_") else work.kind


def _idents(text: str) -> list[str]:
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [str(ident) for ident in parsed] if isinstance(parsed, list) else []
