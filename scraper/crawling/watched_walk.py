"""One walk of a watched list: which items are new, how known ones changed, and where the list was walked before.

What was walked of a list in order of time is kept as parts without a hole between their items. A walk starts at the
top. Where it meets a part, it jumps to the end of that part, so that holes which interrupted walks left are closed. It
ends where it meets the part that reaches to the end of the list.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from scraper.crawling.end_of_list import PageResult
from scraper.crawling.item_content import changes, item_content, known_parts
from scraper.crawling.item_selection import Item, Selection, items
from scraper.inputs.hashing import HashSet, hash64
from scraper.ledger.stops import Stop
from scraper.ledger.watched import Part, SeenItem, WatchChange
from scraper.platform import Page
from scraper.platform.pagination import NewestFirst
from scraper.records import Event, EventKind, Record, meta_for

PINNED, GONE = 1, 2
_AT_TOP = 1 << 62  # later than any item
_BY_FLAG: dict[str, EventKind] = {"flags.deleted": "deleted", "flags.private": "hidden"}


class SavedWalk(msgspec.Struct, frozen=True):
    """What a resumed run needs of a walk; see `WatchedWalk`."""

    current: Part | None
    rest: list[Part]
    back: str | None


class Watch(NamedTuple):
    """The state of a list before it is walked.

    :ivar router: the name of its endpoint
    :ivar query: its target, as the records of lists name it
    :ivar order: None if it is not in order of time
    :ivar seen: its items, if it is in order of time
    :ivar hashes: those of its items, if it is not
    """

    watched: int
    router: str
    query: str
    order: NewestFirst | None
    parts: Sequence[Part] = ()
    seen: Collection[SeenItem] = ()
    hashes: HashSet | None = None


class WatchedWalk:
    """
    :param until: items from this time on are left to later runs
    :param seen_time: epoch seconds

    :ivar current: the part that this walk has walked, None at first
    :ivar rest: the parts below it, that earlier walks have walked
    :ivar back: after a jump to the end of the first of these, the cursor where the walk came from
    """

    def __init__(self, watch: Watch, until: int | None, seen_time: int):
        self._watch, self._until, self._seen_time = watch, until, seen_time
        self.current: Part | None = None
        self.rest = list(watch.parts)
        self.back: str | None = None
        self._known = {seen.item: seen for seen in watch.seen}
        self._by_time = sorted((seen.time, seen.item) for seen in watch.seen if seen.time is not None)
        self._changed: list[SeenItem] = []
        self._goal: str | None = None
        self._visited: set[str] = set()
        self._before = self.save()

    def save(self) -> SavedWalk:
        return SavedWalk(self.current, list(self.rest), self.back)

    def restore(self, saved: SavedWalk) -> None:
        """Continue an earlier start of the run."""
        self.current, self.rest, self.back = saved.current, list(saved.rest), saved.back

    def misses(self, page: Page) -> bool:
        """Return whether the walk jumped to a page from which the part at which it aimed has moved away."""
        if self.back is None or page.next_page.stop is not None:
            return False
        bottom = self.rest[0].bottom
        return not any(self._is_seen(item) and (item.time or 0) >= bottom for item in self._timed(page.records))

    def turn_back(self) -> PageResult:
        """Return the result of such a page: the walk goes through the part instead."""
        back, self.back = self.back, None
        self.rest[0] = msgspec.structs.replace(self.rest[0], cursor="")
        return PageResult([], cursor=back)

    def select(self, page: Page, selection: Selection, cursor: str, walked: HashSet) -> Selection:
        """Return what is new of a page, and where the walk continues.

        :param selection: those of its records that no earlier page had
        :param walked: the hashes of all records that came in this walk
        """
        self._before = self.save()
        self._goal = None
        self._visited.add(cursor)
        new = [*selection.records, *selection.others]  # a pinned item may stand at its usual place too
        events = [event for record in new for event in self._events_of(record)]
        reason = selection.reason
        if self._watch.order:
            timed = self._timed(page.records)
            events += self._absent(page, timed, cursor, walked)
            reason = self._move(timed, cursor, page.next_page.cursor) or reason
        fresh = [record for record in selection.records if not self._is_known(_hash(record))]
        others = [record for record in selection.records if self._is_known(_hash(record))]
        return Selection(fresh, [*selection.others, *others], reason, events)

    def settle(self, result: PageResult, *, is_contiguous: bool) -> PageResult:
        """Note the records that are given out, and return the result with the cursor at which the walk continues.

        :param is_contiguous: whether all wanted records are given out, and none is missing before the page
        """
        self._changed += [self._seen(item) for item in items(result.records, self._watch.order)]
        if not is_contiguous:  # the next run walks the page again
            self.restore(self._before)
        elif result.reason in (Stop.END, Stop.OVERLAP, Stop.PLATFORM_CAP):
            self._complete()
        elif result.cursor is not None and self._goal is not None:
            self.back = result.cursor
            return result._replace(cursor=self._goal)
        return result

    @property
    def is_jumping(self) -> bool:
        """Whether its next page is not the one after the last."""
        return self.back is not None

    def new_refusals(self, hashes: Iterable[int]) -> list[int]:
        """Return the hashes of hidden rows that no earlier run reported."""
        new = [item for item in hashes if not self._is_known(item)]
        self._changed += [SeenItem(item) for item in new]
        return new

    def take_change(self, is_ended: bool, is_complete: bool) -> WatchChange:
        """Return what changed since the last call."""
        parts = [self.current, *self.rest] if self.current else self.rest
        changed, self._changed = self._changed, []
        return WatchChange(self._watch.watched, parts if self._watch.order else None, changed, is_ended, is_complete)

    def _move(self, timed: Sequence[Item], cursor: str, following: str | None) -> Stop | None:
        """Note a page, and return OVERLAP if everything below it was walked before."""
        if not timed:
            return None
        times = [item.time or 0 for item in timed]
        last, top = times[-1], max(times)
        if self.current is not None:
            top = self.current.top
        while self.rest and (self.back is not None or (self.rest[0].cursor is not None and last < self.rest[0].bottom)):
            top, self.back = max(top, self.rest.pop(0).top), None
        self.current = Part(top, last, cursor)
        if not self.rest or last >= self.rest[0].top or not self._is_seen(timed[-1]):
            return None
        part = self.rest[0]
        if part.cursor and part.cursor not in self._visited and following is not None:
            self._goal = part.cursor
        return Stop.OVERLAP if part.cursor is None else None

    def _complete(self) -> None:
        """Note that the rest of the list was walked."""
        if self.current is not None:
            top = max([self.current.top, *(part.top for part in self.rest)])
            self.current, self.rest = Part(top, self.current.bottom, None), []

    def _timed(self, records: Sequence[Record]) -> list[Item]:
        """Return the items whose places in the list follow their times."""
        return [
            item
            for item in items(records, self._watch.order)
            if item.time is not None and not item.is_pinned and (self._until is None or item.time < self._until)
        ]

    def _is_known(self, item: int) -> bool:
        hashes = self._watch.hashes
        return item in self._known or (hashes is not None and item in hashes)

    def _is_seen(self, item: Item) -> bool:
        return _hash(item.record) in self._known

    def _seen(self, item: Item) -> SeenItem:
        key, content = item.record.meta.key or "", item_content(item.record)
        if self._watch.order is None:
            return SeenItem(hash64(key))
        return SeenItem(hash64(key), key, item.time, PINNED * item.is_pinned, content)

    def _events_of(self, record: Record) -> Iterator[Event]:
        """Yield how a known item changed."""
        if (known := self._known.get(_hash(record))) is None or known.key is None:
            return
        (item,) = items([record], self._watch.order)
        content = item_content(record)
        differing = changes(known.content, content, record)
        if known.state & GONE:
            yield self._event("restored", known)
        if self._watch.order and self._watch.order.pinned and item.is_pinned != bool(known.state & PINNED):
            yield self._event("pinned" if item.is_pinned else "unpinned", known)
        for change in differing:
            kind: EventKind = "renamed" if change.field == "title" else "edited"
            if change.after == "true":
                kind = _BY_FLAG.get(change.field, kind)
            yield self._event(kind, known, change.field, change.before, change.after)
        now = known._replace(state=PINNED * item.is_pinned, content=known_parts(known.content, content))
        if now != known:
            self._note(now)

    def _absent(self, page: Page, timed: Sequence[Item], cursor: str, walked: HashSet) -> Iterator[Event]:
        """Yield the items that would stand on a page by their time, but do not. Their reason is not known."""
        times = [item.time or 0 for item in timed]
        if not times or page.faults or page.bugs or times != sorted(times, reverse=True):
            return
        upper = times[0] if cursor or self._until is not None else _AT_TOP
        start, end = bisect_right(self._by_time, (times[-1], 1 << 64)), bisect_left(self._by_time, (upper, 0))
        for _, place in self._by_time[start:end]:
            known = self._known[place]
            if not known.state & GONE and place not in walked:
                self._note(known._replace(state=known.state | GONE))
                yield self._event("deleted_or_hidden", known)

    def _note(self, now: SeenItem) -> None:
        self._known[now.item] = now
        self._changed.append(now)

    def _event(
        self, kind: EventKind, known: SeenItem, field: str | None = None, before: str | None = None,
        after: str | None = None,
    ) -> Event:  # fmt: skip
        key = known.key or ""
        platform, _, name = key.partition(":")
        return Event(
            event_kind=kind,
            item_key=key,
            item_time=known.time,
            listing=self._watch.router,
            query=self._watch.query,
            field=field,
            before=before,
            after=after,
            seen_time=self._seen_time,
            meta=meta_for(Event, platform, f"{name}:{field or kind}:{self._seen_time}"),
        )


def _hash(record: Record) -> int:
    return hash64(record.meta.key or "")
