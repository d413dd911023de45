"""Scrapy's feed exporter as a sink: it writes a page at a time, and reports the items it could not write.

All feed settings work as in Scrapy's documentation, and count items: filters, fields, batches, formats.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Any, ClassVar, Self
from urllib.parse import urlparse
from weakref import WeakKeyDictionary

from msgspec import UNSET, UnsetType
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.extensions.feedexport import (
    BlockingFeedStorage,
    FeedSlot,
    ItemFilter,
    StdoutFeedStorage,
    apply_uri_params,
)
from scrapy.utils.asyncio import run_in_thread

from scraper.ledger.progress import FeedPosition, OpenFeed
from scraper.output.dialect import dialect_of
from scraper.output.feed_checks import WRONG, CheckedFeeds
from scraper.output.feed_keeping import drop, is_kept, keep, put_aside
from scraper.output.feed_slots import (
    FeedResult,
    appended_to,
    digest,
    drop_empty,
    export,
    is_by_page,
    raw_file,
    start_position,
    storage_kind,
    try_exporter,
    upload,
)
from scraper.output.feed_storage import LocalFile, Upload, close_unflushed, flush, kept, try_out
from scraper.output.record_types import record_type_of
from scraper.output.sinks import OutputError, explained, shown
from scraper.output.workbook import Workbook
from scraper.responses.catch_all import attempt, attempt_async

logger = logging.getLogger(__name__)


class PageFeedExporter(CheckedFeeds):
    """The feeds of a crawl. The item processor opens, fills and closes them.

    :ivar results: the feeds that were closed
    :ivar is_uploaded: whether no feed is left to upload, if the crawl is resumed
    """

    absent: ClassVar[UnsetType | None] = UNSET

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def __init__(self, crawler: Crawler):
        self.results: list[FeedResult] = []
        self._writing = asyncio.Lock()
        self._written: WeakKeyDictionary[FeedSlot, int] = WeakKeyDictionary()
        self._confirmed: WeakKeyDictionary[FeedSlot, int] = WeakKeyDictionary()  # bytes of whole pages
        self._starts: WeakKeyDictionary[FeedSlot, int] = WeakKeyDictionary()  # bytes before the run
        self._earlier: Mapping[str, FeedPosition] = {}
        self._kept_feed: Callable[[str], Path] | None = None
        self.is_uploaded = True
        self._dialect = dialect_of(crawler.settings)
        super().__init__(crawler)
        self._are_split = any("record_type" in options for options in self.feeds.values())

    async def open(self) -> None:
        """See `Sink`."""
        self._raise_failure()
        spider = self.crawler.spider
        assert spider
        try:
            self.open_spider(spider)
        except (*WRONG, KeyError) as error:
            raise OutputError(", ".join(self.feeds), error) from error
        tried: set[tuple[str, str]] = set()
        for slot in self.slots:
            keep(slot, self._kept_feed)
            if problem := await attempt_async(self._try(slot, spider, tried)):
                raise OutputError(slot.uri, problem) from problem
        if self._dialect:
            self._dialect.note_exceptions([slot.format for slot in self.slots], self.settings["DATABASE_URL"])

    def resume(self, positions: Mapping[str, FeedPosition], kept_feed: Callable[[str], Path]) -> None:
        """Continue feeds where an earlier start of the run has left them.

        :param positions: by URI; the files were cut to them
        :param kept_feed: returns the local file of a feed that is uploaded
        """
        self._earlier, self._kept_feed = positions, kept_feed

    def positions(self) -> dict[str, FeedPosition]:
        """Return the size of each file that is appended to, before anything is."""
        return {shown(slot.uri): start_position(path) for slot in self.slots if (path := appended_to(slot.storage))}

    def plain_options(self) -> dict[str, dict[str, Any]]:
        """Return the options of each feed by its complete URI. Those that are no plain values are left out."""
        return {
            shown(slot.uri): {
                name: value
                for name, value in slot.feed_options.items()
                if value is not None and isinstance(value, str | int | list | dict) and name != "uri_params"
            }
            for slot in self.slots
        }

    def open_feeds(self) -> list[OpenFeed]:
        """Return the position of each feed in a file that was begun, and the descriptor of its file."""
        feeds = []
        for slot in self.slots:
            raw = raw_file(slot)
            if raw is None or raw.closed or isinstance(slot.storage, StdoutFeedStorage):
                continue
            if not S_ISREG((about := os.fstat(raw.fileno())).st_mode):
                continue
            position = FeedPosition(
                path=str(Path(raw.name).absolute()),
                start=self._starts.get(slot, 0),
                size=raw.tell(),
                items=slot.itemcount,
                file=(about.st_dev, about.st_ino),
            )
            feeds.append(OpenFeed(shown(slot.uri), position, raw.fileno()))
        return feeds

    def all_results(self) -> list[FeedResult]:
        """Return what became of each feed; of one that is still open, how far it was written."""
        closed = {shown(result.uri) for result in self.results}
        left = [FeedResult(feed.uri, feed.position.items, feed.position.size) for feed in self.open_feeds()]
        return [*self.results, *(result for result in left if result.uri not in closed)]

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """See `Sink`. A feed that failed is not written any more; the others are."""
        lost: dict[int, Exception] = {}
        types = [record_type_of(item) for item in items] if self._are_split else None
        async with self._writing:  # a page that comes while a failed feed is stored must not be taken as written
            failed = {}
            for place in range(len(self.slots)):
                if error := attempt(partial(self._fill, place, items, types, lost)):
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
        for slot in self.slots:
            if isinstance(slot.storage, Upload) and slot not in self._starts and slot.storage.path.exists():
                self._begin(slot)  # an earlier start of the run has written it
        await self.close_spider(spider)
        self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failures:
            raise self._failures[0]

    def _fail(self, slot: FeedSlot, error: Exception, kept_at: Path | None = None) -> None:
        """Note that a feed failed, and leave its file whole."""
        reason = f"{explained(error, slot.uri)}; the local copy is in {kept_at}" if kept_at else error
        written = self._written.get(slot, 0) if is_by_page(slot) else None
        self._failures.append(OutputError(slot.uri, reason, written, is_damaged=written is None))
        self.results.append(FeedResult(slot.uri, written, local_copy=str(kept_at) if kept_at else None))
        self.crawler.stats.inc_value(f"feedexport/failed_count/{storage_kind(slot.storage)}")
        if isinstance(slot.storage, LocalFile) and slot.file and not slot.file.closed:
            slot.storage.abandon(raw_file(slot))

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
        if not isinstance(slot.storage, BlockingFeedStorage | Upload) or not slot.file:
            return None
        with kept(slot.file, slot.storage, flush=False) as copy:
            close_unflushed(slot.file)
            assert copy, "a temporary file has a name"
            if size:
                with copy.open("r+b") as whole:
                    whole.truncate(size)
                    if await attempt_async(upload(slot, whole)):
                        return self._put_aside(copy, slot)
            drop(copy, slot)
        return None

    def _fill(self, place: int, items: Sequence[Any], types: Sequence[str] | None, lost: dict[int, Exception]) -> None:
        """Write the items that a feed accepts. A full batch is followed by a new slot at the same place.

        :param types: the record types of the items, None if no feed needs them
        """
        slot = self.slots[place]
        waiting = [*range(len(items))]
        if types and (own := slot.feed_options.get("record_type")):
            waiting = [number for number in waiting if types[number] == own]
        if type(slot.filter) is not ItemFilter or slot.filter.item_classes:
            waiting = [number for number in waiting if self._accepts(slot, items[number], number, lost)]
        most = self.feeds[slot.uri_template]["batch_item_count"]
        while waiting:
            room = most - slot.itemcount if most else len(waiting)
            numbers, waiting = waiting[:room], waiting[room:]
            if slot not in self._starts:
                self._begin(slot)
            export(slot, numbers, items, lost, self._dialect)
            flush(slot.file)
            if isinstance(slot.storage, LocalFile) and slot.file:
                slot.storage.confirm(raw_file(slot))
            elif isinstance(slot.storage, BlockingFeedStorage | Upload) and slot.file and is_by_page(slot):
                self._confirmed[slot] = slot.file.tell()
            self._written[slot] = slot.itemcount
            if most and slot.itemcount >= most:
                slot = self.slots[place] = self._next_batch(slot)

    def _begin(self, slot: FeedSlot) -> None:
        """Open the file of a feed."""
        slot.start_exporting()
        earlier = self._earlier.get(shown(slot.uri))
        if earlier:
            slot.itemcount = earlier.items
        raw = raw_file(slot)
        self._starts[slot] = earlier.start if earlier else raw.tell() if raw.seekable() else 0

    @staticmethod
    def _accepts(slot: FeedSlot, item: Any, number: int, lost: dict[int, Exception]) -> bool:
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
        following = self._start_new_batch(full.batch_id + 1, uri, options, spider, full.uri_template)
        keep(following, self._kept_feed)
        return following

    async def _close_slot(self, slot: FeedSlot, spider: Spider) -> None:
        """Complete and store a feed. A file that cannot be uploaded is kept."""
        earlier = self._earlier.get(shown(slot.uri))
        is_empty = not slot.itemcount and not (earlier and earlier.items)
        if is_empty and not (slot.store_empty and slot.batch_id == 1):
            drop_empty(slot)
            return
        if error := await attempt_async(self._complete(slot)):
            await self._give_up(slot, error)
        await self.crawler.signals.send_catch_log_async(signals.feed_slot_closed, slot=slot)

    @staticmethod
    async def _try(slot: FeedSlot, spider: Spider, tried: set[tuple[str, str]]) -> None:
        """Check the destination and the options of a feed.

        :param tried: schemes and hosts of remote destinations: each is checked once
        """
        place = urlparse(slot.uri)[:2]
        if place not in tried:
            await try_out(slot.storage, spider)
        if isinstance(slot.storage, BlockingFeedStorage | Upload):
            tried.add(place)
        try_exporter(slot)

    async def _complete(self, slot: FeedSlot) -> None:
        slot.start_exporting()
        slot.finish_exporting()
        await self._store(slot)

    async def _store(self, slot: FeedSlot) -> None:
        file = self._get_file(slot)
        with kept(file, slot.storage) as copy:
            size, sha256 = await run_in_thread(digest, copy)
            if error := await attempt_async(upload(slot, file)):
                self._fail(slot, error, self._put_aside(copy, slot) if copy else None)
                return
        if copy:
            drop(copy, slot)
        if isinstance(slot.storage, Workbook):
            size, sha256 = slot.storage.digest
        elif isinstance(slot.storage, LocalFile):
            size, sha256 = await run_in_thread(digest, Path(slot.storage.path))
        self.results.append(FeedResult(slot.uri, self._rows_of(slot), size, sha256, stored=True))
        what = {"format": slot.format, "count": slot.itemcount, "uri": shown(slot.uri)}
        logger.info("Stored %(format)s feed (%(count)d items) in: %(uri)s", what, extra={"spider": slot.spider})
        self.crawler.stats.inc_value(f"feedexport/success_count/{storage_kind(slot.storage)}")

    def _rows_of(self, slot: FeedSlot) -> int:
        """Return how many items of the run a feed has."""
        earlier = self._earlier.get(shown(slot.uri))
        return earlier.items if earlier and slot not in self._starts else slot.itemcount

    def _put_aside(self, copy: Path, slot: FeedSlot) -> Path:
        """Move a file that was not uploaded to the output folder, if it can be written.

        If the run can be resumed, the file stays where it is.
        """
        if is_kept(slot):
            self.is_uploaded = False
            return copy
        return put_aside(copy, slot.uri, slot.format, self.settings["OUTPUT_DIR"])
