"""Keep the progress of all open lists, and report how each ends. Ended lists are forgotten, so memory stays flat."""

import logging
from collections.abc import Iterable
from typing import Any

import msgspec
from scrapy.statscollectors import StatsCollector

from scraper.crawling.end_of_list import PageResult
from scraper.crawling.list_progress import ListProgress, SavedProgress
from scraper.crawling.watches import Watches
from scraper.inputs.duplicates import ListId
from scraper.jobs.job import Job
from scraper.ledger.step import ListChange
from scraper.ledger.stops import Stop
from scraper.ledger.watched import WatchChange
from scraper.output.resume_command import arguments
from scraper.platform import Page
from scraper.platform.atlas import Atlas

logger = logging.getLogger(__name__)


class ListRegistry:
    """The open lists of a crawl."""

    def __init__(self, atlas: Atlas, stats: StatsCollector, watches: Watches):
        self._atlas, self._stats = atlas, stats
        self._watches = watches
        self._watched: dict[ListId, WatchChange] = {}
        self._walked: dict[ListId, ListProgress] = {}
        self._changed: dict[ListId, ListProgress] = {}
        self._stops: dict[ListId, Stop] = {}
        self._results: list[dict[str, Any]] = []
        self._cut: dict[ListId, str] = {}

    def take(self, page: Page, job: Job) -> tuple[ListProgress, PageResult]:
        """Return the result of a page for its list."""
        listing = self._walked.get(job.walk)
        if listing is None:
            listing = self._walked[job.walk] = self._open(job)
        self._changed[job.walk] = listing
        listing.attach(self._watches.walk(job.walk))
        return listing, listing.take(page, job)

    def shows_nothing_before(self, job: Job) -> bool:
        """Return whether a page is the first one of its list, or all pages before it were empty."""
        listing = self._walked.get(job.walk)
        if listing is None or job.page == 1:
            return job.page == 1 and not job.cursor
        return listing.whole and not listing.last_full

    def pages_left(self) -> list[int | None]:
        """Return how many pages each open list still has; see `ListProgress.pages_left`."""
        return [listing.pages_left for listing in self._walked.values() if listing.how is not None]

    def close(self, job: Job, reason: Stop) -> str:
        """Forget a list, report how it ended, and return the cursor to continue from.

        A list whose first page failed is reported too.
        """
        known = self._walked.pop(job.walk, None)
        listing = known or self._open(job)
        self._changed[job.walk] = listing
        if listing.how is not None and (known or reason is not Stop.END):
            self._tell(listing, reason)
        if not reason.is_wanted:
            self._cut[job.walk] = listing.go_on
        if (change := self._watches.end(job.walk, reason)) is not None:
            self._watched[job.walk] = change
        return listing.go_on

    def skip(self, job: Job) -> None:
        """Forget a list that is not to be walked."""
        if (listing := self._walked.pop(job.walk, None)) is not None:
            self._changed[job.walk] = listing

    def suspend(self, job: Job, reason: Stop | None) -> None:
        """Note why a list stops for now. It stays open, so that a resumed run continues it.

        :param reason: None if the run ends, for whatever reason
        """
        self._walked.setdefault(job.walk, self._open(job))
        if reason is not None:
            self._stops[job.walk] = reason

    def take_changes(self) -> list[ListChange]:
        """Return what changed in the lists since the last call."""
        changes = []
        for walk, listing in self._changed.items():
            if walk in self._walked:
                watched = self._watches.take_change(walk)
                changes.append(ListChange(walk, *listing.save(), listing.job.cursor, watched))
            elif listing.is_saved or walk in self._watched:
                changes.append(ListChange(walk, None, (), "", self._watched.pop(walk, None)))
        self._changed.clear()
        return changes

    def take_ended(self) -> list[dict[str, Any]]:
        """Return the results of the lists that ended since the last call, in plain values.

        They have the columns of `list_run`: `cursor` and `arguments` continue the list, and `declared_by_record` is a
        total from elsewhere, such as from the record that led to the list.
        """
        ended, self._results = self._results, []
        return ended

    def take_cut(self) -> dict[ListId, str]:
        """Return the lists that stopped before their ends since the last call, and the cursors to continue from."""
        cut, self._cut = self._cut, {}
        return cut

    def drop_changes(self) -> None:
        """Forget what changed, if nothing keeps it."""
        for listing in self._changed.values():
            listing.fresh.clear()
        self._changed.clear()
        self._results.clear()
        self._cut.clear()

    def restore(self, walk: ListId, state: bytes, keys: Iterable[int], cursors: Iterable[str]) -> None:
        """Continue a list from the state of an earlier start of the run."""
        saved = msgspec.msgpack.decode(state, type=SavedProgress)
        listing = self._walked[walk] = self._open(saved.job)
        listing.restore(saved, keys, cursors)
        self._watches.restored(walk)

    def _open(self, job: Job) -> ListProgress:
        return ListProgress(job, self._atlas.endpoints[job.router].pagination)

    def interrupt(self, reason: Stop) -> list[dict[str, Any]]:
        """Close the lists that are still open when the crawl ends, and return their results.

        :param reason: why it ends
        """
        for walk, listing in list(self._walked.items()):
            self.close(listing.job, self._stops.get(walk, reason))
        return self.take_ended()

    def _tell(self, listing: ListProgress, reason: Stop) -> None:
        job, counted = listing.job, listing.known_total
        by_record = job.declared if job.declared is not None else counted
        declared = listing.declared if listing.declared is not None else by_record
        exact = listing.declared if listing.exact else counted
        short = (exact or 0) - listing.count if reason is Stop.END and listing.whole else 0
        details = (job.router, job.target.id, "unknown" if declared is None else declared, listing.collected, reason)
        level = logging.WARNING if short > 0 or listing.unusual else logging.INFO
        logger.log(level, "%s %s: declared %s, collected %d, stopped: %s", *details)
        name = f"listings/{job.router}"
        self._stats.inc_value(f"{name}/{reason}")
        self._stats.inc_value(f"{name}/collected", listing.collected)
        if declared is not None:
            self._stats.inc_value(f"{name}/declared", declared)
        if short > 0:  # hidden works that the platform counts, or short pages: these cannot be distinguished
            self._stats.inc_value(f"{name}/undelivered", short)
        if listing.holes:
            self._stats.inc_value(f"{name}/gaps", listing.holes)
        row: dict[str, object] = {"router": job.router, "target": job.target.id}
        row |= {"declared": listing.declared, "declared_by_record": by_record, "collected": listing.collected}
        row |= {"pages": job.page, "gaps": listing.holes, "undelivered": max(short, 0)}
        row |= {"stopped": reason, "cursor": None, "arguments": None}
        if reason is not Stop.END:
            row["cursor"] = listing.go_on or None
            row["arguments"] = arguments(job, listing.go_on, self._atlas) or None
        self._results.append(row)
