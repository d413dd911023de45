"""A lock between programs that change the same file."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a lock file, after waiting for other programs. The file is not removed; the lock ends with the program.

    :raises OSError: if the file cannot be written
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        _lock(file)
        yield


def _lock(file: IO[bytes], wait: bool = True) -> None:
    try:
        fcntl = import_module("fcntl")
    except ImportError:  # Windows
        msvcrt = import_module("msvcrt")
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_now(file: IO[bytes]) -> None:
    """Lock a file without waiting. The lock ends when the file is closed.

    :raises BlockingIOError: if another open file holds the lock
    :raises OSError: if its file system has no locks
    """
    try:
        _lock(file, wait=False)
    except PermissionError as error:  # Windows
        raise BlockingIOError(error.errno, error.strerror) from error


def try_lock(file: IO[bytes]) -> bool:
    """Lock a file, and return whether no other open file holds the lock. It ends when the file is closed."""
    try:
        lock_now(file)
    except OSError:
        return False
    return True
