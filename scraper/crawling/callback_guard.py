"""Everything that callbacks, errbacks and the start of a crawl yield passes through `CallbackGuard`.

An exception raised by them is logged with its traceback and becomes a BUG envelope for its input.
"""

import logging
from collections.abc import Iterator
from functools import partial

from scrapy.http import Request

from scraper.crawling.open_asks import OpenAsks
from scraper.identities.identity import Sent
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.output.emitter import Emitter
from scraper.output.envelope import EnvelopePage
from scraper.responses.catch_all import attempt
from scraper.responses.exceptions import bug

logger = logging.getLogger(__name__)
Output = Iterator[Request | EnvelopePage]


class CallbackGuard:
    """Passes on the outputs of callbacks, and turns their exceptions into envelopes."""

    def __init__(self, asks: OpenAsks, emitter: Emitter):
        self._asks, self._emitter = asks, emitter

    def guard(self, job: Job, outputs: Output, sent: Sent | None = None) -> Output:
        """Yield the outputs of a job; after an exception, the failure of its input.

        :param sent: how the request of the job was sent, None if it was not
        """
        while (output := attempt(partial(next, outputs, None))) is not None:
            if isinstance(output, Exception):
                yield self.bug(job, output, sent)
                return
            yield output

    def bug(self, job: Job, error: Exception, sent: Sent | None = None) -> EnvelopePage:
        """Log an error in this program, and return the page that answers the job's input."""
        logger.error("BUG: %s %s", job.router, job.target.given, exc_info=error)
        closed = attempt(partial(self._asks.of(job).lists.close, job, Stop.BUG))
        page = attempt(lambda: self._emitter.page(job, [], sent, [bug(error)]))
        for failed in (closed, page):
            if isinstance(failed, Exception):
                logger.error("BUG while reporting a BUG", exc_info=failed)
        return self._emitter.minimal_page(job, bug(error)) if isinstance(page, Exception) else page
