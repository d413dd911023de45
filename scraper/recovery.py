"""What to do about an answer that is no page of records: ask again, wait, use another identity, or give up."""

import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from scrapy.statscollectors import StatsCollector

from scraper.identity import Identity, Pool, Sent
from scraper.job import Job
from scraper.outcomes import Outcome, Remedy
from scraper.verdicts import Verdict

_LONGEST_BACK_OFF_S = 60.0
_MOST_REFUSALS = 3
_REFUSING = (Remedy.PAUSE_IDENTITY, Remedy.WAIT, Remedy.NEXT_ROUTE)


class Again(NamedTuple):
    """Send a job once more.

    :param not_before: epoch seconds
    """

    job: Job
    not_before: float = 0.0


class Recovery:
    """Decides, and notes on the identity what the answer says of it. A page is sent 1 + `retries` times at the most."""

    def __init__(self, retries: int, rate_limit_wait: float, stats: StatsCollector):
        self.retries = retries
        self.rate_limit_wait = rate_limit_wait
        self._stats = stats
        self._refusals: Counter[tuple[str, str]] = Counter()

    def again(self, job: Job, verdict: Verdict, pool: Pool, meta: Mapping[str, Any], optional: bool) -> Again | None:
        """Return how to ask again, or None where the outcome stands.

        :param meta: of the request: its identity, and how it was sent, if it was
        :param optional: the record is worth having without it, so that a refusal of it stops no identity
        """
        identity, sent = pool.get(meta.get("identity", "")), meta.get("sent")
        last = job.tries >= self.retries or verdict.final
        if verdict.stale and sent and not job.renewed and not last:
            identity.session.renew(sent.keys)
            return Again(job.again(renewed=True))
        if not optional and (sent is None or identity.hash == sent.identity):
            self._note(identity, verdict, last)
        if last:
            return None
        return self._by_remedy(job, verdict, pool, identity, sent)

    def extra_served(self, router: str, extra: str) -> None:
        """Note that an extra request was answered."""
        self._refusals[router, extra] = 0

    def extra_failed(self, router: str, extra: str, verdict: Verdict) -> None:
        """Note that a record stays without what an extra request would have added."""
        self._stats.inc_value(f"extras/{router}/{extra}/{verdict.outcome.name}")
        if verdict.outcome.remedy in _REFUSING:
            self._refusals[router, extra] += 1

    def extra_is_refused(self, router: str, extra: str) -> bool:
        """Say whether an extra request was refused so often in a row that it is not made any more."""
        return self._refusals[router, extra] >= _MOST_REFUSALS

    def _note(self, identity: Identity, verdict: Verdict, last: bool) -> None:
        """Stop an identity that was challenged, or that stays rate limited."""
        remedy = verdict.outcome.remedy
        if remedy is Remedy.PAUSE_IDENTITY or (remedy is Remedy.WAIT and last):
            identity.stop(verdict)

    def _by_remedy(self, job: Job, verdict: Verdict, pool: Pool, identity: Identity, sent: Sent | None) -> Again | None:
        remedy = verdict.outcome.remedy
        if remedy is Remedy.RETRY:
            return Again(job.again(), time.time() + min(pool.delay_s * 2**job.tries, _LONGEST_BACK_OFF_S))
        if remedy is Remedy.WAIT:
            identity.wait(verdict.retry_after, self.rate_limit_wait)
            return Again(job.again())
        if remedy in (Remedy.PAUSE_IDENTITY, Remedy.NEW_IDENTITY) and sent and pool.other_than(sent):
            if remedy is Remedy.NEW_IDENTITY and len(pool.identities) > 1 and identity.hash == sent.identity:
                identity.stop(verdict)
            return Again(job.again())
        return None


def never_came(job: Job, verdict: Verdict) -> Verdict:
    """Return the verdict on a page that never came: from the second page on, it leaves a list without its end."""
    if job.page == 1 or job.step or verdict.outcome not in (Outcome.UPSTREAM, Outcome.PROXY):
        return verdict
    said = f"page {job.page} never came ({verdict.outcome.name}: {verdict.message}); the list is incomplete"
    return verdict._replace(outcome=Outcome.INCOMPLETE, message=said)
