"""Limit the requests of one identity in any 60 minutes (`pace.per_hour`), and spread them over the hour."""

from collections import deque
from collections.abc import Iterable

WINDOW_S = 3600.0


class HourlyLimit:
    """The requests that one identity sent in the last 60 minutes.

    Half of the limit may be sent as fast as the rest of the pace allows, so that a small crawl need not wait. The other
    half is spread evenly until the oldest request is 60 minutes old, so that a large crawl does not stand still for
    most of an hour. Times are epoch seconds. Between a call of `next_allowed` that allows a request and `note_sent`, no
    other request may be sent.

    :ivar per_hour: the maximum number of requests in any 60 minutes, None for no limit
    """

    def __init__(self, per_hour: int | None = None):
        self.per_hour = per_hour
        self._sent: deque[float] = deque()  # of the 60 minutes before the last request

    def next_allowed(self, now: float) -> float:
        """Return when the next request may be sent: `now`, or later."""
        sent = self._sent
        if self.per_hour is None or not sent:
            return now
        left = self.per_hour - len(sent)
        if left <= 0:
            return max(now, sent[-left] + WINDOW_S)
        if 2 * len(sent) < self.per_hour:
            return now
        return max(now, sent[-1] + (sent[0] + WINDOW_S - sent[-1]) / (left + 1))

    def restore(self, sent: Iterable[float]) -> None:
        """Note the requests that other processes sent.

        :param sent: epoch seconds, in their order
        """
        self._sent = deque(sent)

    def note_sent(self, now: float) -> None:
        """Note that a request is sent now."""
        if self.per_hour is None:
            return
        while self._sent and self._sent[0] <= now - WINDOW_S:
            self._sent.popleft()
        self._sent.append(now)
