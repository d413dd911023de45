"""Lists while they are walked: what each gave so far, and whether it goes on. Forgotten at its end."""

import logging
from typing import NamedTuple

from scrapy.statscollectors import StatsCollector

from scraper.arguments import Arguments
from scraper.endpoint import Cursor, Page
from scraper.job import Job
from scraper.outcomes import Outcome
from scraper.records import Record

logger = logging.getLogger(__name__)


class Step(NamedTuple):
    """What a page adds to its list.

    :param records: those that the list did not give before
    :param cursor: of the next page, or None
    :param stop: why the list stopped without its end, or None
    :param retry: whether the same page may come right when it is asked for again
    :param reason: how the list ended: end, max_items, max_pages, or the name of an outcome; "" while it goes on
    """

    records: list[Record]
    cursor: str | None
    stop: Outcome | None
    message: str
    login_marker: bool
    reason: str
    retry: bool = False


class Listing:
    """What was seen of one list. A cursor or a page that comes again stops it, and is no end.

    :ivar count: how many records it gave
    :ivar whole: whether it was walked from its first page
    """

    def __init__(self, limits: Arguments, count: int = 0):
        self.limits = limits
        self.count = count
        self.declared: int | None = None
        self.whole = True
        self._keys: set[int] = set()
        self._cursors: set[str] = set()

    def take(self, page: Page, job: Job, exact: bool = False) -> Step:
        """Return what a page adds, and whether the list goes on.

        :param exact: whether the total that the platform declares counts just what the list gives
        """
        if self.declared is None or (page.total and page.turn.stop is None):  # a wall declares that there is nothing
            self.declared = page.total
        if job.page == 1:
            self.whole = not job.cursor
        records = self._new(page.records)
        if self.limits.max_items is not None and self.count + len(records) >= self.limits.max_items:
            records = records[: self.limits.max_items - self.count]
            self.count += len(records)
            return Step(records, None, None, "", False, "max_items")
        self.count += len(records)
        return self._next(page, job, records, exact)

    def _new(self, records: list[Record]) -> list[Record]:
        kept = []
        for record in records:
            key = hash(record.meta.key)
            if key not in self._keys:
                self._keys.add(key)
                kept.append(record)
        return kept

    def _next(self, page: Page, job: Job, records: list[Record], exact: bool) -> Step:
        turn = page.turn
        if turn.stop is not None:
            return self._stopped(records, turn.stop, turn.message, turn.login_marker, turn.retry)
        is_short = exact and self.whole and (self.declared or 0) > self.count
        if page.records and not records and (turn.cursor is not None or is_short):
            return self._stopped(records, Outcome.INCOMPLETE, f"page {job.page} holds only what earlier pages held")
        if turn.cursor is None:
            return Step(records, None, None, "", False, "end")
        self._cursors.add(job.cursor)
        if not page.records and not page.faults:
            return self._stopped(
                records, Outcome.INCOMPLETE, f"page {job.page} came empty, though the list goes on", retry=True
            )
        if self.limits.max_pages is not None and job.page >= self.limits.max_pages:
            return Step(records, None, None, "", False, "max_pages")
        if turn.cursor in self._cursors:
            return self._stopped(records, Outcome.INCOMPLETE, f"the platform gave a cursor again after page {job.page}")
        return Step(records, turn.cursor, None, "", False, "")

    def _stopped(
        self, records: list[Record], stop: Outcome, message: str, login_marker: bool = False, retry: bool = False
    ) -> Step:
        of = f" of {self.declared}" if self.declared is not None else ""
        said = f"{message}; the list is incomplete: {self.count}{of} came"
        return Step(records, None, stop, said, login_marker, stop.name, retry and not records)


class Listings:
    """The lists that are being walked."""

    def __init__(self, limits: Arguments, stats: StatsCollector):
        self._limits, self._stats = limits, stats
        self._walked: dict[tuple[int, str, str], Listing] = {}

    def take(self, page: Page, job: Job, cursor: Cursor | None = None) -> tuple[Listing, Step]:
        """Return what a page adds to its list."""
        listing = self._walked.setdefault(job.walk, Listing(self._limits, job.position))
        return listing, listing.take(page, job, cursor is not None and cursor.exact)

    def close(self, job: Job, cursor: Cursor | None, reason: str) -> None:
        """Forget a list, and say how it ended and how many of the declared records it gave."""
        listing = self._walked.pop(job.walk, None)
        if listing is None or cursor is None:
            return
        declared = f" of {listing.declared} declared" if listing.declared is not None else ""
        short = (listing.declared or 0) - listing.count if reason == "end" and cursor.exact and listing.whole else 0
        level = logging.WARNING if short > 0 else logging.INFO
        what = (job.router, job.target.id, listing.count, declared, job.page, reason)
        logger.log(level, "%s %s: %d%s, page %d, %s", *what)
        self._stats.inc_value(f"listings/{job.router}/{reason}")
        if short > 0:  # works that the platform counts and hides, or pages that came short: nothing tells which
            self._stats.inc_value(f"listings/{job.router}/undelivered", short)
