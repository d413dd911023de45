"""Creators' profiles."""

from scraper.records.base import Meta, Piece, Record
from scraper.records.refs import LiveRef


class AuthorStatistics(Piece, kw_only=True):
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
