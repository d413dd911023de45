"""Parse Bilibili's live rooms. Pure."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scraper.platform import Context
from scraper.records import Category, LiveArea, LiveRoom, LiveStatus, LiveStream, meta_for
from scraper.responses.values import count, flag, ident, integer, need, obj, objs, seconds, text, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import author_ref

PARENT = "_parent"  # added to an area by the endpoint: its parent
ROOM_URL = "https://live.bilibili.com/{}"
_STATES: dict[int, LiveStatus] = {0: "offline", 1: "live", 2: "round"}
_CODECS = {"avc": "h264", "hevc": "h265", "av1": "av1"}
_ENDS = re.compile(r"[?&](?:expires|deadline)=(\d{9,11})(?![^&#])")
_TAG = re.compile(r"<[^<>]{0,200}>")


def parse_room(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse a room."""
    number = need(ident(raw.get("room_id")), "room_id")
    tags = text(raw.get("tags"))
    description = text(raw.get("description"))
    return LiveRoom(
        room_id=number,
        alias=ident(raw.get("short_id")),
        title=title(raw.get("title")),
        text=title(_TAG.sub("", description).strip()) if description else None,
        url=ROOM_URL.format(number),
        cover_url=url(raw.get("user_cover")) or url(raw.get("keyframe")),
        status=_state(raw),
        start_time=_moment(raw.get("live_time")),
        viewers=count(raw.get("online")) if integer(raw.get("live_status")) == 1 else None,
        category=_areas(raw),
        owner=author_ref(raw.get("uid"), None),
        keywords=[tag.strip() for tag in tags.split(",") if tag.strip()] if tags else None,
        portrait=flag(raw.get("is_portrait")),
        meta=meta_for(LiveRoom, PLATFORM, number),
    )


def parse_streaming(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse an entry of the list of live rooms."""
    number, watched = need(ident(raw.get("roomid")), "roomid"), obj(raw.get("watched_show"))
    return LiveRoom(
        room_id=number,
        title=title(raw.get("title")),
        url=ROOM_URL.format(number),
        cover_url=url(raw.get("user_cover")) or url(raw.get("cover")) or url(raw.get("system_cover")),
        status="live",
        viewers=count(raw.get("online")),
        viewers_total=count(watched.get("num")),
        category=_areas(raw),
        owner=author_ref(raw.get("uid"), raw.get("uname"), raw.get("face")),
        meta=meta_for(LiveRoom, PLATFORM, number, partial=True),
    )


def parse_play(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse the streams of a room; there are none while it is offline."""
    number = need(ident(raw.get("room_id")), "room_id")
    playurl = obj(obj(raw.get("playurl_info")).get("playurl"))
    return LiveRoom(
        room_id=number,
        alias=ident(raw.get("short_id")),
        url=ROOM_URL.format(number),
        status=_state(raw),
        start_time=seconds(raw.get("live_time")),
        owner=author_ref(raw.get("uid"), None),
        live_streams=list(_streams(playurl)),
        portrait=flag(raw.get("is_portrait")),
        meta=meta_for(LiveRoom, PLATFORM, number, partial=True),
    )


def parse_old_play(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse the older route, which gives one quality from several hosts."""
    number, names = context.target.id, _names(raw.get("quality_description"))
    quality = integer(raw.get("current_qn"))
    streams = [
        LiveStream(quality=_quality(quality, names), protocol="flv", url=address, expire_time=_expires(address))
        for stream in objs(need(raw.get("durl"), "durl"))
        if (address := url(stream.get("url")))
    ]
    return LiveRoom(
        room_id=number,
        url=ROOM_URL.format(number),
        status="live" if streams else "unknown",
        live_streams=streams,
        meta=meta_for(LiveRoom, PLATFORM, number, partial=True),
    )


def parse_area(raw: dict[str, Any], context: Context) -> LiveArea:
    """Parse an area or sub-area."""
    number, above = need(ident(raw.get("id")), "id"), obj(raw.get(PARENT))
    return LiveArea(
        area_id=number,
        name=text(raw.get("name")),
        parent_id=ident(raw.get("parent_id")) or ident(above.get("id")),
        parent_name=text(raw.get("parent_name")) or text(above.get("name")),
        cover_url=url(raw.get("pic")),
        meta=meta_for(LiveArea, PLATFORM, number),
    )


def _state(raw: dict[str, Any]) -> LiveStatus:
    status = integer(raw.get("live_status"))
    return "unknown" if status is None else _STATES.get(status, "unknown")


def _moment(value: Any) -> int | None:
    """Return the epoch seconds of a time in Beijing; 0000-00-00 is None.

    >>> _moment("2026-10-26 12:26:40"), _moment("0000-00-00 00:00:00"), _moment(0)
    (1792988800, None, None)
    """
    try:
        return seconds(round(datetime.fromisoformat(f"{value}+08:00").timestamp()))
    except (ValueError, OverflowError):
        return None


def _areas(raw: dict[str, Any]) -> list[Category] | None:
    levels = [(ident(raw.get(f"{name}_id")), text(raw.get(f"{name}_name"))) for name in ("parent_area", "area")]
    return [
        Category(id=key, name=name, level=level) for level, (key, name) in enumerate(levels, 1) if key or name
    ] or None


def _streams(playurl: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield each mirror of each codec of each format, in the platform's order."""
    names = _names(playurl.get("g_qn_desc"))
    for stream in objs(playurl.get("stream")):
        for form in objs(stream.get("format")):
            for codec in objs(form.get("codec")):
                yield from _mirrors(codec, text(form.get("format_name")), names)


def _mirrors(codec: dict[str, Any], form: str | None, names: dict[int, str]) -> Iterator[LiveStream]:
    name = text(codec.get("codec_name"))
    for mirror in objs(codec.get("url_info")):
        host, place, extra = (
            text(part) or "" for part in (mirror.get("host"), codec.get("base_url"), mirror.get("extra"))
        )
        if address := url(host + place + extra):
            yield LiveStream(
                quality=_quality(integer(codec.get("current_qn")), names),
                protocol="flv" if form == "flv" else f"hls {form}" if form else None,
                codec=_CODECS.get(name or "", name),
                url=address,
                expire_time=_expires(address),
            )


def _names(described: Any) -> dict[int, str]:
    return {
        number: name
        for quality in objs(described)
        if (number := integer(quality.get("qn"))) is not None and (name := text(quality.get("desc")))
    }


def _quality(number: int | None, names: dict[int, str]) -> str | None:
    return None if number is None else names.get(number, str(number))


def _expires(address: str) -> int | None:
    match = _ENDS.search(address)
    return seconds(match[1]) if match else None
