"""Keep the progress of all open lists, and report how each ends. Ended lists are forgotten, so memory stays flat."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from scrapy.statscollectors import StatsCollector

from scraper.crawling.end_of_list import PageResult
from scraper.crawling.list_progress import ListProgress, SavedProgress
from scraper.inputs.duplicates import ListId
from scraper.jobs.job import Job
from scraper.output.resume_command import arguments
from scraper.platform import Page
from scraper.platform.atlas import Atlas

logger = logging.getLogger(__name__)
INTERRUPTED = "interrupted"


class ListRegistry:
    """The open lists of a crawl.

    :param ended: called with the result of each list in plain values: router, target, declared, collected, pages,
        gaps, stopped, and the cursor and arguments to continue with; `declared_by_record` is a total from elsewhere,
        such as from the record that led to the list
    """

    def __init__(
        self,
        atlas: Atlas,
        stats: StatsCollector,
        ended: Callable[[dict[str, Any]], None],
    ):
        self._atlas, self._stats, self._ended = atlas, stats, ended
        self._walked: dict[ListId, ListProgress] = {}
        self._left: dict[ListId, SavedProgress] = {}

    def take(self, page: Page, job: Job) -> tuple[ListProgress, PageResult]:
        """Return the result of a page for its list."""
        listing = self._walked.get(job.walk)
        if listing is None:
            listing = self._walked[job.walk] = self._open(job)
        return listing, listing.take(page, job)

    def close(self, job: Job, reason: str) -> str:
        """Forget a list, report how it ended, and return the cursor to continue from.

        A list whose first page failed is reported too.
        """
        known = self._walked.pop(job.walk, None)
        listing = known or self._open(job)
        if listing.how is not None and (known or reason != "end"):
            self._tell(listing, reason)
        return listing.go_on

    def _open(self, job: Job) -> ListProgress:
        listing = ListProgress(job, self._atlas.endpoints[job.router].pagination)
        if left := self._left.pop(job.walk, None):
            listing.resume(left)
        return listing

    def load(self, path: Path) -> None:
        """Continue the lists that an earlier run of a paused crawl saved."""
        try:
            kept = msgspec.msgpack.decode(path.read_bytes(), type=list[tuple[ListId, SavedProgress]])
        except FileNotFoundError:
            return
        except msgspec.DecodeError:
            logger.warning("%s cannot be read: records from earlier runs may appear again", path)
            return
        path.unlink()  # outdated from now on, even if this run is killed
        self._left = dict(kept)

    def save(self, path: Path) -> None:
        """Save the state of the open lists for the next run."""
        kept = {**self._left, **{walk: listing.saved for walk, listing in self._walked.items()}}
        path.write_bytes(msgspec.msgpack.encode([*kept.items()]))

    def interrupt(self) -> None:
        """Close the lists that are still open when the crawl ends."""
        for listing in list(self._walked.values()):
            self.close(listing.job, INTERRUPTED)

    def _tell(self, listing: ListProgress, reason: str) -> None:
        job, counted = listing.job, listing.known_total
        by_record = job.declared if job.declared is not None else counted
        declared = listing.declared if listing.declared is not None else by_record
        exact = listing.declared if listing.exact else counted
        short = (exact or 0) - listing.count if reason == "end" and listing.whole else 0
        details = (job.router, job.target.id, "unknown" if declared is None else declared, listing.count, reason)
        level = logging.WARNING if short > 0 or listing.unusual else logging.INFO
        logger.log(level, "%s %s: declared %s, collected %d, stopped: %s", *details)
        name = f"listings/{job.router}"
        self._stats.inc_value(f"{name}/{reason}")
        self._stats.inc_value(f"{name}/collected", listing.count)
        if declared is not None:
            self._stats.inc_value(f"{name}/declared", declared)
        if short > 0:  # hidden works that the platform counts, or short pages: these cannot be distinguished
            self._stats.inc_value(f"{name}/undelivered", short)
        if listing.holes:
            self._stats.inc_value(f"{name}/gaps", listing.holes)
        row: dict[str, object] = {"router": job.router, "target": job.target.id}
        row |= {"declared": listing.declared, "declared_by_record": by_record, "collected": listing.count}
        row |= {"pages": job.page, "gaps": listing.holes, "stopped": reason, "cursor": None, "arguments": None}
        if reason != "end":
            row["cursor"] = listing.go_on or None
            row["arguments"] = arguments(job, listing.go_on, self._atlas) or None
        self._ended(row)
