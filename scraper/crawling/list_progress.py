"""A list while it is walked: what it gave so far, and whether it goes on. Every stop that is no end has its name."""

from typing import NamedTuple

import msgspec

from scraper.crawling.hashing import mark
from scraper.inputs.arguments import Arguments
from scraper.jobs.job import Job
from scraper.platform import Cursor, Page, Turn
from scraper.records import Record
from scraper.responses.outcomes import Outcome


class Step(NamedTuple):
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


class Seen(msgspec.Struct):
    """What the next run of a paused crawl must know of a list; see `Listing`."""

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
    gaps: dict[int, bool]


class Listing:
    """What was seen of one list. A cursor or a page that comes again stops it, and is no end.

    :ivar count: how many records it gave
    :ivar declared: how many the platform says there are, None where it does not say
    :ivar whole: whether it was walked from its first page
    :ivar job: the last page of it that came
    :ivar go_on: the cursor to go on from where it stops here: before the empty pages that came last, if any did
    :ivar gaps: the numbers of the pages that stayed empty, each with whether that is unusual
    :ivar weight: how many of what is declared its records stand for
    :ivar last_full: the number of the last page that held something
    :ivar keys: marks of its records
    """

    def __init__(self, limits: Arguments, job: Job, how: Cursor | None = None):
        self.limits, self.how = limits, how
        self.job, self.go_on = job, job.cursor
        self.count = job.position
        self.declared: int | None = None
        self.whole = True
        self.most_declared = 0
        self.weight = 0
        self.last_full = job.page - 1
        self.keys: set[int] = set()
        self.cursors: set[str] = set()
        self.gaps: dict[int, bool] = {}

    @property
    def seen(self) -> Seen:
        """What is to be known of it when the crawl goes on after a pause."""
        return Seen(**{name: getattr(self, name) for name in Seen.__struct_fields__})

    def resume(self, seen: Seen) -> None:
        """Go on where an earlier run has left it."""
        for name in Seen.__struct_fields__:
            setattr(self, name, getattr(seen, name))

    @property
    def exact(self) -> bool:
        """Whether the total that the platform declares counts just what the list gives."""
        return self.how is not None and self.how.exact

    @property
    def counted(self) -> int | None:
        """What was learned beforehand of how many there are."""
        return self.how.counted(self.job.target) if self.how else None

    @property
    def unusual(self) -> bool:
        """Whether a page stayed empty that should not."""
        return any(self.gaps.values())

    @property
    def holes(self) -> int:
        """How many pages stayed empty; usual ones count where something came behind them."""
        return sum(is_unusual or number < self.last_full for number, is_unusual in self.gaps.items())

    def take(self, page: Page, job: Job) -> Step:
        """Return what a page adds, and whether the list goes on."""
        self.job = job
        if self.declared is None or (page.total and page.turn.stop is None):  # a wall declares that there is nothing
            self.declared = page.total
        self.most_declared = max(self.most_declared, self.declared or 0)
        if job.page == 1:
            self.whole = not job.cursor
        if page.records or page.faults or job.page == self.last_full + 1:
            self.go_on = job.cursor
        self.gaps.pop(job.page, None)
        if page.records or page.faults:
            self.last_full = job.page
        records = self._new(page.records)
        most = self.limits.max_items
        if most is not None and self.count + len(records) >= most:
            records = records[: most - self.count]
        self._add(records)
        if most is not None and self.count >= most:
            return Step(records, reason="max_items")
        return self._next(page, job, records)

    def forget(self, records: list[Record]) -> None:
        """Take back what a page added, since the page is asked for again."""
        self.keys -= {mark(record.meta.key or "") for record in records}
        self._add(records, -1)

    def _add(self, records: list[Record], sign: int = 1) -> None:
        self.count += sign * len(records)
        self.weight += sign * sum(self.how.weight(record) if self.how else 1 for record in records)

    def _new(self, records: list[Record]) -> list[Record]:
        kept = []
        for record in records:
            key = mark(record.meta.key or "")
            if key not in self.keys:
                self.keys.add(key)
                kept.append(record)
        return kept

    def _next(self, page: Page, job: Job, records: list[Record]) -> Step:
        turn = page.turn
        if turn.stop is not None:
            return self._stopped(records, turn.message, turn.stop, turn.login_marker, turn.retry)
        is_short = self.exact and self.whole and (self.declared or 0) > self.count
        if page.records and not records and (turn.cursor is not None or is_short):
            return self._incomplete(records, f"page {job.page} holds only what earlier pages held", retry=True)
        if shrunk := self._shrunk(turn.cursor is None):
            return self._stopped(records, shrunk)
        if turn.cursor is None:
            broken_off = self._cap() or self._unsaid(turn, job)
            return self._stopped(records, broken_off) if broken_off else Step(records, reason="end")
        self.cursors.add(job.cursor)
        if not page.records and not page.faults:
            return self._gap(page, job)
        is_old = self._is_old(turn.cursor)
        self.go_on = job.cursor if is_old else turn.cursor
        if self.limits.max_pages is not None and job.page >= self.limits.max_pages:
            return Step(records, reason="max_pages")
        if is_old:
            return self._incomplete(records, f"the platform gave a cursor again after page {job.page}")
        return Step(records, turn.cursor)

    def _is_old(self, cursor: str) -> bool:
        return cursor in self.cursors and not (self.how and self.how.repeats)

    def _gap(self, page: Page, job: Job) -> Step:
        """Return what follows a page that came empty before the end: the next one, for a few pages in a row."""
        turn, empty = page.turn, job.page - self.last_full
        what = "holds no list at all (null)" if page.absent else "came empty"
        said = f"page {job.page} {what}, though the list goes on"
        over = not page.absent and not self._is_old(turn.cursor or "") and empty <= (self.how.gaps if self.how else 0)
        if over and self.limits.max_pages is not None and job.page >= self.limits.max_pages:
            return Step([], reason="max_pages")
        if over and turn.blank:
            self.go_on = turn.cursor or ""
        if over and not turn.blank:
            self.gaps[job.page] = not turn.gap
        if over and (turn.blank or (turn.gap and empty > 1)):
            return Step([], turn.cursor)
        if over:
            return Step([], turn.cursor, Outcome.INCOMPLETE, said, retry=True, once=turn.gap)
        if empty > 1:
            said = f"{said}, and so did the {empty - 1} before it" if not page.absent else said
        return self._incomplete([], said, retry=not turn.blank and (not turn.gap or empty == 1))

    def _shrunk(self, at_end: bool) -> str:
        """Say so where the platform declares fewer than before, and what came cannot be all."""
        declared = self.declared or 0
        if not self.exact or not self.whole or declared >= self.most_declared:
            return ""
        if (declared > self.count) if at_end else (declared < self.count):
            return f"the list shrank while it was walked, from {self.most_declared} declared to {declared}"
        return ""

    def _unsaid(self, turn: Turn, job: Job) -> str:
        """Say so where a list ends only because nothing can follow, and what came cannot be all."""
        declared = self.declared if self.declared is not None else self.counted
        if not turn.unsaid or not self.whole or self.count >= (1 if declared is None else declared):
            return ""
        return f"the platform says that more follows, but showed none on its last {job.page - self.last_full} pages"

    def _cap(self) -> str:
        """Say so where a list has reached what the platform shows of any, "" where it has not."""
        cap = self.how.cap if self.how else None
        if cap is None or not self.whole or self.count < cap:
            return ""
        if self.declared is not None and cap < self.declared <= self.weight:
            return ""
        return f"the platform shows no more than about {self.count} of a list, however long it is"

    def _incomplete(self, records: list[Record], message: str, retry: bool = False) -> Step:
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
    ) -> Step:
        of = f" of {self.declared}" if self.declared is not None else ""
        said = f"{message}; the list is incomplete: {self.count}{of} came"
        return Step(records, None, stop, said, login_marker, stop.name, retry and not records)
