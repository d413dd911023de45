"""Folders, seasons, series, and what is broadcast."""

from __future__ import annotations

from typing import Any

from tests.simulator.messages import Answer, Request, json_answer, whole
from tests.simulator.platforms.bilibili import envelope, users, work
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.platforms.bilibili.listing import cover, danmaku, description, plays
from tests.simulator.randomness import words
from tests.simulator.world import Creator, Video, World
from tests.simulator.worlds import bilibili as shelves
from tests.simulator.worlds.bilibili import Folder

MOST_SAVED, MOST_ARCHIVES, MOST_LISTS = 20, 100, 20
GONE = "已失效视频"


def folders(world: World, gate: Gate, request: Request) -> Answer:
    """All folders of a user that may be seen; nothing at all of one who hides them, or is gone."""
    creator = users.whose(world, request.query.get("up_mid", ""))
    if creator is None or creator.kind == "odd_user":
        return envelope.ok(None)
    shown = (
        []
        if creator.kind
        else [folder for folder in world.library.folders(creator) if _is_shown(folder, gate, request)]
    )
    return envelope.ok({"count": len(shown), "list": [_folder(world, folder) for folder in shown], "season": None})


def saved(world: World, gate: Gate, request: Request) -> Answer:
    """One page of a folder."""
    number, (page, size) = whole(request.query.get("media_id")), _page(request, "pn", "ps", MOST_SAVED)
    if number is None or not size:
        return envelope.refusal(-400)
    folder = world.library.folder_of(number)
    if folder is None:
        return envelope.refusal(11010)
    if not _is_shown(folder, gate, request):
        return envelope.refusal(-403)
    every = world.library.saved(folder)
    items = [_media(world, video, (page - 1) * size + place) for place, video in enumerate(_cut(every, page, size))]
    info = {
        **_folder(world, folder),
        "cover": cover(every[0]),
        "upper": {"mid": folder.owner.mid, "name": folder.owner.name, "face": work.face(folder.owner)},
        "cnt_info": {"collect": 3, "play": 100, "thumb_up": 5, "share": 1},
        "ctime": 1_700_000_000,
        "mtime": 1_700_000_500,
    }
    return envelope.ok({"info": info, "medias": items or None, "has_more": page * size < len(every), "ttl": 1})


def lists(world: World, request: Request) -> Answer:
    """The seasons and series of a user."""
    creator = users.whose(world, request.query.get("mid", ""))
    page, size = _page(request, "page_num", "page_size", MOST_LISTS)
    if not size:
        return envelope.refusal(-400)
    shown = (
        []
        if creator is None or creator.kind or page > 1
        else [(shelves.FIRST_SEASON, "season"), (shelves.FIRST_SERIES, "series")]
    )
    shown_lists = {kind: [_list(world, creator, first + creator.number, kind)] for first, kind in shown}
    total = {"page_num": page, "page_size": size, "total": 0 if creator is None or creator.kind else 2}
    return envelope.ok(
        {
            "items_lists": {
                "page": total,
                "seasons_list": shown_lists.get("season", []),
                "series_list": shown_lists.get("series", []),
            }
        }
    )


def season(world: World, request: Request) -> Answer:
    """One page of a season, oldest first."""
    number, (page, size) = whole(request.query.get("season_id")), _page(request, "page_num", "page_size", MOST_ARCHIVES)
    creator = None if number is None else world.library.season_owner(number)
    if creator is None or not size:
        return envelope.refusal(-404 if size else -400)
    every = world.library.collected(creator)[::-1]
    shown = _cut(every, page, size)
    meta = _about(creator, number or 0, "season", len(every))
    pages = {"page_num": page, "page_size": size, "total": len(every)}
    return envelope.ok(
        {
            "aids": [video.aid for video in shown],
            "archives": [_archive(video) for video in shown],
            "meta": meta,
            "page": pages,
        }
    )


def series(world: World, request: Request) -> Answer:
    """One page of a series, newest first; whose it is has to be said, else it holds nothing."""
    number, (page, size) = whole(request.query.get("series_id")), _page(request, "pn", "ps", MOST_ARCHIVES)
    creator = None if number is None else world.library.season_owner(number, shelves.FIRST_SERIES)
    if not size:
        return envelope.refusal(-400)
    is_whole = creator is not None and request.query.get("mid") == str(creator.mid)
    every = world.library.collected(creator) if creator is not None and is_whole else []
    shown = _cut(every, page, size)
    pages = {"num": page, "size": size, "total": len(every)}
    return envelope.ok(
        {"aids": [video.aid for video in shown], "page": pages, "archives": [_archive(video) for video in shown]}
    )


def about_series(world: World, request: Request) -> Answer:
    """What a series is; nothing of one that does not exist."""
    number = whole(request.query.get("series_id"))
    creator = None if number is None else world.library.season_owner(number, shelves.FIRST_SERIES)
    if creator is None:
        return envelope.ok({"meta": None, "recent_aids": []})
    videos = world.library.collected(creator)
    meta = {"series_id": number, "mid": creator.mid, "name": "样例系列", "total": len(videos)}
    return envelope.ok({"meta": meta, "recent_aids": [video.aid for video in videos[:3]]})


def media(request: Request) -> Answer:
    """Which broadcast season a media number stands for."""
    if whole(request.query.get("media_id")) != shelves.MEDIA:
        return envelope.refusal(-404)
    return _result({"media": {"media_id": shelves.MEDIA, "season_id": shelves.SEASON, "title": "样例番剧"}})


def broadcast(world: World, request: Request) -> Answer:
    """A broadcast season with its episodes, named by its own number or by that of one of them."""
    number, episode = whole(request.query.get("season_id")), whole(request.query.get("ep_id"))
    if number == shelves.GEO_SEASON:
        return json_answer({"code": -10403, "message": "抱歉您所在地区不可观看！"})
    if number == shelves.VIP_SEASON:
        return json_answer({"code": -10403, "message": "大会员专享限制"})
    is_episode = episode is not None and 0 <= episode - shelves.FIRST_EPISODE < shelves.EPISODES
    if number != shelves.SEASON and not is_episode:
        return envelope.refusal(-404)
    episodes = [_episode(episode, place) for place, episode in enumerate(world.library.episodes())]
    made = {
        "season_id": shelves.SEASON,
        "media_id": shelves.MEDIA,
        "title": "样例番剧",
        "season_title": "第一季",
        "cover": "http://i0.hdslb.com/bfs/bangumi/image/0a.png",
        "evaluate": words(world.seed, 5),
        "type": 1,
        "total": -1,
        "status": 2,
        "episodes": episodes,
        "section": [{"id": 1, "title": "PV", "type": 1, "episodes": []}],
        "stat": {"views": 1000, "likes": 50, "favorites": 70, "share": 3, "reply": 9, "danmakus": 20},
        "rating": {"score": 9.1, "count": 100},
    }
    return _result(made)


def _result(result: Any) -> Answer:
    return json_answer({"code": 0, "message": "success", "result": result})


def _page(request: Request, name: str, of: str, most: int) -> tuple[int, int]:
    """The page that is asked for and its size, 0 where either is not taken."""
    number, size = whole(request.query.get(name, "1")), whole(request.query.get(of, str(most)))
    return (number, size) if number and size and size <= most else (0, 0)


def _cut(every: list[Video], page: int, size: int) -> list[Video]:
    return every[(page - 1) * size : page * size]


def _is_shown(folder: Folder, gate: Gate, request: Request) -> bool:
    return not folder.private or gate.logged_in(request)


def _folder(world: World, folder: Folder) -> dict[str, Any]:
    return {
        "id": folder.number,
        "fid": folder.number // 100,
        "mid": folder.owner.mid,
        "attr": 22 + int(folder.private),
        "title": f"{words(folder.owner.hash + folder.place, 2)}",
        "fav_state": 0,
        "media_count": len(world.library.saved(folder)),
    }


def _media(world: World, video: Video, place: int) -> dict[str, Any]:
    creator = world.creator_of(video.mid)
    assert creator is not None
    is_gone = place % shelves.GONE_EVERY == shelves.GONE_EVERY - 1
    return {
        "id": video.aid,
        "type": 2,
        "title": GONE if is_gone else video.title,
        "cover": cover(video),
        "intro": description(video),
        "page": video.parts,
        "duration": video.duration,
        "upper": work.owner(creator),
        "attr": 9 if is_gone else 0,
        "cnt_info": {"collect": plays(video) // 31, "play": plays(video), "danmaku": danmaku(video)},
        "link": f"bilibili://video/{video.aid}",
        "ctime": video.created - 3600,
        "pubtime": video.created,
        "fav_time": video.created + 999,
        "bv_id": video.bvid,
        "bvid": video.bvid,
        "season": None,
        "ugc": {"first_cid": video.cid},
    }


def _archive(video: Video) -> dict[str, Any]:
    return {
        "aid": video.aid,
        "bvid": video.bvid,
        "ctime": video.created - 3600,
        "duration": video.duration,
        "enable_vt": False,
        "interactive_video": False,
        "pic": cover(video),
        "playback_position": 0,
        "pubdate": video.created,
        "stat": {"view": plays(video), "vt": 0},
        "state": 0,
        "title": video.title,
        "ugc_pay": 0,
        "vt_display": "",
    }


def _about(creator: Creator, number: int, kind: str, total: int) -> dict[str, Any]:
    return {
        "category": 0,
        "cover": "https://archive.biliimg.com/bfs/archive/0123456789abcdef.jpg",
        "description": words(creator.hash, 3),
        "mid": creator.mid,
        "name": f"{creator.name}的{kind}",
        "ptime": 1_790_000_000,
        f"{kind}_id": number,
        "total": total,
    }


def _list(world: World, creator: Creator, number: int, kind: str) -> dict[str, Any]:
    every = world.library.collected(creator)
    shown = every[:3]
    return {
        "archives": [_archive(video) for video in shown],
        "meta": _about(creator, number, kind, len(every)),
        "recent_aids": [video.aid for video in shown],
    }


def _episode(video: Video, place: int) -> dict[str, Any]:
    number = shelves.FIRST_EPISODE + place
    return {
        "id": number,
        "aid": video.aid,
        "bvid": video.bvid,
        "cid": video.cid,
        "title": str(place + 1),
        "long_title": video.title,
        "cover": cover(video),
        "duration": video.duration * 1000,
        "pub_time": video.created,
        "badge": "会员" if place % 2 else "",
        "status": 13 if place % 2 else 2,
        "share_url": f"https://www.bilibili.com/bangumi/play/ep{number}",
        "link": f"https://www.bilibili.com/bangumi/play/ep{number}",
        "dimension": {"width": 1920, "height": 1080, "rotate": 0},
        "section_type": 0,
    }
