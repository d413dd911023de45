"""Track the progress of one list. `end_of_list` detects its end."""

from collections.abc import Iterable, Sequence
from itertools import compress
from math import ceil

import msgspec

from scraper.crawling.end_of_list import EndOfList, PageResult
from scraper.crawling.item_selection import Selection, order_of, span_of
from scraper.crawling.watched_walk import SavedWalk, WatchedWalk
from scraper.inputs.hashing import HashSet, hash64
from scraper.jobs.job import Job
from scraper.ledger.stops import Stop
from scraper.platform import Page, Pagination
from scraper.records import Record
from scraper.responses import Reading


class SavedProgress(msgspec.Struct):
    """The state of a list that a resumed run needs; see `ListProgress`. Its keys and cursors are kept by page."""

    job: Job
    go_on: str
    count: int
    declared: int | None
    whole: bool
    most_declared: int
    weight: int
    last_full: int
    empty_pages: dict[int, bool]
    gap: str | None
    left_out: int = 0
    walk: SavedWalk | None = None
    gap_position: int = 0


class ListProgress:
    """The progress of one list. A repeated cursor or page stops it as incomplete.

    :ivar count: number of records so far
    :ivar left_out: number of those that were not wanted
    :ivar declared: the total declared by the platform, None if unknown
    :ivar whole: whether it was walked from its first page
    :ivar job: the job of the last page that arrived
    :ivar go_on: the cursor to continue from if the list stops here: the first of the empty pages at its end, if any
    :ivar empty_pages: the numbers of the pages that stayed empty, and whether each is unusual
    :ivar weight: how much its records add to the declared total
    :ivar gap: the cursor of the first page that was unexpectedly empty, None if there is none
    :ivar gap_position: number of records before that page
    :ivar last_full: the number of the last page that was not empty
    :ivar keys: hashes of its records and hidden rows
    :ivar fresh: those that were added since the list was last saved
    :ivar is_saved: whether it was saved
    :ivar watch: what earlier runs saw of it, None if that does not matter
    :ivar walk: its state when the list was last saved
    """

    def __init__(self, job: Job, how: Pagination | None = None):
        self.how = how
        self.job, self.go_on = job, job.cursor
        self.count = job.position
        self.left_out = 0
        self._order, self._span = order_of(job, how), span_of(job)
        self.declared: int | None = None
        self.whole = True
        self.most_declared = 0
        self.weight = 0
        self.last_full = job.page - 1
        self.keys = HashSet()
        self.cursors: set[str] = set()
        self.empty_pages: dict[int, bool] = {}
        self.gap: str | None = None
        self.gap_position = 0
        self.fresh: list[int] = []
        self.is_saved = False
        self.walk: SavedWalk | None = None
        self.watch: WatchedWalk | None = None

    def attach(self, watch: WatchedWalk | None) -> None:
        """Compare the list with what earlier runs saw of it."""
        if watch is not None and self.watch is None:
            self.watch = watch
            if self.walk is not None:
                watch.restore(self.walk)

    def save(self) -> tuple[bytes, list[int]]:
        """Return the encoded state, and the keys that were added since the last call."""
        self.walk = self.watch.save() if self.watch else None
        state = SavedProgress(**{name: getattr(self, name) for name in SavedProgress.__struct_fields__})
        fresh, self.fresh, self.is_saved = self.fresh, [], True
        return msgspec.msgpack.encode(state), fresh

    def restore(self, saved: SavedProgress, keys: Iterable[int], cursors: Iterable[str]) -> None:
        """Continue from the state of an earlier start of the run."""
        for name in SavedProgress.__struct_fields__:
            setattr(self, name, getattr(saved, name))
        self.keys, self.cursors, self.is_saved = HashSet(keys), set(cursors), True

    @property
    def collected(self) -> int:
        """The number of its records that were wanted."""
        return self.count - self.left_out

    @property
    def exact(self) -> bool:
        """Whether the declared total counts exactly the records of the list."""
        return self.how is not None and self.how.exact

    @property
    def known_total(self) -> int | None:
        """The total that was known before the first page, None if unknown."""
        return self.how.known_total(self.job.target) if self.how else None

    @property
    def total(self) -> int | None:
        """The length that the list declares, or else its record or its owner's profile; None if unknown."""
        if self.declared is not None:
            return self.declared
        return self.job.declared if self.job.declared is not None else self.known_total

    @property
    def pages_left(self) -> int | None:
        """About how many further pages it has, by its length and the user's limits; None if its length is unknown."""
        ask, page, left = self.job.ask, self.job.page, []
        if self.whole and self.total is not None and self.weight:
            left.append(ceil((self.total - self.weight) * page / self.weight))
        if ask.max_items is not None and self.count:
            left.append(ceil((ask.max_items - self.count) * page / self.count))
        if ask.max_pages is not None:
            left.append(ask.max_pages - page)
        return max(0, min(left)) if left else None

    @property
    def rest(self) -> Job:
        """The job that continues the list from `go_on`."""
        job = self.job.with_cursor(self.go_on)
        return msgspec.structs.replace(job, position=self.gap_position) if self.go_on == self.gap else job

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
        if self.watch and self.watch.misses(page):
            return self.watch.turn_back()
        new = self._new(page.records)
        selection = self._span.select(page.records, new, self._order)
        if self.watch:
            selection = self.watch.select(page, selection, job.cursor, self.keys)
        result = self._limited(selection)
        if result is None:
            result = EndOfList(self).next_step(page, job, new)._replace(records=selection.records)
        if self.watch:
            if self._has_shifted(page):
                result = EndOfList(self).shifted(selection.records)
            is_whole = len(result.records) == len(selection.records)
            is_contiguous = is_whole and result.stop is None and not self.unusual
            result = self.watch.settle(result, is_contiguous=is_contiguous)
            self.whole = self.whole and not self.watch.is_jumping
        if result.reason in (Stop.DATE_LIMIT, Stop.OVERLAP):
            result = EndOfList(self).passed(result)
        return result._replace(events=selection.events)

    def forget(self, records: list[Record]) -> None:
        """Undo a page, because it is requested again."""
        again = {hash64(record.meta.key or "") for record in records}
        self.keys = HashSet(key for key in self.keys if key not in again)
        self.fresh = [key for key in self.fresh if key not in again]
        self._add(records, -1)

    def new_refusals(self, refused: Sequence[Reading]) -> list[Reading]:
        """Return the hidden rows that no earlier page of the list had."""
        hashes = {hash64(row.message): row for row in refused}
        new = [key for key in hashes if self.keys.add(key)]
        new = self.watch.new_refusals(new) if self.watch else new
        self.fresh.extend(new)
        return [hashes[key] for key in new]

    def _has_shifted(self, page: Page) -> bool:
        """Return whether items left a numbered list while it was walked, so that others moved to pages before."""
        return self.exact and page.total is not None and page.total < self.most_declared and not page.next_page.stop

    def _limited(self, selection: Selection) -> PageResult | None:
        """Count the new records of a page. Return its result if the rest of the list is not wanted."""
        records, most = selection.records, self.job.ask.max_items
        room = len(records) if most is None else max(0, most - self.collected)
        self._add(records[:room])
        self._add(selection.others)
        self.left_out += len(selection.others)
        if selection.reason and len(records) <= room:
            return PageResult(records, reason=selection.reason)
        is_full = most is not None and self.collected >= most
        return PageResult(records[:room], reason=Stop.ITEM_LIMIT) if is_full else None

    def _add(self, records: list[Record], sign: int = 1) -> None:
        self.count += sign * len(records)
        weight = self.how.weight if self.how else None
        self.weight += sign * (sum(map(weight, records)) if weight else len(records))

    def _new(self, records: list[Record]) -> list[Record]:
        hashes = [hash64(record.meta.key or "") for record in records]
        are_new = self.keys.add_all(hashes)
        self.fresh.extend(compress(hashes, are_new))
        return list(compress(records, are_new))
