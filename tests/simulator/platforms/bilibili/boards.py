"""What is popular, what ranks, and what a word finds."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope, users, work
from tests.simulator.platforms.bilibili.details import tags_of
from tests.simulator.platforms.bilibili.listing import cover, danmaku, description, plays
from tests.simulator.randomness import words
from tests.simulator.world import Creator, Video, World
from tests.simulator.worlds.bilibili import EVERYTHING, NOTHING, RANKED

PAGE, PAGES = 20, 50
CATEGORIES = ("0", "17")
LEFT_OUT = "pages subtitle user_garb honor_reply like_icon need_jump_bv disable_show_up_info is_story_play is_view_self"


def popular(world: World, request: Request) -> Answer:
    """One page of what is popular."""
    page, size = whole(request.query.get("pn", "1")), whole(request.query.get("ps", str(PAGE)))
    if not page or not size or size > PAGES:
        return envelope.refusal(-400)
    every = world.library.popular()
    shown = every[(page - 1) * size : page * size]
    return envelope.ok({"list": [_entry(world, video) for video in shown], "no_more": page * size >= len(every)})


def ranking(world: World, request: Request) -> Answer:
    """The whole board."""
    if request.query.get("rid", "0") not in CATEGORIES:
        return envelope.refusal(-400)
    every = world.library.popular(RANKED if request.query.get("rid", "0") == "0" else PAGE)
    return envelope.ok({"note": "", "list": [{**_entry(world, video), "score": 0} for video in every]})


def search(world: World, request: Request) -> Answer:
    """One page of what a word finds; where that is nothing, there is no list."""
    page, kind = whole(request.query.get("page", "1")), request.query.get("search_type", "")
    keyword = request.query.get("keyword", "")
    if kind not in {"video", "bili_user"}:
        return envelope.refusal(-1200)
    if not keyword or not page or page > PAGES:
        return envelope.refusal(-400)
    if kind == "video":
        total, every = world.library.matching(keyword)
        result = [_video(world, video, keyword) for video in every[(page - 1) * PAGE : page * PAGE]]
    else:
        people = [] if keyword == NOTHING else [world.creator(number) for number in range(world.creators)]
        total, result = len(people), [_user(person) for person in people[(page - 1) * PAGE : page * PAGE]]
    pages = PAGES if keyword == EVERYTHING else -(-total // PAGE)
    head = {"seid": "1", "page": page, "pagesize": PAGE, "numResults": total, "numPages": pages}
    return envelope.ok({**head, "result": result} if result else head)


def _entry(world: World, video: Video) -> dict[str, Any]:
    made = work.view_of(world, video)
    for name in LEFT_OUT.split():
        made.pop(name, None)
    made |= {"short_link_v2": f"https://b23.tv/{video.bvid}", "pub_location": "上海", "ogv_info": None}
    return made | {"rcmd_reason": {"content": "", "corner_mark": 0}}


def _video(world: World, video: Video, keyword: str) -> dict[str, Any]:
    creator = world.creator_of(video.mid)
    assert creator is not None
    return {
        "type": "video",
        "id": video.aid,
        "author": creator.name,
        "mid": creator.mid,
        "typeid": "17",
        "typename": "单机游戏",
        "arcurl": f"http://www.bilibili.com/video/av{video.aid}",
        "aid": video.aid,
        "bvid": video.bvid,
        "title": f'<em class="keyword">{keyword}</em>{video.title}',
        "description": description(video),
        "pic": cover(video).removeprefix("http:"),
        "play": plays(video),
        "video_review": danmaku(video),
        "favorites": plays(video) // 31,
        "tag": ",".join(tag["tag_name"] for tag in tags_of(video)),
        "review": world.all_comments(video),
        "pubdate": video.created,
        "senddate": video.created,
        "duration": f"{video.duration // 60}:{video.duration % 60}",
        "like": plays(video) // 17,
        "danmaku": danmaku(video),
        "upic": work.face(creator),
        "is_pay": 0,
        "is_union_video": 0,
        "rank_score": 1,
        "hit_columns": ["title"],
    }


def _user(creator: Creator) -> dict[str, Any]:
    return {
        "type": "bili_user",
        "mid": creator.mid,
        "uname": creator.name,
        "usign": words(creator.hash >> 5, 5),
        "fans": users.followers(creator),
        "videos": 1 + creator.hash % 100,
        "upic": work.face(creator).removeprefix("https:"),
        "level": creator.hash % 7,
        "gender": 3,
        "is_upuser": 1,
        "is_live": 0,
        "room_id": 0,
        "res": [],
        "official_verify": {"type": 127, "desc": ""},
    }
