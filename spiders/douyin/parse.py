"""Parse Douyin's posts. Pure."""

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from scraper.platform import Context
from scraper.records import (
    AuthorRef,
    Can,
    Flags,
    Id,
    ImageData,
    Kind,
    Refs,
    Stream,
    Video,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.shapes import as_shape
from scraper.responses.values import ident, need, seconds, title
from spiders.douyin import refs
from spiders.douyin.ids import PLATFORM, made_at
from spiders.douyin.shapes import Control, Image, Media, Post, Statistics, Status
from spiders.douyin.streams import clip_of, cover_data, image_data, is_moving, is_playable, streams_of, video_data

_URL = "https://www.douyin.com/{}/{}"
_IMAGE_TYPES = {2, 68, 150}
_VIDEO_TYPES = {0, 4, 33, 51, 53, 55, 58, 61, 66, 69, 107, 109, 201}
_IMAGE_MEDIA = 2
_PRIVATE, _FRIENDS = 1, 2
_NO_MEDIA, _NO_STATISTICS, _NO_STATUS, _NO_CONTROL = Media(), Statistics(), Status(), Control()


def parse_work(answer: Post | dict[str, Any], context: Context) -> Video:
    """Parse a post of any kind, from the API or a page."""
    post = as_shape(Post, answer)
    work_id = need(ident(post.aweme_id), "aweme_id")
    video, posted = post.video or _NO_MEDIA, _posted(post)
    images, streams = [image for image in posted if image], streams_of(video)
    kind = _kind(post, video, streams, images)
    meta, flags = meta_for(Video, PLATFORM, work_id), _flags(post)
    is_image = kind in ("image", "live_photo", "mixed")
    music = refs.music_ref(post.music)
    if is_image:
        media, pictures = None, image_data(images)
        meta.missing = _lacking(posted, pictures)
    else:
        pictures = None
        media, meta.missing = video_data(video, streams, context, music.play_url if music else None)
    name, desc = title(post.preview_title) or title(post.item_title), post.desc or post.caption or None
    return Video(
        video_id=work_id,
        alt_ids=_alt_ids(post),
        type="image" if is_image else "video",
        kind=kind,
        raw_kind=_raw_kind(post),
        url=_URL.format("note" if is_image else "video", work_id),
        title=name,
        desc=desc,
        text=desc or name,
        create_time=_created(post, work_id, meta.approximate),
        duration_ms=video.duration or post.duration or None,
        width=video.width or None,
        height=video.height or None,
        region=post.region or None,
        place=refs.place(post.poi_info) if post.poi_info else None,
        author=_author(post),
        coauthors=refs.coauthors(post.cooperation_info) if post.cooperation_info else None,
        statistics=_statistics(post),
        hashtags=refs.hashtags(post),
        mentions=refs.mentions(post.text_extra),
        category=refs.categories(post),
        music=music,
        mix=refs.mix_ref(post.mix_info) if post.mix_info else None,
        overlay_text=[seen] if post.seo_info and (seen := post.seo_info.seo_ocr_content) else None,
        labels=refs.labels(post),
        flags=flags,
        can=_can(post),
        availability=availability(flags) if post.status and post.status != _NO_STATUS else "unknown",
        refs=Refs(),
        chapters=refs.chapters(post.chapter_list) if post.chapter_list is not None else None,
        anchors=refs.anchors(post),
        similar_ids=_similar(post),
        cover_data=cover_data(video),
        video_data=media,
        image_data=pictures,
        meta=meta,
    )


def _posted(post: Post) -> list[Image | None]:
    """Return the pictures of the first list that is not empty; None stands for one that is no object."""
    for pictures in (post.images, post.image_post_info and post.image_post_info.images):
        if pictures and any(pictures):
            return pictures
    return []


def _lacking(posted: list[Image | None], pictures: ImageData) -> list[str]:
    """Return the entries for `meta.missing` of a note."""
    lacking = pictures.lacking(posted) if any(posted) else ["image_data"]
    if any(image and is_moving(image) and not clip_of(image) for image in posted):
        lacking.append("image_data.live_photos")
    return lacking


def _kind(post: Post, video: Media, streams: list[Stream], images: list[Image]) -> Kind:
    """Return the kind of a post, from its content, then from its type number."""
    if images:
        moving = [bool(clip_of(image)) or is_moving(image) for image in images]
        return "live_photo" if all(moving) else "mixed" if any(moving) else "image"
    number = post.aweme_type
    if number in _IMAGE_TYPES or (post.media_type == _IMAGE_MEDIA and number not in _VIDEO_TYPES):
        return "image"
    return "video" if number in _VIDEO_TYPES or is_playable(video, streams) else "unknown"


def _raw_kind(post: Post) -> str | None:
    if post.aweme_type is None or post.media_type is None:
        number = post.media_type if post.aweme_type is None else post.aweme_type
        return None if number is None else f"{number}"
    return f"{post.aweme_type}/{post.media_type}"


def _alt_ids(post: Post) -> dict[str, str]:
    ids = {}
    if group_id := ident(post.group_id):
        ids["group_id"] = group_id
    if comment_gid := ident(post.comment_gid):
        ids["comment_gid"] = comment_gid
    return ids


def _created(post: Post, work_id: str, approximate: list[str]) -> int:
    """Return the creation time; old lists lack it, but the id has it approximately."""
    created = seconds(post.create_time)
    if created is None:
        approximate.append("create_time")
    return created or need(made_at(work_id), "create_time")


def _author(post: Post) -> AuthorRef:
    author = refs.author_ref(post.author) if post.author else AuthorRef()
    need(author.sec_uid or author.uid, "author.uid")
    return author


def _statistics(post: Post) -> VideoStatistics:
    counters = post.statistics or _NO_STATISTICS
    return VideoStatistics(
        digg_count=counters.digg_count,
        comment_count=counters.comment_count,
        share_count=counters.share_count,
        collect_count=counters.collect_count,
        repost_count=counters.forward_count,
        download_count=counters.download_count,
        danmaku_count=post.danmaku_control.danmaku_cnt if post.danmaku_control else None,
        admire_count=counters.admire_count,
    )


def _flags(post: Post) -> Flags:
    status = post.status or _NO_STATUS
    private, part = status.private_status, status.part_see
    stories = (post.is_story, post.is_24_story, post.is_25_story, post.is_moment_story)
    paid = post.series_paid_info.series_paid_status if post.series_paid_info else None
    label = post.aigc_info.aigc_label_type if post.aigc_info else None
    creators = post.cooperation_info.co_creators if post.cooperation_info else UNSET
    return Flags(
        pinned=post.is_top,
        ad=post.is_ads,
        private=True if status.self_see else None if private is None else private == _PRIVATE,
        friends_only=None if private is None and part is None else private == _FRIENDS or part == 1,
        deleted=status.is_delete,
        in_review=status.in_reviewing,
        prohibited=status.is_prohibited,
        aigc=None if label is None else label > 0,
        story=True if True in stories else False if False in stories else None,
        duet=post.is_duet_sing,
        paid=None if paid is None else paid > 0,
        coop=None if creators is UNSET else bool(creators),
    )


def _similar(post: Post) -> list[str] | None:
    similar = post.impression_data.similar_id_list_a if post.impression_data else None
    return [number for item_id in similar if (number := ident(item_id))] if isinstance(similar, list) else None


def can_comment(post: Post) -> bool | None:
    """Return whether others may comment on a post."""
    allowed = post.aweme_control.can_comment if post.aweme_control else None
    return post.status.allow_comment if allowed is None and post.status else allowed


def _can(post: Post) -> Can:
    control, status = post.aweme_control or _NO_CONTROL, post.status or _NO_STATUS
    allowed = post.video_control.allow_download if post.video_control else None
    return Can(
        comment=can_comment(post),
        share=status.allow_share if control.can_share is None else control.can_share,
        download=allowed if allowed is not None or post.prevent_download is None else not post.prevent_download,
    )


def seed_id(kind: str) -> Callable[[Context], Id]:
    """Return the builder of the record for an id in its input."""

    def seed(context: Context) -> Id:
        named = context.target.get("by", kind)
        meta = meta_for(Id, PLATFORM, f"{named}:{context.target.id}")
        return Id(input=context.target.given, value=context.target.id, id_kind=named, meta=meta)

    return seed
