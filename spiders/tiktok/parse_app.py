"""Parse posts (`aweme`) of TikTok's app API. Pure."""

from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.records import (  # fmt: skip
    AuthorRef,
    Can,
    Commerce,
    Cover,
    Effect,
    Flags,
    ImageData,
    MixRef,
    MusicRef,
    Refs,
    Video,
    VideoData,
    availability,
    meta_for,
)
from scraper.responses.values import (
    any_true,
    count,
    dig,
    duration_ms,
    flag,
    ident,
    integer,
    need,
    obj,
    objs,
    text,
    title,
)
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM, profile_url, work_url

_COUNTS = {
    "play_count": ["play_count"],
    "digg_count": ["digg_count"],
    "comment_count": ["comment_count"],
    "share_count": ["share_count"],
    "collect_count": ["collect_count"],
    "repost_count": ["repost_count", "forward_count"],
    "download_count": ["download_count"],
    "whatsapp_share_count": ["whatsapp_share_count"],
}
_SEEN_BY = {"private": "private", "friends only": "friends", "followers only": "friends"}


def parse_aweme(raw: dict[str, Any], context: Context) -> Video:
    """Parse a video or image post. The `play_addr` of an image post is its sound."""
    ident_ = need(ident(raw.get("aweme_id")), "aweme_id")
    meta = meta_for(Video, PLATFORM, ident_)
    author, video, posted = author_of(obj(raw.get("author"))), obj(raw.get("video")), _posted(raw)
    flags, marks, number = _flags(raw), list(marked(raw)), integer(raw.get("aweme_type"))
    is_image, images = bool(posted) or number in parse_common.IMAGE_TYPES, _images(posted)
    music = _music(obj(raw.get("music")))
    where, lacking = (None, []) if is_image else _video(video, music, context)
    meta.missing = parse_common.missing(posted, images) if is_image else lacking
    is_video = where or number in parse_common.VIDEO_TYPES
    return Video(
        video_id=ident_,
        alt_ids=_alt_ids(raw, ident_),
        type="image" if is_image else "video",
        kind=parse_common.image_kind(posted) if is_image else "video" if is_video else "unknown",
        raw_kind=None if number is None else str(number),
        url=work_url(author.unique_id, ident_, is_image),
        title=title(dig(raw, "image_post_info.title")),
        desc=text(raw.get("desc")),
        desc_language=text(raw.get("desc_language")),
        create_time=parse_common.create_time(raw.get("create_time"), ident_, "create_time", meta),
        duration_ms=None if is_image else count(video.get("duration")) or None,
        width=None if is_image else count(video.get("width")) or None,
        height=None if is_image else count(video.get("height")) or None,
        region=text(raw.get("region")),
        place=parse_common.place(raw.get("poi_data"), "poi_id", "poi_name"),
        author=author,
        statistics=parse_common.statistics(_COUNTS, [obj(raw.get("statistics"))], meta),
        hashtags=_hashtags(raw, marks),
        mentions=parse_common.mentions(marks) if parse_common.known(["text_extra"], raw) else None,
        music=music,
        mix=_mix(obj(raw.get("mix_info"))),
        effects=_effects(raw),
        labels=_labels(raw),
        flags=flags,
        can=_can(raw),
        availability=availability(flags),
        refs=Refs(duet_from=ident(dig(raw, "duet_info.original_item_id") or raw.get("duet_from_id"))),
        commerce=_commerce(raw),
        cover_data=_cover(raw, video),
        video_data=where,
        image_data=images,
        meta=meta,
    )


def _alt_ids(raw: dict[str, Any], own: str) -> dict[str, str]:
    given = {"group_id": ident(raw.get("group_id")), "vid": text(dig(raw, "video.play_addr.uri"))}
    return {name: value for name, value in given.items() if value and value != own and "/" not in value}


def author_of(raw: dict[str, Any]) -> AuthorRef:
    """Return the author of a post or comment."""
    handle = text(raw.get("unique_id"))
    pictures = [media.list_of(raw.get(f"avatar_{size}")) for size in ("larger", "medium", "thumb")]
    verified = text(raw.get("custom_verify")) or text(raw.get("enterprise_verify_reason"))
    return AuthorRef(
        uid=ident(raw.get("uid")),
        sec_uid=text(raw.get("sec_uid")),
        unique_id=handle,
        nickname=text(raw.get("nickname")),
        avatar_url=next((address for picture in pictures if (address := media.image(picture))), None),
        verified=bool(verified) if "custom_verify" in raw else None,
        url=profile_url(handle),
    )


def _video(video: dict[str, Any], music: MusicRef | None, context: Context) -> tuple[VideoData | None, list[str]]:
    """Return the listed streams, or else the single address, and the names for `meta.missing`."""
    raws = [_raw(rate, video) for rate in objs(video.get("bit_rate"))]
    if not any(media.stream(raw_stream) for raw_stream in raws):
        addresses = [obj(video.get(name)) for name in ("play_addr", "play_addr_h264", "play_addr_bytevc1")]
        codecs = [media.is_h265(video), "h264", "h265"]
        alone = [media.Raw(address, None, codec, entry=video) for address, codec in zip(addresses, codecs, strict=True)]
        by_key = {text(raw.address.get("url_key")) or place: raw for place, raw in enumerate(alone)}
        raws += by_key.values()
    play, download = media.list_of(video.get("play_addr")), media.list_of(video.get("download_addr"))
    return media.video_data(raws, play, download, (), context, music.play_url if music else None)


def _raw(quality: dict[str, Any], video: dict[str, Any]) -> media.Raw:
    address, codec = obj(quality.get("play_addr")), media.is_h265(quality)
    named = quality.get("gear_name"), codec, quality.get("bit_rate"), quality.get("FPS")
    return media.Raw(address, *named, entry=quality, video=video)


def _posted(raw: dict[str, Any]) -> list[Any]:
    posted = dig(raw, "image_post_info.images")
    return posted if isinstance(posted, list) else []


def _images(posted: list[Any]) -> ImageData | None:
    plain = [media.image(media.list_of(obj(picture).get("display_image"))) for picture in posted]
    stamped = [media.image(media.list_of(picture.get("owner_watermark_image"))) for picture in objs(posted)]
    kept = [image for image in plain if image]
    if not kept:
        return None
    marked = [image for image in stamped if image]
    live_photos = media.live_photos(posted, plain)
    return ImageData(no_watermark_image_list=kept, watermark_image_list=marked, live_photos=live_photos)


def _cover(raw: dict[str, Any], video: dict[str, Any]) -> Cover:
    post = media.image(media.list_of(dig(raw, "image_post_info.image_post_cover.display_image")))
    moving = [media.image(media.list_of(video.get(name))) for name in ("dynamic_cover", "ai_dynamic_cover")]
    return Cover(
        cover=media.image(media.list_of(video.get("cover"))) or post,
        origin_cover=media.image(media.list_of(video.get("origin_cover"))) or post,
        dynamic_cover=next((address for address in moving if address), None),
    )


def marked(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the marked texts in a description or comment."""
    names = ("type", "start", "end", "hashtag_id", "hashtag_name", "user_id", "sec_uid", "unique_id")
    for mark in objs(raw.get("text_extra")):
        yield {name: mark.get(name) for name in names} | {"is_commerce": flag(mark.get("is_commerce"))}


def _hashtags(raw: dict[str, Any], marks: list[dict[str, Any]]) -> list[Any] | None:
    listed = [
        {"id": tag.get("cid"), "name": tag.get("cha_name"), "commerce": flag(tag.get("is_commerce"))}
        for tag in objs(raw.get("cha_list"))
    ]
    tags = parse_common.hashtags(marks, listed)
    return tags if tags or parse_common.known(["cha_list", "text_extra"], raw) else None


def _music(music: dict[str, Any]) -> MusicRef | None:
    if not music:
        return None
    addresses = media.addresses(media.list_of(music.get("play_url")) or obj(music.get("play_url")).get("uri"))
    return MusicRef(
        music_id=ident(music.get("id_str")) or ident(music.get("mid")) or ident(music.get("id")),
        title=title(music.get("title")),
        author=text(music.get("author")),
        original=any_true([flag(music.get("is_original_sound")), flag(music.get("is_original"))]),
        play_url=addresses[0] if addresses else None,
        duration_ms=duration_ms(music.get("duration")),
    )


def _mix(raw: dict[str, Any]) -> MixRef | None:
    if not ident(raw.get("mix_id")):
        return None
    episode = count(dig(raw, "statis.current_episode"))
    return MixRef(id=ident(raw.get("mix_id")), title=title(raw.get("mix_name")), episode=episode)


def _effects(raw: dict[str, Any]) -> list[Effect] | None:
    stickers = objs(raw.get("effect_stickers"))
    return [Effect(id=ident(sticker.get("id")), name=text(sticker.get("name"))) for sticker in stickers] or None


def _labels(raw: dict[str, Any]) -> list[str] | None:
    texts = [*(label.get("text") for label in objs(raw.get("hybrid_label"))), dig(raw, "risk_infos.content")]
    return parse_common.texts(texts) or None


def _commerce(raw: dict[str, Any]) -> list[Commerce] | None:
    items = [
        Commerce(kind=ident(anchor.get("type")), id=ident(anchor.get("id")), title=text(anchor.get("keyword")))
        for anchor in objs(raw.get("anchors"))
    ]
    return items or None


def _flags(raw: dict[str, Any]) -> Flags:
    status, seen_by = obj(raw.get("status")), integer(dig(raw, "status.private_status"))
    labels = {
        _SEEN_BY.get(label.lower()) for entry in objs(raw.get("hybrid_label")) if (label := text(entry.get("text")))
    }
    of_status = None if seen_by is None else seen_by == 1
    return Flags(
        pinned=flag(raw.get("is_top")),
        ad=flag(raw.get("is_ads")),
        private=any_true(
            [flag(status.get("is_private")), flag(status.get("self_see")), of_status, "private" in labels or None]
        ),
        friends_only=any_true([None if seen_by is None else seen_by == 2, "friends" in labels or None]),
        deleted=flag(status.get("is_delete")),
        in_review=flag(status.get("in_reviewing")),
        prohibited=flag(status.get("is_prohibited")),
        story=flag(raw.get("is_story")),
        duet=True if ident(dig(raw, "duet_info.original_item_id") or raw.get("duet_from_id")) else None,
    )


def _can(raw: dict[str, Any]) -> Can:
    status, control = obj(raw.get("status")), obj(raw.get("video_control"))
    return Can(
        comment=flag(status.get("allow_comment")),
        share=flag(status.get("allow_share")),
        download=flag(control.get("allow_download")),
        duet=flag(control.get("allow_duet")),
        stitch=flag(control.get("allow_stitch")),
    )
