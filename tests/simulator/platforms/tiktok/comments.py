"""Comments and replies, as the web API writes them."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.tiktok.gate import Gate
from tests.simulator.platforms.tiktok.streams import picture
from tests.simulator.randomness import hex_of, mix
from tests.simulator.worlds.realm import Work
from tests.simulator.worlds.tiktok import WORDS, TiktokWorld

USUAL, MOST = 20, 50


def comments(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """Comments on a work. The total counts replies as well, so that it is larger than the list."""
    work = gate.find(request, request.query.get("aweme_id", ""))
    if work is None or work.kind in world.hidden:
        return _coded(10204)
    count = world.talk.count(work)
    return _page(world, request, count, lambda place: _comment(world, work, world.talk.at(work, place), place), work)


def replies(world: TiktokWorld, gate: Gate, request: Request) -> Answer:
    """Replies to a comment."""
    work = gate.find(request, request.query.get("item_id", ""))
    index = None if work is None else world.talk.index_of(work, request.query.get("comment_id", ""))
    if work is None or index is None:
        return _coded(100002)
    count = world.talk.replies_at(work, index)
    return _page(world, request, count, lambda place: _reply(world, work, index, place + 1))


def _page(world: TiktokWorld, request: Request, count: int, make: Any, work: Work | None = None) -> Answer:
    cursor, asked = whole(request.query.get("cursor")), whole(request.query.get("count")) or USUAL
    if cursor is None or asked > MOST:
        return _coded(10201)
    end = min(cursor + asked, count)
    rows = [make(place) for place in range(cursor, end)]
    body = {"status_code": 0, "status_msg": "", "comments": rows or None, "cursor": max(cursor, end)}
    body |= {"has_more": int(end < count), "total": world.talk.all(work) if work else count, "reply_style": 2}
    log = hex_of(request.path, request.raw_query).upper()
    return json_answer({**body, "top_gifts": None, "alias_comment_deleted": False, "log_pb": {"impr_id": log}})


def _coded(code: int) -> Answer:
    return json_answer({"status_code": code, "status_msg": ""})


def _comment(world: TiktokWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    made = _said(world, work, index, 0)
    made["reply_comment_total"] = world.talk.replies_at(work, index)
    made["author_pin"] = place == 0 and work.hash % 3 == 0
    return made


def _reply(world: TiktokWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    return _said(world, work, index, place) | world.talk.marks(work, index, place)


def _said(world: TiktokWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    ident = world.talk.ident(work, index, place)
    bits = mix(work.hash, int(ident))
    text = " ".join(WORDS[(bits >> (4 * part)) % len(WORDS)] for part in range(1 + bits % 7))
    return {
        "cid": ident,
        "text": text,
        "aweme_id": work.id,
        "create_time": world.talk.created(work, index, place),
        "digg_count": (bits >> 16) % 5000 if bits & 3 else 0,
        "status": 1,
        "user": _writer(world, work, bits),
        "reply_id": "0",
        "reply_to_reply_id": "0",
        "reply_comment": None,
        "reply_comment_total": 0,
        "user_digged": 0,
        "is_author_digged": bits % 31 == 0,
        "author_pin": False,
        "stick_position": 0,
        "no_show": False,
        "label_list": None,
        "text_extra": [],
        "comment_language": "en" if bits % 5 else "un",
        "image_list": [_picture(world, ident)] if bits % 17 == 0 else None,
        "share_info": {"url": f"https://m.tiktok.com/v/{work.id}.html?share_comment_id={ident}"},
    }


def _writer(world: TiktokWorld, work: Work, bits: int) -> dict[str, Any]:
    maker = world.creator(work.owner if bits % 23 == 0 else bits % world.creators)
    return {
        "uid": maker.uid,
        "sec_uid": maker.sec_uid,
        "unique_id": maker.handle,
        "nickname": maker.name,
        "avatar_thumb": {"uri": maker.uid, "url_list": [picture(world, maker.uid, "Thumb")]},
        "custom_verify": "",
        "enterprise_verify_reason": "",
    }


def _picture(world: TiktokWorld, ident: str) -> dict[str, Any]:
    place = {"uri": ident, "url_list": [picture(world, ident, "comment")], "width": 720, "height": 1520}
    return {"origin_url": place, "crop_url": place}
