"""The lock file of a run: it is held while the run is alive, and remains until the run is finished.

It names the database that holds the run's ledger, without a password.
"""

import logging
import os
import time
from pathlib import Path
from typing import IO

from scraper.identities.file_lock import try_lock
from scraper.inputs.hashing import hash64
from scraper.ledger.database_url import shown_url, with_password
from scraper.ledger.files import is_same_file, sync_folder

logger = logging.getLogger(__name__)
_HELD: dict[Path, IO[bytes]] = {}
_TRIES, _PAUSE_S = 50, 0.01  # `is_alive` in another process may hold the lock for a moment


def hold(folder: str, run_id: str, url: str) -> bool:
    """Hold the lock of a run, and return whether no other process does.

    :raises OSError: if the file cannot be written
    """
    path = _path(folder, run_id)
    if path in _HELD:
        return True
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+b")
    if not _locked(file) or not is_same_file(path, os.fstat(file.fileno())):  # it may be finished by now
        file.close()
        return False
    if not os.fstat(file.fileno()).st_size:
        file.write(shown_url(url).encode())
        file.flush()
        os.fsync(file.fileno())
        sync_folder(path.parent)
    _HELD[path] = file
    return True


def kept_input(folder: str, run_id: str) -> Path:
    """Return the file in which standard input is kept until the run is finished."""
    return _path(folder, run_id).with_suffix(".input")


def kept_feed(folder: str, run_id: str, uri: str) -> Path:
    """Return the file in which a feed that is uploaded is kept until the run is finished."""
    return _path(folder, run_id).with_suffix(f".{hash64(uri):016x}.feed")


def is_to_upload(folder: str, run_id: str) -> bool:
    """Return whether a feed of a run is kept, since it was not uploaded yet."""
    path = _path(folder, run_id)
    return any(path.parent.glob(f"{path.stem}.*.feed"))


def release(folder: str, run_id: str, *, is_finished: bool) -> None:
    """Release the lock of a run. The files of a finished run are removed."""
    path = _path(folder, run_id)
    if (file := _HELD.pop(path, None)) is None:
        return
    try:
        for kept in [*path.parent.glob(f"{path.stem}.*.feed")] if is_finished else []:
            kept.unlink(missing_ok=True)
        for suffix in (".input", ".end", ".lock") if is_finished else ():
            path.with_suffix(suffix).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The files of run %s remain in %s: %s", run_id, path.parent, error.strerror)
    finally:
        file.close()


def is_alive(folder: str, run_id: str) -> bool:
    """Return whether a process holds the lock of a run."""
    path = _path(folder, run_id)
    if path in _HELD:
        return True
    try:
        with path.open("r+b") as file:
            return not try_lock(file)
    except OSError:
        return False


def is_dead(folder: str, run_id: str) -> bool:
    """Return whether a run of this folder ended without a word. Nothing is known about runs of other folders."""
    return _path(folder, run_id).exists() and not is_alive(folder, run_id)


def unfinished_runs(folder: str, known: str | None) -> list[tuple[str, str]]:
    """Return the ids of the runs that are not finished, the latest first, and the URLs of their databases.

    A run that is just beginning, and one that was killed then, is left out: nothing of it is in a database.

    :param known: DATABASE_URL, whose password the URL of the same database gets
    """
    runs = []
    for path in Path(folder, "runs").glob("*.lock"):
        try:
            url = path.read_text("utf-8")
        except OSError:
            continue
        if url:
            runs.append((path.stem, with_password(url, known)))
    return sorted(runs, reverse=True)


def _locked(file: IO[bytes]) -> bool:
    for trial in range(_TRIES):
        if try_lock(file):
            return True
        if trial < _TRIES - 1:
            time.sleep(_PAUSE_S)
    return False


def _path(folder: str, run_id: str) -> Path:
    return Path(os.path.abspath(folder), "runs", f"{run_id}.lock")  # noqa: PTH100  nothing is resolved
