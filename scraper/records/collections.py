"""Groups of posts: sounds, hashtags and mixes."""

from typing import Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.refs import AuthorRef, MusicRef

MixKind = Literal["mix", "playlist", "collection", "folder", "season", "series", "bangumi", "course", "unknown"]


class Song(Piece, kw_only=True):
    """The published song that the platform recognized in a sound."""

    id: str | None = None
    title: str | None = None
    author: str | None = None


class Music(Record, kw_only=True):
    """A sound that posts use, or an audio post. `video_count` is the number of posts that use it."""

    record_type = "music"
    id_field = "music_id"

    music_id: str
    title: str | None = None
    author: str | None = None
    album: str | None = None
    url: str | None = None
    duration_ms: int | None = None
    original: bool | None = None
    commerce: bool | None = None
    private: bool | None = None
    owner: AuthorRef | None = None
    matched: Song | None = None
    artists: list[AuthorRef] | None = None
    play_url: str | None = None
    cover_url: str | None = None
    lyric_url: str | None = None
    beat_url: str | None = None
    video_count: int | None = None
    status: str | None = None
    author_deleted: bool | None = None
    downloadable: bool | None = None
    meta: Meta


class Hashtag(Record, kw_only=True):
    """A hashtag, topic or tag. `kind` is the platform's own term."""

    record_type = "hashtag"
    id_field = "hashtag_id"

    hashtag_id: str
    name: str | None = None
    text: str | None = None
    url: str | None = None
    cover_url: str | None = None
    commerce: bool | None = None
    kind: str | None = None
    view_count: int | None = None
    video_count: int | None = None
    user_count: int | None = None
    music: list[MusicRef] | None = None
    meta: Meta


class MixStatistics(Piece, kw_only=True):
    play_count: int | None = None
    digg_count: int | None = None
    collect_count: int | None = None
    share_count: int | None = None
    comment_count: int | None = None
    danmaku_count: int | None = None


class Mix(Record, kw_only=True):
    """An ordered group of posts: a mix, playlist, favourites folder, season or series."""

    record_type = "mix"
    id_field = "mix_id"

    mix_id: str
    kind: MixKind = "unknown"
    title: str | None = None
    text: str | None = None
    url: str | None = None
    cover_url: str | None = None
    owner: AuthorRef | None = None
    item_count: int | None = None
    statistics: MixStatistics
    created_at: int | None = None
    updated_at: int | None = None
    private: bool | None = None
    meta: Meta
