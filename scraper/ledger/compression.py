"""Compressed JSON lines, `.jsonl.gz` and `.jsonl.zst`: each page is a frame of its own.

So a file can be read and continued after a kill: it ends with a complete frame, or is cut back to the last one.
"""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP_LEVEL, _ZSTD_LEVEL = 6, -1
_GZIP_FORMAT = 31  # zlib's number for it, with the largest window
_STEP = 1 << 16
_LOST = bytes(64)  # what a power failure leaves of a block, and no compression writes


class DamagedError(ValueError):
    """A compressed file cannot be read further.

    :ivar place: where its damaged frame begins, in bytes
    """

    def __init__(self, place: int, reason: object):
        self.place = place
        super().__init__(f"it is damaged after {place} bytes: {reason}")


class Compression(NamedTuple):
    """
    :param compressor: returns a function that makes frames; it is kept, since creating one costs more than a page
    :param decompressor: returns an object that reads one frame
    """

    compressor: Callable[[], Callable[[bytes], bytes]]
    decompressor: Callable[[], Any]


def _zstd_compressor() -> Callable[[bytes], bytes]:
    compressor = zstd.ZstdCompressor(_ZSTD_LEVEL)
    return lambda page: compressor.compress(page, compressor.FLUSH_FRAME)


COMPRESSIONS = {
    "gz": Compression(
        lambda: partial(gzip.compress, compresslevel=_GZIP_LEVEL, mtime=0), lambda: zlib.decompressobj(_GZIP_FORMAT)
    ),
    "zst": Compression(_zstd_compressor, zstd.ZstdDecompressor),
}
"""By feed format."""


class Piece(NamedTuple):
    """Some decompressed data.

    :param whole: number of bytes of the file up to the end of its last complete frame
    """

    data: bytes
    whole: int


def decompressed(file: IO[bytes], format_: str) -> Iterator[Piece]:
    """Yield what the frames of a file hold, from its current place. The last one may be incomplete.

    :raises DamagedError: if a frame cannot be read
    """
    decompressor: Any = None
    whole = file.tell()
    while chunk := file.read(_STEP):
        end = file.tell()
        while chunk:
            decompressor = decompressor or COMPRESSIONS[format_].decompressor()
            try:
                data = decompressor.decompress(chunk)
            except (zlib.error, zstd.ZstdError) as error:
                raise DamagedError(whole, error) from None
            chunk = decompressor.unused_data
            if decompressor.eof:
                decompressor, whole = None, end - len(chunk)
            yield Piece(data, whole)


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file with their ends, plain or compressed, as its name says. The last one may be incomplete.

    :raises DamagedError: if it is compressed, and damaged or incomplete
    """
    format_ = path.suffix.removeprefix(".")
    with path.open("rb") as file:
        if format_ not in COMPRESSIONS:
            yield from file
            return
        rest, whole = b"", 0
        for piece in decompressed(file, format_):
            *lines, rest = (rest + piece.data).split(b"\n")
            yield from (line + b"\n" for line in lines)
            whole = piece.whole
    if rest:
        yield rest
    if whole != path.stat().st_size:
        raise DamagedError(whole, "its last page is incomplete, as a killed crawl leaves it")


def whole_frames(path: Path, format_: str) -> int:
    """Return how many bytes of a file are complete frames; what follows is the incomplete end that a kill leaves.

    :raises DamagedError: if the file is damaged otherwise
    """
    whole = 0
    with path.open("rb") as file:
        try:
            for piece in decompressed(file, format_):
                whole = piece.whole
        except DamagedError as error:
            file.seek(error.place)
            if _LOST not in file.read():
                raise
            whole = error.place
    return whole


def read_tail(body: bytes, format_: str) -> bytes:
    """Decompress the end of a file up to its last complete data.

    :raises DamagedError: if it is damaged, unless a power failure did it
    """
    data = b""
    try:
        for piece in decompressed(io.BytesIO(body), format_):
            data += piece.data
    except DamagedError as error:
        if _LOST not in body[error.place :]:
            raise
    return data
