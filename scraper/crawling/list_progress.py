"""Track the progress of one list. `end_of_list` detects its end."""

from collections.abc import Sequence

import msgspec

from scraper.crawling.end_of_list import EndOfList, PageResult
from scraper.inputs.hashing import HashSet, hash64
from scraper.jobs.job import Job
from scraper.platform import Page, Pagination
from scraper.records import Record
from scraper.responses import Reading


class SavedProgress(msgspec.Struct):
    """The state of a list that the next run of a paused crawl needs; see `ListProgress`."""

    job: Job
    go_on: str
    count: int
    declared: int | None
    whole: bool
    most_declared: int
    weight: int
    last_full: int
    keys: set[int]
    cursors: set[str]
    empty_pages: dict[int, bool]
    gap: str | None


class ListProgress:
    """The progress of one list. A repeated cursor or page stops it as incomplete.

    :ivar count: number of records so far
    :ivar declared: the total declared by the platform, None if unknown
    :ivar whole: whether it was walked from its first page
    :ivar job: the job of the last page that arrived
    :ivar go_on: the cursor to continue from if the list stops here: the first of the empty pages at its end, if any
    :ivar empty_pages: the numbers of the pages that stayed empty, and whether each is unusual
    :ivar weight: how much its records add to the declared total
    :ivar gap: the cursor of the first page that was unexpectedly empty, None if there is none
    :ivar last_full: the number of the last page that was not empty
    :ivar keys: hashes of its records and hidden rows
    """

    def __init__(self, job: Job, how: Pagination | None = None):
        self.how = how
        self.job, self.go_on = job, job.cursor
        self.count = job.position
        self.declared: int | None = None
        self.whole = True
        self.most_declared = 0
        self.weight = 0
        self.last_full = job.page - 1
        self.keys = HashSet()
        self.cursors: set[str] = set()
        self.empty_pages: dict[int, bool] = {}
        self.gap: str | None = None

    @property
    def saved(self) -> SavedProgress:
        """The state to save when the crawl is paused."""
        values = {name: getattr(self, name) for name in SavedProgress.__struct_fields__}
        return SavedProgress(**values | {"keys": set(self.keys)})

    def resume(self, saved: SavedProgress) -> None:
        """Continue from the state of an earlier run."""
        for name in SavedProgress.__struct_fields__:
            setattr(self, name, getattr(saved, name))
        self.keys = HashSet(saved.keys)

    @property
    def exact(self) -> bool:
        """Whether the declared total counts exactly the records of the list."""
        return self.how is not None and self.how.exact

    @property
    def known_total(self) -> int | None:
        """The total that was known before the first page, None if unknown."""
        return self.how.known_total(self.job.target) if self.how else None

    @property
    def unusual(self) -> bool:
        """Whether a page was unexpectedly empty."""
        return any(self.empty_pages.values())

    @property
    def holes(self) -> int:
        """The number of pages that stayed empty; expected ones only count if a later page was not empty."""
        return sum(is_unusual or number < self.last_full for number, is_unusual in self.empty_pages.items())

    def take(self, page: Page, job: Job) -> PageResult:
        """Return the new records of a page, and how the list continues."""
        self.job = job
        if self.declared is None or (page.total and page.next_page.stop is None):  # a login wall declares a total of 0
            self.declared = page.total
        self.most_declared = max(self.most_declared, self.declared or 0)
        if job.page == 1:
            self.whole = not job.cursor
        if not page.is_empty or job.page == self.last_full + 1:
            self.go_on = job.cursor
        self.empty_pages.pop(job.page, None)
        if not page.is_empty:
            self.last_full = job.page
        records = self._new(page.records)
        most = self.job.ask.max_items
        if most is not None and self.count + len(records) >= most:
            records = records[: most - self.count]
        self._add(records)
        if most is not None and self.count >= most:
            return PageResult(records, reason="max_items")
        return EndOfList(self).next_step(page, job, records)

    def forget(self, records: list[Record]) -> None:
        """Undo a page, because it is requested again."""
        again = {hash64(record.meta.key or "") for record in records}
        self.keys = HashSet(key for key in self.keys if key not in again)
        self._add(records, -1)

    def new_refusals(self, refused: Sequence[Reading]) -> list[Reading]:
        """Return the hidden rows that no earlier page of the list had."""
        hashes = {hash64(row.message): row for row in refused}
        return [row for key, row in hashes.items() if self.keys.add(key)]

    def _add(self, records: list[Record], sign: int = 1) -> None:
        self.count += sign * len(records)
        self.weight += sign * sum(self.how.weight(record) if self.how else 1 for record in records)

    def _new(self, records: list[Record]) -> list[Record]:
        return [record for record in records if self.keys.add(hash64(record.meta.key or ""))]
