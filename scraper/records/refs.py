"""Short copies of related items within a record, so that each line can be used on its own."""

from scraper.records.base import Piece


class AuthorRef(Piece, kw_only=True):
    """The author of an item."""

    uid: str | None = None
    sec_uid: str | None = None
    unique_id: str | None = None
    nickname: str | None = None
    avatar_url: str | None = None
    verified: bool | None = None
    url: str | None = None


class MusicRef(Piece, kw_only=True):
    music_id: str | None = None
    title: str | None = None
    author: str | None = None
    original: bool | None = None
    play_url: str | None = None
    duration_ms: int | None = None


class MixRef(Piece, kw_only=True):
    id: str | None = None
    title: str | None = None
    episode: int | None = None


class Place(Piece, kw_only=True):
    id: str | None = None
    name: str | None = None
    address: str | None = None


class HashtagRef(Piece, kw_only=True):
    id: str | None = None
    name: str | None = None
    start: int | None = None
    end: int | None = None
    commerce: bool | None = None


class Mention(Piece, kw_only=True):
    uid: str | None = None
    sec_uid: str | None = None
    unique_id: str | None = None
    start: int | None = None
    end: int | None = None


class Category(Piece, kw_only=True):
    id: str | None = None
    name: str | None = None
    level: int | None = None


class Effect(Piece, kw_only=True):
    id: str | None = None
    name: str | None = None


class PartRef(Piece, kw_only=True):
    """One part of a multi-part video; `no` counts from 1."""

    no: int | None = None
    cid: str | None = None
    title: str | None = None
    duration_ms: int | None = None
    width: int | None = None
    height: int | None = None


class Chapter(Piece, kw_only=True):
    start_ms: int | None = None
    end_ms: int | None = None
    title: str | None = None


class Commerce(Piece, kw_only=True):
    kind: str | None = None
    id: str | None = None
    title: str | None = None


class Picture(Piece, kw_only=True):
    url: str | None = None
    width: int | None = None
    height: int | None = None


class LiveRef(Piece, kw_only=True):
    room_id: str | None = None
    status: str | None = None
    title: str | None = None
