"""What one list gave so far. How its end is detected is in `end_of_list`."""

import msgspec

from scraper.crawling.end_of_list import EndOfList, PageResult
from scraper.inputs.hashing import hash64
from scraper.jobs.job import Job
from scraper.platform import Page, Pagination
from scraper.records import Record


class SavedProgress(msgspec.Struct):
    """What the next run of a paused crawl must know of a list; see `ListProgress`."""

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
    """What was seen of one list. A cursor or a page that comes again stops it, and is no end.

    :ivar count: how many records it gave
    :ivar declared: how many the platform says there are, None where it does not say
    :ivar whole: whether it was walked from its first page
    :ivar job: the last page of it that came
    :ivar go_on: the cursor to go on from where it stops here: before the empty pages that came last, if any did
    :ivar empty_pages: the numbers of the pages that stayed empty, each with whether that is unusual
    :ivar weight: how many of what is declared its records stand for
    :ivar gap: the cursor of the first page that stayed empty though it should not, None if there is none
    :ivar last_full: the number of the last page that held something
    :ivar keys: marks of its records
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
        self.keys: set[int] = set()
        self.cursors: set[str] = set()
        self.empty_pages: dict[int, bool] = {}
        self.gap: str | None = None

    @property
    def seen(self) -> SavedProgress:
        """What is to be known of it when the crawl goes on after a pause."""
        return SavedProgress(**{name: getattr(self, name) for name in SavedProgress.__struct_fields__})

    def resume(self, seen: SavedProgress) -> None:
        """Go on where an earlier run has left it."""
        for name in SavedProgress.__struct_fields__:
            setattr(self, name, getattr(seen, name))

    @property
    def exact(self) -> bool:
        """Whether the total that the platform declares counts just what the list gives."""
        return self.how is not None and self.how.exact

    @property
    def known_total(self) -> int | None:
        """What was learned beforehand of how many there are."""
        return self.how.known_total(self.job.target) if self.how else None

    @property
    def unusual(self) -> bool:
        """Whether a page stayed empty that should not."""
        return any(self.empty_pages.values())

    @property
    def holes(self) -> int:
        """How many pages stayed empty; usual ones count where something came behind them."""
        return sum(is_unusual or number < self.last_full for number, is_unusual in self.empty_pages.items())

    def take(self, page: Page, job: Job) -> PageResult:
        """Return what a page adds, and whether the list goes on."""
        self.job = job
        if self.declared is None or (
            page.total and page.next_page.stop is None
        ):  # a wall declares that there is nothing
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
        """Take back what a page added, since the page is asked for again."""
        self.keys -= {hash64(record.meta.key or "") for record in records}
        self._add(records, -1)

    def _add(self, records: list[Record], sign: int = 1) -> None:
        self.count += sign * len(records)
        self.weight += sign * sum(self.how.weight(record) if self.how else 1 for record in records)

    def _new(self, records: list[Record]) -> list[Record]:
        kept = []
        for record in records:
            key = hash64(record.meta.key or "")
            if key not in self.keys:
                self.keys.add(key)
                kept.append(record)
        return kept
