"""What a new crawl must know about the runs before it: one that is unfinished, and one that writes the same feed."""

import errno
import logging
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Connection

from scraper.ledger.feed_cutting import cut_killed
from scraper.ledger.files import local_path
from scraper.ledger.run import FINISHED, RUNNING, Run, in_database, read_run, runs
from scraper.ledger.run_lock import hold, is_alive, release, unfinished_runs
from scraper.ledger.watched import walks_lists
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)


def check_earlier_runs(folder: str, spider: str, feeds: Collection[str], known: str | None) -> None:
    """Warn of the latest run of a spider that is unfinished, and cut the feeds of those that the next one replaces.

    :param folder: STATE_DIR
    :param feeds: the URIs that the new crawl writes
    :param known: its DATABASE_URL
    :raises ArgumentError: if a run that is still alive writes one of them
    """
    is_warned = False
    for run, alive in earlier_runs(folder, known):
        if alive:
            _check_feeds(run, feeds)
            continue
        if run.state == RUNNING:
            _cut_feeds(folder, run.run_id, known)
        if run.spider == spider and not is_warned:
            is_warned = True
            how = "was killed" if run.state == RUNNING else run.stopped
            logger.warning("Run %s is unfinished (%s). To continue it: scrapy resume %s", run.run_id, how, run.run_id)


def _cut_feeds(folder: str, run_id: str, known: str | None) -> None:
    """Cut the feeds of a run that was killed, if the next run takes over lists of it."""
    url = dict(unfinished_runs(folder, known)).get(run_id, "")
    if not url or not hold(folder, run_id, url):
        return
    try:
        if in_database(url, lambda connection: walks_lists(connection, run_id)) and (run := read_run(url, run_id)):
            cut_killed(run)
    finally:
        release(folder, run_id, is_finished=False)


def earlier_runs(folder: str, known: str | None) -> Iterator[tuple[Run, bool]]:
    """Yield the runs that are not finished, the latest first, and whether each is alive.

    A lock file is removed if its run was killed just before it had begun, or just after it was finished.
    """
    for run_id, url in unfinished_runs(folder, known):
        alive = is_alive(folder, run_id)
        try:
            run = read_run(url, run_id)
        except ArgumentError as error:
            logger.warning("Run %s is left out: %s", run_id, error)
            continue
        if run is not None and run.state != FINISHED:
            yield run, alive
        elif not alive and hold(folder, run_id, url):
            release(folder, run_id, is_finished=True)


def check_writers(connection: Connection, folder: str, run: Run) -> None:
    """Check once more, in the transaction that adds a run, since two crawls may have started at the same moment.

    :raises BlockingIOError: if another run that is alive writes one of its feeds
    """
    for other in runs(connection, state=RUNNING) if run.feeds else ():
        if other.run_id != run.run_id and is_alive(folder, other.run_id):
            try:
                _check_feeds(other, run.feeds)
            except ArgumentError as error:
                raise BlockingIOError(errno.EWOULDBLOCK, str(error)) from None


def _check_feeds(run: Run, feeds: Collection[str]) -> None:
    written = {_place(uri, Path(run.folder)) for uri in run.feeds}
    for uri in feeds:
        if _place(uri, Path.cwd()) in written:
            raise ArgumentError(f"{uri} is being written by run {run.run_id}, which is still alive: name another feed")


def _place(uri: str, folder: Path) -> str:
    """Return the absolute path of a local feed, and the URI of any other."""
    path = local_path(uri)
    return str(folder / path) if path else uri
