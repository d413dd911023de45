"""Reduce what may be edited of an item to one number: its title, its text and its flags, but no counts."""

from typing import NamedTuple

from scraper.inputs.hashing import hash64
from scraper.records import Flags, Record

_TEXT_BITS, _FLAG_BITS = 16, 2
_FLAGS = [name for name in Flags.__struct_fields__ if name != "pinned"][: (64 - 2 * _TEXT_BITS) // _FLAG_BITS]
_UNKNOWN, _FALSE, _TRUE = 0, 1, 2


class Change(NamedTuple):
    """A field of an item that changed.

    :ivar before: None if it is not kept
    """

    field: str
    before: str | None
    after: str | None


def item_content(record: Record) -> int:
    """Return a 64-bit number: hashes of title and text with 16 bits each, then 2 bits for each flag.

    A part is 0 if the record lacks it, which is no change.
    """
    title, words = _texts(record)
    number = _hash(title) | _hash(words) << _TEXT_BITS
    flags = getattr(record, "flags", None)
    for place, name in enumerate(_FLAGS):
        value = getattr(flags, name, None)
        state = _UNKNOWN if value is None else _TRUE if value else _FALSE
        number |= state << (2 * _TEXT_BITS + _FLAG_BITS * place)
    return number


def changes(before: int, after: int, record: Record) -> list[Change]:
    """Return the known fields that differ between two contents.

    :param record: the item as it is now
    """
    title, words = _texts(record)
    differing = []
    for place, (field, value) in enumerate((("title", title), (_text_field(record), words))):
        if _differ(before, after, place * _TEXT_BITS, _TEXT_BITS):
            differing.append(Change(field, None, value))
    for place, name in enumerate(_FLAGS):
        if _differ(before, after, 2 * _TEXT_BITS + _FLAG_BITS * place, _FLAG_BITS):
            is_set = bool(getattr(getattr(record, "flags", None), name, False))
            differing.append(Change(f"flags.{name}", _word(not is_set), _word(is_set)))
    return differing


def known_parts(before: int, after: int) -> int:
    """Return a content with the parts of another one that it lacks."""
    merged = 0
    spans = [(0, _TEXT_BITS), (_TEXT_BITS, _TEXT_BITS)]
    spans += [(2 * _TEXT_BITS + _FLAG_BITS * place, _FLAG_BITS) for place in range(len(_FLAGS))]
    for start, bits in spans:
        merged |= (_part(after, start, bits) or _part(before, start, bits)) << start
    return merged


def _differ(before: int, after: int, start: int, bits: int) -> bool:
    old, new = _part(before, start, bits), _part(after, start, bits)
    return bool(old and new and old != new)


def _part(content: int, start: int, bits: int) -> int:
    return (content >> start) & ((1 << bits) - 1)


def _texts(record: Record) -> tuple[str | None, str | None]:
    return getattr(record, "title", None), getattr(record, _text_field(record), None)


def _text_field(record: Record) -> str:
    return "desc" if hasattr(record, "desc") else "text"


def _hash(words: str | None) -> int:
    return 0 if words is None else hash64(words) % ((1 << _TEXT_BITS) - 1) + 1


def _word(is_set: bool) -> str:
    return "true" if is_set else "false"
