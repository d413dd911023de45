"""Parse Bilibili's dynamics (posts of any kind in a user's feed). Pure."""

from typing import Any

from scraper.platform import Context
from scraper.records import (
    Can,
    Flags,
    HashtagRef,
    ImageData,
    LivePhoto,
    Mention,
    Meta,
    Refs,
    Video,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.values import count, duration_ms, ident, need, obj, objs, seconds, text, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse import VIDEO_URL
from spiders.bilibili.parse_common import author_ref, bvid_in, counted, cover

POST_URL = "https://www.bilibili.com/opus/{}"
_KINDS = {
    "DYNAMIC_TYPE_WORD": "text", "DYNAMIC_TYPE_FORWARD": "text", "DYNAMIC_TYPE_DRAW": "image",
    "DYNAMIC_TYPE_ARTICLE": "article", "DYNAMIC_TYPE_MUSIC": "audio",
}  # fmt: skip
_PAID = ("MAJOR_TYPE_BLOCKED", "MAJOR_TYPE_UPOWER_COMMON")
_SEEN = ("video", "audio", "unknown")  # kinds that are neither pictures nor texts
_PINNED, _LOCATION = "置顶", "IP属地："


def parse_dynamic(raw: dict[str, Any], context: Context) -> Video:
    """Parse a dynamic. An announcement of a video becomes that video; otherwise the content decides."""
    number, kind, modules = need(ident(raw.get("id_str")), "id_str"), text(raw.get("type")), obj(raw.get("modules"))
    maker, dynamic = obj(modules.get("module_author")), obj(modules.get("module_dynamic"))
    major = obj(dynamic.get("major"))
    archive = obj(major.get("archive")) or obj(major.get("ugc_season"))
    name = bvid_in(text(archive.get("bvid")), archive.get("aid")) if archive else number
    meta = meta_for(Video, PLATFORM, name, partial=True)
    tag, place = obj(modules.get("module_tag")), text(maker.get("pub_location_text"))
    flags = Flags(pinned=_PINNED in (text(tag.get("text")) or ""), paid=True if major.get("type") in _PAID else None)
    return Video(
        video_id=name,
        alt_ids=_ids(raw, number, archive),
        raw_kind=kind,
        create_time=need(seconds(maker.get("pub_ts")), "module_author.pub_ts"),
        ip_location=place.removeprefix(_LOCATION) if place else None,
        author=author_ref(need(ident(maker.get("mid")), "module_author.mid"), maker.get("name"), maker.get("face")),
        statistics=_statistics(obj(modules.get("module_stat")), obj(archive.get("stat")), meta),
        hashtags=_topic(obj(dynamic.get("topic"))),
        flags=flags,
        can=Can(),
        availability=availability(flags),
        refs=Refs(forward_of=ident(obj(raw.get("orig")).get("id_str"))),
        meta=meta,
        **(_announced(name, archive, dynamic) if archive else _written(number, kind, dynamic, major)),
    )  # fmt: skip


def _ids(raw: dict[str, Any], number: str, archive: dict[str, Any]) -> dict[str, str]:
    """Return the other ids of a dynamic: its video and its comment area."""
    basic = obj(raw.get("basic"))
    ids = {
        "dynamic_id": number,
        "aid": ident(archive.get("aid")),
        "comment_type": ident(basic.get("comment_type")),
        "comment_id": ident(basic.get("comment_id_str")),
    }
    return {name: value for name, value in ids.items() if value}


def _statistics(stat: dict[str, Any], archive: dict[str, Any], meta: Meta) -> VideoStatistics:
    made = VideoStatistics(
        play_count=counted(archive.get("play"), "play_count", meta),
        danmaku_count=counted(archive.get("danmaku"), "danmaku_count", meta),
    )
    for name, key in (("comment_count", "comment"), ("repost_count", "forward"), ("digg_count", "like")):
        setattr(made, name, count(obj(stat.get(key)).get("count")))
    return made


def _announced(name: str, archive: dict[str, Any], dynamic: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the announced video."""
    return {
        "kind": "video",
        "url": VIDEO_URL.format(name),
        "title": title(archive.get("title")),
        "desc": text(archive.get("desc")) or text(obj(dynamic.get("desc")).get("text")),
        "duration_ms": duration_ms(archive.get("duration_text")),
        "cover_data": cover(archive.get("cover")),
    }


def _written(number: str, kind: str | None, dynamic: dict[str, Any], major: dict[str, Any]) -> dict[str, Any]:
    """Return the texts and pictures of a dynamic."""
    opus, article, drawn = (obj(major.get(name)) for name in ("opus", "article", "draw"))
    written = obj(dynamic.get("desc")) or obj(opus.get("summary"))
    pictures = list(objs(opus.get("pics"))) or list(objs(drawn.get("items")))
    photos = [LivePhoto(image=_address(picture), clip=url(picture.get("live_url"))) for picture in pictures]
    images = [photo.image for photo in photos if photo.image]
    actual_kind = _kind(kind, photos, bool(text(written.get("text"))))
    first = images[0] if images else next(iter(_covers(article)), None)
    return {
        "kind": actual_kind,
        "type": "video" if actual_kind in _SEEN else "image",
        "url": POST_URL.format(number),
        "title": title(opus.get("title")) or title(article.get("title")),
        "desc": text(written.get("text")) or text(article.get("desc")),
        "mentions": _mentions(written),
        "cover_data": cover(first),
        "image_data": None
        if actual_kind in _SEEN
        else ImageData(no_watermark_image_list=images, live_photos=[photo for photo in photos if photo.clip]),
    }


def _kind(kind: str | None, photos: list[LivePhoto], is_said: bool) -> str:
    """Return the kind of a dynamic from its content, or from its type if the content is hidden (paid)."""
    moving = [bool(photo.clip) for photo in photos]
    if any(moving):
        return "live_photo" if all(moving) else "mixed"
    known = _KINDS.get(kind or "", "unknown")
    if known in ("text", "image") and (photos or is_said):
        return "image" if photos else "text"
    return known


def _address(picture: dict[str, Any]) -> str | None:
    return url(picture.get("url")) or url(picture.get("src"))


def _covers(article: dict[str, Any]) -> list[str]:
    covers = article.get("covers")
    return [address for entry in covers if (address := url(entry))] if isinstance(covers, list) else []


def _mentions(written: dict[str, Any]) -> list[Mention]:
    nodes = objs(written.get("rich_text_nodes"))
    named = [ident(node.get("rid")) for node in nodes if node.get("type") == "RICH_TEXT_NODE_TYPE_AT"]
    return [Mention(uid=uid) for uid in named if uid]


def _topic(topic: dict[str, Any]) -> list[HashtagRef] | None:
    name = title(topic.get("name"))
    return [HashtagRef(id=ident(topic.get("id")), name=name)] if name or ident(topic.get("id")) else None
