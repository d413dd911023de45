"""Items in processing, and their numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from scrapy.exceptions import DropItem

from scraper.output.envelope import Envelope
from scraper.output.statistics import Origin, counts_of, origin_of
from scraper.responses.outcomes import Outcome

_OK = Outcome.OK.value  # compared for each record: comparing an enum is slow


class NotWritten(DropItem):
    """A sink failed, so the item may not have been written."""

    def __init__(self, message: str):
        super().__init__(message, log_level="DEBUG")


class Processed(msgspec.Struct, frozen=True):
    """An item in processing: as the spider made it, as the pipelines left it, and its exception."""

    given: Any
    item: Any
    origin: Origin | None
    error: Exception | None = None

    def lost(self, error: Exception) -> "Processed":
        """Return it with the exception that it was lost by."""
        return Processed(self.given, self.item, self.origin, error)


class Tally(NamedTuple):
    """The numbers of some items.

    :ivar outcomes: of those that were answered, by stats key
    :ivar lost: of those that were lost by a fault
    """

    outcomes: Mapping[str, int] = {}
    failures: Sequence[Envelope] = ()
    scraped: int = 0
    lost: int = 0


def tally_of(processed: Sequence[Processed]) -> Tally:
    """Return the numbers of items. Those that a pipeline dropped count as answered."""
    errors = [entry.error for entry in processed if entry.error is not None]
    answered = [entry for entry in processed if is_answered(entry.error)] if errors else processed
    envelopes = [entry.item for entry in answered if entry.origin and isinstance(entry.item, Envelope)]
    return Tally(
        outcomes=counts_of([entry.origin for entry in answered if entry.origin]),
        failures=[envelope for envelope in envelopes if envelope.code != _OK],
        scraped=len(processed) - len(errors),
        lost=sum(map(is_fault, errors)),
    )


def untouched(items: Sequence[Any]) -> list[Processed]:
    """Return items as they are before pipelines have seen them."""
    return [Processed(item, item, origin_of(item) if isinstance(item, Envelope) else None) for item in items]


def is_answered(error: Exception | None) -> bool:
    """Return whether an item was written, or dropped on purpose."""
    return error is None or (isinstance(error, DropItem) and not isinstance(error, NotWritten))


def is_fault(error: Exception | None) -> bool:
    """Return whether an item was lost by a fault, and not on purpose."""
    return error is not None and not isinstance(error, DropItem)
