"""Scrapy's feed exporter as a sink: it writes a page at a time, and reports the items it could not write.

All feed settings work as in Scrapy's documentation, and count items: filters, fields, batches, formats.
"""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from functools import partial
from io import BytesIO
from pathlib import Path, PureWindowsPath
from typing import Any, Self
from urllib.parse import urlparse
from weakref import WeakKeyDictionary

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.extensions.feedexport import BlockingFeedStorage, FeedExporter, FeedSlot, ItemFilter, apply_uri_params
from scrapy.utils.defer import ensure_awaitable

from scraper.network.private_apis import make_feed_exporter
from scraper.output.feed_storage import LocalFile, close_unflushed, flush, kept, try_out
from scraper.output.sinks import OutputError, explained, shown
from scraper.responses.catch_all import attempt, attempt_async

logger = logging.getLogger(__name__)
_WRONG = (ImportError, NameError, AttributeError, TypeError, ValueError, OSError)  # from a wrong name, option or URI


class PageFeedExporter(FeedExporter):
    """The feeds of a crawl. The item processor opens, fills and closes them."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def __init__(self, crawler: Crawler):
        self._failures: list[OutputError] = []
        self._writing = asyncio.Lock()
        self._written: WeakKeyDictionary[FeedSlot, int] = WeakKeyDictionary()
        self._confirmed: WeakKeyDictionary[FeedSlot, int] = WeakKeyDictionary()  # bytes of whole pages
        self._uri = "FEEDS"
        try:
            super().__init__(crawler)
        except _WRONG as error:
            self._failures.append(OutputError(self._uri, error))

    def _storage_supported(self, uri: str, feed_options: dict[str, Any]) -> bool:
        """Note why a feed cannot be stored. Always returns True: one wrong feed must not disable all of them."""
        self._uri, scheme = uri, urlparse(uri).scheme
        if scheme not in self.storages and not PureWindowsPath(uri).drive:
            self._failures.append(OutputError(uri, f"there is no feed storage for {scheme}: in FEED_STORAGES"))
            return True
        try:
            self._get_storage(uri, feed_options)
        except NotConfigured as error:
            self._failures.append(OutputError(uri, error))
        return True

    def _exporter_supported(self, format_: str) -> bool:
        if format_ not in self.exporters:
            known = ", ".join(sorted(self.exporters))
            self._failures.append(OutputError(self._uri, f"unknown format {format_ or '(none)'}: use one of {known}"))
        return True

    def _settings_are_valid(self) -> bool:
        if not super()._settings_are_valid():
            self._failures.append(OutputError(self._uri, "a feed in batches needs %(batch_id)d in its URI"))
        return True

    async def open(self) -> None:
        """See `Sink`."""
        self._raise_failure()
        spider = self.crawler.spider
        assert spider
        try:
            self.open_spider(spider)
        except (*_WRONG, KeyError) as error:
            raise OutputError(", ".join(self.feeds), error) from error
        for slot in self.slots:
            if problem := await attempt_async(self._try(slot, spider)):
                raise OutputError(slot.uri, problem) from problem

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """See `Sink`. A feed that failed is not written any more; the others are."""
        lost: dict[int, Exception] = {}
        async with self._writing:  # a page that comes while a failed feed is stored must not be taken as written
            failed = {}
            for place in range(len(self.slots)):
                if error := attempt(partial(self._fill, place, items, lost)):
                    failed[self.slots[place]] = error  # with batches, the one that could not be written
            for slot, error in failed.items():
                await self._give_up(slot, error)
            self.slots = [slot for slot in self.slots if slot not in failed]
        self._raise_failure()
        return lost

    async def close(self) -> None:
        """See `Sink`."""
        spider = self.crawler.spider
        assert spider
        await self.close_spider(spider)
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failures:
            raise self._failures[0]

    def _fail(self, slot: FeedSlot, error: Exception, kept_at: Path | None = None) -> None:
        """Note that a feed failed, and leave its file whole."""
        reason = f"{explained(error, slot.uri)}; the local copy is in {kept_at}" if kept_at else error
        written = self._written.get(slot, 0) if _is_by_page(slot) else None
        self._failures.append(OutputError(slot.uri, reason, written, is_damaged=written is None))
        self.crawler.stats.inc_value(f"feedexport/failed_count/{type(slot.storage).__name__}")
        if isinstance(slot.storage, LocalFile) and slot.file and not slot.file.closed:
            slot.storage.abandon(self._raw_file(slot))

    async def _give_up(self, slot: FeedSlot, error: Exception) -> None:
        """Note that a feed failed, and store what it got before. It raises nothing, so that the crawl stops now."""
        kept_at = await attempt_async(self._salvage(slot))
        if isinstance(kept_at, Exception):
            logger.error("%s: the complete part of it was not stored: %s", shown(slot.uri), kept_at)
            kept_at = None
        self._fail(slot, error, kept_at)

    async def _salvage(self, slot: FeedSlot) -> Path | None:
        """Store the whole pages that the temporary file of a failed feed holds. Return where they are kept if not."""
        size = self._confirmed.get(slot, 0)
        if not isinstance(slot.storage, BlockingFeedStorage) or not slot.file:
            return None
        with kept(slot.file, slot.storage, flush=False) as copy:
            close_unflushed(slot.file)
            assert copy, "a temporary file has a name"
            if size:
                with copy.open("r+b") as whole:
                    whole.truncate(size)
                    if await attempt_async(_upload(slot, whole)):
                        return self._put_aside(copy, slot)
            copy.unlink()
        return None

    @staticmethod
    def _raw_file(slot: FeedSlot) -> Any:
        """Return the file below its compression."""
        return getattr(slot.file, "file", slot.file) if "postprocessing" in slot.feed_options else slot.file

    def _fill(self, place: int, items: Sequence[Any], lost: dict[int, Exception]) -> None:
        """Write the items that a feed accepts. A full batch is followed by a new slot at the same place."""
        slot = self.slots[place]
        waiting = [number for number, item in enumerate(items) if self._accepts(slot, item, number, lost)]
        most = self.feeds[slot.uri_template]["batch_item_count"]
        while waiting:
            room = most - slot.itemcount if most else len(waiting)
            numbers, waiting = waiting[:room], waiting[room:]
            slot.start_exporting()
            _export(slot, numbers, items, lost)
            flush(slot.file)
            if isinstance(slot.storage, LocalFile) and slot.file:
                slot.storage.confirm(self._raw_file(slot))
            elif isinstance(slot.storage, BlockingFeedStorage) and slot.file and _is_by_page(slot):
                self._confirmed[slot] = slot.file.tell()
            self._written[slot] = slot.itemcount
            if most and slot.itemcount >= most:
                slot = self.slots[place] = self._next_batch(slot)

    @staticmethod
    def _accepts(slot: FeedSlot, item: Any, number: int, lost: dict[int, Exception]) -> bool:
        if type(slot.filter) is ItemFilter and not slot.filter.item_classes:
            return True
        accepted = attempt(partial(slot.filter.accepts, item))
        if isinstance(accepted, Exception):
            lost[number] = accepted
            return False
        return accepted

    def _next_batch(self, full: FeedSlot) -> FeedSlot:
        options, spider = self.feeds[full.uri_template], full.spider
        params = self._get_uri_params(spider, options["uri_params"], full)
        self._schedule_slot_close(full, spider)
        uri = apply_uri_params(full.uri_template, params)
        return self._start_new_batch(full.batch_id + 1, uri, options, spider, full.uri_template)

    async def _close_slot(self, slot: FeedSlot, spider: Spider) -> None:
        """Complete and store a feed. A file that cannot be uploaded is kept."""
        if not slot.itemcount and not (slot.store_empty and slot.batch_id == 1):
            return
        if error := await attempt_async(self._complete(slot)):
            await self._give_up(slot, error)
        await self.crawler.signals.send_catch_log_async(signals.feed_slot_closed, slot=slot)

    @staticmethod
    async def _try(slot: FeedSlot, spider: Spider) -> None:
        await try_out(slot.storage, spider)
        _try_exporter(slot)

    async def _complete(self, slot: FeedSlot) -> None:
        slot.start_exporting()
        slot.finish_exporting()
        await self._store(slot)

    async def _store(self, slot: FeedSlot) -> None:
        file = self._get_file(slot)
        with kept(file, slot.storage) as copy:
            if error := await attempt_async(_upload(slot, file)):
                self._fail(slot, error, self._put_aside(copy, slot) if copy else None)
                return
        if copy:
            copy.unlink()
        what = {"format": slot.format, "count": slot.itemcount, "uri": shown(slot.uri)}
        logger.info("Stored %(format)s feed (%(count)d items) in: %(uri)s", what, extra={"spider": slot.spider})
        self.crawler.stats.inc_value(f"feedexport/success_count/{type(slot.storage).__name__}")

    def _put_aside(self, copy: Path, slot: FeedSlot) -> Path:
        """Move a file that was not uploaded to the output folder, if it can be written."""
        name = Path(urlparse(slot.uri).path).name or f"feed.{slot.format}"
        try:
            folder = Path(self.settings["OUTPUT_DIR"] or ".")
            folder.mkdir(parents=True, exist_ok=True)
            return Path(shutil.move(copy, folder / f"not-uploaded-{copy.stem}-{name}"))
        except OSError:
            return copy


def _is_by_page(slot: FeedSlot) -> bool:
    """Return whether a feed that fails still holds the whole pages before."""
    return slot.storage.is_flushed if isinstance(slot.storage, LocalFile) else "postprocessing" not in slot.feed_options


async def _upload(slot: FeedSlot, file: Any) -> None:
    await ensure_awaitable(slot.storage.store(file))


def _export(slot: FeedSlot, numbers: Sequence[int], items: Sequence[Any], lost: dict[int, Exception]) -> None:
    """Write items by their indices, all at once if the exporter can.

    :raises OSError: if the file cannot be written
    """
    export_page = getattr(slot.exporter, "export_page", None)
    if export_page:
        error = attempt(partial(export_page, [items[number] for number in numbers]))
        if isinstance(error, OSError):
            raise error
        if not isinstance(error, Exception):
            slot.itemcount += len(numbers)
            return
        logger.debug("A page is written item by item", exc_info=error)  # the loop finds the item without a form
    assert slot.exporter
    for number in numbers:
        error = attempt(partial(slot.exporter.export_item, items[number]))
        if isinstance(error, OSError):
            raise error
        if isinstance(error, Exception):
            lost[number] = error
        else:
            slot.itemcount += 1


def _try_exporter(slot: FeedSlot) -> None:
    """Create the exporter of a feed, to check its options."""
    options = slot.feed_options
    make_feed_exporter(
        slot,
        BytesIO(),
        options["format"],
        fields_to_export=options["fields"],
        encoding=options["encoding"],
        indent=options["indent"],
        **options["item_export_kwargs"],
    )
