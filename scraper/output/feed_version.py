"""Keep records of different schema versions out of one feed."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from scraper.ledger.compression import COMPRESSIONS, DamagedError, decompressed
from scraper.records import SCHEMA_VERSION

_LONGEST_LINE = 64 * 1024 * 1024
_STEP = 1 << 16


class _Meta(msgspec.Struct):
    schema_version: int = SCHEMA_VERSION


class _Data(msgspec.Struct):
    meta: _Meta


class _Line(msgspec.Struct):
    data: _Data


def other_version(path: Path, format_: str) -> str:
    """Return why no record can be added to JSON lines: they have another schema version. "" if one can be added.

    Only the first line is read; a line that is no envelope has no version.
    """
    version = SCHEMA_VERSION
    with suppress(msgspec.DecodeError):
        version = msgspec.json.decode(_first_line(path, format_), type=_Line).data.meta.schema_version
    if version == SCHEMA_VERSION:
        return ""
    return (
        f"its records have schema version {version}, new ones have {SCHEMA_VERSION}: give a new file, or overwrite it"
    )


def _first_line(path: Path, format_: str) -> bytes:
    line = b""
    for piece in _pieces(path, format_):
        line += piece
        if b"\n" in piece or len(line) > _LONGEST_LINE:
            break
    return line.partition(b"\n")[0]


def _pieces(path: Path, format_: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        if format_ not in COMPRESSIONS:
            yield from iter(lambda: file.read(_STEP), b"")
            return
        with suppress(DamagedError):
            yield from (piece.data for piece in decompressed(file, format_))
