"""Parse posts (`aweme`) of TikTok's app API. Pure."""

from typing import Any

from msgspec import UNSET

from scraper.platform import Context
from scraper.records import (  # fmt: skip
    Anchor,
    AuthorRef,
    Can,
    Cover,
    Effect,
    Flags,
    HashtagRef,
    ImageData,
    Meta,
    MixRef,
    MusicRef,
    Refs,
    Video,
    VideoData,
    VideoStatistics,
    availability,
    meta_for,
)
from scraper.responses.shapes import as_shape
from scraper.responses.values import any_true, duration_ms, ident, need, title
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM, profile_url, work_url
from spiders.tiktok.shapes import (
    AppImagePost,
    AppMedia,
    AppMusic,
    AppPost,
    AppStatistics,
    AppUser,
    Control,
    MixInfo,
    Picture,
    Status,
)

_SEEN_BY = {"private": "private", "friends only": "friends", "followers only": "friends"}
_NO_USER, _NO_MEDIA, _NO_MUSIC, _NO_STATISTICS = AppUser(), AppMedia(), AppMusic(), AppStatistics()
_NO_IMAGES, _NO_STATUS, _NO_CONTROL = AppImagePost(), Status(), Control()


def parse_aweme(raw: AppPost | dict[str, Any], context: Context) -> Video:
    """Parse a video or image post. The `play_addr` of an image post is its sound."""
    post = as_shape(AppPost, raw)
    ident_ = need(ident(post.aweme_id), "aweme_id")
    meta = meta_for(Video, PLATFORM, ident_)
    author, video = author_of(post.author or _NO_USER), post.video or _NO_MEDIA
    images = post.image_post_info or _NO_IMAGES
    posted, flags, number = images.images or [], _flags(post), post.aweme_type
    is_image, pictures = bool(posted) or number in parse_common.IMAGE_TYPES, _images(posted)
    moving, music = [media.is_moving(picture) for picture in posted], _music(post.music)
    where, lacking = (None, []) if is_image else _video(video, music, context)
    meta.missing = parse_common.missing(posted, moving, pictures) if is_image else lacking
    is_video = where or number in parse_common.VIDEO_TYPES
    name, desc = title(images.title), post.desc or None
    return Video(
        video_id=ident_,
        alt_ids=_alt_ids(post, video, ident_),
        type="image" if is_image else "video",
        kind=parse_common.image_kind(moving) if is_image else "video" if is_video else "unknown",
        raw_kind=None if number is None else str(number),
        url=work_url(author.unique_id, ident_, is_image),
        title=name,
        desc=desc,
        text=desc or name,
        desc_language=post.desc_language or None,
        create_time=parse_common.create_time(post.create_time, ident_, "create_time", meta),
        duration_ms=None if is_image else video.duration or None,
        width=None if is_image else video.width or None,
        height=None if is_image else video.height or None,
        region=post.region or None,
        place=parse_common.place(post.poi_data),
        author=author,
        statistics=_statistics(post, meta),
        hashtags=_hashtags(post),
        mentions=parse_common.mentions(post.text_extra),
        music=music,
        mix=_mix(post.mix_info),
        effects=_effects(post),
        labels=_labels(post),
        flags=flags,
        can=_can(post),
        availability=availability(flags),
        refs=Refs(duet_from=_duet_from(post)),
        anchors=_anchors(post),
        cover_data=_cover(images, video),
        video_data=where,
        image_data=pictures,
        meta=meta,
    )  # fmt: skip


def _alt_ids(post: AppPost, video: AppMedia, own: str) -> dict[str, str]:
    ids = {"group_id": ident(post.group_id), "vid": video.play_addr.uri if video.play_addr else None}
    return {name: value for name, value in ids.items() if value and value != own and "/" not in value}


def author_of(user: AppUser) -> AuthorRef:
    """Return the author of a post or comment."""
    handle, verified = user.unique_id or None, user.custom_verify
    pictures = (user.avatar_larger, user.avatar_medium, user.avatar_thumb)
    return AuthorRef(
        uid=ident(user.uid),
        sec_uid=user.sec_uid or None,
        unique_id=handle,
        nickname=user.nickname or None,
        avatar_url=next((address for picture in pictures if (address := media.image_of(picture))), None),
        verified=None if verified is UNSET else bool(verified or user.enterprise_verify_reason),
        url=profile_url(handle),
    )


def _video(video: AppMedia, music: MusicRef | None, context: Context) -> tuple[VideoData | None, list[str]]:
    """Return the listed streams, or else the single address, and the names for `meta.missing`."""
    files = media.Files(video)
    for rate in video.bit_rate or ():
        files.add(rate.play_addr, rate, rate.gear_name, media.is_h265(rate), rate.bit_rate, rate.FPS)
    if not files.streams:
        single = (video.play_addr, video.play_addr_h264, video.play_addr_bytevc1)
        named = zip(single, (media.is_h265(video), "h264", "h265"), strict=True)
        by_key = {(file.url_key if file else None) or place: (file, codec) for place, (file, codec) in enumerate(named)}
        for file, codec in by_key.values():
            files.add(file, video, None, codec)
    play = media.addresses(video.play_addr.url_list) if video.play_addr else []
    download = media.addresses(video.download_addr.url_list) if video.download_addr else []
    return files.video_data(play, download, (), context, music.play_url if music else None)


def _images(posted: list[Picture | None]) -> ImageData | None:
    plain = [media.image_of(picture.display_image) if picture else None for picture in posted]
    stamped = [media.image_of(picture.owner_watermark_image) for picture in posted if picture]
    kept = [image for image in plain if image]
    if not kept:
        return None
    marked = [image for image in stamped if image]
    live_photos = media.live_photos(posted, plain)
    return ImageData(no_watermark_image_list=kept, watermark_image_list=marked, live_photos=live_photos)


def _cover(images: AppImagePost, video: AppMedia) -> Cover:
    post = media.image_of(images.cover.display_image) if images.cover else None
    return Cover(
        cover=media.image_of(video.cover) or post,
        origin_cover=media.image_of(video.origin_cover) or post,
        dynamic_cover=media.image_of(video.dynamic_cover) or media.image_of(video.ai_dynamic_cover),
    )


def _hashtags(post: AppPost) -> list[HashtagRef] | None:
    tags = parse_common.hashtags(post.text_extra or (), post.cha_list or ())
    return tags if tags or post.cha_list is not None or post.text_extra is not None else None


def _music(music: AppMusic | None) -> MusicRef | None:
    if not music or music == _NO_MUSIC:
        return None
    played = music.play_url
    addresses = media.addresses(played.url_list or played.uri) if played else []
    return MusicRef(
        music_id=ident(music.id_str) or ident(music.mid) or ident(music.id),
        title=title(music.title),
        author_name=music.author or None,
        original=any_true((music.is_original_sound, music.is_original)),
        play_url=addresses[0] if addresses else None,
        duration_ms=duration_ms(music.duration),
    )


def _mix(mix: MixInfo | None) -> MixRef | None:
    mix_id = mix and ident(mix.mix_id)
    if not mix or not mix_id:
        return None
    return MixRef(id=mix_id, title=title(mix.mix_name), episode=mix.statis.current_episode if mix.statis else None)


def _statistics(post: AppPost, meta: Meta) -> VideoStatistics:
    counters, first = post.statistics or _NO_STATISTICS, parse_common.first_count
    reposts, forwards = counters.repost_count, counters.forward_count
    return VideoStatistics(
        play_count=first("play_count", counters.play_count, None, meta),
        digg_count=first("digg_count", counters.digg_count, None, meta),
        comment_count=first("comment_count", counters.comment_count, None, meta),
        share_count=first("share_count", counters.share_count, None, meta),
        collect_count=first("collect_count", counters.collect_count, None, meta),
        repost_count=first("repost_count", reposts or forwards, reposts, meta),
        download_count=first("download_count", counters.download_count, None, meta),
        whatsapp_share_count=first("whatsapp_share_count", counters.whatsapp_share_count, None, meta),
    )


def _effects(post: AppPost) -> list[Effect] | None:
    return [Effect(id=ident(sticker.id), name=sticker.name or None) for sticker in post.effect_stickers or ()] or None


def _labels(post: AppPost) -> list[str] | None:
    texts = [label.text for label in post.hybrid_label or ()]
    return parse_common.texts([*texts, post.risk_infos.content if post.risk_infos else None]) or None


def _anchors(post: AppPost) -> list[Anchor] | None:
    items = [
        Anchor(anchor_kind=ident(anchor.type), id=ident(anchor.id), title=anchor.keyword or None)
        for anchor in post.anchors or ()
    ]
    return items or None


def _duet_from(post: AppPost) -> str | None:
    number = post.duet_info.original_item_id if post.duet_info else None
    return ident(number or post.duet_from_id)


def _flags(post: AppPost) -> Flags:
    status = post.status or _NO_STATUS
    seen_by = status.private_status
    labels = {_SEEN_BY.get(label.text.lower()) for label in post.hybrid_label or () if label.text}
    of_status = None if seen_by is None else seen_by == 1
    return Flags(
        pinned=post.is_top,
        ad=post.is_ads,
        private=any_true((status.is_private, status.self_see, of_status, "private" in labels or None)),
        friends_only=any_true((None if seen_by is None else seen_by == 2, "friends" in labels or None)),
        deleted=status.is_delete,
        in_review=status.in_reviewing,
        prohibited=status.is_prohibited,
        story=post.is_story,
        duet=True if _duet_from(post) else None,
    )


def _can(post: AppPost) -> Can:
    status, control = post.status or _NO_STATUS, post.video_control or _NO_CONTROL
    return Can(
        comment=status.allow_comment,
        share=status.allow_share,
        download=control.allow_download,
        duet=control.allow_duet,
        stitch=control.allow_stitch,
    )
