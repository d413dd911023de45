"""Complete a record from one route with the same item's record from another route."""

from typing import Any

import msgspec

from scraper.records.base import Record

_BY_PART = ("statistics", "flags", "can", "author", "cover_data")
_MEDIA = ("video_data", "image_data")
_OF_MEDIA = ("type", "kind", "url", *_MEDIA)  # these describe one another, and are taken from one record


def completed(richer: Record, poorer: Record) -> Record:
    """Fill the null fields of the richer record from the poorer one, in place, and return it.

    Media are never mixed, because URLs from two answers may expire at different times: they are those of the richer
    record unless it has none or lacks more. What was filled is removed from `meta.missing`.
    """
    media = poorer if _media_rank(poorer) > _media_rank(richer) else richer
    filled = set()
    for name in richer.__struct_fields__:
        if name in _OF_MEDIA:
            setattr(richer, name, getattr(media, name))
        elif name != "meta":
            filled |= _fill(richer, name, getattr(poorer, name))
    rest = [name for name in richer.meta.missing if not _is_of_media(name) and name not in filled]
    richer.meta.missing = [*rest, *filter(_is_of_media, media.meta.missing)]
    richer.meta.approximate += sorted(filled & {*poorer.meta.approximate} - {*richer.meta.approximate})
    return richer


def _fill(record: Record, name: str, other: Any) -> set[str]:
    """Fill a field of a record that is null, or the null parts of it. Return the paths that were filled."""
    value = getattr(record, name)
    if value is None:
        setattr(record, name, other)
        return set() if other is None else {name}
    if name not in _BY_PART or not isinstance(value, msgspec.Struct) or type(value) is not type(other):
        return set()
    parts = {
        part for part in value.__struct_fields__ if getattr(value, part) is None and getattr(other, part) is not None
    }
    for part in parts:
        setattr(value, part, getattr(other, part))
    return {f"{name}.{part}" for part in parts}


def _media_rank(record: Record) -> tuple[bool, int]:
    """Return whether a record has media, and how few of their parts it lacks."""
    has_media = any(getattr(record, name, None) is not None for name in _MEDIA)
    return has_media, -sum(map(_is_of_media, record.meta.missing))


def _is_of_media(name: str) -> bool:
    return name.partition(".")[0] in _MEDIA
