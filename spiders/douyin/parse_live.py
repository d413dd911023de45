"""Parse Douyin's live rooms. Pure."""

import json
import re
from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Category, LiveRoom, LiveStatus, LiveStream, Meta, Permissions, meta_for
from scraper.responses.values import count, flag, ident, integer, is_rounded, need, obj, objs, seconds, text, title, url
from spiders.douyin import refs
from spiders.douyin.ids import PLATFORM, ROOM_ID
from spiders.douyin.pages import OFFLINE
from spiders.douyin.streams import best

_URL = "https://live.douyin.com/{}"
_STATUSES: dict[int | None, LiveStatus] = {2: "live", 4: "ended"}
_UNTIL = re.compile(r"[?&]expire=(\d{9,11})(?!\d)")
_UNTIL_HEX = re.compile(r"[?&]wsTime=([0-9a-fA-F]{8})(?![0-9a-fA-F])")
_LARGEST = 500_000  # characters of JSON in a string


def parse_room(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Read a room, as it is found by its number for the web or by that of its stream.

    One that is offline may have no number of a broadcast: its name in links stands for it, and `meta.missing` says so.
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
        started_at=seconds(raw.get("create_time")),
        ended_at=seconds(raw.get("finish_time")) if status == "ended" else None,
        viewers=_count("viewers", meta, raw.get("user_count"), stats.get("user_count_str"), raw.get("user_count_str")),
        viewers_total=_count("viewers_total", meta, stats.get("total_user"), stats.get("total_user_str")),
        likes=_count("likes", meta, *_likes(raw, stats)),
        category=_categories(obj(raw.get("partition_road_map"))),
        owner=owner_ref(owner),
        streams=_streams(stream) if status == "live" else [],
        permissions=_permissions(raw),
        tags=[tag] if (tag := text(raw.get("video_feed_tag"))) else None,
        portrait=_is_portrait(obj(stream.get("extra"))),
        meta=meta,
    )


def _named(context: Context) -> str | None:
    """Return how the room is named in links, where that is how it was asked for."""
    return context.target.id or None if context.target.get("by") != ROOM_ID["by"] else None


def _count(name: str, meta: Meta, *values: Any) -> int | None:
    """Return the first of several counts that is known, and note where it is a text that rounds."""
    for value in values:
        if (found := count(value)) is not None:
            meta.approximate += [name] if is_rounded(value) else []
            return found
    return None


def _likes(raw: dict[str, Any], stats: dict[str, Any]) -> list[Any]:
    """Return the counts of likes; one of the two is mostly a dummy of 0."""
    return [each for each in (raw.get("like_count"), stats.get("like_count"), stats.get("like_count_str")) if each]


def owner_ref(raw: dict[str, Any]) -> AuthorRef | None:
    """Return who somebody in a room is, None where nothing tells."""
    uid = ident(raw.get("id_str")) or ident(raw.get("id"))
    if not uid and not ident(raw.get("sec_uid")):
        return None
    found = refs.author_ref({**raw, "uid": uid, "unique_id": raw.get("display_id")})
    found.avatar_url = found.avatar_url or best(obj(raw.get("avatar_large")).get("url_list"))
    return found


def _categories(road: dict[str, Any]) -> list[Category] | None:
    """Return the field that a room is listed in, and the part of it."""
    if not road:
        return None
    below = obj(road.get("sub_partition"))
    places = [obj(road.get("partition")), obj(below.get("partition")) or below]
    return [
        Category(id=ident(each.get("id_str")), name=text(each.get("title")), level=level)
        for level, each in enumerate(places, 1)
        if ident(each.get("id_str"))
    ]


def _permissions(raw: dict[str, Any]) -> Permissions | None:
    told = obj(raw.get("room_auth"))
    if not told:
        return None
    names = ("Chat", "Gift", "Digg", "Share")
    return Permissions(**{name.lower(): flag(told.get(name)) for name in names})


def _is_portrait(size: dict[str, Any]) -> bool | None:
    width, height = count(size.get("width")), count(size.get("height"))
    return height > width if width and height else None


def _streams(raw: dict[str, Any]) -> list[LiveStream]:
    """Return every quality of a broadcast, the best first, each address once."""
    found: dict[str, LiveStream] = {}
    for each in (*_offered(raw), *_listed(raw)):
        if each.url:
            found.setdefault(each.url, each)
    return list(found.values())


def _offered(raw: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield the streams of the player's own list, which is JSON in a string."""
    pulled = obj(obj(raw.get("live_core_sdk_data")).get("pull_data"))
    streams = obj(_inner(pulled.get("stream_data")).get("data"))
    levels = {
        text(each.get("sdk_key")): count(each.get("level")) or 0
        for each in objs(obj(pulled.get("options")).get("qualities"))
    }
    for quality in sorted(streams, key=lambda each: -levels.get(each, 0)):
        main = obj(obj(streams[quality]).get("main"))
        codec = text(_inner(main.get("sdk_params")).get("VCodec"))
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


def _inner(value: Any) -> dict[str, Any]:
    """Return an object that is written as JSON in a string, empty where it is none."""
    if not isinstance(value, str) or len(value) > _LARGEST:
        return {}
    try:
        return obj(json.loads(value))
    except (ValueError, RecursionError):
        return {}
