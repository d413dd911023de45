"""What every platform is normalized to: the only definition of the output.

The JSON Schema, the database's tables and the data dictionary are generated from these classes. In every record null
means "not known"; ids are texts, `*_time` are epoch seconds in UTC, `*_ms` milliseconds, counts and bytes integers.
Fields without a default are required: their absence is a fault of the record.

The classes are msgspec structs, since building and encoding a page of them costs a third of what dataclasses cost.
They are left out of garbage collection, since nothing in a record leads back to it.
"""

from typing import Any, ClassVar, Literal

import msgspec

SCHEMA_VERSION = 1

Kind = Literal["video", "image", "live_photo", "mixed", "article", "text", "audio", "live_replay", "unknown"]
Availability = Literal["public", "friends", "private", "deleted", "restricted", "paid", "login", "unknown"]


class _Part(msgspec.Struct, kw_only=True, gc=False):
    """A part of a record."""


class Meta(_Part, kw_only=True):
    """The context of a record. What a parser knows is set there, the rest by the machine."""

    record_type: str | None = None
    schema_version: int = SCHEMA_VERSION
    platform: str = ""
    key: str | None = None
    fetched_at: str | None = None
    run_id: str | None = None
    router: str | None = None
    surface: str | None = None
    target: str | None = None
    target_kind: str | None = None
    tags: list[str] = []
    page: int | None = None
    position: int | None = None
    cursor: str | None = None
    identity: str | None = None
    logged_in: bool | None = None
    partial: bool = False
    approximate: list[str] = []
    missing: list[str] = []
    raw_ref: str | None = None


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base of all records. `meta` is written last, and stamped by the machine."""

    record_type: ClassVar[str]
    id_field: ClassVar[str]


class AuthorRef(_Part, kw_only=True):
    """Who made something, copied into it, so that one line is usable alone."""

    uid: str | None = None
    sec_uid: str | None = None
    unique_id: str | None = None
    nickname: str | None = None
    avatar_url: str | None = None
    verified: bool | None = None
    url: str | None = None


class MusicRef(_Part, kw_only=True):
    music_id: str | None = None
    title: str | None = None
    author: str | None = None
    original: bool | None = None
    play_url: str | None = None
    duration_ms: int | None = None


class MixRef(_Part, kw_only=True):
    id: str | None = None
    title: str | None = None
    episode: int | None = None


class Place(_Part, kw_only=True):
    id: str | None = None
    name: str | None = None
    address: str | None = None


class VideoStatistics(_Part, kw_only=True):
    play_count: int | None = None
    digg_count: int | None = None
    comment_count: int | None = None
    share_count: int | None = None
    collect_count: int | None = None
    repost_count: int | None = None
    download_count: int | None = None
    coin_count: int | None = None
    danmaku_count: int | None = None
    admire_count: int | None = None
    exposure_count: int | None = None
    live_watch_count: int | None = None
    whatsapp_share_count: int | None = None
    rank_now: int | None = None
    rank_best: int | None = None


class Hashtag(_Part, kw_only=True):
    id: str | None = None
    name: str | None = None
    start: int | None = None
    end: int | None = None
    commerce: bool | None = None


class Mention(_Part, kw_only=True):
    uid: str | None = None
    sec_uid: str | None = None
    unique_id: str | None = None
    start: int | None = None
    end: int | None = None


class Category(_Part, kw_only=True):
    id: str | None = None
    name: str | None = None
    level: int | None = None


class Effect(_Part, kw_only=True):
    id: str | None = None
    name: str | None = None


class Flags(_Part, kw_only=True):
    pinned: bool | None = None
    ad: bool | None = None
    paid_partnership: bool | None = None
    private: bool | None = None
    friends_only: bool | None = None
    deleted: bool | None = None
    in_review: bool | None = None
    prohibited: bool | None = None
    aigc: bool | None = None
    story: bool | None = None
    duet: bool | None = None
    original: bool | None = None
    paid: bool | None = None
    interactive: bool | None = None
    panorama: bool | None = None
    coop: bool | None = None


class Can(_Part, kw_only=True):
    """What others may do with a post."""

    comment: bool | None = None
    share: bool | None = None
    download: bool | None = None
    duet: bool | None = None
    stitch: bool | None = None
    reprint: bool | None = None


class Refs(_Part, kw_only=True):
    """What a post points at."""

    duet_from: str | None = None
    forward_of: str | None = None
    redirect: str | None = None


class PartRef(_Part, kw_only=True):
    """One part of a multi-part video; `no` counts from 1."""

    no: int | None = None
    cid: str | None = None
    title: str | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None


class Chapter(_Part, kw_only=True):
    start_ms: int | None = None
    end_ms: int | None = None
    title: str | None = None


class Commerce(_Part, kw_only=True):
    kind: str | None = None
    id: str | None = None
    title: str | None = None


class Cover(_Part, kw_only=True):
    cover: str | None = None
    origin_cover: str | None = None
    dynamic_cover: str | None = None


class Stream(_Part, kw_only=True):
    """One quality of a video: picture alone, or with sound where `audio` is true.

    :param urls: all mirrors, best first; a video that the platform cut is in `segments` instead
    """

    quality: str | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bitrate: int | None = None
    size: int | None = None
    watermark: bool | None = None
    hdr: bool | None = None
    audio: bool | None = None
    cid: str | None = None
    container: str | None = None
    urls: list[str] = []
    expire_time: int | None = None


class AudioStream(_Part, kw_only=True):
    """One quality of a video's sound."""

    quality: str | None = None
    codec: str | None = None
    bitrate: int | None = None
    cid: str | None = None
    urls: list[str] = []
    expire_time: int | None = None


class Segment(_Part, kw_only=True):
    """One piece of a single-file stream that the platform cut; play them in order."""

    order: int | None = None
    duration_ms: int | None = None
    size: int | None = None
    urls: list[str] = []


class VideoData(_Part, kw_only=True):
    """Where the picture and sound are, as of `meta.fetched_at`. Null for an image post."""

    nwm_video_url: str | None = None
    nwm_video_url_HQ: str | None = None
    wm_video_url: str | None = None
    wm_video_url_HQ: str | None = None
    audio_url: str | None = None
    audio_url_HQ: str | None = None
    cid: str | None = None
    expire_time: int | None = None
    headers: dict[str, Any] | None = None
    streams: list[Stream] = []
    audio_streams: list[AudioStream] = []
    segments: list[Segment] = []
    qualities_offered: list[str] = []
    preview: bool | None = None


class LivePhoto(_Part, kw_only=True):
    image: str | None = None
    clip: str | None = None


class ImageData(_Part, kw_only=True):
    """The pictures of an image post, in its order. Null for a video."""

    no_watermark_image_list: list[str] = []
    watermark_image_list: list[str] = []
    live_photos: list[LivePhoto] = []


class Video(Record, kw_only=True):
    """One post of any kind, an image post too."""

    record_type = "video"
    id_field = "video_id"

    video_id: str
    alt_ids: dict[str, str] = {}
    type: Literal["video", "image"] = "video"
    kind: Kind = "unknown"
    raw_kind: str | None = None
    url: str
    title: str | None = None
    desc: str | None = None
    desc_language: str | None = None
    create_time: int
    submit_time: int | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    region: str | None = None
    ip_location: str | None = None
    place: Place | None = None
    author: AuthorRef
    coauthors: list[AuthorRef] | None = None
    statistics: VideoStatistics
    hashtags: list[Hashtag] | None = None
    mentions: list[Mention] | None = None
    category: list[Category] | None = None
    music: MusicRef | None = None
    mix: MixRef | None = None
    effects: list[Effect] | None = None
    overlay_text: list[str] | None = None
    labels: list[str] | None = None
    suggested_words: list[str] | None = None
    flags: Flags
    can: Can
    availability: Availability = "unknown"
    refs: Refs
    parts: list[PartRef] | None = None
    chapters: list[Chapter] | None = None
    commerce: list[Commerce] | None = None
    similar_ids: list[str] | None = None
    cover_data: Cover
    video_data: VideoData | None = None
    image_data: ImageData | None = None
    meta: Meta


class AuthorStatistics(_Part, kw_only=True):
    follower_count: int | None = None
    following_count: int | None = None
    friend_count: int | None = None
    total_favorited: int | None = None
    favoriting_count: int | None = None
    video_count: int | None = None
    mix_count: int | None = None
    article_count: int | None = None
    audio_count: int | None = None
    play_total: int | None = None
    article_view_total: int | None = None


class LiveRef(_Part, kw_only=True):
    room_id: str | None = None
    status: str | None = None
    title: str | None = None


class Author(Record, kw_only=True):
    """A creator's profile."""

    record_type = "author"
    id_field = "uid"

    uid: str
    sec_uid: str | None = None
    unique_id: str | None = None
    short_id: str | None = None
    nickname: str | None = None
    signature: str | None = None
    url: str | None = None
    avatar_url: str | None = None
    banner_url: str | None = None
    verified: bool | None = None
    verified_type: str | None = None
    verified_text: str | None = None
    private: bool | None = None
    banned: bool | None = None
    commerce: bool | None = None
    gender: str | None = None
    birthday: str | None = None
    school: str | None = None
    country: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    ip_location: str | None = None
    language: str | None = None
    level: int | None = None
    membership: str | None = None
    register_time: int | None = None
    handle_changed_at: int | None = None
    name_changed_at: int | None = None
    statistics: AuthorStatistics
    likes_public: bool | None = None
    following_public: bool | None = None
    live: LiveRef | None = None
    meta: Meta


class Picture(_Part, kw_only=True):
    url: str | None = None
    width: int | None = None
    height: int | None = None


class Client(_Part, kw_only=True):
    platform: str | None = None
    device: str | None = None


class Comment(Record, kw_only=True):
    """A comment or a reply. `depth` is 0 for a comment, 1 for a reply to it, 2 for a reply to a reply."""

    record_type = "comment"
    id_field = "comment_id"

    comment_id: str
    video_id: str
    area_type: str | None = None
    area_id: str | None = None
    root_id: str | None = None
    parent_id: str | None = None
    depth: int = 0
    text: str | None = None
    lang: str | None = None
    create_time: int
    digg_count: int | None = None
    reply_count: int | None = None
    author: AuthorRef | None = None
    author_level: int | None = None
    ip_location: str | None = None
    liked_by_author: bool | None = None
    replied_by_author: bool | None = None
    pinned: bool | None = None
    hot: bool | None = None
    folded: bool | None = None
    images: list[Picture] | None = None
    sticker: str | None = None
    mentions: list[Mention] | None = None
    client: Client | None = None
    floor: int | None = None
    state: str | None = None
    sort: str | None = None
    meta: Meta


class Part(Record, kw_only=True):
    """One part of a multi-part video, as a record of its own."""

    record_type = "part"
    id_field = "cid"

    cid: str
    video_id: str
    no: int | None = None
    title: str | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None
    cover_url: str | None = None
    create_time: int | None = None
    meta: Meta


class StreamSet(Record, kw_only=True):
    """Where the picture and sound of one part are."""

    record_type = "stream_set"
    id_field = "cid"

    cid: str
    video_id: str
    no: int | None = None
    duration_ms: int | None = None
    video_data: VideoData | None = None
    meta: Meta


class Id(Record, kw_only=True):
    """One id turned into another."""

    record_type = "id"
    id_field = "input"

    input: str
    value: str
    kind: str
    meta: Meta


class Listing(Record, kw_only=True):
    """A list that holds nothing, which is an answer too."""

    record_type = "listing"
    id_field = "query"

    listing: str
    query: str
    sort: str | None = None
    count: int = 0
    declared_total: int | None = None
    seen_at: int | None = None
    meta: Meta


RECORDS: dict[str, type[Record]] = {
    each.record_type: each for each in (Video, Author, Comment, Part, StreamSet, Id, Listing)
}

P1, P2, P3 = "P1", "P2", "P3"
PRIVACY: dict[str, str] = {
    **dict.fromkeys(
        ["uid", "sec_uid", "unique_id", "short_id", "nickname", "signature", "avatar_url", "author", "coauthors"], P1
    ),
    **dict.fromkeys(["mentions", "banner_url", "handle_changed_at", "name_changed_at", "verified_text", "live"], P1),
    **dict.fromkeys(
        ["ip_location", "school", "birthday", "gender", "country", "province", "city", "district", "place"], P2
    ),
    **dict.fromkeys(["text", "desc", "title", "overlay_text", "images", "image_data", "video_data", "cover_data"], P3),
}
"""The privacy class of each field that may say something of a person: P1 direct, P2 indirect, P3 text that may."""


def meta_for(record: type[Record], platform: str, ident: str, **known: Any) -> Meta:
    """Return what a parser knows of the context of a record.

    :param ident: the record's id, unique for its type on its platform
    """
    return Meta(
        record_type=record.record_type, platform=platform, key=f"{platform}:{record.record_type}:{ident}", **known
    )
