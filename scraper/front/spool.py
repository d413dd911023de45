"""Files that are made before they are served, such as a video of picture and sound: kept for a while, up to a size.

A spool has a folder for each file, named after its content: parts that a caller left behind are continued by the next
one. What earlier processes left is removed at the start.
"""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, NamedTuple

from scraper.front.shared_work import SharedWork
from scraper.identities.file_lock import try_lock
from scraper.responses.catch_all import attempt_async

logger = logging.getLogger(__name__)
KEPT_S = 600.0
WATCH_S = 0.5
_LOCK = "lock"
_REMOVED = count(1)


class SpoolFullError(Exception):
    """A file does not fit into the spool, even after all files that nobody uses are removed."""


class Spooled(NamedTuple):
    """
    :ivar tag: identifies its content
    """

    path: Path
    size: int
    mime: str
    ext: str
    tag: str


Make = Callable[[Path], Awaitable[Spooled]]


class _Entry:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work: SharedWork[Spooled] | None = None
        self.users, self.last_used = 0, time.monotonic()
        self.is_too_large = False


class Spool:
    """
    :param folder: holds the folders of all processes
    :param most: the largest size of all files, in bytes
    """

    def __init__(self, folder: Path, most: int):
        self._parent, self._most = folder, most
        self._entries: dict[str, _Entry] = {}
        self._watching: asyncio.Task[None] | None = None
        self._lock: IO[bytes] | None = None

    async def open(self) -> None:
        """
        :raises OSError: if the folder cannot be written
        """
        await asyncio.to_thread(self._open)
        self._watching = asyncio.create_task(self._watch())

    def _open(self) -> None:
        self._parent.mkdir(parents=True, exist_ok=True)
        for left in self._parent.iterdir():
            if _is_left(left):
                shutil.rmtree(left, ignore_errors=True)
        self.folder = Path(mkdtemp(dir=self._parent))
        self._lock = (self.folder / _LOCK).open("wb")
        try_lock(self._lock)

    async def close(self) -> None:
        """Stop all work, and remove all files."""
        if self._watching is not None:
            self._watching.cancel()
        for entry in self._entries.values():
            if entry.work:
                entry.work.stop()
        if self._lock is not None:
            self._lock.close()
            await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    @asynccontextmanager
    async def borrow(self, content: str, make: Make) -> AsyncIterator[Spooled]:
        """Yield a file, made if it is not there. It stays there meanwhile, and for some minutes afterwards.

        :param content: identifies it
        :param make: makes it in a folder. Callers that wait for the same file share the work; without any, it stops
        :raises SpoolFullError: if it does not fit
        :raises Exception: what `make` raises
        """
        key = sha256(content.encode()).hexdigest()[:32]
        entry = self._entries.setdefault(key, _Entry(self.folder / key))
        entry.users += 1
        try:
            yield await self._made(entry, make)
        finally:
            entry.users, entry.last_used = entry.users - 1, time.monotonic()

    async def _made(self, entry: _Entry, make: Make) -> Spooled:
        if entry.work is None or entry.work.is_lost or entry.work.is_stopped:
            entry.is_too_large = False
            entry.work = SharedWork(_in_folder(entry.folder, make))
        try:
            return await entry.work.result()
        except asyncio.CancelledError:
            if entry.is_too_large:
                raise SpoolFullError(f"the spool has no room for it: it holds {self._most} bytes at most") from None
            raise

    async def _watch(self) -> None:
        """Remove what nobody used for long, and make room if the spool is too large."""
        while True:
            await asyncio.sleep(WATCH_S)
            if isinstance(error := await attempt_async(self._tidy()), Exception):
                logger.error("The spool %s was not tidied", self.folder, exc_info=error)

    async def _tidy(self) -> None:
        now = time.monotonic()
        for key, entry in list(self._entries.items()):
            if not entry.users and now - entry.last_used > KEPT_S:
                await self._remove(key)
        if any(entry.work and not entry.work.is_done for entry in self._entries.values()):
            await self._make_room()

    async def _make_room(self) -> None:
        size = await asyncio.to_thread(_size, self.folder)
        idle = sorted((entry.last_used, key) for key, entry in self._entries.items() if not entry.users)
        for _, key in idle:
            if size <= self._most:
                return
            if self._entries[key].users:  # by now
                continue
            await self._remove(key)
            size = await asyncio.to_thread(_size, self.folder)
        under_way = [entry for entry in self._entries.values() if entry.work and not entry.work.is_done]
        if size > self._most and under_way:
            last = under_way[-1]
            logger.warning("The spool is full (%d bytes): the last file begun is given up", size)
            last.is_too_large = True
            assert last.work
            last.work.stop()
            await self._empty(last.folder)

    async def _remove(self, key: str) -> None:
        await self._empty(self._entries.pop(key).folder)

    async def _empty(self, folder: Path) -> None:
        """Remove a folder, whose name is free at once."""
        with suppress(FileNotFoundError):
            old = folder.rename(folder.with_name(f"{folder.name}.{next(_REMOVED)}"))
            await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)


async def _in_folder(folder: Path, make: Make) -> Spooled:
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    return await make(folder)


def _is_left(folder: Path) -> bool:
    """Return whether the process that made a folder has ended."""
    try:
        with (folder / _LOCK).open("r+b") as file:
            return try_lock(file)
    except OSError:
        return False  # it is just being made, or another program made it


def _size(folder: Path) -> int:
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(parent, name)).st_size  # noqa: PTH118
            except FileNotFoundError:
                continue
    return size
