"""Detect the end of a list, and the reasons why a list stops before its end."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from scraper.jobs.job import Job
from scraper.ledger.stops import Stop, stop_of
from scraper.platform import NextPage, Page, Pagination
from scraper.platform.targets import SHORT_LINK
from scraper.records import Record
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome
from scraper.responses.wording import counted

STOPPED = Verdict(Outcome.INCOMPLETE, "the crawl was stopped", final=True)


class PageResult(NamedTuple):
    """What a page adds to its list, and how the list continues.

    :param records: the records that are new in this list
    :param cursor: the cursor of the next page, or None; with `stop`, where to continue if a retry does not help; with
        `reason`, where another crawl continues
    :param stop: why the list stopped before its end, or None
    :param retry: whether requesting the page again may help
    :param once: whether to request it again only once
    :param events: how items that are known from earlier runs changed
    :param reason: how the list ended, None while it continues
    """

    records: list[Record]
    cursor: str | None = None
    stop: Outcome | None = None
    message: str = ""
    login_marker: bool = False
    reason: Stop | None = None
    retry: bool = False
    once: bool = False
    events: Sequence[Record] = ()


class Walked(Protocol):
    """The progress of a list so far; see `ListProgress`."""

    how: Pagination | None
    job: Job
    go_on: str
    gap: str | None
    gap_position: int
    count: int
    weight: int
    declared: int | None
    most_declared: int
    whole: bool
    last_full: int
    cursors: set[str]
    empty_pages: dict[int, bool]

    @property
    def exact(self) -> bool: ...

    @property
    def known_total(self) -> int | None: ...

    @property
    def unusual(self) -> bool: ...

    @property
    def holes(self) -> int: ...


class EndOfList:
    """Decides after each page whether a list continues, has ended, or stopped before its end."""

    def __init__(self, walked: Walked):
        self._list = walked

    def next_step(self, page: Page, job: Job, records: list[Record]) -> PageResult:
        """Return the result of a page.

        :param records: the records that are new in this list
        """
        next_page = page.next_page
        if next_page.stop is not None:
            return self._stopped(
                records,
                next_page.message,
                Stop.PLATFORM_CAP if next_page.is_capped else stop_of(next_page.stop),
                outcome=next_page.stop,
                login_marker=next_page.login_marker,
                retry=next_page.retry,
            )
        is_short = self._list.exact and self._list.whole and (self._list.declared or 0) > self._list.count
        if page.records and not records and (next_page.cursor is not None or is_short):
            return self._incomplete(records, f"page {job.page} holds only what earlier pages held", retry=True)
        if shrunk := self._shrunk(next_page.cursor is None):
            return self._stopped(records, shrunk)
        if next_page.cursor is None:
            if capped := self._cap():
                return self._stopped(records, capped, Stop.PLATFORM_CAP)
            broken_off = self._end_inferred(next_page, job) or self._left_empty() or self._shows_none()
            return self._stopped(records, broken_off) if broken_off else PageResult(records, reason=Stop.END)
        self._list.cursors.add(job.cursor)
        if page.is_empty:
            return self._gap(page, job)
        is_old = self._is_old(next_page.cursor)
        self._list.go_on = job.cursor if is_old else next_page.cursor
        if self._is_last(job):
            return PageResult(records, reason=Stop.ITEM_LIMIT)
        if is_old:
            return self._incomplete(records, f"the platform repeated a cursor after page {job.page}")
        return PageResult(records, next_page.cursor)

    def shifted(self, records: list[Record]) -> PageResult:
        """Return the result of a page before which items may be missing, since others left the list meanwhile."""
        return self._stopped(records, "the list shrank during the crawl; the next run walks the rest")

    def passed(self, result: PageResult) -> PageResult:
        """Return the result of the last page that was wanted, with a stop if pages before it stayed empty."""
        broken_off = self._left_empty()
        return self._stopped(result.records, broken_off) if broken_off else result

    def _is_last(self, job: Job) -> bool:
        """Return whether a page is the last one by the limit of the user."""
        most = self._list.job.ask.max_pages
        return most is not None and job.page >= most

    def _is_old(self, cursor: str) -> bool:
        return cursor in self._list.cursors and not (self._list.how and self._list.how.cursor_may_repeat)

    def _gap(self, page: Page, job: Job) -> PageResult:
        """Return the result of an empty page before the end: the next page, for a limited number of pages in a row."""
        next_page, empty = page.next_page, job.page - self._list.last_full
        what = "has no list at all (null)" if page.absent else "was empty"
        message = f"page {job.page} {what}, but the list continues"
        over = (
            not page.absent
            and not self._is_old(next_page.cursor or "")
            and empty <= (self._list.how.max_empty_pages if self._list.how else 0)
        )
        limit = Stop.ITEM_LIMIT if self._is_last(job) else None
        if over and limit and not (next_page.empty_is_valid or next_page.empty_is_common):
            return PageResult([], reason=limit)
        if over and next_page.empty_is_valid:
            self._list.go_on = next_page.cursor or ""
        if over and not next_page.empty_is_valid:
            self._list.empty_pages[job.page] = not next_page.empty_is_common
            if self._list.gap is None:
                self._list.gap, self._list.gap_position = job.cursor, job.position
        if over and (next_page.empty_is_valid or (next_page.empty_is_common and empty > 1)):
            return PageResult([], next_page.cursor, reason=limit)
        if over:
            once = next_page.empty_is_common
            return PageResult([], next_page.cursor, Outcome.INCOMPLETE, message, retry=True, once=once, reason=limit)
        if empty > 1:
            message = (
                f"{message}; so {'was' if empty == 2 else 'were'} the {counted(empty - 1, 'page')} before it"
                if not page.absent
                else message
            )
        return self._incomplete(
            [], message, retry=not next_page.empty_is_valid and (not next_page.empty_is_common or empty == 1)
        )

    def _shrunk(self, at_end: bool) -> str:
        """Return a stop if the platform declares fewer records than before, and the list may be incomplete."""
        declared = self._list.declared or 0
        if not self._list.exact or not self._list.whole or declared >= self._list.most_declared:
            return ""
        if (declared > self._list.count) if at_end else (declared < self._list.count):
            return f"the list shrank during the crawl, from {self._list.most_declared} declared to {declared}"
        return ""

    def _end_inferred(self, next_page: NextPage, job: Job) -> str:
        """Return a stop if the end was only inferred, and the list may be incomplete."""
        walked = self._list
        declared = walked.declared if walked.declared is not None else walked.known_total
        if not next_page.end_inferred or not walked.whole or walked.count >= (1 if declared is None else declared):
            return ""
        empty = counted(job.page - walked.last_full, "page")
        return f"the platform says that there is more, but showed nothing on its last {empty}"

    def _left_empty(self) -> str:
        """Return a stop if pages stayed empty, and fewer records arrived than the list has."""
        walked = self._list
        if not walked.unusual or not walked.exact or not walked.whole or walked.count >= (walked.declared or 0):
            return ""
        walked.go_on = walked.gap or ""
        return f"{counted(walked.holes, 'page')} stayed empty"

    def _shows_none(self) -> str:
        """Return a stop if no page showed anything, although the owner's profile counts records."""
        known = self._list.known_total
        if not known or not self._list.whole or self._list.last_full:
            return ""
        return f"the owner counts {known}, but the list shows none"

    def _cap(self) -> str:
        """Describe that a list has reached the platform's limit of visible records; "" if it has not."""
        cap = self._list.how.max_visible if self._list.how else None
        if cap is None or not self._list.whole or self._list.count < cap:
            return ""
        if self._list.declared is not None and cap < self._list.declared <= self._list.weight:
            return ""
        return f"the platform shows no more than about {self._list.count} of a list, however long it is"

    def _incomplete(self, records: list[Record], message: str, retry: bool = False) -> PageResult:
        """Return a stop, with the platform's limit as its possible reason."""
        capped = self._cap()
        stop = Stop.PLATFORM_CAP if capped else Stop.CURSOR_STALLED
        return self._stopped(records, capped or message, stop, retry=retry and not capped)

    def _stopped(
        self,
        records: list[Record],
        message: str,
        reason: Stop = Stop.CURSOR_STALLED,
        *,
        outcome: Outcome = Outcome.INCOMPLETE,
        login_marker: bool = False,
        retry: bool = False,
    ) -> PageResult:
        declared = self._list.declared or 0  # which is what a login wall declares
        of = f" of {declared}" if declared and declared >= self._list.count else ""
        is_nothing = outcome in (Outcome.NOT_FOUND, Outcome.PRIVATE) and not self._list.count
        summary = message if is_nothing else f"{message}; the list is incomplete: {self._list.count}{of} collected"
        return PageResult(records, None, outcome, summary, login_marker, reason, retry and not records)


def of_list(job: Job, verdict: Verdict) -> Verdict:
    """Return the verdict on a page that failed; from the second page on, the list is INCOMPLETE."""
    if job.page == 1 or job.step or job.target.kind == SHORT_LINK:
        return verdict
    if verdict.outcome in (Outcome.UPSTREAM, Outcome.PROXY, Outcome.NOT_FOUND, Outcome.PRIVATE):
        summary = f"page {job.page} could not be fetched ({verdict.outcome.name}: {verdict.message})"
        verdict = verdict._replace(outcome=Outcome.INCOMPLETE, message=summary)
    return verdict._replace(message=f"{verdict.message}; the list is incomplete: it stopped at page {job.page}")
