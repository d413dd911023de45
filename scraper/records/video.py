"""Posts: videos, image posts and all other kinds."""

from typing import Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.media import Cover, ImageData, VideoData
from scraper.records.refs import (
    AuthorRef,
    Category,
    Chapter,
    Commerce,
    Effect,
    HashtagRef,
    Mention,
    MixRef,
    MusicRef,
    PartRef,
    Place,
)

Kind = Literal["video", "image", "live_photo", "mixed", "article", "text", "audio", "live_replay", "unknown"]
Availability = Literal["public", "friends", "private", "deleted", "restricted", "paid", "login", "unknown"]


class VideoStatistics(Piece, kw_only=True):
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


class Flags(Piece, kw_only=True):
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


def availability(flags: Flags) -> Availability:
    """Return who may see a post with these flags."""
    if flags.deleted:
        return "deleted"
    if flags.private:
        return "private"
    if flags.in_review or flags.prohibited:
        return "restricted"
    if flags.friends_only:
        return "friends"
    return "paid" if flags.paid else "public"


class Can(Piece, kw_only=True):
    """What others may do with a post."""

    comment: bool | None = None
    share: bool | None = None
    download: bool | None = None
    duet: bool | None = None
    stitch: bool | None = None
    reprint: bool | None = None


class Refs(Piece, kw_only=True):
    """Other posts that a post refers to."""

    duet_from: str | None = None
    forward_of: str | None = None
    redirect: str | None = None


class Video(Record, kw_only=True):
    """One post of any kind, including image posts."""

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
    hashtags: list[HashtagRef] | None = None
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
