"""The bodies of answers: `raw/ab/<sha256 of the body>.zst`, each once, whatever number of runs got it."""

import os
import sys
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path

from scraper.captures.capture import FOLDER
from scraper.identities.file_lock import held
from scraper.ledger.files import sync_folder

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_OPTIONS: dict[int, int] = {zstd.CompressionParameter.compression_level: 1, zstd.CompressionParameter.checksum_flag: 1}


def using(folder: Path) -> AbstractContextManager[None]:
    """Keep other programs from adding answers to OUTPUT_DIR, or removing them, until their index is written.

    :raises OSError: if the lock file cannot be written
    """
    return held(folder / FOLDER / ".lock")


class UnreadableCaptureError(ValueError):
    """The body of an answer is missing or damaged."""


class RawAnswers:
    """
    :param folder: OUTPUT_DIR
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._compressor = zstd.ZstdCompressor(options=_OPTIONS)

    @staticmethod
    def ref_of(body: bytes) -> str:
        """Return the path of a body, relative to OUTPUT_DIR."""
        digest = sha256(body).hexdigest()
        return f"{FOLDER}/{digest[:2]}/{digest}.zst"

    def write(self, ref: str, body: bytes) -> None:
        """Have a body on disk, as a whole or not at all.

        :raises OSError: if that is impossible
        """
        path = self._folder / ref
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        try:
            with unfinished.open("wb") as file:
                file.write(self._compressor.compress(body, self._compressor.FLUSH_FRAME))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)

    def read(self, ref: str) -> bytes:
        """Return a body.

        :raises UnreadableCaptureError: names why it cannot be read
        """
        try:
            return zstd.decompress((self._folder / ref).read_bytes())
        except OSError as error:
            raise UnreadableCaptureError(f"{ref}: {error.strerror}") from None
        except zstd.ZstdError:
            raise UnreadableCaptureError(f"{ref}: its content is damaged") from None
