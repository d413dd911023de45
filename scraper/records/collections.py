"""Groups of posts: sounds, hashtags and mixes."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Meta, Piece, Record
from scraper.records.describing import P1, P3, about
from scraper.records.refs import AuthorRef, MusicRef

MixKind = Literal["mix", "playlist", "collection", "folder", "season", "series", "bangumi", "course", "unknown"]


class Song(Piece, kw_only=True):
    """The published song that the platform recognized in a sound."""

    id: Annotated[str | None, about("Id of the song.")] = None
    title: Annotated[str | None, about("Title of the song.")] = None
    author_name: Annotated[str | None, about("Name of the artist.", P1)] = None


class Music(Record, kw_only=True):
    """A sound that posts use, or an audio post."""

    record_type = "music"
    id_field = "music_id"

    music_id: Annotated[str, about("Id of the sound.")]
    title: Annotated[str | None, about("Title of the sound.", P3)] = None
    author_name: Annotated[str | None, about("Name of its author.", P1)] = None
    album: Annotated[str | None, about("Title of the album.")] = None
    url: Annotated[str | None, about("Page of the sound.")] = None
    duration_ms: Annotated[int | None, about("Length of the sound.")] = None
    original: Annotated[bool | None, about("Whether the sound was made for a post.")] = None
    commerce: Annotated[bool | None, about("Whether it is licensed music.")] = None
    private: Annotated[bool | None, about("Whether only its owner may see it.")] = None
    owner: Annotated[AuthorRef | None, about("Who uploaded it.", null="a published song, or not known")] = None
    matched: Annotated[Song | None, about("The published song in it.", null="none recognized")] = None
    artists: Annotated[list[AuthorRef] | None, about("Artists; some have only a name.")] = None
    play_url: Annotated[str | None, about("Audio file.")] = None
    cover_url: Annotated[str | None, about("Cover picture.")] = None
    lyric_url: Annotated[str | None, about("File with the lyrics.")] = None
    beat_url: Annotated[str | None, about("File with the beats.")] = None
    video_count: Annotated[int | None, about("Posts that use the sound.")] = None
    state: Annotated[str | None, about("The platform's number of its state.")] = None
    author_deleted: Annotated[bool | None, about("Whether its author's account is gone.")] = None
    downloadable: Annotated[bool | None, about("Whether it may be downloaded.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class Hashtag(Record, kw_only=True):
    """A hashtag, topic or tag."""

    record_type = "hashtag"
    id_field = "hashtag_id"

    hashtag_id: Annotated[str, about("Id of the hashtag.")]
    name: Annotated[str | None, about("The hashtag without #.")] = None
    text: Annotated[str | None, about("Description of the hashtag.", P3)] = None
    url: Annotated[str | None, about("Page of the hashtag.")] = None
    cover_url: Annotated[str | None, about("Cover picture.")] = None
    commerce: Annotated[bool | None, about("Whether the platform marks it as commercial.")] = None
    raw_kind: Annotated[str | None, about("The platform's own type.")] = None
    view_count: Annotated[int | None, about("Views of its posts.")] = None
    video_count: Annotated[int | None, about("Posts with the hashtag.")] = None
    user_count: Annotated[int | None, about("Users who used it.")] = None
    linked_music: Annotated[list[MusicRef] | None, about("Sounds that belong to the hashtag.")] = None
    meta: Annotated[Meta, about("Context of the record.")]


class MixStatistics(Piece, kw_only=True):
    """Counts of a mix."""

    play_count: Annotated[int | None, about("Plays.")] = None
    digg_count: Annotated[int | None, about("Likes.")] = None
    collect_count: Annotated[int | None, about("Saves.")] = None
    share_count: Annotated[int | None, about("Shares.")] = None
    comment_count: Annotated[int | None, about("Comments.")] = None
    danmaku_count: Annotated[int | None, about("Danmaku.")] = None


class Mix(Record, kw_only=True):
    """An ordered group of posts: a mix, playlist, favourites folder, season or series."""

    record_type = "mix"
    id_field = "mix_id"

    mix_id: Annotated[str, about("Id of the mix, unique per `mix_kind`.")]
    mix_kind: Annotated[MixKind, about("Which kind of group it is.")] = "unknown"
    title: Annotated[str | None, about("Title of the mix.", P3)] = None
    text: Annotated[str | None, about("Description of the mix.", P3)] = None
    url: Annotated[str | None, about("Page of the mix; it may contain the handle.", P1)] = None
    cover_url: Annotated[str | None, about("Cover picture.")] = None
    owner: Annotated[AuthorRef | None, about("Who made it.")] = None
    item_count: Annotated[int | None, about("Posts in it.")] = None
    statistics: Annotated[MixStatistics, about("Counts of the mix.")]
    create_time: Annotated[int | None, about("When it was made.")] = None
    update_time: Annotated[int | None, about("When it last changed.")] = None
    private: Annotated[bool | None, about("Whether only its owner may see it.")] = None
    meta: Annotated[Meta, about("Context of the record.")]
