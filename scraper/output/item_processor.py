"""Split pages of envelopes, so that pipelines and signals see single envelopes, while sinks still work by page.

Scrapy passes each item of a spider to its ITEM_PROCESSOR, logs the result and sends its signal. This one runs
the pipelines for each envelope of a page, then hands what they left to the sinks, does for all envelopes but the last
what Scrapy does for an item, and returns the last. Any other item is a page of one.

A sink (`scraper.output.sinks`) is a pipeline with `write_page` instead of `process_item`, or the feed exporter.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydispatch.dispatcher import getAllReceivers, liveReceivers
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.http import Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.log import failure_to_exc_info, logformatter_adapter
from twisted.python.failure import Failure

import scraper.output.item_fields  # noqa: F401  ItemAdapter takes envelopes from now on
from scraper.jobs.job import Job
from scraper.output.envelope import Envelope, EnvelopePage, page_processed
from scraper.output.failure_log import FailureLog
from scraper.output.feeds import PageFeedExporter
from scraper.output.lost_items import failure_of
from scraper.output.sinks import OUTPUT_FAILED, OutputError, Sink, note_failure
from scraper.output.statistics import ITEM_ERRORS, PIPELINE_ERRORS, Origin, OutcomeCounts, origin_of
from scraper.responses.catch_all import attempt_async

logger = logging.getLogger(__name__)
PIPELINE_FAILED = "pipeline_failed"  # the crawl's close reason
_ITEMS = logging.getLogger("scrapy.core.scraper")  # Scrapy's logger for items
Source = Response | Failure | None


class NotWritten(DropItem):
    """A sink failed, so the item may not have been written."""

    def __init__(self, message: str):
        super().__init__(message, log_level="DEBUG")


class Processed(NamedTuple):
    """An item in processing: as the spider made it, as the pipelines left it, and its exception."""

    given: Any
    item: Any
    origin: Origin | None
    error: Exception | None = None


class ItemProcessor(ItemPipelineManager):
    """Runs pipelines by item and sinks by page.

    :ivar example: a record that was written, if there is one
    :ivar failures: logs the failures that were written
    :ivar unwritten: the jobs whose pages a broken sink did not write
    """

    example: Envelope | None = None

    def __init__(self, *pipelines: Any, crawler: Crawler):
        self._sinks: list[Sink] = [pipeline for pipeline in pipelines if hasattr(pipeline, "write_page")]
        super().__init__(*(pipeline for pipeline in pipelines if not hasattr(pipeline, "write_page")), crawler=crawler)
        self._crawler = crawler
        self.unwritten: list[Job] = []
        self.failures = FailureLog()
        self._open: list[Sink] = []
        self._failure: OutputError | None = None
        self._closing: asyncio.Task[None] | None = None
        self._is_closed = asyncio.Event()

    async def open_spider_async(self) -> None:
        self._outcomes = OutcomeCounts(self._crawler.stats)
        self._crawler.signals.connect(self._is_closed.set, signals.spider_closed)
        self._crawler.signals.connect(self._wait_for_close, signals.engine_stopped)
        if feeds := self._crawler.get_extension(PageFeedExporter):
            self._sinks.append(feeds)
        if error := await attempt_async(super().open_spider_async()):
            self._note_pipeline(
                error, "The crawl did not start: a pipeline raised %s when it opened; no request was sent"
            )
            raise CloseSpider(PIPELINE_FAILED)
        for sink in self._sinks:
            try:
                await sink.open()
            except OutputError as error:
                self._note(error)
            else:
                self._open.append(sink)
        if self._failure:
            raise CloseSpider(OUTPUT_FAILED)

    async def close_spider_async(self) -> None:
        if error := await attempt_async(super().close_spider_async()):
            self._note_pipeline(error, "A pipeline raised %s when it closed; its final output may be incomplete")
        self.failures.close()
        for sink in self._open:
            try:
                await sink.close()
            except OutputError as error:
                self._note(error)

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
        if not isinstance(item, EnvelopePage):
            return await self._process([item], None)
        kept: list[Any] = []
        try:
            return await self._process(item.envelopes, item.response, kept)
        finally:
            if self._failure and item.job is not None:
                self.unwritten.append(item.job)
            self._crawler.signals.send_catch_log(page_processed, page=item, items=kept)

    async def _process(self, items: Sequence[Any], response: Source, kept: list[Any] | None = None) -> Any:
        """Process items, and return the last one as pipelines and sinks left it.

        :param kept: a list to which the kept items are added
        :raises Exception: the last item's exception, if it was dropped or lost
        """
        processed = [await self._piped(item) for item in items] if self.methods["process_item"] else _untouched(items)
        processed = await self._written(processed)
        self._count(processed)
        if kept is not None:
            kept += [entry.item for entry in processed if entry.error is None]
        quiet = not (self._is_watched() or _ITEMS.isEnabledFor(logging.DEBUG))
        for entry in processed[:-1]:
            if entry.error or not quiet:
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

    async def _written(self, processed: list[Processed]) -> list[Processed]:
        """Write the remaining items to the sinks, and add a failure for each envelope that was lost."""
        left = [number for number, entry in enumerate(processed) if not entry.error]
        for place, error in (await self._write([processed[number].item for number in left])).items():
            processed[left[place]] = processed[left[place]]._replace(error=error)
        components = [*self.middlewares, *self._sinks]
        failures = [
            failure_of(entry.origin, entry.error, components)
            for entry in processed
            if entry.origin and entry.error and is_fault(entry.error)
        ]
        for error in (await self._write(failures)).values():  # nothing else would say what is missing
            self._note(OutputError("the output", error))
            self._stop()
        processed[-1:-1] = _untouched(failures)
        if self._failure:
            lost = NotWritten(str(self._failure))
            return [entry if entry.error else entry._replace(error=lost) for entry in processed]
        return processed

    async def _write(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Write items to all sinks, and stop the crawl if one fails. Return the items that a sink cannot represent."""
        lost: dict[int, Exception] = {}
        for sink in self._open if items else ():
            try:
                lost |= await sink.write_page(items)
            except OutputError as error:
                self._note(error)
        if self._failure:
            self._stop()
        return lost

    def _stop(self) -> None:
        if not self._closing:
            self._closing = asyncio.create_task(self._crawler.engine.close_spider_async(reason=OUTPUT_FAILED))

    def _count(self, processed: Sequence[Processed]) -> None:
        """Count the answered items. Items dropped by a pipeline count as answered."""
        answered = [entry for entry in processed if entry.origin and _is_answered(entry.error)]
        self._outcomes.add([entry.origin for entry in answered if entry.origin])
        if self.example is None:
            records = (entry.item for entry in answered if isinstance(entry.item, Envelope) and not entry.item.failed)
            self.example = next(records, None)
        self.failures.add(entry.item for entry in answered if isinstance(entry.item, Envelope) and entry.item.failed)
        if scraped := sum(entry.error is None for entry in processed):
            self._crawler.stats.inc_value("item_scraped_count", scraped)
        if lost := sum(is_fault(entry.error) for entry in processed):
            self._crawler.stats.inc_value(ITEM_ERRORS, lost)

    async def _announce(self, processed: Processed, response: Source) -> None:
        """Log an item and send its signal, as Scrapy does for the last one of a page."""
        given, item, _, error = processed
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


def _untouched(items: Sequence[Any]) -> list[Processed]:
    return [Processed(item, item, origin_of(item) if isinstance(item, Envelope) else None) for item in items]


def _is_answered(error: Exception | None) -> bool:
    """Return whether an item was written, or dropped on purpose."""
    return error is None or (isinstance(error, DropItem) and not isinstance(error, NotWritten))


def is_fault(error: Exception | None) -> bool:
    """Return whether an item was lost by a fault, and not on purpose."""
    return error is not None and not isinstance(error, DropItem)
