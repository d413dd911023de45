"""How long an identity pauses after a rate limit (HTTP 429, or the platform's equivalent), or as the platform asks."""

import time
from collections.abc import Callable

LONGEST_WAIT_S = 3600.0


class RateLimits:
    """The rate limits of one identity. Each further one makes it wait longer, up to an hour.

    :ivar resume_at: no request is sent before this time of `time.monotonic`
    :ivar count: the number of rate limits since the last success
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self.resume_at = 0.0
        self.count = 0

    @property
    def left_s(self) -> float:
        """Seconds until the next request may go out, 0 or less if it may go now."""
        return self.resume_at - self._clock()

    def note(self, asked_s: float | None, first_s: float) -> float:
        """Note a rate limit and return the seconds to wait.

        Refusals of requests that were under way together count as one rate limit.

        :param asked_s: the seconds in the platform's `Retry-After`, or None
        :param first_s: the first wait if the platform sends no `Retry-After`
        """
        left = self.left_s
        if left <= 0:
            self.count += 1
        if left <= 0 or asked_s is not None:
            left = self.pause(first_s * 2 ** (self.count - 1) if asked_s is None else asked_s)
        return left

    def pause(self, seconds: float) -> float:
        """Send nothing for a number of seconds, at most an hour, and return the seconds to wait."""
        left = max(self.left_s, min(seconds, LONGEST_WAIT_S))
        self.resume_at = self._clock() + left
        return left
