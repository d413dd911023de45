"""Find out why every route of an endpoint was refused: the routes, the cookie, or the IP address.

One cheap request of the same identity decides. Its result is used for a minute.
"""

import time
from collections.abc import Callable

from scraper.identities.identity import Sent
from scraper.jobs.job import Job
from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome

_BELIEVED_S = 60.0
_OF_THE_SESSION = (
    Outcome.CHALLENGE,
    Outcome.RATE_LIMITED,
    Outcome.GEO_BLOCKED,
    Outcome.LOGIN_REQUIRED,
    Outcome.COOKIE_EXPIRED,
)


class SessionProbes:
    """The results of probes, by identity."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._known: dict[str, tuple[float, Verdict, bool | None]] = {}

    def known(self, job: Job, sent: Sent) -> Verdict | None:
        """Return the verdict on a refused job from a recent probe, or None if the session must be probed."""
        at, probe, logged_in = self._known.get(sent.identity, (0.0, None, None))
        if probe is None or self._clock() - at >= _BELIEVED_S:
            return None
        return judged(job, probe, logged_in, sent)

    def note(self, job: Job, probe: Verdict, logged_in: bool | None, sent: Sent) -> Verdict:
        """Store the result of a probe, and return the verdict on the refused job."""
        self._known[sent.identity] = self._clock(), probe._replace(data=None), logged_in
        return judged(job, probe, logged_in, sent)


def last_word(job: Job) -> Verdict:
    """Return the verdict of a refused job's last route, for a probe without a result."""
    last = job.tried[-1]
    return Verdict(Outcome(last.outcome), last.message)


def judged(job: Job, probe: Verdict, logged_in: bool | None, sent: Sent) -> Verdict:
    """Return the verdict on a refused job, given the answer to a probe."""
    doubt = last_word(job)
    if probe.outcome in _OF_THE_SESSION:
        return probe._replace(
            message=f"{probe.message}; the whole session is refused, not only this endpoint", data=None
        )
    if probe.outcome is not Outcome.OK:
        return doubt
    if sent.login_cookie and logged_in is False:
        return Verdict(Outcome.COOKIE_EXPIRED, "the platform does not accept this session as logged in")
    message = f"every route of this endpoint was refused, but the session works elsewhere ({doubt.message})"
    return Verdict(Outcome.SIGNATURE_REJECTED, message, final=True)
