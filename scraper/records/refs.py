"""Short copies of related items within a record, so that each line can be used on its own."""

from __future__ import annotations

from typing import Annotated, Literal

from scraper.records.base import Piece
from scraper.records.describing import P1, P2, P3, about

LiveStatus = Literal["live", "ended", "round", "offline", "unknown"]


class AuthorRef(Piece, kw_only=True):
    """The author of an item."""

    uid: Annotated[str | None, about("User number.", P1)] = None
    sec_uid: Annotated[str | None, about("The long user id that links contain.", P1)] = None
    unique_id: Annotated[str | None, about("Handle.", P1)] = None
    nickname: Annotated[str | None, about("Display name.", P1)] = None
    avatar_url: Annotated[str | None, about("Profile picture, in the largest size that was sent.", P1)] = None
    verified: Annotated[bool | None, about("Whether the platform verified the account.", P1)] = None
    url: Annotated[str | None, about("Profile page.", P1)] = None


class MusicRef(Piece, kw_only=True):
    """The sound of a post."""

    music_id: Annotated[str | None, about("Id of the sound; the full record is a `music`.")] = None
    title: Annotated[str | None, about("Title of the sound.", P3)] = None
    author_name: Annotated[str | None, about("Name of its author.", P1)] = None
    original: Annotated[bool | None, about("Whether the sound was made for a post.")] = None
    play_url: Annotated[str | None, about("Audio file.")] = None
    duration_ms: Annotated[int | None, about("Length of the sound.")] = None


class MixRef(Piece, kw_only=True):
    """The mix, playlist or season that a post belongs to."""

    id: Annotated[str | None, about("Id of the mix.")] = None
    title: Annotated[str | None, about("Title of the mix.", P3)] = None
    episode: Annotated[int | None, about("Place of the post in the mix, from 1.", unit="position")] = None


class Place(Piece, kw_only=True):
    """The place that a post is tagged with."""

    id: Annotated[str | None, about("The platform's id of the place.", P2)] = None
    name: Annotated[str | None, about("Name of the place.", P2)] = None
    address: Annotated[str | None, about("Address of the place.", P2)] = None


class HashtagRef(Piece, kw_only=True):
    """A hashtag of a post."""

    id: Annotated[str | None, about("Id of the hashtag.")] = None
    name: Annotated[str | None, about("The hashtag without #.")] = None
    start: Annotated[int | None, about("Where it begins in `desc`.", unit="characters", null="not in the text")] = None
    end: Annotated[int | None, about("Where it ends in `desc`.", unit="characters", null="not in the text")] = None
    commerce: Annotated[bool | None, about("Whether the platform marks it as commercial.")] = None


class Mention(Piece, kw_only=True):
    """A user mentioned in a text."""

    uid: Annotated[str | None, about("User number.", P1)] = None
    sec_uid: Annotated[str | None, about("The long user id that links contain.", P1)] = None
    unique_id: Annotated[str | None, about("Handle.", P1)] = None
    start: Annotated[int | None, about("Where the mention begins in the text.", unit="characters")] = None
    end: Annotated[int | None, about("Where the mention ends in the text.", unit="characters")] = None


class Category(Piece, kw_only=True):
    """A category of a post or room."""

    id: Annotated[str | None, about("The platform's id of the category.")] = None
    name: Annotated[str | None, about("Name of the category.")] = None
    level: Annotated[int | None, about("Depth in the tree of categories, from 1.", unit="level")] = None


class Effect(Piece, kw_only=True):
    """A camera effect or sticker of a post."""

    id: Annotated[str | None, about("Id of the effect.")] = None
    name: Annotated[str | None, about("Name of the effect.")] = None


class PartRef(Piece, kw_only=True):
    """One part of a multi-part video."""

    no: Annotated[int | None, about("Number of the part, from 1.", unit="position")] = None
    cid: Annotated[str | None, about("Id of the part.")] = None
    title: Annotated[str | None, about("Title of the part.", P3)] = None
    duration_ms: Annotated[int | None, about("Length of the part.")] = None
    width: Annotated[int | None, about("Width after rotation.")] = None
    height: Annotated[int | None, about("Height after rotation.")] = None


class Chapter(Piece, kw_only=True):
    """A chapter of a video."""

    start_ms: Annotated[int | None, about("Where the chapter begins.")] = None
    end_ms: Annotated[int | None, about("Where the chapter ends.")] = None
    title: Annotated[str | None, about("Title of the chapter.", P3)] = None


class Anchor(Piece, kw_only=True):
    """A product, place or other thing that a post advertises with a link."""

    anchor_kind: Annotated[str | None, about("The platform's own type; `promotion` for a product.")] = None
    id: Annotated[str | None, about("Id of the thing.")] = None
    title: Annotated[str | None, about("Text of the link.", P3)] = None


class Picture(Piece, kw_only=True):
    """A picture in a comment."""

    url: Annotated[str | None, about("Image file.", P3)] = None
    width: Annotated[int | None, about("Width of the image.")] = None
    height: Annotated[int | None, about("Height of the image.")] = None


class LiveRef(Piece, kw_only=True):
    """A user's live room."""

    room_id: Annotated[str | None, about("Id of the room or broadcast.", P1)] = None
    status: Annotated[LiveStatus | None, about("Whether it is on air; `round` means that recordings loop.")] = None
    title: Annotated[str | None, about("Title of the broadcast.", P3)] = None
