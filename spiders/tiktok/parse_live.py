"""Parse TikTok's live rooms. Pure."""

from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, LiveRoom, LiveStatus, LiveStream, meta_for
from scraper.responses import decode_inner
from scraper.responses.shapes import as_shape
from scraper.responses.values import (
    MissingError,
    count,
    dig,
    ident,
    integer,
    need,
    obj,
    objs,
    seconds,
    text,
    title,
    url,
)
from spiders.tiktok import media
from spiders.tiktok.ids import HOME, PLATFORM
from spiders.tiktok.parse_app import author_of
from spiders.tiktok.parse_web import author_ref
from spiders.tiktok.shapes import AppUser, Mirrors, User

_STATUS: dict[int, LiveStatus] = {2: "live", 4: "ended"}
_PROTOCOLS = ("flv", "hls")


def rooms(data: Any) -> list[Any]:
    """Return the room in an answer; empty if there is only a warning.

    :raises MissingError: there is neither
    """
    room = dig(data, "data")
    if not isinstance(room, dict) or not (room.get("user") or room.get("id_str")):
        raise MissingError("data.user")
    return [room]


def parse_user_room(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse a user's room: {user, liveRoom, stats}.

    A user who was never live has no room number. The id is then the handle, and `meta.missing` says so.
    """
    user, room = obj(raw.get("user")), obj(raw.get("liveRoom"))
    owner = author_ref(as_shape(User, user))
    known = ident(user.get("roomId")) or ident(room.get("roomId"))
    number = known or need(owner.unique_id, "user.roomId")
    status = integer(room.get("status")) or integer(user.get("status"))
    stats = obj(room.get("liveRoomStats"))
    meta = meta_for(LiveRoom, PLATFORM, number)
    meta.missing = [] if known else ["room_id"]
    return LiveRoom(
        room_id=number,
        alias=owner.unique_id,
        title=title(room.get("title")),
        url=_page(owner),
        cover_url=url(room.get("coverUrl")),
        status=_STATUS.get(status or 0, "unknown" if known else "offline"),
        start_time=seconds(room.get("startTime")),
        viewers=count(stats.get("userCount")),
        viewers_total=count(stats.get("enterCount")),
        owner=owner,
        live_streams=list(_streams(obj(obj(room.get("streamData")).get("pull_data")))) or None,
        meta=meta,
    )


def parse_room(raw: dict[str, Any], context: Context) -> LiveRoom:
    """Parse a room requested by number: {id_str, status, title, owner, user_count, stream_url}."""
    number, named = need(ident(raw.get("id_str")), "id_str"), obj(raw.get("owner"))
    user = as_shape(AppUser, {**named, "uid": named.get("id_str"), "unique_id": named.get("display_id")})
    owner = author_of(user) if named else None
    pulled = dig(raw, "stream_url.live_core_sdk_data.pull_data")
    return LiveRoom(
        room_id=number,
        alias=owner.unique_id if owner else None,
        title=title(raw.get("title")),
        url=_page(owner),
        cover_url=media.image_of(as_shape(Mirrors, raw.get("cover"))),
        status=_STATUS.get(integer(raw.get("status")) or 0, "unknown"),
        start_time=seconds(raw.get("create_time")),
        end_time=seconds(raw.get("finish_time")),
        viewers=count(raw.get("user_count")),
        viewers_total=count(dig(raw, "stats.total_user")),
        likes=count(raw.get("like_count")),
        owner=owner,
        live_streams=list(_streams(obj(pulled))) or list(_flat(obj(raw.get("stream_url")))) or None,
        meta=meta_for(LiveRoom, PLATFORM, number),
    )


def _page(owner: AuthorRef | None) -> str | None:
    return f"{HOME}@{owner.unique_id}/live" if owner and owner.unique_id else None


def _streams(pulled: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield the streams in the player's JSON text {data: {<key>: {main: {flv, hls, sdk_params}}}}."""
    qualities = objs(dig(pulled, "options.qualities"))
    names = {text(quality.get("sdk_key")): text(quality.get("name")) for quality in qualities}
    for key, stream in obj(decode_inner(pulled.get("stream_data")).get("data")).items():
        main = obj(obj(stream).get("main"))
        codec = text(decode_inner(main.get("sdk_params")).get("VCodec"))
        for protocol in _PROTOCOLS:
            if address := url(main.get(protocol)):
                yield _stream(names.get(key) or key, protocol, address, codec)


def _flat(streams: dict[str, Any]) -> Iterator[LiveStream]:
    """Yield the streams in plain lists: {flv_pull_url: {<quality>: …}, hls_pull_url}."""
    for quality, raw_address in obj(streams.get("flv_pull_url")).items():
        if address := url(raw_address):
            yield _stream(quality, "flv", address)
    if address := url(streams.get("hls_pull_url")):
        yield _stream(None, "hls", address)


def _stream(quality: str | None, protocol: str, address: str, codec: str | None = None) -> LiveStream:
    expiry = media.expires(address)
    return LiveStream(quality=quality, protocol=protocol, codec=codec, url=address, expire_time=expiry)
