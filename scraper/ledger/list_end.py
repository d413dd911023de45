"""How a list of a run ended, and whether that is complete: reports and the fleet go by the same rule."""

import msgspec

from scraper.ledger.stops import Stop

_COMPLETE = frozenset(stop.value for stop in Stop if stop.is_wanted)


class ListEnd(msgspec.Struct):
    """How a list ended: a row of `list_run`.

    :ivar stopped: see `scraper.ledger.stops.Stop`
    :ivar declared: what the platform says of its length, which may count more than it shows, such as replies
    :ivar declared_by_record: the same of the record that led to it, or of its owner's profile
    :ivar undelivered: how many items an exact total counts that the list did not show to its end: the platform hides
        them, or its pages were short
    """

    router: str
    target: str
    collected: int
    stopped: str
    declared: int | None = None
    declared_by_record: int | None = None
    undelivered: int | None = None

    @property
    def length(self) -> int | None:
        """How many items the platform says the list has, None if it does not."""
        return self.declared_by_record if self.declared is None else self.declared

    @property
    def is_complete(self) -> bool:
        """Whether the list is complete up to the user's limits."""
        return self.stopped in _COMPLETE

    def expected(self, max_items: int | None = None) -> int | None:
        """Return how many items a complete list has, None if unknown.

        What a list had when it ended counts, since its declared length may count more than it shows, unless that is
        exact.

        :param max_items: the user's limit
        """
        if self.is_complete:
            return self.collected + (self.undelivered or 0)
        if self.length is None:
            return None
        wanted = self.length if max_items is None else min(self.length, max_items)
        return max(self.collected, wanted)
