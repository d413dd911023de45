"""Parse Douyin's posts. Pure."""

from collections.abc import Callable
from typing import Any

from scraper.platform import Context
from scraper.records import AuthorRef, Can, Flags, Id, Kind, Refs, Video, VideoStatistics, availability, meta_for
from scraper.responses.values import count, flag, ident, integer, need, obj, objs, seconds, text, title
from spiders.douyin import camel_case, refs, streams
from spiders.douyin.ids import PLATFORM, made_at

_URL = "https://www.douyin.com/{}/{}"
_IMAGE_TYPES = {2, 68, 150}
_VIDEO_TYPES = {0, 4, 33, 51, 53, 55, 58, 61, 66, 69, 107, 109, 201}
_IMAGE_MEDIA = 2
_PRIVATE, _FRIENDS = 1, 2
_STORIES = ("is_story", "is_24_story", "is_25_story", "is_moment_story")
_COUNTS = {
    "digg_count": "digg_count", "comment_count": "comment_count", "share_count": "share_count",
    "collect_count": "collect_count", "repost_count": "forward_count", "download_count": "download_count",
    "admire_count": "admire_count",
}  # fmt: skip
_DUMMY_COUNTS = ("exposure_count", "live_watch_count")  # 0 means unknown there; play_count is always 0


def parse_work(answer: dict[str, Any], context: Context) -> Video:
    """Parse a post of any kind, from the API or a page."""
    raw = camel_case.work(answer)
    work_id = need(ident(raw.get("aweme_id")), "aweme_id")
    video, posted = obj(raw.get("video")), _posted(raw)
    images = list(objs(posted))
    kind = _kind(raw, video, images)
    meta, flags = meta_for(Video, PLATFORM, work_id), _flags(raw)
    is_image = kind in ("image", "live_photo", "mixed")
    music = refs.music_ref(obj(raw.get("music")))
    media, lacking = (None, []) if is_image else streams.video_data(video, context, music.play_url if music else None)
    pictures = streams.image_data(images) if is_image else None
    if is_image:
        lacking = pictures.lacking(posted) if images and pictures else ["image_data"]
        if any(streams.is_moving(image) and not streams.clip_of(image) for image in images):
            lacking.append("image_data.live_photos")
    meta.missing = lacking
    record = Video(
        video_id=work_id,
        alt_ids=_alt_ids(raw),
        type="image" if is_image else "video",
        kind=kind,
        raw_kind=_raw_kind(raw),
        url=_URL.format("note" if is_image else "video", work_id),
        title=title(raw.get("preview_title")) or title(raw.get("item_title")),
        desc=text(raw.get("desc")) or text(raw.get("caption")),
        create_time=_created(raw, work_id, meta.approximate),
        duration_ms=count(video.get("duration")) or count(raw.get("duration")) or None,
        width=count(video.get("width")) or None,
        height=count(video.get("height")) or None,
        region=text(raw.get("region")),
        author=_author(raw),
        statistics=_statistics(raw),
        flags=flags,
        can=_can(raw),
        availability=availability(flags) if obj(raw.get("status")) else "unknown",
        refs=Refs(),
        cover_data=streams.cover_data(video),
        video_data=media,
        image_data=pictures,
        meta=meta,
    )
    return _with_refs(record, raw)


def _with_refs(video: Video, raw: dict[str, Any]) -> Video:
    """Add author, music, hashtags and other references."""
    video.place, video.coauthors = refs.place(raw), refs.coauthors(raw)
    video.hashtags, video.mentions = refs.hashtags(raw), refs.mentions(raw)
    video.category, video.labels = refs.categories(raw), refs.labels(raw)
    video.music, video.mix = refs.music_ref(obj(raw.get("music"))), refs.mix_ref(obj(raw.get("mix_info")))
    video.chapters, video.commerce = refs.chapters(raw), refs.commerce(raw)
    overlay = text(obj(raw.get("seo_info")).get("seo_ocr_content"))
    video.overlay_text = [overlay] if overlay else None
    similar = obj(raw.get("impression_data")).get("similar_id_list_a")
    if isinstance(similar, list):
        video.similar_ids = [number for item_id in similar if (number := ident(item_id))]
    return video


def _posted(raw: dict[str, Any]) -> list[Any]:
    """Return the pictures of the first list that is not empty."""
    lists: tuple[Any, ...] = (raw.get("images"), obj(raw.get("image_post_info")).get("images"))
    posted: list[Any] = next((pictures for pictures in lists if next(objs(pictures), None) is not None), [])
    return posted


def _kind(raw: dict[str, Any], video: dict[str, Any], images: list[dict[str, Any]]) -> Kind:
    """Return the kind of a post, from its content, then from its type number."""
    if images:
        moving = [bool(streams.clip_of(image)) or streams.is_moving(image) for image in images]
        return "live_photo" if all(moving) else "mixed" if any(moving) else "image"
    number = integer(raw.get("aweme_type"))
    if number in _IMAGE_TYPES or (integer(raw.get("media_type")) == _IMAGE_MEDIA and number not in _VIDEO_TYPES):
        return "image"
    return "video" if number in _VIDEO_TYPES or streams.is_playable(video) else "unknown"


def _raw_kind(raw: dict[str, Any]) -> str | None:
    numbers = [integer(raw.get(name)) for name in ("aweme_type", "media_type")]
    return "/".join(str(number) for number in numbers if number is not None) or None


def _alt_ids(raw: dict[str, Any]) -> dict[str, str]:
    ids = {name: ident(raw.get(name)) for name in ("group_id", "comment_gid")}
    return {name: value for name, value in ids.items() if value}


def _created(raw: dict[str, Any], work_id: str, approximate: list[str]) -> int:
    """Return the creation time; old lists lack it, but the id has it approximately."""
    created = seconds(raw.get("create_time"))
    if created is None:
        approximate.append("create_time")
    return created or need(made_at(work_id), "create_time")


def _author(raw: dict[str, Any]) -> AuthorRef:
    author = obj(raw.get("author"))
    need(ident(author.get("sec_uid")) or ident(author.get("uid")), "author.uid")
    return refs.author_ref(author)


def _statistics(raw: dict[str, Any]) -> VideoStatistics:
    counters = obj(raw.get("statistics"))
    statistics = VideoStatistics(danmaku_count=count(obj(raw.get("danmaku_control")).get("danmaku_cnt")))
    for name, key in _COUNTS.items():
        setattr(statistics, name, count(counters.get(key)))
    for name in _DUMMY_COUNTS:
        setattr(statistics, name, count(counters.get(name)) or None)
    return statistics


def _flags(raw: dict[str, Any]) -> Flags:
    status = obj(raw.get("status"))
    private, part = integer(status.get("private_status")), integer(status.get("part_see"))
    stories = [flag(raw.get(name)) for name in _STORIES if name in raw]
    paid, made = integer(obj(raw.get("series_paid_info")).get("series_paid_status")), obj(raw.get("cooperation_info"))
    label = integer(obj(raw.get("aigc_info")).get("aigc_label_type"))
    return Flags(
        pinned=flag(raw.get("is_top")),
        ad=flag(raw.get("is_ads")),
        private=True if flag(status.get("self_see")) else None if private is None else private == _PRIVATE,
        friends_only=None if private is None and part is None else private == _FRIENDS or part == 1,
        deleted=flag(status.get("is_delete")),
        in_review=flag(status.get("in_reviewing")),
        prohibited=flag(status.get("is_prohibited")),
        aigc=None if label is None else label > 0,
        story=True if True in stories else False if False in stories else None,
        duet=flag(raw.get("is_duet_sing")),
        paid=None if paid is None else paid > 0,
        coop=bool(made.get("co_creators")) if "co_creators" in made else None,
    )


def can_comment(raw: dict[str, Any]) -> bool | None:
    """Return whether others may comment on a post."""
    allowed = flag(obj(raw.get("aweme_control")).get("can_comment"))
    return flag(obj(raw.get("status")).get("allow_comment")) if allowed is None else allowed


def _can(raw: dict[str, Any]) -> Can:
    control, status = obj(raw.get("aweme_control")), obj(raw.get("status"))
    allowed, prevented = flag(obj(raw.get("video_control")).get("allow_download")), flag(raw.get("prevent_download"))
    share = flag(control.get("can_share"))
    return Can(
        comment=can_comment(raw),
        share=flag(status.get("allow_share")) if share is None else share,
        download=allowed if allowed is not None else None if prevented is None else not prevented,
    )


def seed_id(kind: str) -> Callable[[Context], Id]:
    """Return the builder of the record for an id in its input."""

    def seed(context: Context) -> Id:
        named = context.target.get("by", kind)
        meta = meta_for(Id, PLATFORM, f"{named}:{context.target.id}")
        return Id(input=context.target.given, value=context.target.id, kind=named, meta=meta)

    return seed
