"""Keep a feed in a local file until it is complete, if it is uploaded or becomes an Excel file."""

import shutil
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlparse

from scrapy.extensions.feedexport import BlockingFeedStorage, FeedSlot

from scraper.ledger.feed_cutting import can_continue
from scraper.ledger.files import local_path
from scraper.output.feed_storage import Upload
from scraper.output.sinks import shown
from scraper.output.workbook import WORKBOOK, Workbook


def keep(slot: FeedSlot, kept_feed: Callable[[str], Path] | None) -> None:
    """Set the storage of a feed that is kept in a local file.

    :param kept_feed: returns the file in which a feed is kept until the run is finished; None if the run has no ledger
    """
    options, storage = slot.feed_options, slot.storage
    path = kept_feed(shown(slot.uri)) if kept_feed and can_continue(options) else None
    kept: Any = storage
    if options["format"] == WORKBOOK:
        kept = Workbook(storage, path or _temporary(slot), options["fields"], is_kept=path is not None)
    elif path and isinstance(storage, BlockingFeedStorage):
        kept = Upload(storage, path)
    slot.storage = kept


def is_kept(slot: FeedSlot) -> bool:
    """Return whether the local file of a feed stays until the run is finished."""
    return isinstance(slot.storage, Upload) and slot.storage.is_kept


def drop(copy: Path, slot: FeedSlot) -> None:
    """Remove a file that was uploaded. If the run can be resumed, the file stays until the run is finished."""
    if not is_kept(slot):
        copy.unlink()


def put_aside(copy: Path, uri: str, format_: str, folder: str | None) -> Path:
    """Move a file that was not uploaded to the output folder, if it can be written, and return where it is.

    :param uri: of its feed
    """
    name = (local_path(uri) or Path(urlparse(uri).path)).name or f"feed.{format_}"
    name = f"{name}.jsonl" if format_ == WORKBOOK else name
    try:
        target = Path(folder or ".")
        target.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(copy, target / f"not-uploaded-{copy.stem}-{name}"))
    except OSError:
        return copy


def _temporary(slot: FeedSlot) -> Path:
    """Return the path of a new temporary file."""
    return Path(slot.settings["FEED_TEMPDIR"] or gettempdir(), f"feed-{token_hex(8)}.jsonl")
