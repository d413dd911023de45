"""Count what a report shows, in one pass over the records. Only numbers are kept of a record."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from heapq import nlargest
from typing import Annotated

import msgspec

from scraper.inputs.hashing import HashSet, hash64
from scraper.ledger.list_end import ListEnd
from scraper.responses.outcomes import Outcome

TOP = 15
_END_OF_DATES = 62_000_000_000  # epoch seconds; Python's dates reach from year 1 to 9999
_KEPT = 20_000  # creators and hashtags with the fewest posts are forgotten beyond twice this number


class Person(msgspec.Struct):
    uid: str | None = None
    unique_id: str | None = None
    nickname: str | None = None
    url: str | None = None


class Hashtag(msgspec.Struct):
    name: str | None = None


class Counters(msgspec.Struct):
    play_count: int | None = None
    digg_count: int | None = None
    comment_count: int | None = None


class Meta(msgspec.Struct):
    record_type: str | None = None
    platform: str | None = None
    key: str | None = None
    fetched_at: datetime | None = None
    run_id: str | None = None
    target: str | None = None

    @property
    def fetched_time(self) -> int | None:
        """When the record was fetched, in epoch seconds."""
        return None if self.fetched_at is None else int(self.fetched_at.timestamp())


class Post(msgspec.Struct):
    """What a report reads of a post."""

    meta: Meta
    url: str | None = None
    text: str | None = None
    desc_language: str | None = None
    create_time: Annotated[int, msgspec.Meta(ge=-_END_OF_DATES, le=_END_OF_DATES)] | None = None
    author: Person = msgspec.field(default_factory=Person)
    statistics: Counters = msgspec.field(default_factory=Counters)
    hashtags: list[Hashtag] | None = None


class Failed(msgspec.Struct):
    """A failure: which router, for which input, and why."""

    router: str
    name: str
    message: str
    remedy: str
    input: str


class RunRow(msgspec.Struct):
    run_id: str
    spider: str
    started_time: int
    ended_time: int | None = None
    stopped: str | None = None
    exit_code: int | None = None


@dataclass
class Tally:
    """The posts of a creator or a hashtag.

    :ivar views: sum of the views that are known, None if none is
    """

    name: str
    platform: str
    url: str | None = None
    posts: int = 0
    views: int | None = None
    likes: int | None = None

    def add(self, counters: Counters) -> None:
        self.posts += 1
        self.views = _sum(self.views, counters.play_count)
        self.likes = _sum(self.likes, counters.digg_count)


@dataclass
class Reason:
    """The failures with one outcome and message, and one of their inputs."""

    failed: Failed
    number: int


@dataclass
class FailedInput:
    """The failures of an input in the last run that failed for it.

    :ivar reasons: how often each outcome and message came
    """

    run_id: str
    router: str
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class Growth:
    """What posts gained since they were first seen, by day.

    :ivar gained: views and likes by day number
    """

    gained: dict[int, list[int]] = field(default_factory=dict)
    _last: dict[int, tuple[int, int | None, int | None]] = field(default_factory=dict)

    def add(self, key: str, day: int, counters: Counters) -> None:
        """Note the counters of a post. Earlier days than the latest one of a post are left out."""
        place, views, likes = hash64(key), counters.play_count, counters.digg_count
        before = self._last.get(place)
        if before is not None and day < before[0]:
            return
        if before is not None:
            gained = self.gained.setdefault(day, [0, 0])
            for number, (old, new) in enumerate(((before[1], views), (before[2], likes))):
                gained[number] += new - old if new is not None and old is not None else 0
            views = before[1] if views is None else views
            likes = before[2] if likes is None else likes
        self._last[place] = day, views, likes


class Facts:
    """
    :param zone: in which days and hours are counted
    :ivar records: how many records of each platform and type, each key once
    :ivar published: posts by platform and day number
    :ivar hours: posts by the hour of day
    :ivar answered: number of records by router
    :ivar without_report: the runs of feeds whose `run.json` is not there
    """

    def __init__(self, zone: tzinfo | None = None):
        self.zone = zone
        self.records: Counter[tuple[str, str]] = Counter()
        self.published: dict[str, Counter[int]] = defaultdict(Counter)
        self.hours: Counter[int] = Counter()
        self.languages: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.creators: dict[str, Tally] = {}
        self.hashtags: dict[str, Tally] = {}
        self.lists: dict[tuple[str, str], ListEnd] = {}
        self.runs: dict[str, RunRow] = {}
        self.without_report: list[str] = []
        self.growth = Growth()
        self.fetched: tuple[int, int] | None = None
        self._failures: dict[int, FailedInput] = {}
        self._examples: dict[tuple[str, str], Failed] = {}
        self._answered_in: dict[int, str] = {}
        self._top: list[tuple[int, int, Post]] = []
        self._seen = HashSet()
        self._number = 0

    def add_record(self, meta: Meta) -> bool:
        """Count a record, and return whether its key is new."""
        if meta.fetched_time is not None:
            first, last = self.fetched or (meta.fetched_time, meta.fetched_time)
            self.fetched = min(first, meta.fetched_time), max(last, meta.fetched_time)
        if meta.key is None or not self._seen.add(hash64(meta.key)):
            return False
        self.records[meta.platform or "", meta.record_type or ""] += 1
        return True

    def add_post(self, post: Post) -> None:
        """Count a post, unless its key was counted before."""
        if not self.add_record(post.meta):
            return
        platform = post.meta.platform or ""
        if post.create_time:
            self.published[platform][self._day(post.create_time)] += 1
            self.hours[datetime.fromtimestamp(post.create_time, self.zone).hour] += 1
        self.languages[post.desc_language or ""] += 1
        self._count(self.creators, post.author.uid, post.author.nickname or post.author.unique_id, post)
        for tag in {tag.name for tag in post.hashtags or () if tag.name}:
            self._count(self.hashtags, tag.casefold(), tag, post)
        self._keep_if_top(post)

    def add_failure(self, failed: Failed, run_id: str | None) -> None:
        """Note a failure. Of several runs that failed for an input, the last one counts."""
        place, run = hash64(f"{failed.router} {failed.input}"), run_id or ""
        known = self._failures.get(place)
        if known is None or run > known.run_id:  # run ids are in the order of time
            known = self._failures[place] = FailedInput(run, failed.router)
        if run == known.run_id:
            reason = failed.name, failed.message
            known.reasons[reason] += 1
            self._examples.setdefault(reason, failed)

    def add_answer(self, router: str, target: str | None, run_id: str | None) -> None:
        """Note that a run got a record for an input, so that failures of earlier runs no longer count."""
        if target and run_id:
            place = hash64(f"{router} {target}")
            self._answered_in[place] = max(run_id, self._answered_in.get(place, ""))

    def reasons(self) -> list[Reason]:
        """Return the reasons of the failures that no later run made up for, the most frequent ones first."""
        numbers: Counter[tuple[str, str]] = Counter()
        for failed in self._open_failures():
            numbers.update(failed.reasons)
        return [Reason(self._examples[reason], number) for reason, number in numbers.most_common()]

    def outcomes(self) -> dict[str, Counter[str]]:
        """Return the number of records and failures by router and outcome."""
        outcomes = {router: Counter({Outcome.OK.name: number}) for router, number in self.answered.items()}
        for failed in self._open_failures():
            counts = outcomes.setdefault(failed.router, Counter())
            for (name, _), number in failed.reasons.items():
                counts[name] += number
        return outcomes

    def _open_failures(self) -> Iterator[FailedInput]:
        for place, failed in self._failures.items():
            if self._answered_in.get(place, "") <= failed.run_id:
                yield failed

    def add_counters(self, key: str, time: int, counters: Counters) -> None:
        """Note the counters of a post at a time. Those of a post come in the order of time."""
        self.growth.add(key, self._day(time), counters)

    def add_list(self, end: ListEnd) -> None:
        """Note how a list ended. Of several runs, the last one counts."""
        self.lists[end.router, end.target] = end

    def top_posts(self) -> list[Post]:
        """Return the posts with the most likes, which every platform counts."""
        return [post for _, _, post in sorted(self._top, reverse=True)[:TOP]]

    def top(self, tallies: dict[str, Tally]) -> list[Tally]:
        """Return the creators or hashtags with the most posts."""
        return nlargest(TOP, tallies.values(), key=lambda tally: (tally.posts, tally.likes or 0))

    def day(self, number: int) -> datetime:
        """Return the start of a day by its number."""
        return datetime.fromordinal(number)

    def _day(self, time: int) -> int:
        return datetime.fromtimestamp(time, self.zone).toordinal()

    def _count(self, tallies: dict[str, Tally], ident: str | None, name: str | None, post: Post) -> None:
        if not ident:
            return
        platform = post.meta.platform or ""
        key = f"{platform}:{ident}"
        if key not in tallies:
            url = post.author.url if tallies is self.creators else None
            tallies[key] = Tally(name or ident, platform, url)
            if len(tallies) > 2 * _KEPT:
                _forget(tallies)
                tallies.setdefault(key, Tally(name or ident, platform, url))
        tallies[key].add(post.statistics)

    def _keep_if_top(self, post: Post) -> None:
        self._number += 1
        self._top.append((post.statistics.digg_count or 0, -self._number, post))
        if len(self._top) > 50 * TOP:
            self._top = nlargest(TOP, self._top)


def _sum(known: int | None, more: int | None) -> int | None:
    return known if more is None else (known or 0) + more


def _forget(tallies: dict[str, Tally]) -> None:
    for key in nlargest(len(tallies) - _KEPT, tallies, key=lambda key: -tallies[key].posts):
        del tallies[key]


def spread_days(days: Iterable[int]) -> int:
    """Return how many days lie between the first and the last one."""
    known = list(days)
    return max(known) - min(known) + 1 if known else 0
