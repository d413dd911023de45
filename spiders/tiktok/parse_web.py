"""Parse posts (`itemStruct`) of TikTok's pages and web API, 2020 to 2026. Pure."""

from collections.abc import Iterator
from typing import Any

from scraper.platform import Context
from scraper.records import (  # fmt: skip
    AuthorRef,
    Can,
    Category,
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
    duration_ms,
    flag,
    ident,
    integer,
    need,
    obj,
    objs,
    text,
    title,
    url,
)
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM, profile_url, work_url

_COUNTS = {
    "play_count": ["playCount"],
    "digg_count": ["diggCount"],
    "comment_count": ["commentCount"],
    "share_count": ["shareCount"],
    "collect_count": ["collectCount"],
    "repost_count": ["repostCount"],
}
_MASKS = {3: "sensitive", 4: "photosensitive"}


def parse_item(raw: dict[str, Any], context: Context) -> Video:
    """Parse a video or image post."""
    ident_ = need(ident(raw.get("id")), "id")
    meta = meta_for(Video, PLATFORM, ident_)
    author, video, posted = author_of(raw), obj(raw.get("video")), _posted(raw)
    flags, marked = _flags(raw), list(_marked(raw))
    is_image, images = bool(posted), _images(posted)
    music = _music(raw.get("music"))
    where, lacking = (None, []) if is_image else _video(video, music, context)
    meta.missing = parse_common.missing(posted, images) if is_image else lacking
    is_video = where or count(video.get("duration"))
    return Video(
        video_id=ident_,
        alt_ids={"vid": vid} if (vid := ident(video.get("videoID"))) else {},
        type="image" if is_image else "video",
        kind=parse_common.image_kind(posted) if is_image else "video" if is_video else "unknown",
        raw_kind=ident(raw.get("CategoryType")),
        url=work_url(author.unique_id, ident_, image=is_image),
        title=title(obj(raw.get("imagePost")).get("title")),
        desc=_desc(raw),
        desc_language=text(raw.get("textLanguage")),
        create_time=parse_common.create_time(raw.get("createTime"), ident_, "createTime", meta),
        duration_ms=None if is_image else duration_ms(video.get("duration")),
        width=None if is_image else count(video.get("width")) or None,
        height=None if is_image else count(video.get("height")) or None,
        region=text(raw.get("locationCreated")),
        place=parse_common.place(raw.get("poi"), "id", "name"),
        author=author,
        statistics=parse_common.statistics(_COUNTS, [obj(raw.get("statsV2")), obj(raw.get("stats"))], meta),
        hashtags=_hashtags(raw, marked),
        mentions=parse_common.mentions(marked) if parse_common.known(["textExtra", "contents"], raw) else None,
        category=_category(raw),
        music=music,
        mix=MixRef(id=mix) if (mix := ident(raw.get("playlistId"))) else None,
        effects=_effects(raw),
        overlay_text=_overlay(raw),
        labels=_labels(raw),
        suggested_words=_words(raw),
        flags=flags,
        can=_can(raw),
        availability=availability(flags),
        refs=Refs(duet_from=ident(obj(raw.get("duetInfo")).get("duetFromId"))),
        commerce=_commerce(raw),
        cover_data=_cover(raw, video),
        video_data=where,
        image_data=images,
        meta=meta,
    )  # fmt: skip


def _desc(raw: dict[str, Any]) -> str | None:
    """Return the description; some posts have it only in parts."""
    parts = parse_common.texts(part.get("desc") for part in objs(raw.get("contents")))
    return text(raw.get("desc")) or "\n".join(parts) or None


def author_of(raw: dict[str, Any]) -> AuthorRef:
    """Return the author: an object, or a handle with the other ids in sibling keys."""
    named = raw.get("author")
    given = obj(named) or {
        "uniqueId": named, "id": raw.get("authorId"), "secUid": raw.get("authorSecId"),
        "nickname": raw.get("nickname"), "avatarThumb": raw.get("avatarThumb"),
    }  # fmt: skip
    handle = text(given.get("uniqueId"))
    pictures = [given.get(name) for name in ("avatarLarger", "avatarMedium", "avatarThumb")]
    return AuthorRef(
        uid=ident(given.get("id")),
        sec_uid=text(given.get("secUid")),
        unique_id=handle,
        nickname=text(given.get("nickname")),
        avatar_url=next((address for picture in pictures if (address := url(picture))), None),
        verified=flag(given.get("verified")),
        url=profile_url(handle),
    )


def _video(video: dict[str, Any], music: MusicRef | None, context: Context) -> tuple[VideoData | None, list[str]]:
    """Return the streams (old posts have only the played one), and the names for `meta.missing`."""
    raws = [_raw(rate, video) for rate in objs(video.get("bitrateInfo"))]
    played = obj(video.get("PlayAddrStruct"))
    play = media.addresses(video.get("playAddr")) or media.addresses(played.get("UrlList"))
    if not any(media.stream(raw_stream) for raw_stream in raws):
        address = _address(played) | {"url_list": play, "width": video.get("width"), "height": video.get("height")}
        size = address.get("data_size") or video.get("size")
        address["data_size"] = size
        alone = media.Raw(address, video.get("ratio"), video.get("codecType"), video.get("bitrate"), entry=video)
        raws = [*raws, alone]
    sound = music.play_url if music else None
    return media.video_data(raws, play, video.get("downloadAddr"), media.WEB_COOKIES, context, sound)


def _raw(quality: dict[str, Any], video: dict[str, Any]) -> media.Raw:
    named = {"gear": "GearName", "codec": "CodecType", "bitrate": "Bitrate", "fps": "BitrateFPS"}
    quality_marks = {name: quality.get(key) for name, key in named.items()}
    return media.Raw(_address(obj(quality.get("PlayAddr"))), **quality_marks, entry=quality, video=video)


def _address(raw: dict[str, Any]) -> dict[str, Any]:
    named = {"url_list": "UrlList", "url_key": "UrlKey", "width": "Width", "height": "Height", "data_size": "DataSize"}
    return {name: raw.get(key) for name, key in named.items()}


def _posted(raw: dict[str, Any]) -> list[Any]:
    posted = obj(raw.get("imagePost")).get("images")
    return posted if isinstance(posted, list) else []


def _images(posted: list[Any]) -> ImageData | None:
    images = [media.image(media.list_of(obj(picture).get("imageURL"))) for picture in posted]
    kept = [image for image in images if image]
    live_photos = media.live_photos(posted, images)
    return ImageData(no_watermark_image_list=kept, live_photos=live_photos) if kept else None


def _cover(raw: dict[str, Any], video: dict[str, Any]) -> Cover:
    post = media.image(media.list_of(obj(obj(raw.get("imagePost")).get("cover")).get("imageURL")))
    return Cover(
        cover=url(video.get("cover")) or post,
        origin_cover=url(video.get("originCover")) or post,
        dynamic_cover=url(video.get("dynamicCover")),
    )


def _marked(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the marked texts of a description, with the app's names."""
    named = {
        "type": "type", "start": "start", "end": "end", "hashtag_id": "hashtagId", "hashtag_name": "hashtagName",
        "user_id": "userId", "sec_uid": "secUid", "unique_id": "userUniqueId",
    }  # fmt: skip
    given = list(objs(raw.get("textExtra")))
    for mark in given or (mark for part in objs(raw.get("contents")) for mark in objs(part.get("textExtra"))):
        yield {name: mark.get(key) for name, key in named.items()} | {"is_commerce": flag(mark.get("isCommerce"))}


def _hashtags(raw: dict[str, Any], marked: list[dict[str, Any]]) -> list[Any] | None:
    listed = [
        {"id": challenge.get("id"), "name": challenge.get("title"), "commerce": flag(challenge.get("isCommerce"))}
        for challenge in objs(raw.get("challenges"))
    ]
    tags = parse_common.hashtags(marked, listed)
    return tags if tags or parse_common.known(["challenges", "textExtra"], raw) else None


def _category(raw: dict[str, Any]) -> list[Category] | None:
    number = ident(raw.get("CategoryType"))
    names = parse_common.texts(parse_common.listed(raw.get("diversificationLabels")))
    categories = [Category(id=number)] if number else []
    return categories + [Category(name=name) for name in names] or None


def _music(raw: Any) -> MusicRef | None:
    music = obj(raw)
    if not music:
        return None
    return MusicRef(
        music_id=ident(music.get("id")),
        title=title(music.get("title")),
        author=text(music.get("authorName")),
        original=flag(music.get("original")),
        play_url=url(music.get("playUrl")),
        duration_ms=duration_ms(music.get("duration")),
    )


def _effects(raw: dict[str, Any]) -> list[Effect] | None:
    effects = [
        Effect(id=ident(sticker.get("ID") or sticker.get("id")), name=text(sticker.get("name")))
        for sticker in objs(raw.get("effectStickers"))
    ]
    return effects if parse_common.known(["effectStickers"], raw) else None


def _overlay(raw: dict[str, Any]) -> list[str] | None:
    overlay = parse_common.texts(
        parse_common.listed(*(sticker.get("stickerText") for sticker in objs(raw.get("stickersOnItem"))))
    )
    return overlay if parse_common.known(["stickersOnItem"], raw) else None


def _labels(raw: dict[str, Any]) -> list[str] | None:
    mask = _MASKS.get(integer(raw.get("maskType")) or 0)
    labels = parse_common.texts([*(warning.get("text") for warning in objs(raw.get("warnInfo"))), mask])
    return labels if labels or parse_common.known(["warnInfo"], raw) else None


def _words(raw: dict[str, Any]) -> list[str] | None:
    groups = objs(obj(raw.get("videoSuggestWordsList")).get("video_suggest_words_struct"))
    suggested = [entry.get("word") for group in groups for entry in objs(group.get("words"))]
    words = parse_common.texts([*suggested, *parse_common.listed(raw.get("suggestedWords"))])
    return words if parse_common.known(["videoSuggestWordsList", "suggestedWords"], raw) else None


def _commerce(raw: dict[str, Any]) -> list[Commerce] | None:
    items = [
        Commerce(kind=str(kind) if (kind := integer(anchor.get("type"))) is not None and kind >= 0 else None,
                 id=ident(anchor.get("id")), title=text(anchor.get("keyword")) or text(anchor.get("description")))
        for anchor in objs(raw.get("anchors"))
    ]  # fmt: skip
    return items or None


def _flags(raw: dict[str, Any]) -> Flags:
    taken, described, duet = integer(raw.get("takeDown")), raw.get("AIGCDescription"), obj(raw.get("duetInfo"))
    return Flags(
        pinned=flag(raw.get("isPinnedItem")),
        ad=flag(raw.get("isAd")),
        paid_partnership=flag(raw.get("adAuthorization")),
        private=any_true([flag(raw.get("privateItem")), flag(raw.get("secret"))]),
        friends_only=flag(raw.get("forFriend")),
        deleted=None if taken is None else taken > 0,
        in_review=flag(raw.get("isReviewing")),
        aigc=any_true([flag(raw.get("IsAigc")), bool(described) if isinstance(described, str) else None]),
        duet=ident(duet.get("duetFromId")) is not None if "duetFromId" in duet else None,
        original=flag(raw.get("originalItem")),
    )


def can_comment(raw: dict[str, Any]) -> bool | None:
    """Return whether others may comment on a post."""
    status = integer(raw.get("itemCommentStatus"))
    return None if status is None else status == 0


def _can(raw: dict[str, Any]) -> Can:
    return Can(
        comment=can_comment(raw),
        share=flag(raw.get("shareEnabled")),
        duet=flag(raw.get("duetEnabled")),
        stitch=flag(raw.get("stitchEnabled")),
    )
