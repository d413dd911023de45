"""Select the items of a list that are wanted by their time, and detect where the rest of the list is older."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from scraper.inputs.ask import Ask
from scraper.inputs.times import LAST
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.platform import Pagination
from scraper.platform.pagination import NewestFirst
from scraper.records import Record

TIME = "create_time"


class Item(NamedTuple):
    """A record of a list.

    :ivar time: epoch seconds, None if it has none
    :ivar is_pinned: whether it comes first whatever its time
    """

    record: Record
    time: int | None
    is_pinned: bool


class Selection(NamedTuple):
    """What is wanted of a page.

    :ivar records: the wanted ones of its new records
    :ivar others: its other new records
    :ivar reason: why the rest of the list is not wanted, None if it is
    :ivar events: how known items changed
    """

    records: list[Record]
    others: list[Record]
    reason: Stop | None = None
    events: Sequence[Record] = ()


def order_of(job: Job, how: Pagination | None) -> NewestFirst | None:
    """Return the order of a job's list, None if it is not in order of time."""
    order = how.newest_first if how else None
    return order if order and order.applies(job.target, job.ask.sort) else None


def items(records: Sequence[Record], order: NewestFirst | None) -> list[Item]:
    """Return records with their times."""
    time, pinned = (order.time, order.pinned) if order else (TIME, "")
    return [Item(record, getattr(record, time, None), bool(pinned and _at(record, pinned))) for record in records]


class TimeSpan(NamedTuple):
    """The times of the items that are wanted, in epoch seconds: from `since`, and before `until`."""

    since: int | None = None
    until: int | None = None

    def select(self, page: Sequence[Record], new: list[Record], order: NewestFirst | None) -> Selection:
        """Return what is wanted of a page.

        The rest of a list in order of time is older if its last item that is not pinned is. Its first one would not
        prove that, since platforms do not mark every pinned item.

        :param new: those of its records that no earlier page had
        """
        if self == EVERY_TIME:
            return Selection(new, [])
        known = items(new, order)
        wanted = [item.record for item in known if self.has(item.time)]
        others = [item.record for item in known if not self.has(item.time)]
        return Selection(wanted, others, Stop.DATE_LIMIT if order and self._is_past(items(page, order)) else None)

    def has(self, time: int | None) -> bool:
        """Return whether an item of a time is wanted. One without a time is."""
        return time is None or ((self.since or 0) <= time and (self.until is None or time < self.until))

    def _is_past(self, page: Sequence[Item]) -> bool:
        times = [item.time for item in page if item.time is not None and not item.is_pinned]
        return self.since is not None and bool(times) and times[-1] < self.since


EVERY_TIME = TimeSpan()


def span_of(job: Job) -> TimeSpan:
    """Return the times that a job's list is limited to. Lists that records led to have no limit."""
    ask: Ask = job.ask
    if job.followed:
        return EVERY_TIME
    return TimeSpan(None if ask.since == LAST else ask.since, ask.until)


def _at(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
