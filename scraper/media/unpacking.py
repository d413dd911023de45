"""Decompress files that a CDN compressed against the request."""

import zlib
from collections.abc import AsyncIterator, Iterator

from scraper.media.answer import BrokenError
from scraper.media.plan import MediaError
from scraper.responses.outcomes import Outcome

_COMPRESSIONS = {"gzip": 31, "x-gzip": 31, "deflate": 47}


async def unpacked(blocks: AsyncIterator[bytes], encoding: str, most: int) -> AsyncIterator[bytes]:
    """Yield decompressed blocks.

    :param encoding: the one of the answer, "" if it is not compressed
    :param most: the size of a block in bytes
    :raises MediaError: if it cannot be decompressed, or was cut
    """
    if not encoding:
        async for block in blocks:
            yield block
        return
    if encoding not in _COMPRESSIONS:
        raise MediaError(Outcome.UPSTREAM, f"it served the file compressed with {encoding}")
    unpacker = zlib.decompressobj(_COMPRESSIONS[encoding])
    async for block in blocks:
        for part in _decompressed(unpacker, block, most):
            yield part
    if not unpacker.eof:
        raise BrokenError("the compressed file was cut")


def _decompressed(unpacker: "zlib._Decompress", block: bytes, most: int) -> Iterator[bytes]:
    while block:
        try:
            part = unpacker.decompress(block, most)
        except zlib.error:
            raise MediaError(Outcome.UPSTREAM, "what it served cannot be decompressed") from None
        if part:
            yield part
        block = unpacker.unconsumed_tail
