"""What pages are written to: the feeds and the database."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)
OUTPUT_FAILED = "output_failed"  # why a crawl ended
OUTPUT_FAILURES = "output_failures"  # in the stats: a sentence for each sink that failed


class OutputError(Exception):
    """A sink cannot be written to.

    :ivar sink: the feed's URI or the database's URL, without its password
    :ivar written: how many items it took before
    """

    def __init__(self, sink: str, reason: object, written: int = 0):
        self.sink, self.written = shown(sink), written
        what = reason or type(reason).__name__
        super().__init__(f"{self.sink} cannot be written: {what} ({written} items are in it)")


class Sink(Protocol):
    """What takes pages of items, after all pipelines."""

    async def open(self) -> None:
        """Open what is written to, and try it before anything is asked for.

        :raises OutputError: it cannot be written
        """

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Write items, and return when they are written.

        :return: the exceptions of items that have no form here, by their index; all others are written
        :raises OutputError: the sink is broken, and nothing says that the items are in it
        """

    async def close(self) -> None:
        """Complete what is written to.

        :raises OutputError: it is not complete
        """


def note_failure(stats: StatsCollector, error: OutputError) -> None:
    """Tell of a sink that failed, once: in the log, and in the stats for the exit code."""
    known: list[str] = stats.get_value(OUTPUT_FAILURES, [])
    if str(error) not in known:
        stats.set_value(OUTPUT_FAILURES, [*known, str(error)])
        logger.error("%s", error)


def shown(uri: str) -> str:
    """Return a URI as it may be shown.

    >>> shown("s3://key:secret@bucket/a.jsonl"), shown("out.jsonl")
    ('s3://bucket/a.jsonl', 'out.jsonl')
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri.partition(":")[0]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else uri
