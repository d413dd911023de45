"""Posts: videos, image posts and all other kinds."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P1, P2, P3, about
from scraper.records.media import Cover, ImageData, VideoData
from scraper.records.refs import (
    Anchor,
    AuthorRef,
    Category,
    Chapter,
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
    """Counts of a post."""

    play_count: Annotated[int | None, about("Plays or views.")] = None
    digg_count: Annotated[int | None, about("Likes.")] = None
    comment_count: Annotated[int | None, about("Comments, with replies where the platform counts them.")] = None
    share_count: Annotated[int | None, about("Shares.")] = None
    collect_count: Annotated[int | None, about("Saves.")] = None
    repost_count: Annotated[int | None, about("Reposts or forwards.")] = None
    download_count: Annotated[int | None, about("Downloads.")] = None
    coin_count: Annotated[int | None, about("Coins that viewers gave.")] = None
    danmaku_count: Annotated[int | None, about("Danmaku.")] = None
    admire_count: Annotated[int | None, about("Rewards that viewers gave.")] = None
    whatsapp_share_count: Annotated[int | None, about("Shares to WhatsApp.")] = None
    rank_now: Annotated[int | None, about("Place in the ranking now.", unit="position", null="not ranked")] = None
    rank_best: Annotated[int | None, about("Best place in the ranking.", unit="position", null="never ranked")] = None


class Flags(Piece, kw_only=True):
    """What is true of a post."""

    pinned: Annotated[bool | None, about("Whether it is pinned to the top of the profile.")] = None
    ad: Annotated[bool | None, about("Whether it is an advertisement.")] = None
    paid_partnership: Annotated[bool | None, about("Whether it is marked as a paid partnership.")] = None
    private: Annotated[bool | None, about("Whether only its author may see it.")] = None
    friends_only: Annotated[bool | None, about("Whether only friends or followers may see it.")] = None
    deleted: Annotated[bool | None, about("Whether it was deleted or taken down.")] = None
    in_review: Annotated[bool | None, about("Whether the platform is reviewing it.")] = None
    prohibited: Annotated[bool | None, about("Whether the platform blocked it.")] = None
    aigc: Annotated[bool | None, about("Whether it is marked as made by AI.")] = None
    story: Annotated[bool | None, about("Whether it is a story, which disappears.")] = None
    duet: Annotated[bool | None, about("Whether it is a duet with another post.")] = None
    original: Annotated[bool | None, about("Whether the author claims it as their own work.")] = None
    paid: Annotated[bool | None, about("Whether it must be paid for, alone or by membership.")] = None
    interactive: Annotated[bool | None, about("Whether viewers choose how it continues.")] = None
    panorama: Annotated[bool | None, about("Whether it is a 360° video.")] = None
    coop: Annotated[bool | None, about("Whether several creators made it.")] = None


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

    comment: Annotated[bool | None, about("Whether others may comment.")] = None
    share: Annotated[bool | None, about("Whether others may share it.")] = None
    download: Annotated[bool | None, about("Whether others may download it.")] = None
    duet: Annotated[bool | None, about("Whether others may make a duet.")] = None
    stitch: Annotated[bool | None, about("Whether others may use a piece of it.")] = None
    reprint: Annotated[bool | None, about("Whether others may publish it again.")] = None


class Refs(Piece, kw_only=True):
    """Other posts that a post refers to."""

    duet_from: Annotated[str | None, about("Post that it is a duet with.", null="none")] = None
    forward_of: Annotated[str | None, about("Post that it forwards.", null="none")] = None
    redirect: Annotated[str | None, about("Page that the platform redirects to.", null="none")] = None


class Video(Record, kw_only=True):
    """One post of any kind, including image posts."""

    record_type = "video"
    id_field = "video_id"

    video_id: Annotated[str, about("Id of the post, as in links.")]
    alt_ids: Annotated[dict[str, str], about("Its other ids, by the platform's name for them.")] = {}
    type: Annotated[Literal["video", "image"], about("Whether it is played or looked at.")] = "video"
    kind: Annotated[Kind, about("What it is, from its content.")] = "unknown"
    raw_kind: Annotated[str | None, about("The platform's own type.")] = None
    url: Annotated[str, about("Page of the post; it may contain the handle.", P1)]
    title: Annotated[str | None, about("Title.", P3, null="it has none")] = None
    desc: Annotated[str | None, about("Description.", P3, null="it has none")] = None
    text: Annotated[
        str | None,
        about("The words: `title` or `desc`, whichever the platform shows as the post's text.", P3, null="it has none"),
    ] = None
    desc_language: Annotated[str | None, about("Language that the platform detected.")] = None
    create_time: Annotated[int, about("When it was published.")]
    submit_time: Annotated[int | None, about("When it was uploaded.")] = None
    duration_ms: Annotated[int | None, about("Length of the video.", null="not a video, or not known")] = None
    width: Annotated[int | None, about("Width of the picture.")] = None
    height: Annotated[int | None, about("Height of the picture.")] = None
    region: Annotated[str | None, about("Country where it was made, by its code.")] = None
    ip_location: Annotated[str | None, about("Region that the platform derives from the address.", P2)] = None
    place: Annotated[Place | None, about("Place that it is tagged with.", P2, null="none")] = None
    author: Annotated[AuthorRef, about("Who published it.")]
    coauthors: Annotated[list[AuthorRef] | None, about("Who else made it.")] = None
    statistics: Annotated[VideoStatistics, about("Counts of the post.")]
    hashtags: Annotated[list[HashtagRef] | None, about("Hashtags.")] = None
    mentions: Annotated[list[Mention] | None, about("Users mentioned in `desc`.")] = None
    category: Annotated[list[Category] | None, about("Categories that the platform assigned.")] = None
    music: Annotated[MusicRef | None, about("The sound.")] = None
    mix: Annotated[MixRef | None, about("The mix that it belongs to.", null="none, or not known")] = None
    effects: Annotated[list[Effect] | None, about("Effects and stickers.")] = None
    overlay_text: Annotated[list[str] | None, about("Texts in the picture.", P3)] = None
    labels: Annotated[list[str] | None, about("Warnings and honors that the platform shows.")] = None
    suggested_words: Annotated[list[str] | None, about("Search words that the platform suggests with it.")] = None
    flags: Annotated[Flags, about("What is true of the post.")]
    can: Annotated[Can, about("What others may do with it.")]
    availability: Annotated[Availability, about("Who may see it, from `flags`.")] = "unknown"
    refs: Annotated[Refs, about("Other posts that it refers to.")]
    parts: Annotated[list[PartRef] | None, about("Parts of a multi-part video.")] = None
    chapters: Annotated[list[Chapter] | None, about("Chapters.")] = None
    anchors: Annotated[list[Anchor] | None, about("Products, places and other things that it links to.")] = None
    similar_ids: Annotated[list[str] | None, about("Posts that the platform calls similar.")] = None
    cover_data: Annotated[Cover, about("Covers.")]
    video_data: Annotated[
        VideoData | None, about("Media URLs.", null="no video; if its streams were refused, `meta.missing` says so")
    ] = None
    image_data: Annotated[ImageData | None, about("Images.", null="no image post")] = None
    meta: Annotated[Meta, about("Context of the record.")]
