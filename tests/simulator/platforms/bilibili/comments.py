"""The comment routes: the lazy list, the paged list and the replies of one comment."""

from __future__ import annotations

from typing import Any

import orjson

from tests.simulator import specials
from tests.simulator.messages import Answer, Request, whole
from tests.simulator.platforms.bilibili import envelope, remarks
from tests.simulator.platforms.bilibili.gate import Gate
from tests.simulator.randomness import mix
from tests.simulator.world import Video, World

PAGE = 20
MOST = 49
HOT, TIME = 3, 2
NAMES = {HOT: "热门评论", TIME: "最新评论"}
CONFIG = {"showtopic": 1, "show_up_flag": True, "read_only": False}
CONTROL = {"input_disable": False, "root_input_text": "发一条友善的评论", "web_selection": False, "bg_text": ""}


def lazy(world: World, gate: Gate, request: Request) -> Answer:
    """The list that is scrolled through with an opaque offset."""
    video = _area(world, request)
    if isinstance(video, Answer):
        return video
    mode = TIME if request.query.get("mode") == "2" else HOT
    total = world.comments(video)
    start = _start(request.query, mode, total)
    if start is None:
        return envelope.refusal(-400)
    if start and not gate.logged_in(request):
        return envelope.ok(_wall())
    shown = _roots(world, video, mode, start)
    data: dict[str, Any] = {
        "cursor": _cursor(world, video, mode, start),
        "replies": shown or ([] if not total else None),
    }
    top = _pinned(world, video) if start == 0 else None
    data["top"] = {"admin": None, "upper": top, "vote": None}
    data["top_replies"] = [top] if top else None
    return envelope.ok(data | _around(video))


def paged(world: World, gate: Gate, request: Request) -> Answer:
    """The older list with page numbers."""
    video = _area(world, request)
    if isinstance(video, Answer):
        return video
    number, size = _page(request.query)
    if not number or not size:
        return envelope.refusal(-400)
    if number > 1 and not gate.logged_in(request):
        page = {"num": 0, "size": 0, "count": 0, "acount": 0}
        return envelope.ok({"page": page, "replies": None, "hots": None, "upper": {"mid": 0}, "mode": 0})
    mode = TIME if request.query.get("sort", "0") == "0" else HOT
    count = world.comments(video)
    shown = _roots(world, video, mode, (number - 1) * size, size)
    page = {"num": number, "size": size, "count": count, "acount": world.all_comments(video)}
    upper = {"mid": video.mid, "top": _pinned(world, video) if number == 1 else None, "vote": None}
    data = {"page": page, "replies": shown or None, "hots": None, "mode": mode, "support_mode": [1, 2, 3], "top": None}
    return envelope.ok(_around(video) | data | {"upper": upper})


def replies(world: World, request: Request) -> Answer:
    """The replies of one root comment; every page is open to everyone."""
    video = _area(world, request)
    if isinstance(video, Answer):
        return video
    number, size = _page(request.query)
    if not number or not size:
        return envelope.refusal(-400)
    rpid = whole(request.query.get("root")) or 0
    index = world.comment_of(video, rpid)
    if index is None:
        return envelope.refusal(12022)
    count = world.replies_at(video, index)
    places = range((number - 1) * size, min(number * size, count))
    shown = [remarks.reply(world, video, rpid, place) for place in places]
    page = {"num": number, "size": size, "count": count}
    root = remarks.root(world, video, index, nested=False)
    data = {"page": page, "replies": shown or None, "root": root, "show_bvid": True}
    return envelope.ok(_around(video) | data)


def first_page(world: World, video: Video) -> list[dict[str, Any]]:
    """The hottest comments of a work."""
    return _roots(world, video, HOT, 0)


def _area(world: World, request: Request) -> Video | Answer:
    query = request.query
    if query.get("type") != "1":
        return envelope.refusal(-400 if whole(query.get("type")) is None else 12009)
    oid = whole(query.get("oid"))
    if oid is None:
        return envelope.refusal(-400)
    video = world.video_by_aid(oid)
    if video is None or video.kind in specials.HIDDEN:
        return envelope.refusal(-404)
    code = specials.COMMENTS_CLOSED.get(video.kind)
    return video if code is None else envelope.refusal(code)


def _page(query: dict[str, str]) -> tuple[int, int]:
    number, size = whole(query.get("pn", "1")), whole(query.get("ps", str(PAGE)))
    if not number or not size or size > MOST:
        return 0, 0
    return number, min(size, PAGE)


def _start(query: dict[str, str], mode: int, total: int) -> int | None:
    """Where the asked page starts, or None if the offset is none that was handed out."""
    following = whole(query.get("next"))
    if following:
        return _place(following, mode, total)
    try:
        offset = orjson.loads(query.get("pagination_str") or '{"offset":""}')["offset"]
        if not offset:
            return 0
        inner = orjson.loads(offset)
        return _place(int(inner["data"]["pn"] if mode == HOT else inner["Data"]["cursor"]), mode, total)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def _place(following: int, mode: int, total: int) -> int | None:
    place = (following - 1) * PAGE if mode == HOT else total + 1 - following
    return place if 0 <= place < 2**31 else None


def _roots(world: World, video: Video, mode: int, start: int, size: int = PAGE) -> list[dict[str, Any]]:
    total = world.comments(video)
    sort = "time" if mode == TIME else "hot"
    places = range(start, min(start + size, total))
    return [remarks.root(world, video, world.comment_index(video, place, sort, total)) for place in places]


def _cursor(world: World, video: Video, mode: int, start: int) -> dict[str, Any]:
    total = world.comments(video)
    # A longer list that fills its last page is known to end only by the empty page behind it.
    last = start + PAGE > total or total <= PAGE
    if mode == HOT:
        number = start // PAGE + 2
    else:
        number = max(0, total - start - PAGE) + 1
    session = str(1_700_000_000_000_000 + mix(world.seed, video.number) % 10**12)
    head = {"type": 1 if mode == HOT else 3, "direction": 1, "session_id": session}
    where = {"data": {"pn": number}} if mode == HOT else {"Data": {"cursor": number}}
    following = {} if last else {"next_offset": orjson.dumps(head | where).decode()}
    return {
        "is_begin": start == 0,
        "prev": 0 if start == 0 else start // PAGE,
        "next": 0 if last else number,
        "is_end": last,
        "mode": mode,
        "mode_text": "",
        "all_count": world.all_comments(video),
        "support_mode": [2, 3],
        "name": NAMES[mode],
        "pagination_reply": following,
        "session_id": session,
    }


def _pinned(world: World, video: Video) -> dict[str, Any] | None:
    rpid = world.pinned(video)
    index = None if rpid is None else world.comment_of(video, rpid)
    return None if index is None else remarks.root(world, video, index)


def _around(video: Video) -> dict[str, Any]:
    area = {"upper": {"mid": video.mid}, "config": CONFIG, "control": CONTROL, "hots": None, "notice": None}
    return {**area, "assist": 0, "blacklist": 0, "vote": 0, "note": 1}


def _wall() -> dict[str, Any]:
    """What an anonymous caller gets instead of the second page: nothing, without an end."""
    cursor = {"is_begin": False, "prev": 0, "next": 0, "is_end": False, "mode": 0, "mode_text": "", "all_count": 0}
    cursor |= {"support_mode": None, "name": "", "session_id": ""}
    area = {"upper": {"mid": 0}, "top": None, "top_replies": None, "hots": None, "notice": None}
    return {"cursor": cursor, "replies": None, **area, "assist": 0, "blacklist": 0, "vote": 0, "note": 0}
