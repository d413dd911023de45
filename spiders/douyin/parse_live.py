"""Parse Douyin's live rooms. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Category, LiveRoom, LiveStatus, LiveStream, Meta, Permissions, meta_for
from scraper.responses import decode_inner
from scraper.responses.shapes import as_shape
from scraper.responses.values import count, flag, ident, integer, is_rounded, need, obj, objs, seconds, text, title, url
from spiders.douyin import refs
from spiders.douyin.embedded_data import OFFLINE
from spiders.douyin.ids import PLATFORM, ROOM_ID
from spiders.douyin.shapes import User
from spiders.douyin.streams import best

_URL = "https://live.douyin.com/{}"
_STATUSES: dict[int | None, LiveStatus] = {2: "live", 4: "ended"}
_UNTIL = re.compile(r"[?&]expire=(\d{9,11})(?!\d)")
_UNTIL_HEX = re.compile(r"[?&]wsTime=([0-9a-fA-F]{8})(?![0-9a-fA-F])")


def parse_room(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse a room, found by its web number or its broadcast number.

    An offline room may have no broadcast number. Its id is then its name in links, and `meta.missing` says so.
    """
    known = ident(raw.get("id_str")) or ident(raw.get("id"))
    room_id = known or need(_named(context) if raw.get(OFFLINE) else None, "id_str")
    owner, stats, status = (
        obj(raw.get("owner")),
        obj(raw.get("stats")),
        "offline" if raw.get(OFFLINE) else _STATUSES.get(integer(raw.get("status")), "unknown"),
    )
    alias, meta = ident(owner.get("web_rid")) or _named(context), meta_for(LiveRoom, PLATFORM, room_id)
    stream = obj(raw.get("stream_url"))
    meta.missing = [] if known else ["room_id"]
    return LiveRoom(
        room_id=room_id,
        alias=alias,
        title=title(raw.get("title")),
        text=text(raw.get("introduction")),
        url=_URL.format(alias) if alias else None,
        cover_url=best(obj(raw.get("cover")).get("url_list")),
        status=status,
        start_time=seconds(raw.get("create_time")),
        end_time=seconds(raw.get("finish_time")) if status == "ended" else None,
        viewers=_count("viewers", meta, raw.get("user_count"), stats.get("user_count_str"), raw.get("user_count_str")),
        viewers_total=_count("viewers_total", meta, stats.get("total_user"), stats.get("total_user_str")),
        likes=_count("likes", meta, *_likes(raw, stats)),
        category=_categories(obj(raw.get("partition_road_map"))),
        owner=owner_ref(owner),
        live_streams=_streams(stream) if status == "live" else [],
        permissions=_permissions(raw),
        keywords=[tag] if (tag := text(raw.get("video_feed_tag"))) else None,
        portrait=_is_portrait(obj(stream.get("extra"))),
        meta=meta,
    )


def _named(context: Context) -> str | None:
    """Return the room's name in links, if it was requested by it."""
    return context.target.id or None if context.target.get("by") != ROOM_ID["by"] else None


def _count(name: str, meta: Meta, *values: Any) -> int | None:
    """Return the first known count; a rounded text is noted as approximate."""
    for value in values:
        if (number := count(value)) is not None:
            meta.approximate += [name] if is_rounded(value) else []
            return number
    return None


def _likes(raw: dict[str, Any], stats: dict[str, Any]) -> list[Any]:
    """Return the like count; one of the two fields is usually a dummy 0."""
    return [likes for likes in (raw.get("like_count"), stats.get("like_count"), stats.get("like_count_str")) if likes]


def owner_ref(raw: dict[str, Any]) -> AuthorRef | None:
    """Return the owner of a room, or None if unknown."""
    uid = ident(raw.get("id_str")) or ident(raw.get("id"))
    if not uid and not ident(raw.get("sec_uid")):
        return None
    owner = refs.author_ref(as_shape(User, {**raw, "uid": uid, "unique_id": raw.get("display_id")}))
    owner.avatar_url = owner.avatar_url or best(obj(raw.get("avatar_large")).get("url_list"))
    return owner


def _categories(road: dict[str, Any]) -> list[Category] | None:
    """Return the category and sub-category of a room."""
    if not road:
        return None
    below = obj(road.get("sub_partition"))
    places = [obj(road.get("partition")), obj(below.get("partition")) or below]
    return [
        Category(id=ident(category.get("id_str")), name=text(category.get("title")), level=level)
        for level, category in enumerate(places, 1)
        if ident(category.get("id_str"))
    ]


def _permissions(raw: dict[str, Any]) -> Permissions | None:
    rights = obj(raw.get("room_auth"))
    if not rights:
        return None
    names = ("Chat", "Gift", "Digg", "Share")
    return Permissions(**{name.lower(): flag(rights.get(name)) for name in names})


def _is_portrait(size: dict[str, Any]) -> bool | None:
    width, height = count(size.get("width")), count(size.get("height"))
    return height > width if width and height else None


def _streams(raw: dict[str, Any]) -> list[LiveStream]:
    """Return every quality of a broadcast, best first, without duplicate URLs."""
    by_url: dict[str, LiveStream] = {}
    for stream in (*_offered(raw), *_listed(raw)):
        if stream.url:
            by_url.setdefault(stream.url, stream)
    return list(by_url.values())


def _offered(raw: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield the streams in the player's list, which is JSON in a string."""
    pulled = obj(obj(raw.get("live_core_sdk_data")).get("pull_data"))
    streams = obj(decode_inner(pulled.get("stream_data")).get("data"))
    levels = {
        text(quality.get("sdk_key")): count(quality.get("level")) or 0
        for quality in objs(obj(pulled.get("options")).get("qualities"))
    }
    for quality in sorted(streams, key=lambda name: -levels.get(name, 0)):
        main = obj(obj(streams[quality]).get("main"))
        codec = text(decode_inner(main.get("sdk_params")).get("VCodec"))
        for protocol in ("flv", "hls"):
            yield _stream(quality, protocol, main.get(protocol), codec)


def _listed(raw: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield the streams of the two plain lists."""
    for protocol, name in (("flv", "flv_pull_url"), ("hls", "hls_pull_url_map")):
        for quality, address in obj(raw.get(name)).items():
            yield _stream(quality, protocol, address, None)


def _stream(quality: str, protocol: str, address: Any, codec: str | None) -> LiveStream:
    where = url(address)
    plain, hexed = (pattern.search(where or "") for pattern in (_UNTIL, _UNTIL_HEX))
    until = int(plain[1]) if plain else int(hexed[1], 16) if hexed else None
    return LiveStream(
        quality=quality or None, protocol=protocol, codec=codec.lower() if codec else None, url=where, expire_time=until
    )
