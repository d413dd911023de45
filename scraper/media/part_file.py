"""A file that is being downloaded: it can be continued after the program ended, whatever ended it.

Next to it is a small file that says what its bytes are of: without that, they are of no use, and it starts anew.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import disk_usage
from threading import Lock
from typing import IO, Any, TypeVar

import msgspec

from scraper.media.content import HEAD_SIZE, Content, content_of
from scraper.media.plan import DiskError

T = TypeVar("T")
_BLOCK = 1 << 20  # bytes


class Disk:
    """Threads for what waits for a disk or a processor, so that the event loop does not.

    :param least_free: bytes that must stay free
    """

    def __init__(self, threads: int = 2, least_free: int = 0) -> None:
        self._pool = ThreadPoolExecutor(threads, "media")
        self._least_free = least_free

    def check_free(self, folder: Path) -> None:
        """
        :raises OSError: if less is free on the disk of a folder than must stay free
        """
        if self._least_free and (free := disk_usage(folder).free) < self._least_free:
            raise OSError(errno.ENOSPC, f"only {free} bytes are free, less than MEDIA_MIN_FREE={self._least_free}")

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Do some work in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    def close(self) -> None:
        """End the threads, after what they are doing."""
        self._pool.shutdown()


class Origin(msgspec.Struct):
    """What the bytes of a file are of.

    :ivar total: the size of the whole file, None if the server did not say
    :ivar validator: the ETag or the date that the server gave it, "" if it gave none
    """

    total: int | None = None
    validator: str = ""


class PartFile:
    """
    :ivar size: bytes that it has
    """

    def __init__(self, path: Path, disk: Disk):
        self.path, self._disk = path, disk
        self._notes = path.with_name(f"{path.name}.json")
        self.size = 0
        self.origin = Origin()
        self._hash = sha256()
        self._head = b""
        self._file: IO[bytes] | None = None
        self._is_open, self._lock = False, Lock()

    @property
    def content(self) -> Content | None:
        """What it is, by its first bytes."""
        return content_of(self._head)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def open(self) -> None:
        """Open it, with what an earlier download left.

        :raises DiskError: if it cannot be written
        """
        self._is_open = True
        await self._do(self._open)

    async def begin(self, origin: Origin) -> None:
        """Drop what it has, since what comes is from the beginning of a file."""
        await self._do(self._begin, origin)

    async def write(self, block: Sequence[bytes]) -> None:
        """Append bytes. They are hashed while they are written."""
        hashing = asyncio.ensure_future(self._disk.run(self._take, block))
        try:
            await self._do(self._write, block)
        finally:
            await hashing

    async def close(self) -> None:
        """Close it, after its bytes are on the disk."""
        self._is_open = False
        await self._do(self._close)

    def release(self) -> None:
        """Close it as it is, if it is open. It does not wait for the disk, since who calls it may be cancelled."""
        self._is_open = False
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    async def discard(self) -> None:
        """Remove it."""
        self._is_open = False
        await self._do(self._discard)

    async def _do(self, work: Callable[..., None], *args: Any) -> None:
        try:
            await self._disk.run(self._alone, work, *args)
        except OSError as error:
            raise DiskError(str(self.path), error) from error

    def _alone(self, work: Callable[..., None], *args: Any) -> None:
        """Do some work after what is under way: a task that waited for that may have been cancelled."""
        with self._lock:
            work(*args)

    def _open(self) -> None:
        if not self._is_open:  # it was closed before this thread began
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")
        try:
            self.origin = msgspec.json.decode(self._notes.read_bytes(), type=Origin)
        except (FileNotFoundError, msgspec.DecodeError):
            self._begin(Origin())
            return
        self._file.seek(0)
        while block := self._file.read(_BLOCK):
            self._take([block])
            self.size += len(block)

    def _begin(self, origin: Origin) -> None:
        assert self._file
        self._file.truncate(0)
        self.size, self.origin, self._hash, self._head = 0, origin, sha256(), b""
        temporary = self._notes.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(origin))
        temporary.replace(self._notes)

    def _write(self, block: Sequence[bytes]) -> None:
        assert self._file
        self._disk.check_free(self.path.parent)
        self._file.writelines(block)
        self._file.flush()
        self.size += sum(map(len, block))

    def _take(self, block: Sequence[bytes]) -> None:
        """Hash bytes, and keep the first ones."""
        for chunk in block:
            if len(self._head) < HEAD_SIZE:
                self._head += chunk[: HEAD_SIZE - len(self._head)]
            self._hash.update(chunk)

    def _close(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _discard(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        for path in (self.path, self._notes):
            with suppress(FileNotFoundError):
                path.unlink()
