"""Parse Bilibili's dynamics (posts of any kind in a user's feed). Pure."""

from typing import Any, TypeVar

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
from scraper.responses.shapes import Shape
from scraper.responses.values import duration_ms, ident, need, seconds, title, url
from spiders.bilibili.ids import PLATFORM
from spiders.bilibili.parse_common import VIDEO_URL, author_ref, bvid_in, counted, cover
from spiders.bilibili.shapes import (
    AnnouncedStat,
    AnnouncedVideo,
    Article,
    AuthorModule,
    CommentArea,
    Dynamic,
    DynamicModule,
    DynamicPicture,
    Major,
    Modules,
    Opus,
    StatModule,
    Topic,
    Written,
)

S = TypeVar("S", bound=Shape)
POST_URL = "https://www.bilibili.com/opus/{}"
_KINDS = {
    "DYNAMIC_TYPE_WORD": "text", "DYNAMIC_TYPE_FORWARD": "text", "DYNAMIC_TYPE_DRAW": "image",
    "DYNAMIC_TYPE_ARTICLE": "article", "DYNAMIC_TYPE_MUSIC": "audio",
}  # fmt: skip
_PAID = ("MAJOR_TYPE_BLOCKED", "MAJOR_TYPE_UPOWER_COMMON")
_SEEN = ("video", "audio", "unknown")  # kinds that are neither pictures nor texts
_MENTION = "RICH_TEXT_NODE_TYPE_AT"
_PINNED, _LOCATION = "置顶", "IP属地："


def parse_dynamic(dynamic: Dynamic, context: Context) -> Video:
    """Parse a dynamic. An announcement of a video becomes that video; otherwise the content decides."""
    number, modules = need(ident(dynamic.id_str), "id_str"), dynamic.modules or Modules()
    maker, content = modules.module_author or AuthorModule(), modules.module_dynamic or DynamicModule()
    major, place = content.major or Major(), maker.pub_location_text
    archive = _filled(major.archive) or _filled(major.ugc_season)
    name = bvid_in(archive.bvid, archive.aid) if archive else number
    meta = meta_for(Video, PLATFORM, name, partial=True)
    tag = modules.module_tag.text if modules.module_tag else None
    flags = Flags(pinned=_PINNED in (tag or ""), paid=True if major.type in _PAID else None)
    return Video(
        video_id=name,
        alt_ids=_ids(dynamic, number, archive),
        raw_kind=dynamic.type or None,
        create_time=need(seconds(maker.pub_ts), "module_author.pub_ts"),
        ip_location=place.removeprefix(_LOCATION) if place else None,
        author=author_ref(need(ident(maker.mid), "module_author.mid"), maker.name, maker.face),
        statistics=_statistics(modules.module_stat or StatModule(), archive.stat if archive else None, meta),
        hashtags=_topic(content.topic),
        flags=flags,
        can=Can(),
        availability=availability(flags),
        refs=Refs(forward_of=ident(dynamic.orig.id_str) if dynamic.orig else None),
        meta=meta,
        **(_announced(name, archive, content) if archive else _written(number, dynamic.type, content, major)),
    )  # fmt: skip


def _filled(shape: S | None) -> S | None:
    """Return an object unless it is empty."""
    return shape if shape and shape != type(shape)() else None


def _ids(dynamic: Dynamic, number: str, archive: AnnouncedVideo | None) -> dict[str, str]:
    """Return the other ids of a dynamic: its video and its comment area."""
    basic = dynamic.basic or CommentArea()
    ids = {
        "dynamic_id": number,
        "aid": ident(archive.aid) if archive else None,
        "comment_type": ident(basic.comment_type),
        "comment_id": ident(basic.comment_id_str),
    }
    return {name: value for name, value in ids.items() if value}


def _statistics(stat: StatModule, archive: AnnouncedStat | None, meta: Meta) -> VideoStatistics:
    return VideoStatistics(
        play_count=counted(archive.play, "play_count", meta) if archive else None,
        danmaku_count=counted(archive.danmaku, "danmaku_count", meta) if archive else None,
        comment_count=stat.comment.count if stat.comment else None,
        repost_count=stat.forward.count if stat.forward else None,
        digg_count=stat.like.count if stat.like else None,
    )


def _announced(name: str, archive: AnnouncedVideo, content: DynamicModule) -> dict[str, Any]:
    """Return the fields of the announced video."""
    heading, desc = title(archive.title), archive.desc or (content.desc and content.desc.text) or None
    return {
        "kind": "video",
        "url": VIDEO_URL + name,
        "title": heading,
        "desc": desc,
        "text": heading or desc,
        "duration_ms": duration_ms(archive.duration_text),
        "cover_data": cover(archive.cover),
    }


def _written(number: str, kind: str | None, content: DynamicModule, major: Major) -> dict[str, Any]:
    """Return the texts and pictures of a dynamic."""
    opus, article = major.opus or Opus(), major.article or Article()
    written = _filled(content.desc) or opus.summary or Written()
    pictures = opus.pics or (major.draw and major.draw.items) or []
    photos = [LivePhoto(image=_address(picture), clip=url(picture.live_url)) for picture in pictures]
    images = [photo.image for photo in photos if photo.image]
    actual_kind = _kind(kind, photos, bool(written.text))
    first = images[0] if images else next(iter(_covers(article)), None)
    heading, desc = title(opus.title) or title(article.title), written.text or article.desc or None
    return {
        "kind": actual_kind,
        "type": "video" if actual_kind in _SEEN else "image",
        "url": POST_URL.format(number),
        "title": heading,
        "desc": desc,
        "text": desc or heading,
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


def _address(picture: DynamicPicture) -> str | None:
    return url(picture.url) or url(picture.src)


def _covers(article: Article) -> list[str]:
    return [address for entry in article.covers or () if (address := url(entry))]


def _mentions(written: Written) -> list[Mention]:
    nodes = written.rich_text_nodes or ()
    return [Mention(uid=uid) for node in nodes if node.type == _MENTION and (uid := ident(node.rid))]


def _topic(topic: Topic | None) -> list[HashtagRef] | None:
    if not topic:
        return None
    name, number = title(topic.name), ident(topic.id)
    return [HashtagRef(id=number, name=name)] if name or number else None
