"""Open pages of envelopes, so that pipelines and signals see one envelope an item, and sinks still work by page.

Scrapy hands each item of a spider to its ITEM_PROCESSOR, logs what comes back and sends the signal for it. Ours runs
the pipelines for each envelope of a page, then hands what they left to the sinks, does for all envelopes but the last
what Scrapy does for an item, and returns the last. Any other item is a page of one.

A **sink** is a pipeline with `write_page` instead of `process_item`, or the feed exporter. Its methods:

- `open()`, a coroutine: open and try what is written to; raises OutputError
- `write_page(items)`, a coroutine: return the exceptions of items that cannot be written, by index; raises OutputError
- `close()`, a coroutine: raises OutputError
"""

import logging
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, cast

from pydispatch.dispatcher import getAllReceivers, liveReceivers
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.pipelines import ItemPipelineManager
from scrapy.utils.log import failure_to_exc_info, logformatter_adapter
from twisted.python.failure import Failure

from scraper.output.envelope import Envelope, EnvelopePage, failed_here
from scraper.output.feeds import PageFeedExporter
from scraper.output.statistics import OutcomeCounts

logger = logging.getLogger(__name__)
Source = Response | Failure | None


class Sink(Protocol):
    """What takes pages; see the module."""

    async def open(self) -> None: ...

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]: ...

    async def close(self) -> None: ...


class Processed(NamedTuple):
    """An item on its way through: as the spider made it, as the pipelines left it, and what was raised for it."""

    given: Any
    item: Any
    error: Exception | None = None


class ItemProcessor(ItemPipelineManager):
    """Runs pipelines by item and sinks by page.

    :ivar outcomes: counts what the sinks took
    """

    def __init__(self, *pipelines: Any, crawler: Crawler):
        self._sinks: list[Sink] = [each for each in pipelines if hasattr(each, "write_page")]
        super().__init__(*(each for each in pipelines if not hasattr(each, "write_page")), crawler=crawler)
        self._crawler = crawler

    async def open_spider_async(self) -> None:
        self.outcomes = OutcomeCounts(self._crawler.stats)
        if feeds := self._crawler.get_extension(PageFeedExporter):
            self._sinks.append(feeds)
        await super().open_spider_async()
        for sink in self._sinks:
            await sink.open()

    async def close_spider_async(self) -> None:
        await super().close_spider_async()
        for sink in self._sinks:
            await sink.close()

    async def process_item_async(self, item: Any) -> Any:
        page = item if isinstance(item, EnvelopePage) else None
        given = page.envelopes if page else [item]
        processed = [await self._piped(each) for each in given] if self.methods["process_item"] else _untouched(given)
        processed = await self._written(processed)
        self._count(processed)
        for each in processed[:-1]:
            await self._announce(each, page.response if page else None)
        if (last := processed[-1]).error:
            raise last.error
        return last.item

    async def _piped(self, given: Any) -> Processed:
        """Run the pipelines for one item."""
        try:
            return Processed(given, await super().process_item_async(given))
        except Exception as error:  # noqa: BLE001  whatever a pipeline raises costs its own item
            return Processed(given, None, error)

    async def _written(self, processed: list[Processed]) -> list[Processed]:
        """Hand what the pipelines left to the sinks, and add a failure for each envelope that was lost."""
        left = [number for number, each in enumerate(processed) if not each.error]
        for sink in self._sinks if left else ():
            lost = await sink.write_page([processed[number].item for number in left])
            for place, error in lost.items():
                processed[left[place]] = processed[left[place]]._replace(error=error)
        failures = [failed_here(each.given, each.error) for each in processed if _is_lost(each)]
        if failures:
            for sink in self._sinks:
                await sink.write_page(failures)
            processed[-1:-1] = _untouched(failures)
        return processed

    def _count(self, processed: Sequence[Processed]) -> None:
        """Count what was answered. What a pipeline dropped was answered: the user does not want it."""
        envelopes = [each.given for each in processed if isinstance(each.given, Envelope) and not _is_lost(each)]
        self.outcomes.add(envelopes)
        self._crawler.stats.inc_value("item_scraped_count", sum(not each.error for each in processed))

    async def _announce(self, processed: Processed, response: Source) -> None:
        """Log an item and send its signal, as Scrapy does for the last one of a page."""
        given, item, error = processed
        if error is None:
            await self._scraped(item, response)
        elif isinstance(error, DropItem):
            self._log(self._crawler.logformatter.dropped(given, error, response, self._spider), given)
            await self._send(signals.item_dropped, item=given, response=response, exception=error)
        else:
            failure = Failure(error)
            log = self._crawler.logformatter.item_error(given, error, response, self._spider)
            self._log(log, given, exc_info=failure_to_exc_info(failure))
            await self._send(signals.item_error, item=given, response=response, failure=failure)

    async def _scraped(self, item: Any, response: Source) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            self._log(self._crawler.logformatter.scraped(item, response, self._spider), item)
        if self._is_watched():
            await self._send(signals.item_scraped, item=item, response=response)

    def _is_watched(self) -> bool:
        """Say whether anyone receives `item_scraped`. Ours do not: they work by page."""
        receivers = getAllReceivers(self._crawler.signals.sender, signals.item_scraped)
        return next(iter(liveReceivers(receivers)), None) is not None

    async def _send(self, signal: object, **named: Any) -> None:
        await self._crawler.signals.send_catch_log_async(signal, spider=self._spider, **named)

    def _log(self, entry: Any, item: Any, **more: Any) -> None:
        if entry is not None:
            logger.log(*logformatter_adapter(entry), extra={"spider": self._spider, "item": item}, **more)


def _untouched(items: Sequence[Any]) -> list[Processed]:
    return [Processed(each, each) for each in items]


def _is_lost(processed: Processed) -> bool:
    """Say whether an envelope was lost by a fault, and not on purpose."""
    lost = processed.error is not None and not isinstance(processed.error, DropItem)
    return lost and isinstance(processed.given, Envelope)
