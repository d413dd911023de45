"""Files of outputs: where a feed is, and whether an open file is still the one at its path."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from w3lib.url import file_uri_to_path


class OutputGoneError(OSError):
    """A file was removed or replaced while it was written."""

    def __init__(self, path: Path):
        super().__init__(f"{path.name} was removed or replaced while the crawl ran, and what was written is gone")


class CaptureError(OSError):
    """What is kept with a page cannot be written, such as its captured answer.

    :ivar folder: where it was to be written
    """

    def __init__(self, folder: Path, error: OSError):
        super().__init__(error.errno, error.strerror, error.filename or str(folder))
        self.folder = folder


def same_file(path: Path, opened: os.stat_result) -> None:
    """Check that an open file is still the one at its path.

    :raises OutputGoneError: if it was removed or replaced
    """
    if not is_same_file(path, opened):
        raise OutputGoneError(path)


def is_same_file(path: Path, opened: os.stat_result) -> bool:
    """Return whether an open file is still the one at its path."""
    try:
        now = path.stat()
    except OSError:
        return False
    return (now.st_ino, now.st_dev) == (opened.st_ino, opened.st_dev)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk, so that a new file is found after a power failure. Not all systems can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def local_path(uri: str) -> Path | None:
    """Return the file of a feed on this machine, None for others. Only a `file:` URI has `%20` for a space.

    >>> local_path("a #1%20.jsonl"), local_path("file:///a%20b.jsonl"), local_path("s3://bucket/a.jsonl")
    (PosixPath('a #1%20.jsonl'), PosixPath('/a b.jsonl'), None)
    """
    if uri.startswith("file:"):
        return Path(file_uri_to_path(uri))
    return None if urlsplit(uri).scheme else Path(uri)
