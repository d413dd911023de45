"""What to do about an answer that is no page of records: ask again, wait, use another identity, or give up."""

import logging
import time
from typing import NamedTuple

from scraper.identity import Identity, Pool, Sent
from scraper.job import Job
from scraper.outcomes import Outcome, Remedy
from scraper.verdicts import Verdict

logger = logging.getLogger(__name__)

_LONGEST_BACK_OFF_S = 60.0


class Again(NamedTuple):
    """Send a job once more.

    :param not_before: epoch seconds
    """

    job: Job
    not_before: float = 0.0


class Recovery:
    """Decides, and notes on the identity what the answer says of it. A page is sent 1 + `retries` times at the most."""

    def __init__(self, retries: int, rate_limit_wait: float):
        self.retries = retries
        self.rate_limit_wait = rate_limit_wait

    def again(self, job: Job, verdict: Verdict, pool: Pool, name: str, sent: Sent | None) -> Again | None:
        """Return how to ask again, or None where the outcome stands.

        :param name: the identity's name
        :param sent: how the request was sent, None where it was not
        """
        identity, last = pool.get(name), job.tries >= self.retries or verdict.final
        if verdict.stale and sent and not job.renewed and not last:
            identity.session.renew(sent.keys)
            return Again(job.again(renewed=True))
        if job.step == 0 and (sent is None or identity.hash == sent.identity):
            self._note(identity, verdict, last)
        if last:
            return None
        return self._by_remedy(job, verdict, pool, identity, sent)

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
