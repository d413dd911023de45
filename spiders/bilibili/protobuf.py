"""Minimal protobuf reader for Bilibili's danmaku. Pure.

A message is a sequence of fields: a varint with number and wire type, then the value. Unknown field numbers are
skipped.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 10
_WORD = 1 << 64


def fields(body: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and value of each field; values are integers or bytes.

    >>> list(fields(bytes.fromhex("0801 1202 6869")))
    [(1, 1), (2, b'hi')]

    :raises ValueError: the message is truncated or malformed
    """
    place = 0
    while place < len(body):
        head, place = _varint(body, place)
        number, kind = head >> 3, head & 7
        if not number:
            raise ValueError("a field without a number")
        if kind == _VARINT:
            value, place = _varint(body, place)
            yield number, value - _WORD if value >= _WORD >> 1 else value
            continue
        if kind == _BYTES:
            size, place = _varint(body, place)
        else:
            size = _SIZES.get(kind, -1)
        if size < 0 or place + size > len(body):
            raise ValueError(f"truncated, or a field of unknown wire type {kind}")
        yield number, body[place : place + size]
        place += size


def named(body: bytes, names: Mapping[int, str]) -> dict[str, Any]:
    """Return the named fields of a message; bytes become texts.

    :raises ValueError: the message is truncated or malformed
    """
    fields_by_name: dict[str, Any] = {}
    for number, value in fields(body):
        if number in names:
            fields_by_name[names[number]] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return fields_by_name


def _varint(body: bytes, place: int) -> tuple[int, int]:
    """Return a varint of at most 64 bits, and the index after it."""
    value = 0
    for step in range(_LONGEST_VARINT):
        if place + step >= len(body):
            raise ValueError("truncated")
        byte = body[place + step]
        value |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            return value % _WORD, place + step + 1
    raise ValueError("a number of more than 64 bits")
