"""Helpers for posts of web and app."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal
from unicodedata import normalize

from scraper.records import HashtagRef, ImageData, Mention, Meta, Place, VideoStatistics
from scraper.responses.values import count, ident, integer, is_rounded, need, obj, seconds, text
from spiders.tiktok import media
from spiders.tiktok.ids import created

VIDEO_TYPES, IMAGE_TYPES = {0, 51, 55, 58, 61}, {2, 68, 150}  # values of `aweme_type`
_ROUNDED_FROM = 10_000
_HASHTAG, _MENTION = 1, 0  # values of `type` of a marked text


def missing(posted: list[Any], images: ImageData | None) -> list[str]:
    """Return the names for `meta.missing` of an image post.

    :param posted: its pictures, as the platform lists them
    """
    lacking = images.lacking(posted) if images else ["image_data"]
    moving = sum(media.is_moving(image) for image in posted)
    return [*lacking, "image_data.live_photos"] if moving > len(images.live_photos if images else ()) else lacking


def image_kind(posted: list[Any]) -> Literal["image", "live_photo", "mixed"]:
    """Return the kind of an image post: moving pictures, still pictures, or both."""
    moving = [media.is_moving(image) for image in posted]
    return "image" if not any(moving) else "live_photo" if all(moving) else "mixed"


def create_time(value: Any, work: str, path: str, meta: Meta) -> int:
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


def statistics(names: Mapping[str, Sequence[str]], sources: Sequence[dict[str, Any]], meta: Meta) -> VideoStatistics:
    return counts(names, sources, meta, VideoStatistics())


def hashtags(marked: Iterable[dict[str, Any]], listed: Iterable[dict[str, Any]]) -> list[HashtagRef]:
    """Return the hashtags in a text, then those that are only listed.

    :param marked: {type, hashtag_id, hashtag_name, start, end, is_commerce}
    :param listed: {id, name, commerce}
    """
    tags = [
        HashtagRef(
            id=ident(mark["hashtag_id"]), name=text(mark["hashtag_name"]), commerce=mark["is_commerce"],
            start=count(mark["start"]), end=count(mark["end"]),
        )
        for mark in marked
        if integer(mark["type"]) == _HASHTAG and text(mark["hashtag_name"])
    ]  # fmt: skip
    known = {_folded(tag.name or ""): tag for tag in tags}
    for tag in listed:
        same = known.get(_folded(tag["name"])) if text(tag["name"]) else None
        if same:
            same.id = same.id or ident(tag["id"])
        elif text(tag["name"]):
            tags.append(HashtagRef(id=ident(tag["id"]), name=tag["name"], commerce=tag["commerce"]))
    return tags


def _folded(name: str) -> str:
    """Return a name in one spelling: a text may have "！" where its hashtag has "!"."""
    return normalize("NFKC", name).casefold()


def mentions(marked: Iterable[dict[str, Any]]) -> list[Mention]:
    """Return the users mentioned in a text.

    :param marked: {type, user_id, sec_uid, unique_id, start, end}
    """
    return [
        Mention(
            uid=ident(mark["user_id"]), sec_uid=text(mark["sec_uid"]), unique_id=text(mark["unique_id"]),
            start=count(mark["start"]), end=count(mark["end"]),
        )
        for mark in marked
        if integer(mark["type"]) == _MENTION and (ident(mark["user_id"]) or text(mark["sec_uid"]))
    ]  # fmt: skip


def place(raw: Any, id_name: str, name_name: str) -> Place | None:
    named = obj(raw)
    location = Place(id=ident(named.get(id_name)), name=text(named.get(name_name)), address=text(named.get("address")))
    return location if location.id or location.name else None


def texts(values: Iterable[Any]) -> list[str]:
    """Return texts without duplicates."""
    return list(dict.fromkeys(string for value in values if (string := text(value))))


def listed(*values: Any) -> Iterator[Any]:
    """Yield the objects of lists; other values are ignored."""
    for value in values:
        yield from value if isinstance(value, list) else ()


def known(names: Iterable[str], raw: Mapping[str, Any]) -> bool:
    """Return whether one of the names exists; an existing empty list is known to be empty."""
    return any(isinstance(raw.get(name), list | dict) for name in names)
