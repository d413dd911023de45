"""Count the requests of a crawl, and allow no more than its argument `max_requests`."""

from collections.abc import Callable

from scraper.responses.exceptions import Closing


class RequestBudget:
    """The requests that a crawl sends, to all services together.

    :ivar limit: the maximum number of requests, None for no limit
    :ivar used_up: called when a request is refused; it stops the crawl
    :ivar sent: the number of requests sent
    """

    def __init__(self) -> None:
        self.limit: int | None = None
        self.used_up: Callable[[], None] = lambda: None
        self.sent = 0

    def check(self) -> None:
        """Check that one more request may be sent.

        :raises Closing: if the limit is reached
        """
        if self.limit is not None and self.sent >= self.limit:
            self.used_up()
            raise Closing("the budget of requests is used up")

    def take(self) -> None:
        """Count a request, which must be sent now.

        :raises Closing: if the limit is reached
        """
        self.check()
        self.sent += 1
