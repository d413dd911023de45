"""Split pages of envelopes, so that pipelines and signals see single envelopes, while sinks still work by page.

Scrapy passes each item of a spider to its ITEM_PROCESSOR, logs the result and sends its signal. This one runs
the pipelines for each envelope of a page, then hands what they left to the sinks, does for all envelopes but the last
what Scrapy does for an item, and returns the last. Any other item is a page of one.

A sink (`scraper.output.sinks`) is a pipeline with `write_page` instead of `process_item`, or the feed exporter. A
follower is a pipeline with `follow`: it works on what was written.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from pydispatch.dispatcher import getAllReceivers, liveReceivers
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.log import failure_to_exc_info, logformatter_adapter
from twisted.python.failure import Failure

import scraper.output.item_fields  # noqa: F401  ItemAdapter takes envelopes from now on
from scraper.ledger.files import CaptureError
from scraper.ledger.ledger import Ledger, ledger_of
from scraper.ledger.step import Retry, Step
from scraper.ledger.store import STORE_ERRORS, reason_of, store_of
from scraper.network.private_apis import end_if_idle, is_closing
from scraper.output.emitter import for_other
from scraper.output.envelope import Envelope, EnvelopePage, decode_failure, page_processed
from scraper.output.failure_log import FailureLog
from scraper.output.failure_rows import failure_row
from scraper.output.feeds import PageFeedExporter
from scraper.output.lost_items import failure_of
from scraper.output.processed import NotWritten, Processed, Tally, is_answered, is_fault, tally_of, untouched
from scraper.output.record_changes import changes_of
from scraper.output.sinks import OUTPUT_FAILED, Follower, OutputError, Prepared, Sink, note_failure
from scraper.output.statistics import ITEM_ERRORS, PIPELINE_ERRORS, origin_of
from scraper.responses.catch_all import attempt_async
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
PIPELINE_FAILED = "pipeline_failed"  # the crawl's close reason
_OK = Outcome.OK.value  # compared for each record: comparing an enum is slow
_ITEMS = logging.getLogger("scrapy.core.scraper")  # Scrapy's logger for items
Source = Response | Failure | None
RetryOf = Callable[[Envelope], Retry | None]


class ItemProcessor(ItemPipelineManager):
    """Runs pipelines by item and sinks by page.

    :ivar example: a record that was written, if there is one
    :ivar failures: logs the failures that were written
    """

    example: Envelope | None = None

    def __init__(self, *pipelines: Any, crawler: Crawler):
        self._sinks: list[Sink] = [pipeline for pipeline in pipelines if hasattr(pipeline, "write_page")]
        self._followers: list[Follower] = [pipeline for pipeline in pipelines if hasattr(pipeline, "follow")]
        own = [*self._sinks, *self._followers]
        super().__init__(*(pipeline for pipeline in pipelines if pipeline not in own), crawler=crawler)
        self._crawler = crawler
        self._ledger, self._store = ledger_of(crawler), store_of(crawler)
        self.failures = FailureLog()
        self._changes = changes_of(crawler.settings)
        self._open: list[Sink] = []
        self._has_started = False
        self._failure: OutputError | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_closed = asyncio.Event()
        self._under_way = 0
        self._is_idle = asyncio.Event()

    async def open_spider_async(self) -> None:
        if self._ledger:
            self._ledger.failed = self._note_store
        if self._changes:
            self._changes.note_exceptions(self._crawler.settings["DATABASE_URL"], self._crawler.settings["RUN_WEBHOOK"])
        self._crawler.signals.connect(self._is_closed.set, signals.spider_closed)
        self._crawler.signals.connect(self._wait_for_close, signals.engine_stopped)
        if feeds := self._crawler.get_extension(PageFeedExporter):
            self._sinks.append(feeds)
        if error := await attempt_async(super().open_spider_async()):
            self._note_pipeline(
                error, "The crawl did not start: a pipeline raised %s when it opened; no request was sent"
            )
            raise CloseSpider(PIPELINE_FAILED)
        await self._try_store(self._open_store())
        for sink in [] if self._failure else self._sinks:
            try:
                await sink.open()
            except OutputError as error:
                self._note(error)
            else:
                self._open.append(sink)
        for follower in self._followers:
            try:
                await follower.open()
            except OutputError as error:
                self._note(error)
        if not self._failure:
            await self._try_store(self._begin())
        if self._failure:
            raise CloseSpider(OUTPUT_FAILED)
        self._has_started = True

    async def _open_store(self) -> None:
        if self._store:
            own = [sink.prepare for sink in self._sinks if isinstance(sink, Prepared)]
            await self._store.open([*own, *([self._ledger.prepare] if self._ledger else [])])
        if self._ledger and (feeds := self._crawler.get_extension(PageFeedExporter)):
            feeds.resume(self._ledger.progress.feeds, self._ledger.kept_feed)
            self._ledger.feeds = feeds.open_feeds

    async def _begin(self) -> None:
        if self._ledger:
            feeds = self._crawler.get_extension(PageFeedExporter)
            self._ledger.run.feeds = feeds.plain_options() if feeds else {}
            if feeds and self._ledger.left is None:
                self._ledger.progress.feeds = feeds.positions()
            await self._ledger.begin()
        elif self._store:
            await self._store.commit()

    async def _try_store(self, work: Awaitable[None]) -> None:
        try:
            await work
        except STORE_ERRORS as error:
            self._note_store(reason_of(error))

    def _note_store(self, error: Exception) -> None:
        if isinstance(error, CaptureError):
            sink = str(error.folder)
        else:
            assert self._store
            sink = self._store.url
        self._note(OutputError(sink, error))
        if self._has_started:
            self._stop()

    async def close_spider_async(self) -> None:
        while self._under_way:  # `scrapy parse` does not wait for its items
            self._is_idle.clear()
            await self._is_idle.wait()
        for follower in self._followers:
            await follower.stop()
        if self._ledger and self._ledger.is_open:
            await self._ledger.drained()
            if not self._failure:
                await self._try_store(self._write_suspended(self._ledger))
                await self._try_store(self._ledger.store.commit())  # other crawls may wait while feeds are stored
        if error := await attempt_async(super().close_spider_async()):
            self._note_pipeline(error, "A pipeline raised %s when it closed; its final output may be incomplete")
        self.failures.close()
        for sink in self._open:
            try:
                await sink.close()
            except OutputError as error:
                self._note(error)
        if self._ledger and (feeds := self._crawler.get_extension(PageFeedExporter)):
            self._ledger.is_uploaded = feeds.is_uploaded
        if self._store and not self._ledger:
            self._store.close()

    async def _wait_for_close(self) -> None:
        """Wait for uploads and reports: Scrapy does not, if a signal stops a crawl that is closing by itself."""
        await self._is_closed.wait()

    def _note_pipeline(self, error: Exception, sentence: str) -> None:
        self._crawler.stats.inc_value(PIPELINE_ERRORS)
        logger.error(sentence, f"{type(error).__name__}: {error}", exc_info=error)

    def _note(self, error: OutputError) -> None:
        self._failure = self._failure or error
        note_failure(self._crawler.stats, error)

    async def process_item_async(self, item: Any) -> Any:
        self._under_way += 1
        try:
            return await self._process_page(item)
        finally:
            self._under_way -= 1
            self._is_idle.set()

    async def _process_page(self, item: Any) -> Any:
        if not isinstance(item, EnvelopePage):
            return await self._process([item], None)
        kept: list[Any] = []
        try:
            return await self._process(item.envelopes, item.response, kept, item)
        finally:
            self._crawler.signals.send_catch_log(page_processed, page=item, items=kept)
            if item.response is None:
                asyncio.get_running_loop().call_soon(end_if_idle, self._crawler)

    async def _process(
        self, items: Sequence[Any], response: Source, kept: list[Any] | None = None, page: EnvelopePage | None = None
    ) -> Any:
        """Process items, and return the last one as pipelines and sinks left it.

        :param kept: a list to which the kept items are added
        :param page: that they are of
        :raises Exception: the last item's exception, if it was dropped or lost
        """
        processed = [await self._piped(item) for item in items] if self.methods["process_item"] else untouched(items)
        if page and page.step:
            processed = await self._noted(processed, page.step, page.retry)
        else:
            processed = await self._stored(processed)
            self._count(self._tally_of(processed))
        if kept is not None:
            kept += [entry.item for entry in processed if entry.error is None]
        quiet = not (self._is_watched() or _ITEMS.isEnabledFor(logging.DEBUG))
        for entry in [entry for entry in processed[:-1] if entry.error or not quiet]:
            await self._announce(entry, response)
        if (last := processed[-1]).error:
            raise last.error
        return last.item

    async def _piped(self, item: Any) -> Processed:
        """Run the pipelines for one item."""
        origin = origin_of(item) if isinstance(item, Envelope) else None
        result = await attempt_async(super().process_item_async(item))
        if result is None:
            result = TypeError("a pipeline returned nothing: process_item must return the item")
        failed = isinstance(result, Exception)  # whatever a pipeline raises costs its own item
        return Processed(item, None, origin, result) if failed else Processed(item, result, origin)

    async def _noted(self, processed: list[Processed], step: Step, retry: RetryOf | None) -> list[Processed]:
        """Write items, and have them committed with their step soon. They are counted then."""
        assert self._ledger
        written = processed

        async def write() -> bool:
            nonlocal written
            written = await self._written(processed)
            tally = self._tally_of(written)
            step.counts, step.then = tally.outcomes, partial(self._count_committed, tally)
            step.failures = [
                failure_row(entry.given, retry and retry(entry.given))
                for entry in written
                if entry.origin and entry.origin.code != _OK and is_answered(entry.error)
            ]
            return self._failure is None

        await self._ledger.write(step, write)
        return written

    async def _stored(self, processed: list[Processed]) -> list[Processed]:
        """Write items without a step."""
        written = await self._written(processed)
        if self._store and not self._ledger and not self._failure:
            await self._try_store(self._store.commit())
        return self._lost(written) if self._failure else written

    async def _write_suspended(self, ledger: Ledger) -> None:
        """Write the failures of requests that a resumed run asks again. It removes them from the feeds first."""
        self.failures.is_muted = ledger.store.lease is not None  # another process continues it by itself
        async for failures in ledger.suspended():
            for job, encoded in failures:
                failure = decode_failure(encoded)
                others = [for_other(given, failure) for given in ledger.shared(job.walk)]
                await attempt_async(self._process([failure, *others], None))

    def _lost(self, processed: list[Processed]) -> list[Processed]:
        lost = NotWritten(str(self._failure))
        return [entry if entry.error else entry.lost(lost) for entry in processed]

    async def _written(self, processed: list[Processed]) -> list[Processed]:
        """Write the remaining items to the sinks, and add a failure for each envelope that was lost."""
        left = [number for number, entry in enumerate(processed) if not entry.error]
        for place, error in (await self._write([processed[number].item for number in left])).items():
            processed[left[place]] = processed[left[place]].lost(error)
        components = [*self.middlewares, *self._sinks]
        failures = [
            failure_of(entry.origin, entry.error, components)
            for entry in processed
            if entry.error and entry.origin and is_fault(entry.error)
        ]
        for error in (await self._write(failures)).values():  # nothing else would say what is missing
            self._note(OutputError("the output", error))
            self._stop()
        processed[-1:-1] = untouched(failures)
        if not self._failure:
            await self._follow([entry.item for entry in processed if not entry.error])
        return self._lost(processed) if self._failure else processed

    async def _follow(self, items: Sequence[Any]) -> None:
        """Have the followers take on what written items lead to."""
        for follower in self._followers:
            written = self._changes.of(items, None) if self._changes else items
            await self._try_store(follower.follow(items, written))

    async def _write(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Write items to all sinks, and stop the crawl if one fails. Return the items that a sink cannot represent."""
        lost: dict[int, Exception] = {}
        for sink in self._open if items else ():
            try:
                lost |= await sink.write_page(self._changes.of(items, sink.absent) if self._changes else items)
            except OutputError as error:
                self._note(error)
        if self._failure:
            self._stop()
        return lost

    def _stop(self) -> None:
        if not self._closing and not is_closing(self._crawler):
            self._closing = asyncio.create_task(self._crawler.engine.close_spider_async(reason=OUTPUT_FAILED))

    def _tally_of(self, processed: Sequence[Processed]) -> Tally:
        """Return the numbers of items, and keep the first record as an example."""
        if self.example is None:
            items = (entry.item for entry in processed if is_answered(entry.error) and isinstance(entry.item, Envelope))
            self.example = next((item for item in items if not item.failed), None)
        return tally_of(processed)

    def _count_committed(self, tally: Tally, is_committed: bool) -> None:
        self._count(tally if is_committed else Tally(lost=tally.lost))

    def _count(self, tally: Tally) -> None:
        for name, number in tally.outcomes.items():
            self._crawler.stats.inc_value(name, number)
        self.failures.add(tally.failures)
        if tally.scraped:
            self._crawler.stats.inc_value("item_scraped_count", tally.scraped)
        if tally.lost:
            self._crawler.stats.inc_value(ITEM_ERRORS, tally.lost)

    async def _announce(self, processed: Processed, response: Source) -> None:
        """Log an item and send its signal, as Scrapy does for the last one of a page."""
        given, item, error = processed.given, processed.item, processed.error
        if error is None:
            self._log(self._crawler.logformatter.scraped(item, response, self._spider), item)
            await self._send(signals.item_scraped, item=item, response=response)
        elif isinstance(error, DropItem):
            self._log(self._crawler.logformatter.dropped(given, error, response, self._spider), given)
            await self._send(signals.item_dropped, item=given, response=response, exception=error)
        else:
            failure = Failure(error)
            log = self._crawler.logformatter.item_error(given, error, response, self._spider)
            self._log(log, given, exc_info=failure_to_exc_info(failure))
            await self._send(signals.item_error, item=given, response=response, failure=failure)

    def _is_watched(self) -> bool:
        """Return whether `item_scraped` has foreign receivers. The project's own work by page."""
        receivers = getAllReceivers(self._crawler.signals.sender, signals.item_scraped)
        return next(iter(liveReceivers(receivers)), None) is not None

    async def _send(self, signal: object, **named: Any) -> None:
        await self._crawler.signals.send_catch_log_async(signal, spider=self._spider, **named)

    def _log(self, entry: Any, item: Any, **more: Any) -> None:
        if entry is not None:
            _ITEMS.log(*logformatter_adapter(entry), extra={"spider": self._spider, "item": item}, **more)
