"""A list while it is walked: what it gave so far, and whether it goes on. Every stop that is no end has its name."""

from typing import NamedTuple

import msgspec

from scraper.inputs.hashing import hash64
from scraper.jobs.job import Job
from scraper.platform import NextPage, Page, Pagination
from scraper.records import Record
from scraper.responses.outcomes import Outcome


class PageResult(NamedTuple):
    """What a page adds to its list.

    :param records: those that the list did not give before
    :param cursor: of the next page, or None. With `stop` it is where to go on if the page does not come right
    :param stop: why the list stopped without its end, or None
    :param retry: whether the same page may come right when it is asked for again
    :param once: whether one more time is enough for that
    :param reason: how the list ended: end, max_items, max_pages, or the name of an outcome; "" while it goes on
    """

    records: list[Record]
    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    reason: str = ""
    retry: bool = False
    once: bool = False


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
        if page.records or page.faults or page.bugs or job.page == self.last_full + 1:
            self.go_on = job.cursor
        self.empty_pages.pop(job.page, None)
        if page.records or page.faults or page.bugs:
            self.last_full = job.page
        records = self._new(page.records)
        most = self.job.ask.max_items
        if most is not None and self.count + len(records) >= most:
            records = records[: most - self.count]
        self._add(records)
        if most is not None and self.count >= most:
            return PageResult(records, reason="max_items")
        return self._next(page, job, records)

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

    def _next(self, page: Page, job: Job, records: list[Record]) -> PageResult:
        next_page = page.next_page
        if next_page.stop is not None:
            return self._stopped(records, next_page.message, next_page.stop, next_page.login_marker, next_page.retry)
        is_short = self.exact and self.whole and (self.declared or 0) > self.count
        if page.records and not records and (next_page.cursor is not None or is_short):
            return self._incomplete(records, f"page {job.page} holds only what earlier pages held", retry=True)
        if shrunk := self._shrunk(next_page.cursor is None):
            return self._stopped(records, shrunk)
        if next_page.cursor is None:
            broken_off = self._cap() or self._end_inferred(next_page, job) or self._left_empty()
            return self._stopped(records, broken_off) if broken_off else PageResult(records, reason="end")
        self.cursors.add(job.cursor)
        if not (page.records or page.faults or page.bugs):
            return self._gap(page, job)
        is_old = self._is_old(next_page.cursor)
        self.go_on = job.cursor if is_old else next_page.cursor
        if self.job.ask.max_pages is not None and job.page >= self.job.ask.max_pages:
            return PageResult(records, reason="max_pages")
        if is_old:
            return self._incomplete(records, f"the platform gave a cursor again after page {job.page}")
        return PageResult(records, next_page.cursor)

    def _is_old(self, cursor: str) -> bool:
        return cursor in self.cursors and not (self.how and self.how.cursor_may_repeat)

    def _gap(self, page: Page, job: Job) -> PageResult:
        """Return what follows a page that came empty before the end: the next one, for a few pages in a row."""
        next_page, empty = page.next_page, job.page - self.last_full
        what = "holds no list at all (null)" if page.absent else "came empty"
        said = f"page {job.page} {what}, though the list goes on"
        over = (
            not page.absent
            and not self._is_old(next_page.cursor or "")
            and empty <= (self.how.max_empty_pages if self.how else 0)
        )
        if over and self.job.ask.max_pages is not None and job.page >= self.job.ask.max_pages:
            return PageResult([], reason="max_pages")
        if over and next_page.empty_is_valid:
            self.go_on = next_page.cursor or ""
        if over and not next_page.empty_is_valid:
            self.empty_pages[job.page] = not next_page.empty_is_common
            self.gap = job.cursor if self.gap is None else self.gap
        if over and (next_page.empty_is_valid or (next_page.empty_is_common and empty > 1)):
            return PageResult([], next_page.cursor)
        if over:
            return PageResult(
                [], next_page.cursor, Outcome.INCOMPLETE, said, retry=True, once=next_page.empty_is_common
            )
        if empty > 1:
            said = f"{said}, and so did the {empty - 1} before it" if not page.absent else said
        return self._incomplete(
            [], said, retry=not next_page.empty_is_valid and (not next_page.empty_is_common or empty == 1)
        )

    def _shrunk(self, at_end: bool) -> str:
        """Say so where the platform declares fewer than before, and what came cannot be all."""
        declared = self.declared or 0
        if not self.exact or not self.whole or declared >= self.most_declared:
            return ""
        if (declared > self.count) if at_end else (declared < self.count):
            return f"the list shrank while it was walked, from {self.most_declared} declared to {declared}"
        return ""

    def _end_inferred(self, next_page: NextPage, job: Job) -> str:
        """Say so where a list ends only because nothing can follow, and what came cannot be all."""
        declared = self.declared if self.declared is not None else self.known_total
        if not next_page.end_inferred or not self.whole or self.count >= (1 if declared is None else declared):
            return ""
        return f"the platform says that more follows, but showed none on its last {job.page - self.last_full} pages"

    def _left_empty(self) -> str:
        """Say so where pages stayed empty, and what came is less than what the list holds."""
        if not self.unusual or not self.exact or not self.whole or self.count >= (self.declared or 0):
            return ""
        self.go_on = self.gap or ""
        return f"{self.holes} of its pages stayed empty"

    def _cap(self) -> str:
        """Say so where a list has reached what the platform shows of any, "" where it has not."""
        cap = self.how.max_visible if self.how else None
        if cap is None or not self.whole or self.count < cap:
            return ""
        if self.declared is not None and cap < self.declared <= self.weight:
            return ""
        return f"the platform shows no more than about {self.count} of a list, however long it is"

    def _incomplete(self, records: list[Record], message: str, retry: bool = False) -> PageResult:
        """Return a stop that the platform's cap may explain."""
        capped = self._cap()
        return self._stopped(records, capped or message, retry=retry and not capped)

    def _stopped(
        self,
        records: list[Record],
        message: str,
        stop: Outcome = Outcome.INCOMPLETE,
        login_marker: bool = False,
        retry: bool = False,
    ) -> PageResult:
        of = f" of {self.declared}" if self.declared is not None else ""
        said = f"{message}; the list is incomplete: {self.count}{of} came"
        return PageResult(records, None, stop, said, login_marker, stop.name, retry and not records)
