"""One work: its view and its parts."""

from __future__ import annotations

from typing import Any

from tests.simulator import specials
from tests.simulator.avbv import to_aid
from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.listing import SEASON_ID, TYPES, cover, danmaku, description, plays
from tests.simulator.randomness import hex_of, words
from tests.simulator.world import Creator, Video, World

RIGHTS = (
    "bp elec download movie pay hd5 no_reprint autoplay ugc_pay is_cooperation ugc_pay_preview no_background "
    "clean_mode is_stein_gate is_360 no_share arc_pay free_watch"
)
FLAGS = "is_chargeable_season is_story is_upower_exclusive is_upower_play is_upower_preview no_cache is_season_display"
OLD_GONE = (
    "tid_v2 tname_v2 desc_v2 argue_info premiere teenage_mode enable_vt vt_display is_chargeable_season is_story "
    "is_upower_exclusive is_upower_play is_upower_preview is_season_display user_garb honor_reply like_icon "
    "need_jump_bv disable_show_up_info is_story_play is_view_self"
)
REDIRECT_URL = "https://www.bilibili.com/bangumi/play/ep1000001"


def find(world: World, query: dict[str, str]) -> Video | Answer:
    """The work that a query names, or the refusal."""
    bvid = query.get("bvid", "")
    number = to_aid(bvid) if bvid else whole(query.get("aid") or query.get("avid"))
    if not number:
        return envelope.refusal(-400)
    video = world.video_by_aid(number)
    if video is None:
        return envelope.refusal(-404)
    code = specials.HIDDEN.get(video.kind)
    return envelope.refusal(code) if code is not None else video


def view(world: World, request: Request) -> Answer:
    """Everything about a work but its streams."""
    video = find(world, request.query)
    return video if isinstance(video, Answer) else envelope.ok(view_of(world, video))


def pagelist(world: World, request: Request) -> Answer:
    """The parts of a work."""
    video = find(world, request.query)
    return video if isinstance(video, Answer) else envelope.ok(pages_of(video))


def view_of(world: World, video: Video) -> dict[str, Any]:
    """The payload of the view."""
    creator = world.creator_of(video.mid)
    assert creator is not None
    pages = pages_of(video)
    tid, tname = TYPES[video.hash % 6]
    data: dict[str, Any] = {
        "bvid": video.bvid,
        "aid": video.aid,
        "videos": video.parts,
        "tid": tid,
        "tid_v2": 2000 + tid,
        "tname": tname,
        "tname_v2": "",
        "copyright": 1,
        "pic": cover(video),
        "title": video.title,
        "pubdate": video.created,
        "ctime": video.created - 3600,
        "desc": description(video),
        "desc_v2": [{"raw_text": description(video), "type": 1, "biz_id": 0}] if description(video) else None,
        "state": 0,
        "duration": video.duration * video.parts,
        "rights": rights(video.kind),
        "owner": owner(creator),
        "stat": stat(world, video),
        "argue_info": {"argue_msg": "", "argue_type": 0, "argue_link": ""},
        "dynamic": "",
        "cid": video.cid,
        "dimension": pages[0]["dimension"],
        "premiere": None,
        "teenage_mode": 0,
        **dict.fromkeys(FLAGS.split(), False),
        "enable_vt": 0,
        "vt_display": "",
        "pages": pages,
        "subtitle": {"allow_submit": False, "list": _subtitles(video)},
        "user_garb": {"url_image_ani_cut": ""},
        "honor_reply": {},
        "like_icon": "",
        "need_jump_bv": False,
        "disable_show_up_info": False,
        "is_story_play": 1,
        "is_view_self": False,
    }
    _specialise(world, video, creator, data)
    return data


def pages_of(video: Video) -> list[dict[str, Any]]:
    """The parts as view and pagelist give them."""
    width, height = (1080, 1920) if video.hash % 9 == 4 else (1920, 1080)
    pages = []
    for place, cid in enumerate(video.cids, start=1):
        rotated = video.parts > 1 and place == specials.ROTATED_PART
        title = video.title if video.parts == 1 else f"P{place} {words(video.hash >> place, 2)}"
        pages.append(
            {
                "cid": cid,
                "page": place,
                "from": "vupload",
                "part": title,
                "duration": video.duration,
                "vid": "",
                "weblink": "",
                "dimension": {"width": width, "height": height, "rotate": int(rotated)},
                "first_frame": f"http://i{place % 3}.hdslb.com/bfs/storyff/{hex_of(cid)}_firsti.jpg",
                "ctime": video.created - 3600,
            }
        )
    return pages


def owner(creator: Creator) -> dict[str, Any]:
    """The short form of a creator."""
    return {"mid": creator.mid, "name": creator.name, "face": face(creator)}


def face(creator: Creator) -> str:
    """The address of the creator's picture."""
    return f"https://i{creator.hash % 3}.hdslb.com/bfs/face/{hex_of(creator.mid)}{creator.hash & 0xFFFFFFFF:08x}.jpg"


def rights(kind: str) -> dict[str, int]:
    """What may be done with a work."""
    known = {"download": 1, "hd5": 1, "no_reprint": 1, "autoplay": 1}
    known |= {"is_cooperation": int(kind == "coop"), "is_stein_gate": int(kind == "interactive")}
    return {name: known.get(name, 0) for name in RIGHTS.split()}


def stat(world: World, video: Video) -> dict[str, Any]:
    """The counters of a work."""
    views = plays(video)
    return {
        "aid": video.aid,
        "view": views,
        "danmaku": danmaku(video),
        "reply": world.all_comments(video),
        "favorite": views // 31,
        "coin": views // 47,
        "share": views // 211,
        "now_rank": 0,
        "his_rank": video.hash % 100 if views > 1_900_000 else 0,
        "like": views // 17,
        "dislike": 0,
        "evaluation": "",
        "vt": 0,
    }


def _subtitles(video: Video) -> list[dict[str, Any]]:
    """The generated subtitle of every fourth work, without an address as for anonymous callers."""
    if video.hash & 12:
        return []
    number = 1_000_000_000_000_000_000 + video.hash % 10**17
    entry = {
        "id": number,
        "lan": "ai-zh",
        "lan_doc": "中文（自动生成）",
        "is_lock": False,
        "subtitle_url": "",
        "type": 1,
    }
    author = {"mid": 0, "name": "", "sex": "", "face": "", "sign": "", "rank": 0, "birthday": 0}
    return [{**entry, "id_str": str(number), "ai_type": 0, "ai_status": 2, "author": author}]


def _specialise(world: World, video: Video, creator: Creator, data: dict[str, Any]) -> None:
    kind = video.kind
    if kind == "charging":
        data.update(is_upower_exclusive=True, is_upower_preview=True)
    elif kind == "redirect":
        data["redirect_url"] = REDIRECT_URL
    elif kind == "forward":
        data["forward"] = world.video(0, 0).aid
    elif kind == "coop":
        data["staff"] = [staff(creator, "UP主"), staff(world.creator(0), "剪辑")]
    elif kind == "season":
        data.update(ugc_season=_season(world, video, creator), is_season_display=True)
    elif kind == "null_desc_v2":
        data["desc_v2"] = None
    elif kind == "old_view":
        for name in OLD_GONE.split():
            del data[name]
        data.update(bvid="", attribute=16793984)
        for page in data["pages"]:
            del page["first_frame"], page["ctime"]


def staff(creator: Creator, title: str) -> dict[str, Any]:
    """One of several makers."""
    vip = {"type": 2, "status": 1, "vip_pay_type": 0, "theme_type": 0}
    official = {"role": 0, "title": "", "desc": "", "type": -1}
    return {**owner(creator), "title": title, "vip": vip, "official": official, "follower": creator.hash % 1_000_000}


def _season(world: World, video: Video, creator: Creator) -> dict[str, Any]:
    season = {"season_id": SEASON_ID, "section_id": 3_500_001}
    works = [video, world.video(0, 0)]
    episodes = [
        {
            **season,
            "id": 90_000_001 + place,
            "aid": work.aid,
            "cid": work.cid,
            "title": work.title,
            "arc": {"aid": work.aid, "pic": cover(work), "title": work.title, "duration": work.duration},
            "page": pages_of(work)[0],
            "bvid": work.bvid,
        }
        for place, work in enumerate(works)
    ]
    section = {"season_id": SEASON_ID, "id": 3_500_001, "title": "正片", "type": 1, "episodes": episodes}
    return {
        "id": SEASON_ID,
        "title": "合集",
        "cover": cover(video),
        "mid": creator.mid,
        "intro": "",
        "sign_state": 0,
        "attribute": 140,
        "sections": [section],
        "stat": {"season_id": SEASON_ID, "view": 1000, "danmaku": 10, "reply": 5, "fav": 7, "coin": 3, "share": 1},
        "ep_count": len(works),
        "season_type": 1,
        "is_pay_season": False,
    }
