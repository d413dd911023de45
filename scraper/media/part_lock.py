"""One download of a file at a time: other crawls, also in other processes, may need the same file just then."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from scraper.identities.file_lock import lock_now
from scraper.ledger.files import is_same_file
from scraper.media.part_file import Disk
from scraper.media.plan import DiskError

_POLL_S = 0.2


@asynccontextmanager
async def alone(path: Path, disk: Disk) -> AsyncIterator[None]:
    """Wait until nobody else downloads into a part file, and keep others from it meanwhile.

    :raises DiskError: if the folder cannot be written
    """
    path = path.with_suffix(".lock")
    try:
        while (lock := await disk.run(_locked, path)) is None:
            await asyncio.sleep(_POLL_S)
    except OSError as error:
        raise DiskError(str(path), error) from error
    try:
        yield
    finally:
        with suppress(OSError):  # Windows removes no open file
            path.unlink()
        lock.close()


def _locked(path: Path) -> IO[bytes] | None:
    """Return a lock file that nobody else holds, None if somebody does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        lock_now(file)
    except BlockingIOError:
        file.close()
        return None
    except OSError:  # some network file systems have no locks
        return file
    if is_same_file(path, os.fstat(file.fileno())):
        return file
    file.close()  # its holder has removed it
    return None
