"""Decide what to do about a failed request: retry, wait, use another identity, or give up."""

import logging
import time
from typing import NamedTuple

from scraper.identities.identity import Identity, Sent
from scraper.identities.masking import mask
from scraper.identities.pool import Pool
from scraper.jobs.dispatch import Dispatch
from scraper.jobs.job import Job
from scraper.responses import Verdict
from scraper.responses.outcomes import DEFINITE, Remedy

logger = logging.getLogger(__name__)

_LONGEST_BACK_OFF_S = 60.0
_MOST_LIMITS = 3


class Retry(NamedTuple):
    """The decision to send a job again.

    :param not_before: epoch seconds
    """

    job: Job
    not_before: float = 0.0


class RetryPolicy:
    """Decides about failed requests, and updates the identity's health. A page is sent at most 1 + `retries` times."""

    def __init__(
        self,
        retries: int,
        rate_limit_wait: float,
    ):
        self.retries = retries
        self.rate_limit_wait = rate_limit_wait
        self._warned: set[str] = set()  # services

    def again(
        self, job: Job, verdict: Verdict, pool: Pool, dispatch: Dispatch, *, optional: bool, next_route: bool
    ) -> Retry | Verdict:
        """Return how to retry, or the final verdict.

        :param dispatch: the dispatch of the request, with its identity and how it was sent
        :param optional: the record is useful without this request, so that a refusal stops no identity
        :param further: another route is left, so that a refusal does not stop the last identity
        """
        identity, sent = pool.get(dispatch.identity), dispatch.sent
        last = job.tries >= self.retries or verdict.final
        if sent:
            pool.note(sent.identity, verdict.outcome.name)
            pool.challenges = 0 if verdict.outcome in DEFINITE else pool.challenges
        if sent and not last and self.may_renew(job, verdict, identity, dispatch) and identity.renew(sent):
            return Retry(job.again(renewed=True))
        if sent is None or identity.hash == sent.identity:
            verdict, worn_out = self._note(pool, identity, verdict, optional, next_route)
            last = last or (worn_out and not pool.other_than(identity.hash))
        if last and not verdict.final and identity.stopped and self._may_hand_on(job, pool, identity.hash):
            return Retry(job.for_next_identity())
        said_once = verdict.once_more and not job.tries
        if last or not (said_once or self._can_help(verdict, pool, identity, sent)):
            return verdict
        not_before = 0.0
        if verdict.outcome.remedy is Remedy.WAIT:
            if job.page == 1:  # the pages of a list keep their identity, and wait for it
                pool.forget(job.listing)
        else:
            not_before = time.time() + min(pool.delay_s * 2**job.tries, _LONGEST_BACK_OFF_S)
        if verdict.outcome.remedy is Remedy.RETRY and pool.service.name not in self._warned:
            self._warned.add(pool.service.name)
            message = "%s: %s; trying again, up to %d times (further ones are not logged)"
            logger.warning(message, pool.service.name, mask(verdict.message), self.retries)
        return Retry(job.again(), not_before)

    def hand_on(self, job: Job, verdict: Verdict, pool: Pool) -> Job | None:
        """Return the job for another identity, with its routes untried; None if no other identity may succeed.

        :param verdict: the most informative verdict of all routes
        """
        last_used = next((identity for identity in pool.identities if identity.hash == job.tried[-1].identity), None)
        if not last_used or verdict.outcome.remedy not in (Remedy.PAUSE_IDENTITY, Remedy.NEW_IDENTITY, Remedy.WAIT):
            return None
        if not self._may_hand_on(job, pool, last_used.hash):
            return None
        pool.stop(last_used, verdict)
        return job.restart_routes().for_next_identity()

    def _may_hand_on(self, job: Job, pool: Pool, asked: str) -> bool:
        return pool.other_than(asked) and job.handed + 1 < len(pool.identities)

    def may_renew(self, job: Job, verdict: Verdict, identity: Identity, dispatch: Dispatch) -> bool:
        """Return whether the keys, or the signing page, may be the cause. They are renewed once for a job.

        A page is reopened once more if it worked for others since then: while a job waits for its turn, the platform's
        script may change again.
        """
        sent = dispatch.sent
        if not verdict.stale or sent is None or job.tries >= self.retries or not identity.can_renew(sent):
            return False
        return not job.renewed or (dispatch.transport == "browser" and identity.unproven == 0)

    def _note(
        self, pool: Pool, identity: Identity, verdict: Verdict, optional: bool, next_route: bool
    ) -> tuple[Verdict, bool]:
        """Update the identity after an answer: it waits, or it was challenged and is stopped.

        Return the verdict with the seconds to wait, and whether waiting has already failed.
        """
        remedy, worn_out = verdict.outcome.remedy, False
        if remedy is Remedy.WAIT and not verdict.final:
            limits = identity.rate_limits.count
            verdict = verdict._replace(retry_after=pool.limit(identity, verdict.retry_after, self.rate_limit_wait))
            if identity.rate_limits.count > limits:
                pool.note(identity.hash, "waits")
            # whichever pages it was for, it was rate limited all the time
            worn_out = identity.rate_limits.count >= max(_MOST_LIMITS, self.retries + 1)
        if verdict.final:
            return verdict, worn_out
        if remedy is Remedy.RETRY and verdict.retry_after is not None:
            verdict = verdict._replace(retry_after=pool.pause(identity, verdict.retry_after))
        if next_route and not pool.other_than(identity.hash):  # the remaining routes need it
            identity.rate_limits.count = 0 if worn_out else identity.rate_limits.count
        elif worn_out or (remedy is Remedy.PAUSE_IDENTITY and not optional):
            pool.stop(identity, verdict)
        return verdict, worn_out

    def _can_help(self, verdict: Verdict, pool: Pool, identity: Identity, sent: Sent | None) -> bool:
        """Return whether a retry can help: later, or with another identity."""
        remedy = verdict.outcome.remedy
        if remedy in (Remedy.RETRY, Remedy.WAIT) or verdict.retry:
            return True
        if remedy not in (Remedy.PAUSE_IDENTITY, Remedy.NEW_IDENTITY) or not sent or not pool.other_than(sent.identity):
            return False
        if remedy is Remedy.PAUSE_IDENTITY:  # if it was not stopped, the same one would be chosen again
            return identity.stopped is not None or identity.hash != sent.identity
        if remedy is Remedy.NEW_IDENTITY and len(pool.identities) > 1 and identity.hash == sent.identity:
            pool.stop(identity, verdict)
        return True
