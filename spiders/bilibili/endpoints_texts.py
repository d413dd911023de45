"""Endpoints of danmaku and subtitles."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import END, SIZE_OF_PLATFORM, Context, Endpoint, Extra, Follow, NextPage, Pagination, Param, Route
from scraper.platform.targets import Target
from scraper.records import Video
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, flag, integer, objs
from spiders.bilibili import danmaku, parse_texts, parts
from spiders.bilibili.endpoints_common import API, CID, PART, PN, ROUTER, VIDEO, by_bvid, video_page
from spiders.bilibili.ids import NUMBER, PLATFORM, aid_of, canonical
from spiders.bilibili.shapes import PartList

_SEGMENT_MS = 360_000
_MOST_SEGMENTS = 1000  # per part: a longer duration is considered wrong
_MOST_EMPTY = 10_000  # long videos may have long stretches without danmaku
_CUT = "cut"  # suffix of a cursor after a truncated part
_SEGMENTS_URL, _XML_URL = f"{API}/x/v2/dm/wbi/web/seg.so", f"{API}/x/v1/dm/list.so"
_PARTIAL = NextPage(stop=Outcome.INCOMPLETE, message="Bilibili truncated the danmaku; logged-in sessions get more")
_FOREIGN = NextPage(stop=Outcome.UPSTREAM, message="Bilibili answered with the subtitles of another video", retry=True)
_WALL = NextPage(stop=Outcome.LOGIN_REQUIRED, message="subtitles need a login", login_marker=True)


def _page(target: Target) -> str:
    """Return the page of a video, or the home page if only the part is known."""
    return video_page(target) if canonical(target.id) else "https://www.bilibili.com/"


def _parts_route() -> Route:
    return Route(
        name="parts", url=f"{API}/x/player/pagelist", query=by_bvid, referer=video_page, is_available=parts.are_unknown,
        shape=PartList, lookup=parts.lookup,
    )  # fmt: skip


def _whole(video: Video, given: str) -> list[Target]:
    """Return the video as a target, with the parts that its record names."""
    bvid = canonical(video.video_id)
    return [Target("video", bvid, given, (), PLATFORM, parts.hints(video))] if bvid else []


def _send(cursor: str, context: Context) -> Mapping[str, Any]:
    """Return the query for a segment. The XML form needs only `oid`."""
    part, segment = parse_texts.place_of(cursor)
    known = parts.of(context.target)
    video = canonical(context.target.id)
    return {
        "type": 1, "oid": known[part].cid if part < len(known) else None, "pid": aid_of(video) if video else None,
        "segment_index": segment + 1,
    }  # fmt: skip


def _elements(data: Any) -> list[Any]:
    """Return the danmaku of a page. Without danmaku, Bilibili may answer 304 without content."""
    if data is None:
        return []
    if not isinstance(data, dict) or not isinstance(data.get("elems"), list):
        raise MissingError("elems")
    return data["elems"]


def _danmaku_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Walk the six-minute segments of each part. Truncated parts are reported at the end."""
    known, (part, segment) = parts.of(context.target), parse_texts.place_of(cursor)
    if part >= len(known):  # the lookup route
        return END
    elems, is_xml, most = _elements(data), dig(data, "source") == danmaku.XML, integer(dig(data, "most")) or 0
    has_more = 0 < most <= len(elems) if is_xml else not context.logged_in
    is_cut = f":{_CUT}" if has_more or cursor.endswith(_CUT) else ""
    if not is_xml and _goes_on(known[part].length_ms, segment, elems):
        return NextPage(cursor=f"{part + 1}:{segment + 2}{is_cut}", empty_is_valid=True)
    if part + 1 < len(known):
        return NextPage(cursor=f"{part + 2}:1{is_cut}", empty_is_valid=True)
    return _PARTIAL if is_cut else END


def _goes_on(length_ms: int, segment: int, elems: list[Any]) -> bool:
    """Return whether a part has another segment; if its length is unknown, until one is empty."""
    if segment + 1 >= _MOST_SEGMENTS:
        return False
    return (segment + 1) * _SEGMENT_MS < length_ms if length_ms else bool(elems)


def _subtitles(data: Any) -> list[Any]:
    """Return the subtitles of a part, each with the video and part that the answer names."""
    holder = dig(data, "data.subtitle")
    if not isinstance(holder, dict) or not isinstance(holder.get("subtitles") or [], list):
        raise MissingError("data.subtitle.subtitles")
    subtitles = holder.get("subtitles") or []
    origin = {
        "aid": dig(data, "data.aid"),
        "cid": dig(data, "data.cid"),
        "made": list(map(parse_texts.made_of, objs(subtitles))),
    }
    return [{**subtitle, parse_texts.OF: origin} if isinstance(subtitle, dict) else subtitle for subtitle in subtitles]


def _send_part(cursor: str, context: Context) -> Mapping[str, Any]:
    """Return the query for a part. Bilibili refuses it without `cid`, if there is no such part."""
    known, place = parts.of(context.target), int(cursor or 1) - 1
    return {"cid": known[place].cid if place < len(known) else None}


def _subtitles_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Return the next part; one page holds the subtitles of one part."""
    known, number = parts.of(context.target), int(cursor or 1)
    if number > len(known):  # the lookup route
        return END
    subtitles = _subtitles(data)
    if not all(parse_texts.is_own(subtitle, context) for subtitle in subtitles if isinstance(subtitle, dict)):
        return _FOREIGN
    if not subtitles and flag(dig(data, "data.need_login_subtitle")):
        return _WALL
    return NextPage(cursor=str(number + 1), empty_is_valid=True) if number < len(known) else END


def _player(path: str, name: str, *, signed: bool) -> Route:
    return Route(
        name=name, url=f"{API}/x/player/{path}", signed=signed, referer=video_page, is_available=parts.are_known,
        query=lambda context: {"bvid": context.target.id, "aid": aid_of(context.target.id)},
        raw=_subtitles, path="data.subtitle.subtitles", parse=parse_texts.parse_subtitle,
    )  # fmt: skip


def _danmaku(name: str, *, preferred: bool) -> Route:
    """Return one of the two danmaku routes: segments show more with a login, XML shows more without one.

    Both are signed, because obtaining the keys reveals whether the login is still valid.

    :param preferred: whether this is the route that shows more to the session, or the other
    """
    return Route(
        name=name, referer=_page, is_available=parts.are_known, signed=True, decode=danmaku.decode, raw=_elements, path="elems",
        url=lambda context: _SEGMENTS_URL if context.logged_in is preferred else _XML_URL, parse=parse_texts.parse_danmaku,
    )  # fmt: skip


TEXTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_video_danmaku", kind="video", record="danmaku", login="more",
        summary="the danmaku of a video, all parts",
        params=[
            Param(name="cid", regex=NUMBER, example="25000000001", kind="video", make=lambda cid: f"{parts.CID}{int(cid)}"),
            *VIDEO,
            PART,
            Param(name="senders", regex="keep|drop", example="keep"),
            Param(name="cursor", regex=rf"[1-9]\d{{0,4}}(?::[1-9]\d{{0,4}}(?::{_CUT})?)?", example="2:1", cursor=True),
        ],
        routes=[_parts_route(), _danmaku("danmaku", preferred=True), _danmaku("other form", preferred=False)],
        pagination=Pagination(cursor_params=_send, next_page=_danmaku_turn, page_size=SIZE_OF_PLATFORM, max_empty_pages=_MOST_EMPTY),
        follow=Follow(name="danmaku", record="video", targets=_whole, declared=lambda video: video.statistics.danmaku_count),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_subtitles", kind="video", record="subtitle", login="needed",
        summary="subtitles in every language, of one part (cid) or all", params=[*VIDEO, CID, PART, PN],
        routes=[_parts_route(), _player("wbi/v2", "player", signed=True), _player("v2", "unsigned player", signed=False)],
        pagination=Pagination(
            cursor_params=_send_part,
            next_page=_subtitles_turn, page_size=SIZE_OF_PLATFORM, max_empty_pages=_MOST_EMPTY,
        ),
        extras=[
            Extra(
                name="file", url=parse_texts.FILES, from_cdn=True, place=parse_texts.file_place, decode=parse_texts.decode_file, referer=video_page,
                query=lambda record, context: {"auth_key": key} if (key := parse_texts.file_key(record)) else None,
                add=parse_texts.add_file, fills=parse_texts.file_fields,
            )
        ],
        follow=Follow(name="subtitles", record="video", targets=_whole),
    ),
]  # fmt: skip
