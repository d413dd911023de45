"""The list of a creator's works."""

from __future__ import annotations

import json

from tests.simulator import specials
from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope, users
from tests.simulator.randomness import words
from tests.simulator.world import Creator, Video, World

MOST = 50
USUAL = 30
# Written by hand because a list page is what a crawl asks for most.
ENTRY = (
    '{"comment":%d,"typeid":%d,"play":%s,"pic":"http://i%d.hdslb.com/bfs/archive/%032x%08x.jpg","subtitle":"",'
    '"description":"%s","copyright":"1","title":%s,"review":0,"author":"%s","mid":%d,"created":%s,"length":"%s",'
    '"video_review":%d,"aid":%s,"bvid":%s,"hide_click":false,"is_pay":0,"is_union_video":%d,"is_steins_gate":%d,'
    '"is_live_playback":0,"is_lesson_video":0,"is_lesson_finished":0,"lesson_update_info":"","jump_url":"",'
    '"meta":%s,"is_avoided":0,"season_id":%d,"attribute":%d,"is_charging_arc":%s,"elec_arc_type":0,'
    '"elec_arc_badge":"","vt":0,"enable_vt":0,"vt_display":"","playback_position":0,"is_self_view":false}'
)
TYPES = ((17, "单机游戏"), (21, "日常"), (76, "美食制作"), (138, "搞笑"), (188, "科技"), (250, "出行"))
SEASON_ID = 3_000_001


def arc_search(world: World, request: Request) -> Answer:
    """One page, newest first; beyond the end, and of a user who is gone, it is empty."""
    query = request.query
    number, size = whole(query.get("pn", "1")), whole(query.get("ps", str(USUAL)))
    mid = whole(query.get("mid", ""))
    if mid is None or not number or not size or size > MOST:
        return envelope.refusal(-400)
    creator = users.whose(world, query.get("mid", ""))
    if creator is None:
        return _page(mid, [], None, number, size, 0)
    return page_of(world, creator, number, size)


def page_of(world: World, creator: Creator, number: int, size: int) -> Answer:
    """Page `number` of the creator's list."""
    count = world.count(creator)
    start = (number - 1) * size
    places = range(start, min(start + size, count))
    entries = [_entry(world, creator, place) for place in places]
    types = {str(tid): {"tid": tid, "count": count // len(TYPES) + 1, "name": name} for tid, name in TYPES}
    return _page(creator.mid, entries, types if count else None, number, size, count)


def _page(mid: int, entries: list[str], types: object, number: int, size: int, count: int) -> Answer:
    tlist = json.dumps(types, ensure_ascii=False)
    uri = f"//www.bilibili.com/medialist/play/{mid}?from=space"
    return envelope.ok_text(
        f'{{"list":{{"slist":[],"tlist":{tlist},"vlist":[{",".join(entries)}]}},'
        f'"page":{{"pn":{number},"ps":{size},"count":{count}}},'
        f'"episodic_button":{{"text":"播放全部","uri":"{uri}"}},"is_risk":false,"gaia_res_type":0,"gaia_data":null}}'
    )


def plays(video: Video) -> int:
    """How often the work was played."""
    return (video.hash >> 20) % 2_000_000


def danmaku(video: Video) -> int:
    """How many bullet comments the work has."""
    return (video.hash >> 30) % 9000


def length_of(seconds: int) -> str:
    """Minutes and seconds, as the lists write them."""
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def description(video: Video) -> str:
    """The text below the work."""
    if video.hash % 11 == 0:
        return ""
    return f"{words(video.hash >> 3, 9)}，{words(video.hash ^ 0x5DEECE66D, 10)}。"


def cover(video: Video) -> str:
    """The address of the cover, on plain http as the platform gives it."""
    return f"http://i{video.hash % 3}.hdslb.com/bfs/archive/{video.hash:032x}{video.hash & 0xFFFFFFFF:08x}.jpg"


def _entry(world: World, creator: Creator, place: int) -> str:
    video = world.listed(creator, place)
    bits, kind = video.hash, video.kind
    broken = creator.kind == "odd_user" and place == specials.ODD_PLACE
    title = json.dumps(video.title, ensure_ascii=False) if kind == "entities" else f'"{video.title}"'
    return ENTRY % (
        world.comments(video),
        TYPES[bits % 6][0],
        '"--"' if bits % 61 == 2 else plays(video),
        bits % 3,
        bits,
        bits & 0xFFFFFFFF,
        description(video),
        title,
        creator.name,
        creator.mid,
        f'"{video.created}"' if broken else video.created,
        length_of(video.duration),
        danmaku(video),
        '"x"' if broken else video.aid,
        "null" if broken else f'"{video.bvid}"',
        kind == "coop",
        kind == "interactive",
        _meta(creator) if kind == "season" else "null",
        SEASON_ID if kind == "season" else 0,
        16793984 if bits & 4 else 0,
        "true" if kind == "charging" else "false",
    )


def _meta(creator: Creator) -> str:
    return json.dumps(
        {
            "id": SEASON_ID,
            "title": "合集",
            "cover": "https://archive.biliimg.com/bfs/archive/0123456789abcdef.jpg",
            "mid": creator.mid,
            "intro": "",
            "sign_state": 0,
            "attribute": 140,
            "ep_count": 2,
            "ep_num": 2,
        },
        ensure_ascii=False,
    )
