"""How long an identity pauses after a rate limit (429, or what a platform sends instead)."""

import time
from collections.abc import Callable

_LONGEST_WAIT_S = 3600.0


class RateLimits:
    """The rate limits of one identity. Each further one makes it wait longer, up to an hour.

    :ivar resume_at: no request goes out before this, on the clock of `time.monotonic`
    :ivar count: how often it was rate limited since it was last served
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

        :param asked_s: what the platform asks for (`Retry-After`), or None
        :param first_s: how long the first wait is if the platform asks for nothing
        """
        left = self.left_s
        if left <= 0:
            self.count += 1
        if left <= 0 or asked_s is not None:
            wait = first_s * 2 ** (self.count - 1) if asked_s is None else asked_s
            left = max(left, min(wait, _LONGEST_WAIT_S))
            self.resume_at = self._clock() + left
        return left
