"""Stop using a route or extra request after five refusals in a row; try it again after a rest."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from scrapy.statscollectors import StatsCollector

from scraper.responses import Verdict
from scraper.responses.outcomes import Remedy

logger = logging.getLogger(__name__)

_MAX_REFUSALS = 5
_LONGEST_REST_S = 6 * 3600.0
_REFUSING = (Remedy.PAUSE_IDENTITY, Remedy.WAIT, Remedy.NEXT_ROUTE)


@dataclass
class _Refusals:
    """The consecutive refusals of a route or extra request, and when it may be tried again."""

    count: int = 0
    last: Verdict | None = None
    rests: int = 0
    rested_at: float = 0.0


class RouteBreaker:
    """Counts the consecutive refusals of each route and extra request.

    :param route_rest: seconds of the first rest; each further one is twice as long
    :param refusals: by router and way; crawls that share identities share them
    """

    def __init__(
        self,
        stats: StatsCollector,
        route_rest: float,
        refusals: dict[tuple[str, str], _Refusals],
        clock: Callable[[], float] = time.monotonic,
    ):
        self.route_rest = route_rest
        self._stats, self._clock = stats, clock
        self._refusals = refusals

    def served(self, router: str, way: str) -> None:
        """Note that a route or extra request got a record or another conclusive answer."""
        self._stats.inc_value(f"routes/{router}/{way}/served")
        refusals = self._refusals.pop((router, way), None)
        if refusals and refusals.rests:
            logger.info("%s: the %s route works again", router, way)

    def failed(self, router: str, way: str, verdict: Verdict) -> None:
        """Note the failure of a route that has alternatives, or of an optional extra request."""
        if verdict.outcome.remedy not in _REFUSING or verdict.final:
            return
        self._stats.inc_value(f"routes/{router}/{way}/{verdict.outcome.name}")
        refusals = self._refusals.setdefault((router, way), _Refusals())
        refusals.count, refusals.last = refusals.count + 1, verdict
        if verdict.outcome.remedy is Remedy.WAIT:  # waiting did not help
            refusals.count = max(refusals.count, _MAX_REFUSALS)
        if refusals.count >= _MAX_REFUSALS and self._clock() >= refusals.rested_at:
            rest = min(self.route_rest * 2**refusals.rests, _LONGEST_REST_S)
            refusals.rested_at, refusals.rests = self._clock() + rest, refusals.rests + 1
            self._stats.inc_value(f"routes/{router}/{way}/rests")
            details = (router, way, rest, refusals.count, verdict.outcome.name, verdict.message)
            logger.warning("%s: skipping %s for %.0f s after %d refusals in a row: %s, %s", *details)

    def extra_failed(self, router: str, extra: str, verdict: Verdict) -> None:
        """Note that a record stays without the fields of an extra request."""
        self._stats.inc_value(f"extras/{router}/{extra}/{verdict.outcome.name}")
        self.failed(router, extra, verdict)

    def refused(self, router: str, way: str) -> Verdict | None:
        """Return why a route or extra request is not used now; None if it may be used."""
        refusals = self._refusals.get((router, way))
        if not refusals or not refusals.last or self._clock() >= refusals.rested_at:
            return None
        message = f"not requested, because it was refused {refusals.count} times in a row: {refusals.last.message}"
        return refusals.last._replace(message=message, data=None, final=True)
