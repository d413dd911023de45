"""Scrapy's scheduler, except that its failures stop the crawl.

Scrapy does not catch them: the callback whose request is not queued would never end, and neither would the crawl.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from scrapy.core.scheduler import Scheduler
from scrapy.http import Request
from twisted.internet.defer import Deferred

from scraper.output.sinks import OUTPUT_FAILED, OutputError, note_failure
from scraper.responses.catch_all import attempt

logger = logging.getLogger(__name__)
T = TypeVar("T")
_STORAGE = (OSError, sqlite3.Error)
_EXCEPTIONS = "spider_exceptions/"  # stats that Scrapy counts exceptions in


class GuardedScheduler(Scheduler):
    """Stops the crawl if JOBDIR cannot be written. Another exception costs one request, and the exit code is 1."""

    _stopping: asyncio.Task[None] | None = None
    _is_noted = False

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request. After a failure, return True: its input is unfinished, and not dropped as a duplicate."""
        return self._attempt(partial(super().enqueue_request, request), True)

    def next_request(self) -> Request | None:
        return None if self._stopping else self._attempt(super().next_request, None)

    def has_pending_requests(self) -> bool:
        return self._attempt(super().has_pending_requests, False)

    def close(self, reason: str) -> Deferred[None] | None:
        closed = attempt(partial(super().close, reason))
        if isinstance(closed, Exception):
            self._note(closed)
            return self.df.close(reason)
        return closed

    def _attempt(self, call: Callable[[], T], otherwise: T) -> T:
        """Return the result of a call. If it fails, report it, and return another value."""
        result = attempt(call)
        if not isinstance(result, Exception):
            return result
        assert self.crawler and self.stats
        if self.dqs is not None and isinstance(result, _STORAGE):
            self._note(result)
            if not self._stopping and self.crawler.engine:
                stop = self.crawler.engine.close_spider_async(reason=OUTPUT_FAILED)
                self._stopping = asyncio.create_task(stop)
        else:
            logger.error("A request was lost", exc_info=result)
            self.stats.inc_value(f"{_EXCEPTIONS}{type(result).__name__}")
        return otherwise

    def _note(self, reason: object) -> None:
        assert self.crawler and self.stats
        if self._is_noted:
            return
        self._is_noted = True
        note_failure(self.stats, OutputError(f"JOBDIR={self.crawler.settings['JOBDIR']}", reason))
