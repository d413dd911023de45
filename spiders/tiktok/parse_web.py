"""Parse posts (`itemStruct`) of TikTok's pages and web API, 2020 to 2026. Pure."""

from typing import Any

from msgspec import UNSET

from scraper.platform import Context
from scraper.records import (  # fmt: skip
    Anchor,
    AuthorRef,
    Can,
    Category,
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
from scraper.responses.values import any_true, count, duration_ms, ident, need, title, url
from spiders.tiktok import media, parse_common
from spiders.tiktok.ids import PLATFORM, profile_url, work_url
from spiders.tiktok.shapes import DuetInfo, File, ImagePost, Media, Music, Picture, Post, Statistics, User, WebMark

_MASKS = {3: "sensitive", 4: "photosensitive"}
_NO_USER, _NO_MEDIA, _NO_MUSIC, _NO_STATISTICS = User(), Media(), Music(), Statistics()
_NO_IMAGES, _NO_DUET = ImagePost(), DuetInfo()


def parse_item(raw: Post | dict[str, Any], context: Context) -> Video:
    """Parse a video or image post."""
    post = as_shape(Post, raw)
    ident_ = need(ident(post.id), "id")
    meta = meta_for(Video, PLATFORM, ident_)
    author, video, images = author_of(post), post.video or _NO_MEDIA, post.imagePost or _NO_IMAGES
    duet_from = _duet_from(post)
    posted, flags, marks = images.images or [], _flags(post, duet_from), _marks(post)
    is_image, pictures, moving = bool(posted), _images(posted), [media.is_moving(picture) for picture in posted]
    music, number = _music(post.music), ident(post.CategoryType)
    where, lacking = (None, []) if is_image else _video(video, music, context)
    meta.missing = parse_common.missing(posted, moving, pictures) if is_image else lacking
    is_video = where or count(video.duration)
    name, desc = title(images.title), post.desc or _parts(post)
    return Video(
        video_id=ident_,
        alt_ids={"vid": vid} if (vid := ident(video.videoID)) else {},
        type="image" if is_image else "video",
        kind=parse_common.image_kind(moving) if is_image else "video" if is_video else "unknown",
        raw_kind=number,
        url=work_url(author.unique_id, ident_, image=is_image),
        title=name,
        desc=desc,
        text=desc or name,
        desc_language=post.textLanguage or None,
        create_time=parse_common.create_time(post.createTime, ident_, "createTime", meta),
        duration_ms=None if is_image else duration_ms(video.duration),
        width=None if is_image else video.width or None,
        height=None if is_image else video.height or None,
        region=post.locationCreated or None,
        place=parse_common.place(post.poi),
        author=author,
        statistics=_statistics(post, meta),
        hashtags=_hashtags(post, marks),
        mentions=None if post.textExtra is None and post.contents is None else parse_common.mentions(marks),
        category=_category(number, post),
        music=music,
        mix=MixRef(id=mix) if (mix := ident(post.playlistId)) else None,
        effects=_effects(post),
        overlay_text=_overlay(post),
        labels=_labels(post),
        suggested_words=_words(post),
        flags=flags,
        can=_can(post),
        availability=availability(flags),
        refs=Refs(duet_from=duet_from),
        anchors=_anchors(post),
        cover_data=_cover(images, video),
        video_data=where,
        image_data=pictures,
        meta=meta,
    )  # fmt: skip


def _parts(post: Post) -> str | None:
    """Return the parts of a description; some posts have only these."""
    return "\n".join(parse_common.texts([part.desc for part in post.contents or ()])) or None


def author_of(post: Post) -> AuthorRef:
    """Return the author: an object, or a handle with the other ids in sibling keys."""
    author = post.author
    if isinstance(author, User) and author != _NO_USER:
        return author_ref(author)
    handle = author if isinstance(author, str) else None
    return author_ref(
        User(
            uniqueId=handle,
            id=post.authorId,
            secUid=post.authorSecId,
            nickname=post.nickname,
            avatarThumb=post.avatarThumb,
        )
    )


def author_ref(user: User) -> AuthorRef:
    handle = user.uniqueId or None
    return AuthorRef(
        uid=ident(user.id),
        sec_uid=user.secUid or None,
        unique_id=handle,
        nickname=user.nickname or None,
        avatar_url=url(user.avatarLarger) or url(user.avatarMedium) or url(user.avatarThumb),
        verified=user.verified,
        url=profile_url(handle),
    )


def _video(video: Media, music: MusicRef | None, context: Context) -> tuple[VideoData | None, list[str]]:
    """Return the streams (old posts have only the played one), and the names for `meta.missing`."""
    files = media.Files(video)
    for rate in video.bitrateInfo or ():
        files.add(rate.play_addr, rate, rate.gear_name, rate.CodecType, rate.bit_rate, rate.FPS)
    played = video.PlayAddrStruct
    play = media.addresses(video.playAddr) or (media.addresses(played.url_list) if played else [])
    if not files.streams:
        alone = File(
            url_list=play,
            url_key=played.url_key if played else None,
            width=video.width,
            height=video.height,
            data_size=(played.data_size if played else None) or video.size,
        )
        files.add(alone, video, video.ratio, video.codecType, video.bitrate)
    download, sound = media.addresses(video.downloadAddr), music.play_url if music else None
    return files.video_data(play, download, media.WEB_COOKIES, context, sound)


def _images(posted: list[Picture | None]) -> ImageData | None:
    if not posted:
        return None
    images = [media.image_of(picture.imageURL) if picture else None for picture in posted]
    kept = [image for image in images if image]
    live_photos = media.live_photos(posted, images)
    return ImageData(no_watermark_image_list=kept, live_photos=live_photos) if kept else None


def _cover(images: ImagePost, video: Media) -> Cover:
    post = media.image_of(images.cover.imageURL) if images.cover else None
    return Cover(
        cover=url(video.cover) or post,
        origin_cover=url(video.originCover) or post,
        dynamic_cover=url(video.dynamicCover),
    )


def _marks(post: Post) -> list[WebMark]:
    """Return the marked texts of a description."""
    return post.textExtra or [mark for part in post.contents or () for mark in part.textExtra or ()]


def _hashtags(post: Post, marks: list[WebMark]) -> list[HashtagRef] | None:
    tags = parse_common.hashtags(marks, post.challenges or ())
    return tags if tags or post.challenges is not None or post.textExtra is not None else None


def _category(number: str | None, post: Post) -> list[Category] | None:
    categories = [Category(id=number)] if number else []
    for name in dict.fromkeys(post.diversificationLabels or ()):
        if name:
            categories.append(Category(name=name))
    return categories or None


def _music(music: Music | None) -> MusicRef | None:
    if not music or music == _NO_MUSIC:
        return None
    return MusicRef(
        music_id=ident(music.id),
        title=title(music.title),
        author_name=music.authorName or None,
        original=music.original,
        play_url=url(music.playUrl),
        duration_ms=duration_ms(music.duration),
    )


def _statistics(post: Post, meta: Meta) -> VideoStatistics:
    exact, rounded = post.statsV2 or _NO_STATISTICS, post.stats or _NO_STATISTICS
    first = parse_common.first_count
    return VideoStatistics(
        play_count=first("play_count", exact.playCount, rounded.playCount, meta),
        digg_count=first("digg_count", exact.diggCount, rounded.diggCount, meta),
        comment_count=first("comment_count", exact.commentCount, rounded.commentCount, meta),
        share_count=first("share_count", exact.shareCount, rounded.shareCount, meta),
        collect_count=first("collect_count", exact.collectCount, rounded.collectCount, meta),
        repost_count=first("repost_count", exact.repostCount, rounded.repostCount, meta),
    )


def _effects(post: Post) -> list[Effect] | None:
    if post.effectStickers is None:
        return None
    return [Effect(id=ident(sticker.ID or sticker.id), name=sticker.name or None) for sticker in post.effectStickers]


def _overlay(post: Post) -> list[str] | None:
    if post.stickersOnItem is None:
        return None
    return parse_common.texts([text for sticker in post.stickersOnItem for text in sticker.stickerText or ()])


def _labels(post: Post) -> list[str] | None:
    mask = _MASKS.get(post.maskType or 0)
    if post.warnInfo is None:
        return [mask] if mask else None
    return parse_common.texts([*[warning.text for warning in post.warnInfo], mask])


def _words(post: Post) -> list[str] | None:
    suggested = post.videoSuggestWordsList
    if suggested is None and post.suggestedWords is None:
        return None
    groups = suggested.video_suggest_words_struct if suggested else None
    words = [entry.word for group in groups or () for entry in group.words or ()]
    return parse_common.texts([*words, *(post.suggestedWords or ())])


def _anchors(post: Post) -> list[Anchor] | None:
    if not post.anchors:
        return None
    return [
        Anchor(anchor_kind=None if anchor.type is None or anchor.type < 0 else str(anchor.type),
               id=ident(anchor.id), title=anchor.keyword or anchor.description or None)
        for anchor in post.anchors
    ]  # fmt: skip


def _duet_from(post: Post) -> str | None:
    number = post.duetInfo.duetFromId if post.duetInfo else UNSET
    return None if number is UNSET else ident(number)


def _flags(post: Post, duet_from: str | None) -> Flags:
    taken, described = post.takeDown, post.AIGCDescription
    return Flags(
        pinned=post.isPinnedItem,
        ad=post.isAd,
        paid_partnership=post.adAuthorization,
        private=any_true((post.privateItem, post.secret)),
        friends_only=post.forFriend,
        deleted=None if taken is None else taken > 0,
        in_review=post.isReviewing,
        aigc=any_true((post.IsAigc, None if described is None else described != "")),
        duet=None if post.duetInfo is None or post.duetInfo == _NO_DUET else duet_from is not None,
        original=post.originalItem,
    )


def can_comment(post: Post) -> bool | None:
    """Return whether others may comment on a post."""
    return None if post.itemCommentStatus is None else post.itemCommentStatus == 0


def _can(post: Post) -> Can:
    return Can(comment=can_comment(post), share=post.shareEnabled, duet=post.duetEnabled, stitch=post.stitchEnabled)
