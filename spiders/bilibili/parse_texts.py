"""Parse Bilibili's danmaku and subtitles. Pure."""

import re
from typing import Any

from scraper.platform import Context
from scraper.platform.captions import merged, words
from scraper.records import Cue, Danmaku, Subtitle, meta_for
from scraper.records.texts import SubtitleSource
from scraper.responses import Content, decode
from scraper.responses.values import (
    MissingError,
    address_parts,
    count,
    ident,
    integer,
    need,
    obj,
    objs,
    seconds,
    text,
    url,
)
from spiders.bilibili import parts
from spiders.bilibili.ids import PLATFORM, aid_of, canonical

OF = "_of"  # added to a subtitle by the endpoint: the videos and parts that the answer names
FILES = "https://aisubtitle.hdslb.com/bfs"
_KEPT = "keep"
_MADE = re.compile(r"/ai_subtitle/prod/(\d+?)[0-9a-f]{32}(?:$|[.?/])")
_KEY = re.compile(r"(?:^|&)auth_key=(\d{9,11}(?:-[0-9A-Za-z]{1,64}){1,4})(?:&|$)", re.ASCII)
_SOURCES: dict[int | None, SubtitleSource] = {0: "creator", 1: "platform_ai"}


def place_of(cursor: str) -> tuple[int, int]:
    """Return the part and segment of a danmaku cursor, counted from 0.

    >>> place_of(""), place_of("2:3"), place_of("2:1:cut")
    ((0, 0), (1, 2), (1, 0))
    """
    part, segment, *_ = [*cursor.split(":"), ""]
    return int(part or 1) - 1, int(segment or 1) - 1


def parse_danmaku(raw: dict[str, Any], context: Context) -> Danmaku:
    """Parse a danmaku of either form. The sender is omitted unless the user asks for it."""
    number = need(ident(raw.get("idStr")) or ident(raw.get("id")), "id")
    part, segment = place_of(context.cursor)
    is_kept = context.option("senders") == _KEPT
    return Danmaku(
        danmaku_id=number,
        video_id=canonical(context.target.id),
        part_cid=parts.at(context.target, part).cid,
        segment=segment + 1,
        at_ms=count(raw.get("progress")),
        text=text(raw.get("content")),
        create_time=seconds(raw.get("ctime")),
        mode=count(raw.get("mode")),
        font_size=count(raw.get("fontsize")),
        color=count(raw.get("color")),
        pool=count(raw.get("pool")),
        weight=count(raw.get("weight")),
        attr=count(raw.get("attr")),
        sender_hash=text(raw.get("midHash")) if is_kept else None,
        meta=meta_for(Danmaku, PLATFORM, number),
    )


def asked_part(context: Context) -> parts.Part:
    """Return the part whose subtitles a page holds."""
    return parts.at(context.target, int(context.cursor or 1) - 1)


def made_of(raw: dict[str, Any]) -> str | None:
    """Return the aid and cid in the URL of a generated subtitle."""
    made = _MADE.search(address_parts(raw.get("subtitle_url")).path)
    return made[1] if made else None


def is_own(raw: dict[str, Any], context: Context) -> bool:
    """Return whether a subtitle belongs to the requested part; Bilibili sometimes returns another video's.

    The answer names its video, and so do the URLs of generated subtitles. If one of them names another video, none
    is trusted.
    """
    aid, cid = str(aid_of(context.target.id)), asked_part(context).cid
    origin = obj(raw.get(OF))
    if (ident(origin.get("aid")) or aid, ident(origin.get("cid")) or cid) != (aid, cid):
        return False
    return {*origin.get("made", ())} <= {None, f"{aid}{cid}"}


def parse_subtitle(raw: dict[str, Any], context: Context) -> Subtitle | None:
    """Parse a subtitle entry, or return None if it belongs to another part. Its cues come from its file."""
    if not is_own(raw, context):
        return None
    number = need(ident(raw.get("id_str")) or ident(raw.get("id")), "id_str")
    address = url(raw.get("subtitle_url"))
    made = Subtitle(
        subtitle_id=number,
        video_id=context.target.id,
        part_cid=asked_part(context).cid,
        lang=text(raw.get("lan")),
        lang_name=text(raw.get("lan_doc")),
        source=_SOURCES.get(integer(raw.get("type")), "unknown"),
        format="json",
        url=address,
        expire_time=_expires(address),
        meta=meta_for(Subtitle, PLATFORM, number),
    )
    made.meta.missing = [] if file_key(made) else file_fields(made)
    return made


def file_fields(subtitle: Subtitle) -> list[str]:
    """Return the fields that a subtitle's file fills."""
    return ["text", "cues"]


def file_place(subtitle: Subtitle) -> str:
    """Return the path of a subtitle's file below `FILES`."""
    return address_parts(subtitle.url).path.removeprefix("/bfs")


def file_key(subtitle: Subtitle) -> str | None:
    """Return the `auth_key` of a subtitle's file, or None if the URL has an unexpected host."""
    if not subtitle.url or not subtitle.url.startswith(f"{FILES}/"):
        return None
    match = _KEY.search(address_parts(subtitle.url).query)
    return match[1] if match else None


def decode_file(body: bytes) -> Any:
    """Decode a subtitle's file. Unlike API answers, it has no `code`."""
    data = decode(body)
    return Content(data) if isinstance(data, dict) and "body" in data else data


def add_file(subtitle: Subtitle, data: Any, context: Context) -> None:
    """Add the cues."""
    body = obj(data).get("body")
    if not isinstance(body, list):
        raise MissingError("body")
    subtitle.cues = merged(map(_cue, objs(body)))
    subtitle.text = words(subtitle.cues)


def _cue(raw: dict[str, Any]) -> Cue:
    return Cue(start_ms=_ms(raw.get("from")), end_ms=_ms(raw.get("to")), text=text(raw.get("content")))


def _ms(value: Any) -> int | None:
    """Return milliseconds from a number of seconds, or None.

    >>> _ms(0.5), _ms(0), _ms("x"), _ms(-1), _ms(1e300)
    (500, 0, None, None, None)
    """
    return round(value * 1000) if isinstance(value, int | float) and 0 <= value < 1e12 else None


def _expires(address: str | None) -> int | None:
    match = _KEY.search(address_parts(address).query)
    return seconds(match[1].partition("-")[0]) if match else None
