"""Comments and replies, as the web API writes them."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer
from tests.simulator.platforms.douyin import failures
from tests.simulator.platforms.douyin.aweme import avatar
from tests.simulator.platforms.douyin.gate import Gate
from tests.simulator.platforms.douyin.paging import around, number, size
from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Work

PLACES = ("上海", "广东", "北京", "四川", "浙江", "湖北", "日本")
CAP = 900


def comments(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Comments on a work; near the cap it is as if there were no more."""
    work = gate.find(request, request.query.get("aweme_id", ""))
    if work is None or work.kind in world.hidden:
        return failures.coded(2053)
    cursor = number(request, "cursor")
    end = min(world.talk.count(work), CAP)
    places = range(min(cursor, end), min(cursor + size(request), end))
    rows = [_comment(world, work, world.talk.at(work, place), place) for place in places]
    return _page(world, work, rows, (places.stop, end, world.talk.all(work)))


def replies(world: DouyinWorld, gate: Gate, request: Request) -> Answer:
    """Replies to a comment. Where the last page is a full one, another says that more follows, and is empty."""
    work = gate.find(request, request.query.get("item_id", ""))
    index = None if work is None else world.talk.index_of(work, request.query.get("comment_id", ""))
    if work is None or index is None:
        return failures.coded(2053)
    cursor, asked = number(request, "cursor"), size(request)
    total = world.talk.replies_at(work, index)
    places = range(min(cursor, total), min(cursor + asked, total))
    rows = [_reply(world, work, index, place + 1) for place in places]
    end = total + 1 if total and len(rows) == asked else total
    return _page(world, work, rows, (places.stop, end, total))


def _page(world: DouyinWorld, work: Work, rows: list[dict[str, Any]], at: tuple[int, int, int]) -> Answer:
    cursor, end, total = at
    body = {"status_code": 0, "comments": rows or None, "cursor": cursor, "has_more": int(cursor < end)}
    body |= {"total": total, "reply_style": 2, "user_commented": 0, "hotsoon_filtered_count": 0}
    return json_answer(body | around(world, f"{work.id}/{cursor}"))


def _comment(world: DouyinWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    made = _said(world, work, index, 0)
    made["reply_comment_total"] = world.talk.replies_at(work, index)
    made["stick_position"] = int(place == 0 and work.hash % 3 == 0)
    return made


def _reply(world: DouyinWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    return _said(world, work, index, place) | world.talk.marks(work, index, place)


def _said(world: DouyinWorld, work: Work, index: int, place: int) -> dict[str, Any]:
    ident = world.talk.ident(work, index, place)
    bits = mix(work.hash, int(ident))
    return {
        "cid": ident,
        "text": words(bits, 1 + bits % 9),
        "aweme_id": work.id,
        "create_time": world.talk.created(work, index, place),
        "digg_count": (bits >> 16) % 5000 if bits & 3 else 0,
        "status": 1,
        "user": _writer(world, work, bits),
        "reply_id": "0",
        "user_digged": 0,
        "reply_comment": None,
        "text_extra": [],
        "label_text": "",
        "label_type": -1,
        "reply_comment_total": 0,
        "reply_to_reply_id": "0",
        "is_author_digged": bits % 31 == 0,
        "stick_position": 0,
        "label_list": None,
        "is_hot": bits % 5 == 0,
        "image_list": [_picture(ident)] if bits % 17 == 0 else None,
        "sticker": None,
        "ip_label": PLACES[bits % len(PLACES)],
        "level": 1 + (place > 0),
        "is_folded": False,
        "sort_tags": '{"reply_0":1}',
    }


def _writer(world: DouyinWorld, work: Work, bits: int) -> dict[str, Any]:
    maker = world.creator(work.owner if bits % 23 == 0 else bits % world.creators)
    return {
        "uid": maker.uid,
        "sec_uid": maker.sec_uid,
        "short_id": str(maker.hash % 10**10),
        "unique_id": "",
        "nickname": maker.name,
        "avatar_thumb": avatar(maker, "100x100"),
        "custom_verify": "",
        "enterprise_verify_reason": "",
        "region": "CN",
    }


def _picture(ident: str) -> dict[str, Any]:
    url = f"https://p3-sign.douyinpic.com/tos-cn-i-0813/{hex_of(ident)}~tplv-0813.jpeg"
    return {"origin_url": {"uri": hex_of(ident), "url_list": [url], "width": 1080, "height": 720}}
