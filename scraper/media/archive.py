"""MEDIA_ARCHIVE: a text file that names each post whose files are all there, so that no run downloads them again.

A line has the platform and the id of a post. Of a video with several parts, each part has a line, with `:` and its id.
Several processes may add to one file; a lock file next to it keeps their lines apart.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from scraper.identities.file_lock import held
from scraper.ledger.files import sync_folder
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError, Plan

_LOCK = ".lock"


def entry_of(plan: Plan) -> str | None:
    """Return the line of the post, or of the part, that a file belongs to. None for texts, which need no download."""
    if plan.text is not None:
        return None
    part = f":{plan.part_cid}" if plan.part_cid else ""
    return f"{plan.meta.platform} {plan.post.id}{part}"


def read_archive(path: Path) -> set[str]:
    """Return the lines of an archive file. A file that is not there yet is empty.

    :raises OSError: if it cannot be read
    """
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return set()
    return {" ".join(line.split()) for line in text.splitlines()}


def remove_entries(path: Path, is_to_go: Callable[[str], bool]) -> None:
    """Remove lines from an archive file.

    :raises OSError: if it cannot be written
    """
    with held(path.with_name(f"{path.name}{_LOCK}")):
        new = path.with_name(f".{path.name}.new")
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not is_to_go(" ".join(line.decode("utf-8", "replace").split()))]
        new.write_bytes(b"".join(kept))
        new.replace(path)
        sync_folder(path.parent)


class Archive:
    """An archive, and the posts of a run that will be added to it.

    :param path: None if the user has no archive: nothing is in it, and nothing is added
    """

    def __init__(self, path: Path | None, disk: Disk):
        self._path, self._disk = path, disk
        self._entries: set[str] = set()
        self._left: Counter[str | None] = Counter()
        self._incomplete: set[str] = set()

    @property
    def is_kept(self) -> bool:
        """Whether there is an archive."""
        return self._path is not None

    def open(self) -> None:
        """Read it, and check that it can be written.

        :raises DiskError: if it cannot
        """
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.open("ab").close()
            self._entries = read_archive(self._path)
        except OSError as error:
            raise DiskError(str(self._path), error) from error

    def restore(self, left: Mapping[str | None, int], incomplete: Iterable[str]) -> None:
        """Note what earlier starts of the run left.

        :param left: the number of files that are still to be downloaded, by entry
        :param incomplete: `meta.key` of the posts of which a file could not be downloaded
        """
        self._left.update(left)
        self._incomplete.update(incomplete)

    def missing(self, plans: Iterable[Plan]) -> list[Plan]:
        """Return the files of posts that are not in the archive, and expect their downloads."""
        wanted = [plan for plan in plans if entry_of(plan) not in self._entries]
        if self.is_kept:
            self._left.update(map(entry_of, wanted))
        return wanted

    async def settle(self, plan: Plan, *, is_complete: bool) -> None:
        """Note what became of a file. After the last one of a post, add the post if all of them are complete.

        :raises DiskError: if the archive cannot be written
        """
        entry, post = entry_of(plan), plan.meta.key or ""
        if self._path is None or entry is None:
            return
        if not is_complete:
            self._incomplete.add(post)
        self._left[entry] -= 1
        if self._left[entry] > 0:
            return
        del self._left[entry]
        if post not in self._incomplete:
            try:
                await self._disk.run(_add_line, self._path, entry)
            except OSError as error:
                raise DiskError(str(self._path), error) from error


def _add_line(path: Path, line: str) -> None:
    """Append a line, after one that was not completed: a process may have been killed."""
    with held(path.with_name(f"{path.name}{_LOCK}")):
        with path.open("a+b") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
            start = b"\n" if file.read(1) not in (b"", b"\n") else b""
            file.write(start + f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
