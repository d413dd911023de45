"""What makes a file longer and means nothing: a box in MP4, a tag in FLV."""

from __future__ import annotations

from pathlib import Path

BOX_HEAD = 8
TAG_HEAD, TAG_END = 11, 4
VIDEO, COMMAND = 9, 0x57  # a tag with a command for players of H.264, which decoders skip


def pad(place: Path, kind: str, size: int) -> None:
    """Bring a file to its stated size.

    :raises ValueError: if it is larger, or there is no room for what fills it
    """
    length = place.stat().st_size
    room = size - length
    if room < (TAG_HEAD + TAG_END + 1 if kind == "flv" else BOX_HEAD):
        raise ValueError(f"a {kind} of {length} bytes cannot be made {size} bytes long")
    with place.open("ab") as file:
        file.write(_tag(room) if kind == "flv" else _box(room))


def _box(room: int) -> bytes:
    return room.to_bytes(4, "big") + b"free" + bytes(room - BOX_HEAD)


def _tag(room: int) -> bytes:
    length = room - TAG_HEAD - TAG_END
    head = bytes([VIDEO]) + length.to_bytes(3, "big") + bytes(7)
    return head + bytes([COMMAND]) + bytes(length - 1) + (room - TAG_END).to_bytes(4, "big")
