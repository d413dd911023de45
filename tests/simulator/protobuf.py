"""Messages in the wire format of protobuf, written by hand."""

from __future__ import annotations

from collections.abc import Iterable


def varint(value: int) -> bytes:
    """A number of at most 64 bits."""
    value %= 1 << 64
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def message(fields: Iterable[tuple[int, int | str | bytes]]) -> bytes:
    """A message of numbered fields; numbers that are 0 are left out, as they are."""
    made = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            if value:
                made += varint(number << 3) + varint(value)
        else:
            body = value.encode() if isinstance(value, str) else value
            made += varint(number << 3 | 2) + varint(len(body)) + body
    return bytes(made)
