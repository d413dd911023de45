"""Where feeds are stored: a file of this machine, with care for what was cut short; and a trial of each place."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

import msgspec
from scrapy import Spider
from scrapy.extensions.feedexport import BlockingFeedStorage, FeedStorageProtocol, FileFeedStorage, S3FeedStorage
from scrapy.utils.asyncio import run_in_thread

_TRIAL = b"\0" * 4096
_HALF_LINE = b'{"code":'
_LINES = ("jsonl", "jsonlines", "jl")
_LARGEST_TAIL = 64 * 1024 * 1024


class LocalFile(FileFeedStorage):
    """A file. What it holds is whole lines, also if it is appended to after a kill, or cannot be written any more."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None):
        super().__init__(uri, feed_options=feed_options)
        options = feed_options or {}
        self._by_line = options.get("format") in _LINES and not options.get("postprocessing")
        self._confirmed: int | None = None

    def try_out(self) -> None:
        """Try to write, and leave nothing behind.

        :raises OSError: it cannot be written
        """
        path = Path(self.path)
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.open("xb").close()  # its name may be one that the file system refuses
            path.unlink()
        else:
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                return  # a pipe or a device: opening it may have an effect
            path.open("r+b").close()
        try_folder(path.parent)

    def open(self, spider: Spider) -> IO[bytes]:
        if self.write_mode == "ab" and self._by_line:
            mend_last_line(Path(self.path))
        file = super().open(spider)
        self.confirm(file)
        return file

    def confirm(self, file: IO[bytes]) -> None:
        """Note that what was written so far is whole."""
        if self._by_line and file.seekable():
            self._confirmed = file.tell()

    def abandon(self, file: IO[bytes]) -> None:
        """Close a file that cannot be written, without what was written of it in part."""
        if self._confirmed is not None:
            os.ftruncate(file.fileno(), self._confirmed)
        with Path(os.devnull).open("wb") as nowhere:  # its buffer is not empty, and is written when it is closed
            os.dup2(nowhere.fileno(), file.fileno())
        file.close()


def try_folder(folder: Path) -> None:
    """Write and remove some bytes, if files can be made here: a full disk lets them be made, and no more."""
    if os.access(folder, os.W_OK):
        with TemporaryFile(dir=folder) as file:
            file.write(_TRIAL)
            file.flush()


def mend_last_line(path: Path) -> int:
    """Make a file of JSON lines end in a line end, and return how many bytes of a line that was cut short are gone.

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp(), "a.jsonl"); _ = path.write_bytes(b'{"code":200}\\n{"code":2')
    >>> mend_last_line(path), path.read_bytes()
    (9, b'{"code":200}\\n')
    """
    if not path.is_file() or not path.stat().st_size:
        return 0
    with path.open("r+b") as file:
        tail = _after_last_line_end(file)
        if not tail:
            return 0
        if not _is_half_line(tail):
            file.seek(0, os.SEEK_END)
            file.write(b"\n")
            return 0
        file.truncate(file.seek(0, os.SEEK_END) - len(tail))
        return len(tail)


def _after_last_line_end(file: BinaryIO) -> bytes:
    """Return what follows the last line end."""
    size, step, tail = file.seek(0, os.SEEK_END), 1 << 16, b""
    while len(tail) < min(size, _LARGEST_TAIL) and b"\n" not in tail:
        start = max(0, size - len(tail) - step)
        file.seek(start)
        tail = file.read(size - len(tail) - start) + tail
    return tail[tail.rfind(b"\n") + 1 :]


def _is_half_line(tail: bytes) -> bool:
    """Say whether a last line is one of ours that was cut short."""
    try:
        msgspec.json.decode(tail)
    except msgspec.DecodeError:
        return tail.startswith(_HALF_LINE) or _HALF_LINE.startswith(tail)
    return False


async def try_out(storage: FeedStorageProtocol, spider: Spider) -> None:
    """Try a place before anything is written to it.

    :raises Exception: whatever its library raises if it cannot be written
    """
    if isinstance(storage, LocalFile):
        storage.try_out()
    elif isinstance(storage, S3FeedStorage):
        await run_in_thread(_try_bucket, storage)
    if isinstance(storage, BlockingFeedStorage):
        with storage.open(spider) as file:
            file.write(_TRIAL)
            file.flush()


def _try_bucket(storage: S3FeedStorage) -> None:
    from botocore.exceptions import ClientError  # of an optional library

    try:
        storage.s3_client.head_bucket(Bucket=storage.bucketname)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 403:  # one may write who may not look
            raise


@contextmanager
def kept(file: IO[bytes], storage: FeedStorageProtocol) -> Iterator[Path | None]:
    """Keep a second name of a temporary file that is uploaded and then removed. None if it is no such file.

    Who uses this removes the file, or says where it is.
    """
    if not isinstance(storage, BlockingFeedStorage) or not isinstance(getattr(file, "name", None), str):
        yield None
        return
    file.flush()
    second = Path(f"{file.name}.kept")
    os.link(file.name, second)
    yield second
