"""From a record to the files of it that are wanted. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from scraper.media.content import Family
from scraper.media.options import MediaOptions, Quality
from scraper.media.plan import Plan, Post, Source
from scraper.records import (
    AudioStream,
    ImageData,
    Media,
    MediaRole,
    PartRef,
    Record,
    Stream,
    StreamSet,
    Video,
    VideoData,
    meta_for,
)
from scraper.records.stream_choice import by_quality

_UNKNOWN_SIZE = 1 << 62
_PICTURES = "m4s"  # the container of pictures without sound
_VIDEOS = ("video", "live_replay")
_SEVERAL = ("image", "live_photo")  # of which a post may have several


class Pages(NamedTuple):
    """The pages of the parts of a post.

    :ivar of_part: returns the page of a part by its number
    :ivar are_wanted: whether all parts are wanted, not only the one whose addresses are in the record
    """

    of_part: Callable[[int], str]
    are_wanted: bool


class _File(NamedTuple):
    """A file of a post, without what all its files have in common."""

    role: MediaRole
    family: Family
    pieces: list[Source]
    sound: Source | None = None
    part_cid: str | None = None
    has_sound: bool | None = None
    duration_ms: int | None = None
    of_video: VideoData | None = None
    rank: int | None = None
    page: str | None = None


def plans(record: Record, router: str, post: Post, options: MediaOptions, pages: Pages | None = None) -> list[Plan]:
    """Return what is to be downloaded of a record.

    :param router: of its envelope
    :param post: what its files are named after
    :param pages: None if it has a single part
    """
    if isinstance(record, Video):
        files = [*_of_post(record, options, pages), *_other_parts(record, options, pages)]
    elif isinstance(record, StreamSet):
        files = [*_of_part(record, options)]
    else:
        return []
    return [*_plans(files, record, router, post)]


def _of_post(record: Video, options: MediaOptions, pages: Pages | None) -> Iterator[_File]:
    roles, images = options.roles, record.image_data
    if "video" in roles and record.video_data and record.type == "video":
        yield from _video(record.video_data, _part_of(record, record.video_data), options, pages)
    elif "video" in roles and record.video_data is None and record.kind in _VIDEOS:
        yield _File("video", "video", [Source(urls=[])])  # lists have no addresses: the post is asked for them
    if "image" in roles and images:
        marked, plain = images.watermark_image_list, images.no_watermark_image_list
        listed = marked if options.has_watermark and marked else plain
        yield from (_File("image", "image", [Source(urls=[url])]) for url in listed)
    if "live_photo" in roles and images:
        yield from _live_photos(images)
    if "music" in roles and record.music and record.music.play_url:
        yield _File("music", "audio", [Source(urls=[record.music.play_url])])
    if "cover" in roles and (cover := record.cover_data.origin_cover or record.cover_data.cover):
        others = [record.cover_data.cover] if record.cover_data.cover else []
        yield _File("cover", "image", [Source(urls=[*dict.fromkeys([cover, *others])])])


def _other_parts(record: Video, options: MediaOptions, pages: Pages | None) -> Iterator[_File]:
    """Yield the videos of further parts, whose pages are asked for their addresses."""
    own = record.video_data and record.video_data.cid
    if pages is None or not pages.are_wanted or "video" not in options.roles or not own:
        return
    for part in record.parts or ():
        if part.no is not None and part.cid not in (None, own):
            of_part: dict[str, Any] = {"part_cid": part.cid, "rank": part.no, "page": pages.of_part(part.no)}
            yield _File("video", "video", [Source(urls=[])], **of_part)


def _live_photos(images: ImageData) -> Iterator[_File]:
    """Yield the files of pictures that move: the clip and the picture of each have the same rank."""
    for rank, pair in enumerate(images.live_photos, 1):
        if pair.clip:
            yield _File("live_photo", "video", [Source(urls=[pair.clip])], rank=rank)
        if pair.image:
            yield _File("live_photo", "image", [Source(urls=[pair.image])], rank=rank)


def _of_part(record: StreamSet, options: MediaOptions) -> Iterator[_File]:
    if "video" in options.roles and record.video_data:
        part = PartRef(cid=record.cid, no=record.no or 1, duration_ms=record.duration_ms)
        yield from _video(record.video_data, part, options)


def _part_of(record: Video, video: VideoData) -> PartRef:
    """Return the part that the streams of a post belong to, without id and number if the post has one part."""
    parts = record.parts or []
    own = next((part for part in parts if part.cid == video.cid), None)
    return own if own and len(parts) > 1 else PartRef(duration_ms=record.duration_ms)


def _video(video: VideoData, part: PartRef, options: MediaOptions, pages: Pages | None = None) -> Iterator[_File]:
    marked = video.wm_video_url_HQ or video.wm_video_url
    duration_ms = None if video.preview else part.duration_ms
    of_all: dict[str, Any] = {"part_cid": part.cid, "rank": part.no, "duration_ms": duration_ms, "of_video": video}
    of_all["page"] = pages.of_part(part.no) if pages and part.no else None
    if options.has_watermark and marked:
        yield _File("video", "video", [Source(urls=[marked])], **of_all)
    elif video.segments:
        pieces = [Source(urls=segment.urls, size=segment.size) for segment in video.segments if segment.urls]
        yield _File("video", "video", pieces, **of_all)
    elif stream := chosen(video, options.quality):
        sound = None if stream.audio else _sound(video, options.quality)
        has_sound = True if sound else None if _is_silent(video) else stream.audio
        picture = Source(urls=stream.urls, size=stream.size, expire_time=stream.expire_time)
        yield _File("video", "video", [picture], sound, has_sound=has_sound, **of_all)
    elif url := video.nwm_video_url_HQ or video.nwm_video_url:
        yield _File("video", "video", [Source(urls=[url], expire_time=video.expire_time)], **of_all)


def chosen(video: VideoData, quality: Quality) -> Stream | None:
    """Return the stream to download: with sound, in the file or apart, unless none has any."""
    usable = [stream for stream in video.streams if stream.urls and not stream.watermark]
    heard = usable if video.audio_streams else [stream for stream in usable if stream.audio is not False] or usable
    ranked = sorted(heard, key=by_quality)
    of_codec = [stream for stream in ranked if stream.codec == quality.codec]
    ranked = of_codec or ranked
    if quality.lines is not None:
        small = [stream for stream in ranked if (_lines(stream) or quality.lines) <= quality.lines]
        ranked = small or ranked[-1:]
    if quality.is_smallest:
        return min(reversed(ranked), key=_weight, default=None)
    return ranked[0] if ranked else None


def _is_silent(video: VideoData) -> bool:
    """Return whether pictures come apart from a sound that there is not."""
    return not video.audio_streams and any(other.container == _PICTURES for other in video.streams)


def _lines(stream: Stream) -> int:
    return int(-by_quality(stream)[0])


def _weight(stream: Stream) -> tuple[int, int, int]:
    """Return a sort key that puts the smallest file first."""
    return stream.size or _UNKNOWN_SIZE, _lines(stream) or _UNKNOWN_SIZE, stream.bitrate or _UNKNOWN_SIZE


def _sound(video: VideoData, quality: Quality) -> Source | None:
    sounds: Sequence[AudioStream] = [sound for sound in video.audio_streams if sound.urls]
    if not sounds:
        return None
    sound = sounds[-1] if quality.is_smallest else sounds[0]
    return Source(urls=sound.urls, expire_time=sound.expire_time)


def _plans(files: Sequence[_File], record: Video | StreamSet, router: str, post: Post) -> Iterator[Plan]:
    ranks: Counter[MediaRole] = Counter()
    for file in files:
        ranks[file.role] = rank = file.rank or ranks[file.role] + 1
        still = "still" if file.role == "live_photo" and file.family == "image" else None
        media_id = ":".join(filter(None, (record.video_id, file.part_cid, file.role, str(rank), still)))
        video = file.of_video or getattr(record, "video_data", None)
        yield Plan(
            key=meta_for(Media, record.meta.platform or "", media_id).key or "",
            media_id=media_id,
            role=file.role,
            rank=rank,
            family=file.family,
            is_only=file.role not in _SEVERAL and file.rank is None,
            pieces=file.pieces,
            sound=file.sound,
            part_cid=file.part_cid,
            has_sound=file.has_sound,
            duration_ms=file.duration_ms,
            headers=(video and video.headers) or {},
            cookie_names=video.cookie_names if video else [],
            post=post,
            meta=msgspec.structs.replace(record.meta),
            router=router,
            page=file.page,
        )


def post_of(video_id: str, record: Record, line: bytes) -> Post:
    """Return what the files of a record are named after.

    :param record: as it is written, so that nothing hidden gets into a name
    :param line: its envelope as JSON
    """
    author = getattr(record, "author", None)
    named = (author.unique_id or author.nickname or author.sec_uid or author.uid) if author else None
    return Post(
        id=video_id,
        author=_text(named),
        title=_text(getattr(record, "title", None)) or _text(getattr(record, "desc", None)),
        url=_text(getattr(record, "url", None)),
        create_time=getattr(record, "create_time", None) or None,
        has_parts=len(getattr(record, "parts", None) or ()) > 1,
        line=line,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
