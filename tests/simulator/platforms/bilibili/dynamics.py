"""What a user published of any kind."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope, users, work
from tests.simulator.platforms.bilibili.listing import cover, length_of
from tests.simulator.randomness import hex_of, mix, words
from tests.simulator.world import Creator, World
from tests.simulator.worlds.bilibili import DYNAMICS

PAGE, HIDDEN = 12, 12
FIRST, PER_USER = 800_000_000_000_000_000, 1000
KINDS = ("AV", "DRAW", "WORD", "FORWARD", "LIVE_RCMD")


def feed(world: World, request: Request) -> Answer:
    """One page. What stands at one place is hidden: it makes a page that holds nothing, though the list goes on."""
    creator, offset = users.whose(world, request.query.get("host_mid", "")), request.query.get("offset", "")
    if creator is None:
        return envelope.ok({"has_more": False, "items": [], "offset": "", "update_baseline": "", "update_num": 0})
    before = whole(offset) if offset else number(creator, -1)
    start = -1 if before is None else number(creator, -1) - before
    if not 0 <= start <= DYNAMICS:
        return envelope.refusal(-400)
    total = 0 if creator.kind == "user_empty" else DYNAMICS
    end = start + 1 if start == HIDDEN else min(start + PAGE, total)
    items = [] if start == HIDDEN else [_item(world, creator, place) for place in range(start, end)]
    data = {"has_more": end < total, "items": items, "offset": str(number(creator, end - 1)) if end else ""}
    return envelope.ok({**data, "update_baseline": "", "update_num": 0})


def number(creator: Creator, place: int) -> int:
    """The id of a dynamic; the newest has the largest."""
    return FIRST + creator.number * PER_USER + DYNAMICS - place


def kind_of(place: int) -> str:
    """Of which kind a dynamic is."""
    return KINDS[place % len(KINDS)]


def _item(world: World, creator: Creator, place: int) -> dict[str, Any]:
    kind, bits = kind_of(place), mix(world.seed, number(creator, place))
    maker = {
        "mid": creator.mid,
        "name": creator.name,
        "face": work.face(creator),
        "pub_ts": 1_790_000_000 - place * 3600,
        "pub_time": "昨天",
        "pub_location_text": "IP属地：上海",
        "type": "AUTHOR_TYPE_NORMAL",
    }
    stat = {name: {"count": bits >> shift & 255} for name, shift in (("comment", 8), ("forward", 16), ("like", 24))}
    modules = {
        "module_author": maker,
        "module_dynamic": _content(world, creator, kind, place, bits),
        "module_stat": stat,
    }
    if place == 0:
        modules["module_tag"] = {"text": "置顶"}
    made: dict[str, Any] = {
        "id_str": str(number(creator, place)),
        "type": f"DYNAMIC_TYPE_{kind}",
        "visible": True,
        "basic": {"comment_id_str": str(number(creator, place)), "comment_type": 17, "rid_str": "1"},
        "modules": modules,
    }
    return made | (
        {"orig": {"id_str": str(FIRST + bits % PER_USER), "type": "DYNAMIC_TYPE_WORD"}} if kind == "FORWARD" else {}
    )


def _content(world: World, creator: Creator, kind: str, place: int, bits: int) -> dict[str, Any]:
    desc = {"text": words(bits, 4), "rich_text_nodes": [{"type": "RICH_TEXT_NODE_TYPE_TEXT", "text": words(bits, 4)}]}
    made: dict[str, Any] = {"desc": desc, "major": None, "additional": None, "topic": None}
    if kind == "AV":
        video = world.listed(creator, place % max(1, world.count(creator)))
        archive = {"aid": str(video.aid), "bvid": video.bvid, "title": video.title, "cover": cover(video), "desc": ""}
        archive |= {"duration_text": length_of(video.duration), "stat": {"play": "1.2万", "danmaku": "34"}}
        made |= {"desc": None, "major": {"type": "MAJOR_TYPE_ARCHIVE", "archive": archive}}
    elif kind == "DRAW":
        pictures = [
            {"url": f"http://i0.hdslb.com/bfs/new_dyn/{hex_of(bits, n)}.jpg", "width": 1080, "height": 720}
            for n in range(1 + bits % 3)
        ]
        opus = {"summary": desc, "pics": pictures, "title": None}
        made |= {"desc": None, "major": {"type": "MAJOR_TYPE_OPUS", "opus": opus}}
        made["topic"] = {"id": 7, "name": "样例话题"}
    elif kind == "LIVE_RCMD":
        made["major"] = {"type": "MAJOR_TYPE_LIVE_RCMD", "live_rcmd": {"content": "{}"}}
    return made
