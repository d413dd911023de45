"""Scrapy's scheduler, except that its exceptions are reported.

Scrapy does not catch them: the callback whose request is not queued would never end, and neither would the crawl.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from scrapy.core.scheduler import Scheduler
from scrapy.http import Request

from scraper.responses.catch_all import attempt

logger = logging.getLogger(__name__)
T = TypeVar("T")
_EXCEPTIONS = "spider_exceptions/"  # stats that Scrapy counts exceptions in


class GuardedScheduler(Scheduler):
    """Loses one request to an exception, such as one of the user's duplicate filter, and the exit code is 1."""

    def enqueue_request(self, request: Request) -> bool:
        """Queue a request. After a failure, return True: its input is unfinished, and not dropped as a duplicate."""
        return self._attempt(partial(super().enqueue_request, request), True)

    def next_request(self) -> Request | None:
        return self._attempt(super().next_request, None)

    def _attempt(self, call: Callable[[], T], otherwise: T) -> T:
        """Return the result of a call. If it fails, report it, and return another value."""
        result = attempt(call)
        if not isinstance(result, Exception):
            return result
        assert self.stats
        logger.error("A request was lost", exc_info=result)
        self.stats.inc_value(f"{_EXCEPTIONS}{type(result).__name__}")
        return otherwise
