"""The lists that a crawl watches: it claims each before its first request, and knows what earlier runs saw of it."""

import logging
from collections.abc import Mapping
from typing import NamedTuple

from scrapy.statscollectors import StatsCollector

from scraper.crawling.item_selection import order_of
from scraper.crawling.watched_walk import Watch, WatchedWalk
from scraper.inputs.ask import Ask
from scraper.inputs.duplicates import ListId
from scraper.inputs.hashing import hash64
from scraper.inputs.times import LAST
from scraper.jobs.job import Job
from scraper.ledger.ledger import Ledger
from scraper.ledger.stops import Stop
from scraper.ledger.watched import Claim, Needs, WatchChange, due_from
from scraper.output.observations import query_of
from scraper.output.statistics import NEXT_DUE, NOT_DUE
from scraper.platform import Endpoint
from scraper.platform.targets import SHORT_LINK
from scraper.responses import Verdict
from scraper.responses.clock import present
from scraper.responses.exceptions import ArgumentError, Skipped
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)
TAKEN = "skipped/walked_by_another_run"


class _Claimed(NamedTuple):
    """A list that this run walks.

    :ivar walk: None if every item is wanted each time
    """

    watched: int
    walk: WatchedWalk | None


class Watches:
    """
    :param ledger: keeps the lists, None if this crawl has none
    :param is_dry: whether the crawl only counts what it would request
    """

    def __init__(
        self, ledger: Ledger | None, endpoints: Mapping[str, Endpoint], stats: StatsCollector, *, is_dry: bool
    ):
        self._ledger, self._endpoints, self._stats, self._is_dry = ledger, endpoints, stats, is_dry
        self._claimed: dict[ListId, _Claimed] = {}
        self._restored: set[ListId] = set()

    def refusal(self, ask: Ask) -> ArgumentError | None:
        """Return why an ask cannot be met, None if it can."""
        if ask.since == LAST and self._ledger is None and not self._is_dry:
            return ArgumentError("since=last: only a crawl with a ledger knows what the last run saw; give a date")
        return None

    def identity(self, job: Job) -> int:
        """Return the hash of what identifies a list in all runs: its target, and what changes its order or items."""
        options = sorted(job.ask.options.get(job.router, {}).items())
        sort = job.ask.sort if self._endpoints[job.router].sorted else ""
        return hash64(f"{job.router} {job.target.question} {sort} {options}")

    def is_due(self, job: Job) -> bool:
        """Return whether a target is due. One that is not is counted."""
        ledger = self._ledger
        if ledger is None or not ledger.is_due_run or job.ask.every is None or job.target.kind == SHORT_LINK:
            return True
        due_time = due_from(ledger.completed[self.identity(job)], job.ask.every)
        if ledger.run.started_time >= due_time:
            return True
        self._stats.inc_value(NOT_DUE)
        self._stats.min_value(NEXT_DUE, due_time)
        logger.debug("%s %s: not due", job.router, job.target.given)
        return False

    def restored(self, walk: ListId) -> None:
        """Note that an earlier start of the run began to walk a list."""
        self._restored.add(walk)

    async def claim(self, job: Job) -> None:
        """Claim the list of a job before its first request.

        :raises Skipped: if another run walks it; nothing is requested then
        :raises Closing: if the ledger cannot be written
        """
        ledger = self._ledger
        if ledger is None or not _is_watched(job) or job.walk in self._claimed:
            return
        watched = self.identity(job)
        goes_on, every = job.walk in self._restored, job.ask.every if ledger.is_due_run else None
        if any(known.watched == watched for known in self._claimed.values()):
            raise _skipped("another row of this run walks it")
        self._claimed[job.walk] = _Claimed(watched, None)
        endpoint, order = self._endpoints[job.router], order_of(job, self._endpoints[job.router].pagination)
        is_walked = job.ask.since == LAST and endpoint.pagination is not None and not endpoint.extras
        needs: Needs = "nothing" if not is_walked else "items" if order else "hashes"
        claimed = await ledger.claim(Claim(watched, job.router, job.target.id, every, goes_on, needs))
        if claimed.refusal:
            del self._claimed[job.walk]
            raise _skipped(claimed.refusal)
        if is_walked:
            watch = Watch(watched, endpoint.name, query_of(endpoint, job), order, *claimed[1:])
            self._claimed[job.walk] = _Claimed(watched, WatchedWalk(watch, job.ask.until, int(present())))

    def skipped(self, job: Job, verdict: Verdict) -> None:
        """Count a list that another run walks."""
        self._restored.discard(job.walk)
        self._stats.inc_value(TAKEN)
        logger.info("%s %s: skipped, since %s", job.router, job.target.given, verdict.message)

    def walk(self, walk: ListId) -> WatchedWalk | None:
        """Return the walk of a list, None if it is not compared with earlier runs."""
        claimed = self._claimed.get(walk)
        return claimed.walk if claimed else None

    def take_change(self, walk: ListId) -> WatchChange | None:
        """Return what a page changed in a watched list."""
        known = self.walk(walk)
        return known.take_change(is_ended=False, is_complete=False) if known else None

    def end(self, walk: ListId, reason: Stop) -> WatchChange | None:
        """Forget a list, and return how it ended."""
        self._restored.discard(walk)
        if (claimed := self._claimed.pop(walk, None)) is None:
            return None
        is_complete = reason.is_definite
        if claimed.walk:
            return claimed.walk.take_change(is_ended=True, is_complete=is_complete)
        return WatchChange(claimed.watched, None, (), True, is_complete)


def _skipped(reason: str) -> Skipped:
    return Skipped(Verdict(Outcome.INCOMPLETE, reason, final=True))


def _is_watched(job: Job) -> bool:
    return not job.followed and job.target.kind != SHORT_LINK and (job.ask.since == LAST or job.ask.every is not None)
