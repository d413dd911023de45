"""What holds of every record, whatever the platform sent."""

from collections.abc import Iterator
from typing import Any

LARGEST = 2**63 - 1
_ADDRESSES = {"cover", "origin_cover", "dynamic_cover", "redirect", "image", "clip"}
_IDS = {"uid", "cid", "id", "room_id", "music_id"}


def problems(value: Any, path: str = "") -> list[str]:
    """Return what is wrong with a record in plain values: an empty text, a negative number, an address without TLS."""
    return list(_problems(value, path))


def _problems(value: Any, path: str) -> Iterator[str]:
    name = path.rpartition(".")[2].partition("[")[0]
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _problems(item, f"{path}.{key}")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _problems(item, f"{path}[{place}]")
    elif isinstance(value, str):
        if not value:
            yield f"{path} is an empty text"
        address = "url" in name.split("_") or "urls" in name.split("_") or name in _ADDRESSES
        if address and not value.startswith("https://"):
            yield f"{path} is no https address: {value}"
    elif isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= LARGEST:
            yield f"{path} is out of range: {value}"
        if name.endswith("_id") or name in _IDS:
            yield f"{path} is an id that is no text"
