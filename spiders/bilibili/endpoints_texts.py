"""Endpoints of danmaku and subtitles."""

from collections.abc import Mapping
from typing import Any

from scraper.platform import END, Context, Endpoint, Extra, Follow, NextPage, Pagination, Param, Route
from scraper.platform.targets import Target
from scraper.records import Video
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, dig, flag, objs
from spiders.bilibili import danmaku, parse_texts, parts
from spiders.bilibili.ids import PLATFORM, aid_of, canonical
from spiders.bilibili.table import API, BVID, CID, PART, PN, ROUTER, by_bvid, video_page

_SEGMENT_MS = 360_000
_MOST_SEGMENTS = 1000  # of a part: what is said to be longer is not believed
_MOST_EMPTY = 10_000  # a long video may have nothing over it for a long time
_CUT = "cut"  # what a cursor ends with where a part had more than was shown
_SEGMENTS_URL, _XML_URL = f"{API}/x/v2/dm/wbi/web/seg.so", f"{API}/x/v1/dm/list.so"
_PARTIAL = NextPage(
    stop=Outcome.INCOMPLETE, message="Bilibili shows only some of the danmaku; sessions with a login get more"
)
_FOREIGN = NextPage(stop=Outcome.UPSTREAM, message="Bilibili answered with the subtitles of another video", retry=True)
_WALL = NextPage(
    stop=Outcome.LOGIN_REQUIRED, message="subtitles are shown to logged-in sessions only", login_marker=True
)


def _page(target: Target) -> str:
    """Return the page of a video; where only its part is known, one that there is."""
    return video_page(target) if canonical(target.id) else "https://www.bilibili.com/"


def _parts_route() -> Route:
    return Route(
        name="parts", url=f"{API}/x/player/pagelist", query=by_bvid, referer=video_page, is_available=parts.are_unknown, lookup=parts.lookup
    )  # fmt: skip


def _whole(video: Video, given: str) -> list[Target]:
    """Return a video with its parts, as far as a record tells of them."""
    bvid = canonical(video.video_id)
    return [Target("video", bvid, given, (), PLATFORM, parts.hints(video))] if bvid else []


def _send(cursor: str, context: Context) -> Mapping[str, Any]:
    """Return what asks for a segment; the XML of a whole part wants no more than its number."""
    part, segment = parse_texts.place_of(cursor)
    known = parts.of(context.target)
    video = canonical(context.target.id)
    return {
        "type": 1, "oid": known[part].cid if part < len(known) else None, "pid": aid_of(video) if video else None,
        "segment_index": segment + 1,
    }  # fmt: skip


def _elements(data: Any) -> list[Any]:
    """Return the texts of a page. Where nobody said anything there may be no content at all (HTTP 304)."""
    if data is None:
        return []
    if not isinstance(data, dict) or not isinstance(data.get("elems"), list):
        raise MissingError("elems")
    return data["elems"]


def _danmaku_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """Segments of six minutes follow each other, and then parts. What was not shown of a part is told at the end."""
    known, (part, segment) = parts.of(context.target), parse_texts.place_of(cursor)
    if part >= len(known):  # what only tells of the parts
        return END
    elems, is_xml, most = _elements(data), dig(data, "source") == danmaku.XML, dig(data, "most")
    has_more = bool(most) and len(elems) >= most if is_xml else not context.logged_in
    is_cut = f":{_CUT}" if has_more or cursor.endswith(_CUT) else ""
    if not is_xml and _goes_on(known[part].length_ms, segment, elems):
        return NextPage(cursor=f"{part + 1}:{segment + 2}{is_cut}", empty_is_valid=True)
    if part + 1 < len(known):
        return NextPage(cursor=f"{part + 2}:1{is_cut}", empty_is_valid=True)
    return _PARTIAL if is_cut else END


def _goes_on(length_ms: int, segment: int, elems: list[Any]) -> bool:
    """Say whether a part has another segment; where its length is not known, it goes on until one is empty."""
    if segment + 1 >= _MOST_SEGMENTS:
        return False
    return (segment + 1) * _SEGMENT_MS < length_ms if length_ms else bool(elems)


def _subtitles(data: Any) -> list[Any]:
    """Return the subtitles of a part, each with what the answer says that it is of."""
    holder = dig(data, "data.subtitle")
    if not isinstance(holder, dict) or not isinstance(holder.get("subtitles") or [], list):
        raise MissingError("data.subtitle.subtitles")
    found = holder.get("subtitles") or []
    said = {
        "aid": dig(data, "data.aid"),
        "cid": dig(data, "data.cid"),
        "made": list(map(parse_texts.made_of, objs(found))),
    }
    return [{**each, parse_texts.OF: said} if isinstance(each, dict) else each for each in found]


def _subtitles_turn(data: Any, context: Context, cursor: str) -> NextPage:
    """One page holds the subtitles of one part."""
    known, number = parts.of(context.target), int(cursor or 1)
    if number > len(known):  # what only tells of the parts
        return END
    found = _subtitles(data)
    if not all(parse_texts.is_own(each, context) for each in found if isinstance(each, dict)):
        return _FOREIGN
    if not found and flag(dig(data, "data.need_login_subtitle")):
        return _WALL
    return NextPage(cursor=str(number + 1), empty_is_valid=True) if number < len(known) else END


def _player(path: str, name: str, *, signed: bool) -> Route:
    return Route(
        name=name, url=f"{API}/x/player/{path}", signed=signed, referer=video_page, is_available=parts.are_known,
        query=lambda context: {"bvid": context.target.id, "aid": aid_of(context.target.id)},
        raw=_subtitles, path="data.subtitle.subtitles", parse=parse_texts.parse_subtitle,
    )  # fmt: skip


def _danmaku(name: str, *, preferred: bool) -> Route:
    """Return one of two ways: a login sees most by segments, and without one the XML of a part holds more.

    Either is signed: that is how a session learns whether its login still holds.

    :param preferred: whether it is what shows a session most, or the other
    """
    return Route(
        name=name, referer=_page, is_available=parts.are_known, signed=True, decode=danmaku.decode, raw=_elements, path="elems",
        url=lambda context: _SEGMENTS_URL if context.logged_in is preferred else _XML_URL, parse=parse_texts.parse_danmaku,
    )  # fmt: skip


TEXTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_video_danmaku", kind="video", record="danmaku", login="more",
        summary="the texts that fly over a video, in all its parts",
        params=[
            Param(name="cid", regex=r"\d{1,16}", example="25000000001", kind="video", make=lambda cid: f"{parts.CID}{int(cid)}"),
            BVID,
            PART,
            Param(name="senders", regex="keep|drop", example="keep"),
            Param(name="cursor", regex=rf"[1-9]\d{{0,4}}(?::[1-9]\d{{0,4}}(?::{_CUT})?)?", example="2:1", cursor=True),
        ],
        routes=[_parts_route(), _danmaku("danmaku", preferred=True), _danmaku("other form", preferred=False)],
        pagination=Pagination(cursor_params=_send, next_page=_danmaku_turn, max_empty_pages=_MOST_EMPTY),
        follow=Follow(name="danmaku", record="video", targets=_whole, declared=lambda video: video.statistics.danmaku_count),
    ),
    Endpoint(
        router=f"{ROUTER}/fetch_video_subtitles", kind="video", record="subtitle", login="needed",
        summary="what is said in a video, in each language that there is, of one part (cid) or of all", params=[BVID, CID, PART, PN],
        routes=[_parts_route(), _player("wbi/v2", "player", signed=True), _player("v2", "unsigned player", signed=False)],
        pagination=Pagination(
            cursor_params=lambda cursor, context: {"cid": parts.at(context.target, int(cursor or 1) - 1).cid if parts.of(context.target) else None},
            next_page=_subtitles_turn, max_empty_pages=_MOST_EMPTY,
        ),
        extras=[
            Extra(
                name="file", url=parse_texts.FILES, place=parse_texts.file_place, decode=parse_texts.decode_file, referer=video_page,
                query=lambda record, context: {"auth_key": key} if (key := parse_texts.file_key(record)) else None,
                add=parse_texts.add_file, fills=parse_texts.file_fields,
            )
        ],
        follow=Follow(name="subtitles", record="video", targets=_whole),
    ),
]  # fmt: skip
