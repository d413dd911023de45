"""The interface of sinks, which pages are written to: the feeds and the database."""

import errno
import logging
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable
from urllib.parse import urlsplit

import msgspec
from scrapy.statscollectors import StatsCollector
from sqlalchemy import Connection

from scraper.identities.masking import mask
from scraper.ledger.files import OutputGoneError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
logger = logging.getLogger(__name__)
OUTPUT_FAILED = "output_failed"  # the crawl's close reason
OUTPUT_FAILURES = "output_failures"  # stats key: a sentence for each sink that failed
OUTPUT_GONE = "output_gone"  # stats key: whether what was written is gone as well


class OutputError(Exception):
    """A sink cannot be written to.

    :ivar sink: the feed's URI or the database's URL, without its password
    :ivar written: number of items written before that are still there; None before the crawl, and if unknown
    :ivar is_gone: whether others are not, or may not be readable
    """

    def __init__(self, sink: str, reason: object, written: int | None = None, *, is_damaged: bool = False):
        self.is_gone = isinstance(reason, OutputGoneError) or is_damaged
        self.sink, self.written = shown(sink), 0 if isinstance(reason, OutputGoneError) else written
        remaining = f" ({self.written} items are in it)" if self.written is not None else _what_to_do(reason)
        if is_damaged:
            remaining = " (its compression was not completed, so that some items in it cannot be read)"
        super().__init__(mask(f"{self.sink} cannot be written: {explained(reason, self.sink)}{remaining}"))


def explained(reason: object, sink: str) -> str:
    """Return why something cannot be written: the system's own words, without its numbers and repetitions."""
    if not isinstance(reason, OSError) or not reason.strerror:
        return str(reason).partition("\n")[0] or type(reason).__name__  # what follows may be a whole row
    path = reason.filename or ""
    return f"{reason.strerror}: {path}" if path and str(path) != sink else str(reason.strerror)


def _what_to_do(reason: object) -> str:
    """Return what to correct before the crawl, "" if that is not known."""
    if not isinstance(reason, OSError) or not reason.strerror:
        return ""
    return "; free some space first" if reason.errno in _FULL else "; correct the path or its permissions first"


class Sink(Protocol):
    """Writes pages of items, after all pipelines.

    :ivar absent: what items have in place of a field that is not written: UNSET, or None
    """

    absent: ClassVar[msgspec.UnsetType | None]

    async def open(self) -> None:
        """Open the destination, and check that it can be written.

        :raises OutputError: it cannot be written
        """

    async def write_page(self, items: Sequence[Any]) -> dict[int, Exception]:
        """Write items, and return when they are written.

        :return: the exceptions of items that it cannot represent, by their index; all others are written
        :raises OutputError: if the sink is broken, and the items may not have been written
        """

    async def close(self) -> None:
        """Complete the output.

        :raises OutputError: if it is incomplete
        """


@runtime_checkable
class Prepared(Protocol):
    """A sink with tables in the store. A database that they do not fit gets no other tables either."""

    def prepare(self, connection: Connection) -> None:
        """Create the tables, or bring them up to date, in the transaction in which the store is opened.

        :raises SQLAlchemyError: if that is impossible
        """


class Follower(Protocol):
    """Does further work for the records that were written, such as downloads. It may write items of its own."""

    async def open(self) -> None:
        """Open what it needs.

        :raises OutputError: it cannot be written
        """

    async def follow(self, items: Sequence[Any], written: Sequence[Any]) -> None:
        """Take on the work that items lead to, in the transaction in which they are written.

        :param items: as spiders and pipelines left them
        :param written: the same, without the fields that are not written
        """

    async def stop(self) -> None:
        """Stop working: nothing is written any more."""


def note_failure(stats: StatsCollector, error: OutputError) -> None:
    """Report a failed sink once, in the log and in the stats for the exit code."""
    known: list[str] = stats.get_value(OUTPUT_FAILURES, [])
    if str(error) not in known:
        stats.set_value(OUTPUT_FAILURES, [*known, str(error)])
        if error.is_gone:
            stats.set_value(OUTPUT_GONE, True)
        logger.error("%s", error)


def shown(uri: str) -> str:
    """Return a URI without its password.

    >>> shown("s3://key:secret@bucket/a.jsonl"), shown("out.jsonl")
    ('s3://bucket/a.jsonl', 'out.jsonl')
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri.partition(":")[0]
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else uri
