"""Feed the inputs of an ask to the engine: they are read ahead of the crawl, but not far."""

import asyncio
from collections.abc import AsyncIterator, Sequence, Sized
from typing import Protocol, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.http import Request

from scraper.crawling.callback_guard import Output
from scraper.crawling.page_handler import PageHandler
from scraper.inputs.ask import Ask
from scraper.inputs.asked_targets import Asked, AskedTargets
from scraper.inputs.duplicates import InputTracker
from scraper.jobs.job import Job
from scraper.output.envelope import EnvelopePage, page_processed
from scraper.platform.targets import UNKNOWN, Target
from scraper.responses import Verdict
from scraper.responses.exceptions import ArgumentError
from scraper.responses.outcomes import CORRECT_ROW, READ_REST, Outcome

_READ_AHEAD = 1_000  # maximum number of requests in the scheduler before more inputs are read
_POLL_S = 0.05  # between two checks for an input that has not arrived yet
_PAGES_AHEAD = 50  # pages without a request that wait for the sinks
_MOST_KEPT = 5_000  # envelopes that wait until it is known that their input does not come again

NO_TARGET = Target(UNKNOWN, "", "")


class FedSpider(Protocol):
    """The parts of a spider that its input feed uses.

    :ivar asked: number of inputs read so far
    """

    crawler: Crawler
    page_handler: PageHandler
    asked: int

    def unknown_job(self, ask: Ask, target: Target, number: int = 0) -> Job: ...

    def ask(
        self,
        ask: Ask,
        target: Target,
        others: Sequence[str],
        number: int,
        *,
        again: bool = False,
        from_short_link: bool = False,
    ) -> Output: ...


class InputFeed:
    """Yields the first requests for the inputs of an ask, as fast as the crawl takes them."""

    def __init__(self, spider: FedSpider):
        self._spider = spider

    async def feed(self, ask: Ask, targets: AskedTargets) -> AsyncIterator[Request | EnvelopePage]:
        """Yield the first requests for all targets of an ask, and the failures that need no request."""
        inputs = self._spider.page_handler.asks.of(self._spider.unknown_job(ask, NO_TARGET)).inputs
        inputs.keep_pages()
        while True:
            # Long files are read during the crawl, but far enough ahead that a slow service delays no other.
            await self.room(targets, inputs)
            if targets.is_settled:
                inputs.forget_pages()
            if (asked := targets.take()) is None:
                if targets.is_read:
                    return
                await asyncio.sleep(_POLL_S)
                continue
            for output in self.begin(ask, asked):  # no stop can come between an input and its request
                yield output

    async def room(self, targets: AskedTargets, inputs: InputTracker) -> None:
        """Wait until the crawl can take more requests, reading further inputs meanwhile."""
        await asyncio.sleep(0)
        while (busy := self.busy_until()) or (inputs.kept > _MOST_KEPT and not targets.is_read):
            if not targets.is_read:
                await self.read_ahead(targets)
            elif busy:
                await self._spider.crawler.signals.wait_for(busy)

    async def read_ahead(self, targets: AskedTargets) -> None:
        """Read some inputs, and let the crawl continue."""
        targets.read()
        await asyncio.sleep(_POLL_S if targets.is_waiting else 0)

    def busy_until(self) -> object | None:
        """Return the signal to wait for before the next request, None if there is room."""
        engine = self._spider.crawler.engine
        if engine.needs_backout() or len(cast(Sized, engine.scheduler)) >= _READ_AHEAD:
            return signals.scheduler_empty
        slot = engine.scraper.slot
        return page_processed if slot and slot.itemproc_size >= _PAGES_AHEAD else None

    def begin(self, ask: Ask, asked: Asked) -> Output:
        """Yield the requests for a target, or its failure."""
        self._spider.asked, ask = max(self._spider.asked, asked.number), asked.ask or ask
        job = self._spider.unknown_job(ask, asked.target, asked.number)
        error = asked.error or self._spider.page_handler.watches.refusal(ask)
        outputs = (
            self.unread(job, error) if error else self._spider.ask(ask, *asked[1:3], asked.number, again=asked.is_again)
        )
        guarded = self._spider.page_handler.guard.guard(job, outputs)
        taken = None if asked.is_again else asked.number
        yield from self._spider.page_handler.journal.of_input(job, guarded, taken, asked.places)

    def unread(self, job: Job, error: Exception) -> Output:
        """Yield the failure of an input that could not be read."""
        if isinstance(error, OSError):
            problem = f"the input cannot be read further ({error.strerror}); what follows is not crawled"
            verdict = Verdict(Outcome.BAD_INPUT, problem, advice=READ_REST)
            yield self._spider.page_handler.emitter.page(job, [], None, [verdict])
        elif isinstance(error, ArgumentError):
            verdict = Verdict(Outcome.BAD_INPUT, str(error), advice=CORRECT_ROW)
            yield self._spider.page_handler.emitter.page(job, [], None, [verdict])
        else:
            yield self._spider.page_handler.guard.bug(job, error)
