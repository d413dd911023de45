"""Work with Scrapy's feed slots: a slot is one file of a feed with its exporter and storage."""

import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from scrapy.extensions.feedexport import FeedSlot, StdoutFeedStorage
from scrapy.utils.defer import ensure_awaitable

from scraper.ledger.progress import FeedPosition
from scraper.network.private_apis import make_feed_exporter
from scraper.output.dialect import DialectWriter
from scraper.output.feed_storage import LocalFile, Upload, close_unflushed
from scraper.output.record_types import is_table
from scraper.responses.catch_all import attempt

logger = logging.getLogger(__name__)
Form = Callable[[Any], Any] | None


class FeedResult(msgspec.Struct):
    """What became of a feed.

    :ivar rows: number of items that the run wrote, None if unknown
    :ivar bytes: size of the file, with what it contained before; None if it is no file
    :ivar sha256: of the file; None unless it was stored
    :ivar stored: whether it is complete, and uploaded if it is to be
    :ivar local_copy: where it is kept if it was not uploaded
    """

    uri: str
    rows: int | None
    bytes: int | None = None
    sha256: str | None = None
    stored: bool = False
    local_copy: str | None = None


def digest(path: Path | None) -> tuple[int | None, str | None]:
    """Return the size and the SHA-256 of a file; None if there is none, or it is a pipe or a device."""
    if path is None or not path.is_file():
        return None, None
    with path.open("rb") as file:
        return os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest()


def appended_to(storage: Any) -> Path | None:
    """Return the path of a file that is appended to, None if there is none."""
    if isinstance(storage, Upload):
        return storage.path
    return storage.appended_to() if isinstance(storage, LocalFile) else None


def start_position(path: Path) -> FeedPosition:
    """Return the position of a file that nothing was added to yet."""
    about = path.stat() if path.exists() else None
    size, file = (about.st_size, (about.st_dev, about.st_ino)) if about else (0, (0, 0))
    return FeedPosition(str(path.absolute()), start=size, size=size, items=0, file=file)


def storage_kind(storage: Any) -> str:
    """Return the name of a storage's class, as Scrapy counts feeds by it."""
    return type(storage.remote if isinstance(storage, Upload) else storage).__name__


def is_by_page(slot: FeedSlot) -> bool:
    """Return whether a feed that fails still holds the whole pages before."""
    return slot.storage.is_flushed if isinstance(slot.storage, LocalFile) else "postprocessing" not in slot.feed_options


async def upload(slot: FeedSlot, file: Any) -> None:
    await ensure_awaitable(slot.storage.store(file))


def export(
    slot: FeedSlot,
    numbers: Sequence[int],
    items: Sequence[Any],
    lost: dict[int, Exception],
    dialect: DialectWriter | None = None,
) -> None:
    """Write items by their indices, all at once if the exporter can.

    :param dialect: what posts are converted to, unless the feed is a table
    :raises OSError: if the file cannot be written
    """
    assert slot.exporter
    form = dialect.converted if dialect and not is_table(slot.format) else None
    if hasattr(slot.exporter, "export_page"):
        error = attempt(partial(_export_page, slot.exporter, [items[number] for number in numbers], form))
        if isinstance(error, OSError):
            raise error
        if not isinstance(error, Exception):
            slot.itemcount += len(numbers)
            return
        logger.debug("A page is written item by item", exc_info=error)  # the loop finds the item without a form
    for number in numbers:
        error = attempt(partial(_export_item, slot.exporter, items[number], form))
        if isinstance(error, OSError):
            raise error
        if isinstance(error, Exception):
            lost[number] = error
        else:
            slot.itemcount += 1


def _export_page(exporter: Any, items: list[Any], form: Form) -> None:
    exporter.export_page([form(item) for item in items] if form else items)


def _export_item(exporter: Any, item: Any, form: Form) -> None:
    exporter.export_item(form(item) if form else item)


def try_exporter(slot: FeedSlot) -> None:
    """Create the exporter of a feed, to check its options, and whether they suit what is in its file."""
    options = slot.feed_options
    path = appended_to(slot.storage)
    with path.open("rb") if path and path.exists() else BytesIO() as file:
        file.seek(0, os.SEEK_END)
        exporter = make_feed_exporter(
            slot,
            file,
            options["format"],
            fields_to_export=options["fields"],
            encoding=options["encoding"],
            indent=options["indent"],
            **options["item_export_kwargs"],
        )
        if stream := getattr(exporter, "stream", None):
            stream.detach()  # a wrapper that would close the file a second time


def drop_empty(slot: FeedSlot) -> None:
    """Close the file of a feed that has no items. Remove a table, which an earlier crawl may have left."""
    if isinstance(slot.storage, LocalFile):
        if slot.file:
            slot.storage.abandon(raw_file(slot))
        if "record_type" in slot.feed_options:
            slot.storage.remove_old()
    elif slot.file and not isinstance(slot.storage, StdoutFeedStorage):
        close_unflushed(raw_file(slot))


def raw_file(slot: FeedSlot) -> Any:
    """Return the file of a feed below its compression."""
    return getattr(slot.file, "file", slot.file) if "postprocessing" in slot.feed_options else slot.file
