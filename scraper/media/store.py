"""MEDIA_STORE: where complete files are. A file appears there at once and whole, under its name."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from scraper.media.manifest import NAME
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError

PARTS = ".parts"


class MediaStore(Protocol):
    """A place for complete files.

    :ivar parts: the folder of files that are not complete
    :ivar manifest: see `scraper.media.manifest`
    """

    parts: Path
    manifest: Path

    @property
    def name(self) -> str:
        """What the ledger calls it."""

    def try_out(self) -> None:
        """
        :raises DiskError: if it cannot be written
        """

    async def has(self, path: str, size: int | None) -> bool:
        """Return whether a file is there, whole."""

    async def put(self, file: Path, candidates: Iterator[PurePosixPath], time: int | None) -> str:
        """Move a complete file to the first name that no other file has, and return it.

        :param time: its time, None for now
        :raises DiskError: if it cannot be written
        """

    async def put_beside(self, path: str, content: bytes) -> None:
        """Write the envelope of the post next to a file.

        :raises DiskError: if it cannot be written
        """


class LocalStore:
    """A folder.

    :ivar parts: the folder of files that are not complete
    """

    def __init__(self, folder: str, disk: Disk):
        self.root, self._disk = Path(folder).absolute(), disk
        self.parts, self.manifest = self.root / PARTS, self.root / NAME

    @property
    def name(self) -> str:
        return str(self.root)

    def try_out(self) -> None:
        try:
            self.parts.mkdir(parents=True, exist_ok=True)
            probe = self.parts / f"{os.getpid()}.probe"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise DiskError(str(self.root), error) from error

    async def has(self, path: str, size: int | None) -> bool:
        return await self._disk.run(_has, self.root / path, size)

    async def put(self, file: Path, candidates: Iterator[PurePosixPath], time: int | None) -> str:
        return await self._disk.run(self._put, file, candidates, time)

    async def put_beside(self, path: str, content: bytes) -> None:
        await self._disk.run(self._put_beside, self.root / path, content)

    def _put(self, file: Path, candidates: Iterator[PurePosixPath], time: int | None) -> str:
        target = file
        try:
            for candidate in candidates:
                target = self.root / candidate
                if not _is_other(target):
                    break
            target.parent.mkdir(parents=True, exist_ok=True)
            if time is not None:
                os.utime(file, (time, time))
            file.replace(target)
            _sync(target.parent)
        except OSError as error:
            raise DiskError(str(target), error) from error
        return target.relative_to(self.root).as_posix()

    def _put_beside(self, file: Path, content: bytes) -> None:
        path, temporary = file.with_name(f"{file.name}.json"), self.parts / f"{file.name}.json"
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            raise DiskError(str(path), error) from error


def _has(file: Path, size: int | None) -> bool:
    try:
        return file.stat().st_size == size
    except OSError:
        return False


def _is_other(target: Path) -> bool:
    """Return whether a file has the name in other letters, which some file systems take for the same."""
    return target.exists() and target.name not in os.listdir(target.parent)  # noqa: PTH208


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
