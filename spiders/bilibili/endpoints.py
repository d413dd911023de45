"""The internal APIs of Bilibili that are known. To add one, add a row, a parser and a fixture."""

import json
from collections.abc import Mapping
from typing import Any

from scraper.endpoint import END, Context, Cursor, Endpoint, Extra, Follow, Param, Route, Turn
from scraper.outcomes import Outcome
from scraper.read import MissingError, dig, ident, integer, obj, objs
from scraper.targets import Target
from spiders.bilibili import parse, parse_comment, parse_part, parse_user, streams
from spiders.bilibili.ids import AV, BV, PLATFORM, aid_of, canonical

API = "https://api.bilibili.com"
ROUTER = "/api/bilibili/web"
_MODES = {"hot": 3, "time": 2}
_VIDEO_COMMENTS = 1  # the type of a comment area
_LARGEST_PAGE, _PAGE, _REPLIES = 50, 30, 20

# Ordinary parameters of a web player without WebGL; any short text is taken. Wire contract, section 4.2.
DM_IMG = {
    "dm_img_list": "[]",
    "dm_img_str": "bm8gd2ViZ2",
    "dm_cover_img_str": "bm8gd2ViZ2",
    "dm_img_inter": '{"ds":[],"wh":[0,0,0],"of":[0,0,0]}',
}
VOLATILE = frozenset({"wts", "w_rid", *DM_IMG})

_BV = Param(name="bv_id", regex=rf"(?:{BV}|{AV})", example="BV1L9Uoa9EUx", kind="video", make=canonical)
_P = Param(
    name="p",
    regex=r"[1-9]\d{0,3}",
    example="2",
    kind="video",
    narrows="p",
    optional=True,
    make=lambda p: p if p != "1" else "",
)
_UID = Param(name="uid", regex=r"\d{1,16}", example="100200300", kind="user", make=lambda uid: str(int(uid)))
_CID = Param(name="cid", regex=r"\d{1,16}", example="25000000001", kind="video", narrows="cid", optional=True)
_PN = Param(name="pn", regex=r"[1-9]\d{0,5}", example="1", cursor=True)


def _video_page(target: Target) -> str:
    return f"https://www.bilibili.com/video/{target.get('video') or target.id}/"


def _by_bvid(context: Context) -> Mapping[str, Any]:
    return {"bvid": context.target.id}


def _space_page(target: Target) -> str:
    return f"https://space.bilibili.com/{target.id}/video"


def _playurl(record: Any, context: Context, **more: Any) -> Mapping[str, Any] | None:
    """Return what asks for streams; a session without a login sees more of them with `try_look`."""
    if not streams.has_cid(record):
        return None
    cid = record.alt_ids["cid"] if hasattr(record, "alt_ids") else record.cid
    asked = {
        "bvid": record.video_id,
        "cid": cid,
        "otype": "json",
        "fnver": 0,
        "web_location": 1315873,
        **more,
        **DM_IMG,
    }
    return asked if context.logged_in else {**asked, "try_look": 1}


def _streams(required: bool) -> list[Extra]:
    """Return the two requests that a part's streams take: DASH in every quality, and one file with sound."""
    url = f"{API}/x/player/wbi/playurl"
    return [
        Extra(
            name="dash", url=url, signed=True, referer=_video_page, add=streams.add_dash, required=required,
            query=lambda record, context: _playurl(record, context, qn=127, fnval=4048, fourk=1, platform="pc"),
            fills=lambda record: ["video_data"],
        ),
        Extra(
            name="mp4", url=url, signed=True, referer=_video_page, add=streams.add_mp4,
            query=lambda record, context: _playurl(record, context, qn=80, fnval=1, platform="html5", high_quality=1),
            fills=lambda record: ["video_data.nwm_video_url"] if record.video_data else [],
        ),
    ]  # fmt: skip


def _counting(pages: Any, cursor: str, came: list[Any], asked: int) -> Turn:
    """Return what follows a numbered page: its end is told by the total, and by nothing else.

    :param asked: the size of a page that was asked for, where the answer does not say its own
    """
    number, declared = int(cursor or 1), integer(dig(pages, "count"))
    size = integer(dig(pages, "ps", dig(pages, "size", asked))) or 0
    if declared is None or size < 1:
        return Turn(stop=Outcome.UPSTREAM_CHANGED, message="data.page.count is missing in the answer")
    if not came and (number - 1) * size < declared:
        said = f"page {number} came empty, though {declared} were declared"
        return Turn(stop=Outcome.INCOMPLETE, message=said, retry=True)
    if number * size < declared or (len(came) >= size > 0 and number * size > declared):  # more came than was declared
        return Turn(cursor=str(number + 1))
    return END


def _posts_turn(data: Any, context: Context, cursor: str) -> Turn:
    return _counting(dig(data, "data.page"), cursor, _posts(data), _posts_size(context))


def _posts_size(context: Context) -> int:
    return min(context.count or _PAGE, _LARGEST_PAGE)


def _posts(data: Any) -> list[Any]:
    found = dig(data, "data.list")
    if not isinstance(found, dict) or not isinstance(found.get("vlist") or [], list):
        raise MissingError("data.list.vlist")
    return found.get("vlist") or []


_WALL = Turn(
    stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="further comments are shown to logged-in sessions only"
)


def _comments_turn(data: Any, context: Context, cursor: str) -> Turn:
    """The list ends at `is_end` alone. Without comments before that, it is the wall for sessions without a login."""
    at_end = dig(data, "data.cursor.is_end")
    if at_end is True or at_end == 1:
        return END
    if dig(data, "data.replies") is None:
        return _WALL
    if at_end is None:
        return Turn(stop=Outcome.UPSTREAM_CHANGED, message="data.cursor.is_end is missing in the answer")
    offset = dig(data, "data.cursor.pagination_reply.next_offset")
    if isinstance(offset, str) and offset:
        return Turn(cursor=offset)
    following = integer(dig(data, "data.cursor.next"))
    if following:
        return Turn(cursor=_offset(following, context.sort))
    return Turn(
        stop=Outcome.UPSTREAM_CHANGED, message="data.cursor.pagination_reply.next_offset is missing in the answer"
    )


def _offset(following: int, sort: str) -> str:
    """Return the offset that the number of a page stands for. The capital D of the second is the platform's."""
    if sort == "hot":
        return json.dumps({"type": 1, "direction": 1, "data": {"pn": following}}, separators=(",", ":"))
    return json.dumps({"type": 3, "direction": 1, "Data": {"cursor": following}}, separators=(",", ":"))


def _comments(data: Any) -> list[Any]:
    """Return a page's comments, the pinned ones first and marked, each once: a pinned one stands in several places."""
    page = dig(data, "data")
    if not isinstance(page, dict) or not isinstance(page.get("replies") or [], list):
        raise MissingError("data.replies")
    top, upper = obj(page.get("top")), obj(page.get("upper"))
    pinned = [
        *objs(page.get("top_replies")),
        *(obj(each) for each in (top.get("upper"), top.get("admin"), upper.get("top"))),
    ]
    marked = [{**each, parse_comment.PINNED: True} for each in pinned if each] + [
        {**each, parse_comment.HOT: True} for each in objs(page.get("hots"))
    ]
    first: dict[Any, dict[str, Any]] = {}
    for place, each in enumerate(marked):
        first.setdefault(ident(each.get("rpid")) or place, each)
    others = [each for each in page.get("replies") or [] if ident(obj(each).get("rpid")) not in first]
    return [*first.values(), *others]


def _replies_turn(data: Any, context: Context, cursor: str) -> Turn:
    if dig(data, "data.page.size") == 0 and not _replies(data):  # a skeleton of zeros is no empty list
        return _WALL
    return _counting(dig(data, "data.page"), cursor, _replies(data), _replies_size(context))


def _replies_size(context: Context) -> int:
    return min(context.count or _REPLIES, _REPLIES)


def _replies(data: Any) -> list[Any]:
    page = dig(data, "data")
    if not isinstance(page, dict) or not isinstance(page.get("replies") or [], list):
        raise MissingError("data.replies")
    return page.get("replies") or []


def _replied(comment: Any, given: str) -> list[Target]:
    if comment.depth or not comment.reply_count:
        return []
    return [Target("comment", comment.comment_id, given, (("video", comment.video_id),), PLATFORM)]


def _video(video: Any, given: str) -> list[Target]:
    return [Target("video", video.video_id, given, (), PLATFORM)]


ENDPOINTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_one_video", kind="video", record="video", natural=True, login="more",
        summary="a video with its counts, parts and streams", params=[_BV, _P],
        routes=[Route(url=f"{API}/x/web-interface/view", query=_by_bvid, parse=parse.parse_view, serves=parse.has_part, referer=_video_page)],
        extras=_streams(required=False),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_playurl", kind="video", record="stream_set", login="more",
        summary="the streams of one part (cid), or of every part", params=[_BV, _CID],
        routes=[Route(url=f"{API}/x/player/pagelist", query=_by_bvid, parse=parse_part.parse_stream_part, referer=_video_page)],
        seed=parse_part.seed_stream_part, extras=_streams(required=True),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_parts", kind="video", record="part", params=[_BV], summary="the parts of a video",
        routes=[Route(url=f"{API}/x/player/pagelist", query=_by_bvid, parse=parse_part.parse_part, referer=_video_page)],
    ),
    Endpoint(
        router=f"{ROUTER}/bv_to_aid", kind="video", record="id", params=[_BV],
        summary="the av number of a BV code, without a request", seed=parse_part.seed_aid,
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_profile", kind="user", record="author", login="more", params=[_UID],
        summary="a creator's profile and counts",
        routes=[
            Route(
                url=f"{API}/x/space/wbi/acc/info", referer=_space_page, signed=True, parse=parse_user.parse_author,
                query=lambda context: {"mid": context.target.id, "token": "", "platform": "web", "web_location": 1550101, **DM_IMG},
            )
        ],
        extras=[
            Extra(
                name="relation", url=f"{API}/x/relation/stat", query=lambda record, context: {"vmid": record.uid}, add=parse_user.add_relation,
                fills=lambda record: ["statistics.follower_count", "statistics.following_count"], referer=_space_page,
            ),
            Extra(
                name="numbers", url=f"{API}/x/space/navnum", query=lambda record, context: {"mid": record.uid}, add=parse_user.add_numbers,
                fills=lambda record: ["statistics.video_count", "statistics.article_count", "statistics.audio_count", "statistics.mix_count"],
                referer=_space_page,
            ),
            Extra(
                name="totals", url=f"{API}/x/space/upstat", query=lambda record, context: {"mid": record.uid}, add=parse_user.add_totals,
                fills=lambda record: ["statistics.total_favorited", "statistics.play_total"], login=True, referer=_space_page,
            ),
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_user_post_videos", kind="user", record="video", natural=True, listing="profile", params=[_UID, _PN],
        summary="all videos of a creator, newest first",
        routes=[
            Route(
                url=f"{API}/x/space/wbi/arc/search", referer=_space_page, signed=True,
                query=lambda context: {
                    "mid": context.target.id, "ps": _posts_size(context), "tid": 0, "keyword": "", "order": "pubdate",
                    "order_avoided": "true", "platform": "web", "web_location": "333.1387", "special_type": "", "index": 0, **DM_IMG,
                },
                raw=_posts, path="data.list.vlist", parse=parse.parse_listed_video,
            )
        ],
        cursor=Cursor(send=lambda cursor, context: {"pn": cursor or 1}, turn=_posts_turn, total="data.page.count", exact=True),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_comments", kind="video", record="comment", sorted=True, login="more",
        summary="the comments of a video, hot or newest first",
        params=[
            _BV,
            Param(name="pn", regex=r"[1-9]\d{0,5}", example="1", cursor=True, make=lambda pn: _offset(int(pn), "hot") if pn != "1" else ""),
            Param(name="cursor", regex=r"(?s).{1,2000}", example='{"type":1,"direction":1,"data":{"pn":2}}', cursor=True),
        ],
        routes=[
            Route(
                url=f"{API}/x/v2/reply/wbi/main", referer=_video_page, signed=True,
                query=lambda context: {
                    "oid": aid_of(context.target.id), "type": _VIDEO_COMMENTS, "mode": _MODES[context.sort], "plat": 1, "web_location": 1315875,
                },
                raw=_comments, path="data.replies", parse=parse_comment.parse_comment,
            )
        ],
        cursor=Cursor(
            send=lambda cursor, context: {
                "pagination_str": json.dumps({"offset": cursor}, separators=(",", ":"), ensure_ascii=False),
                "seek_rpid": None if cursor else "",
            },
            turn=_comments_turn, total="data.cursor.all_count",
        ),
        follow=Follow(name="comments", record="video", targets=_video, declared=lambda video: video.statistics.comment_count),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_comment_reply", kind="comment", record="comment", summary="the replies to a comment",
        params=[
            Param(name="bv_id", regex=rf"(?:{BV}|{AV})", example="BV1L9Uoa9EUx", kind="comment", narrows="video", make=canonical),
            Param(name="rpid", regex=r"\d{1,20}", example="250000000001", kind="comment"),
            _PN,
        ],
        routes=[
            Route(
                url=f"{API}/x/v2/reply/reply", referer=_video_page,
                query=lambda context: {
                    "type": _VIDEO_COMMENTS, "oid": aid_of(context.target.get("video")), "root": context.target.id,
                    "ps": _replies_size(context),
                },
                raw=_replies, path="data.replies", parse=parse_comment.parse_comment,
            )
        ],
        cursor=Cursor(send=lambda cursor, context: {"pn": cursor or 1}, turn=_replies_turn, total="data.page.count", exact=True),
        follow=Follow(
            name="replies", record="comment", targets=_replied, declared=lambda comment: comment.reply_count, implies=["comments"],
        ),
    ),
]  # fmt: skip
