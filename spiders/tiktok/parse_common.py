"""Helpers for posts of web and app."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal
from unicodedata import normalize

from scraper.records import HashtagRef, ImageData, Mention, Meta, Place
from scraper.responses.values import count, ident, is_rounded, need, seconds
from spiders.tiktok.ids import created
from spiders.tiktok.shapes import ListedHashtag, Mark, Picture, PlaceInfo, RoundedCount

VIDEO_TYPES, IMAGE_TYPES = {0, 51, 55, 58, 61}, {2, 68, 150}  # values of `aweme_type`
_ROUNDED_FROM = 10_000
_HASHTAG, _MENTION = 1, 0  # values of `type` of a marked text


def missing(posted: list[Picture | None], moving: list[bool], images: ImageData | None) -> list[str]:
    """Return the names for `meta.missing` of an image post.

    :param posted: its pictures, as the platform lists them
    :param moving: whether each of them moves
    """
    lacking = images.lacking(posted) if images else ["image_data"]
    clips = images.live_photos if images else ()
    return [*lacking, "image_data.live_photos"] if sum(moving) > len(clips) else lacking


def image_kind(moving: list[bool]) -> Literal["image", "live_photo", "mixed"]:
    """Return the kind of an image post: moving pictures, still pictures, or both."""
    return "image" if not any(moving) else "live_photo" if all(moving) else "mixed"


def create_time(value: int | None, work: str, path: str, meta: Meta) -> int:
    """Return the creation time, or else the time in the id."""
    created_at = seconds(value)
    if created_at is None:
        created_at = need(created(work), path)
        meta.approximate.append("create_time")
    return created_at


def counts(names: Mapping[str, Sequence[str]], sources: Sequence[dict[str, Any]], meta: Meta, into: Any) -> Any:
    """Fill counts from the first source and name that has them.

    :param names: from the record's field to the platform's names
    :param sources: the exact one first, then those that TikTok may round
    """
    for field, keys in names.items():
        setattr(into, field, counted(f"statistics.{field}", keys, sources, meta))
    return into


def counted(field: str, keys: Sequence[str], sources: Sequence[dict[str, Any]], meta: Meta) -> int | None:
    """Return a count from the first source that has it, preferably one above 0.

    A count that may be rounded is noted under its field's name.
    """
    given = [(place, source[key]) for place, source in enumerate(sources) for key in keys if key in source]
    known = [entry for entry in given if count(entry[1]) is not None]
    place, value = next((entry for entry in known if count(entry[1])), known[0] if known else (0, None))
    number = count(value)
    if is_rounded(value) or (place and looks_rounded(number or 0)):
        meta.approximate.append(field)
    return number


def looks_rounded(number: int) -> bool:
    """Return whether a count is as TikTok rounds those above 10 000: 12 300, 1 200 000.

    >>> looks_rounded(12_300), looks_rounded(12_345), looks_rounded(9_900), looks_rounded(1_200_000)
    (True, False, False, True)
    """
    return number >= _ROUNDED_FROM and number % 100 == 0


def first_count(field: str, exact: int | None, rounded: int | None, meta: Meta) -> int | None:
    """Return a count from the first source that has it, preferably one above 0; note one that may be rounded."""
    if exact and type(exact) is int:  # the usual case
        return exact
    number = exact or rounded
    if number is None:
        return exact
    if type(number) is RoundedCount or (not exact and looks_rounded(number)):
        meta.approximate.append(f"statistics.{field}")
    return int(number)


def hashtags(marked: Iterable[Mark], listed: Iterable[ListedHashtag]) -> list[HashtagRef]:
    """Return the hashtags in a text, then those that are only listed."""
    tags = [
        HashtagRef(
            id=ident(mark.hashtag_id) if mark.hashtag_id else None,
            name=mark.hashtag_name,
            commerce=mark.is_commerce,
            start=mark.start,
            end=mark.end,
        )
        for mark in marked
        if mark.type == _HASHTAG and mark.hashtag_name
    ]
    known = {_folded(tag.name or ""): tag for tag in tags}
    for tag in listed:
        same = known.get(_folded(tag.name)) if tag.name else None
        if same:
            same.id = same.id or ident(tag.id)
        elif tag.name:
            tags.append(HashtagRef(id=ident(tag.id), name=tag.name, commerce=tag.is_commerce))
    return tags


@lru_cache(1024)
def _folded(name: str) -> str:
    """Return a name in one spelling: a text may have "！" where its hashtag has "!"."""
    return normalize("NFKC", name).casefold()


def mentions(marks: Iterable[Mark] | None) -> list[Mention] | None:
    """Return the users mentioned in a text; None if it is not known."""
    if marks is None:
        return None
    return [
        Mention(uid=ident(mark.user_id), sec_uid=mark.sec_uid or None, unique_id=mark.unique_id or None,
                start=mark.start, end=mark.end)
        for mark in marks
        if mark.type == _MENTION and (mark.sec_uid or ident(mark.user_id))
    ]  # fmt: skip


def place(named: PlaceInfo | None) -> Place | None:
    if not named:
        return None
    location = Place(id=ident(named.id), name=named.name or None, address=named.address or None)
    return location if location.id or location.name else None


def texts(values: Iterable[str | None]) -> list[str]:
    """Return texts without duplicates."""
    return [*dict.fromkeys(filter(None, values))]
