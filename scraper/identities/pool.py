"""The identities of one service: their choice for a list, their requests under way, their rests."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

from scrapy.statscollectors import StatsCollector

from scraper.identities.holding import Holding, InMemory
from scraper.identities.hourly_limit import HourlyLimit
from scraper.identities.identity import Identity
from scraper.identities.identity_choice import IdentityChoice
from scraper.identities.in_flight import InFlight
from scraper.identities.quiet_hours import QuietHours
from scraper.identities.request_budget import RequestBudget
from scraper.identities.service_config import ConfigFile, Pace
from scraper.platform.service import Service
from scraper.responses import Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)


class Pool:
    """The identities of one service. A list keeps its identity; new lists rotate among those that work.

    :param challenge_stop: number of challenges in a row after which the service is not used any more; 0 for never
    :param is_long_lived: whether the crawl has no end, so that an identity is used again after its rest although no
        other one works
    :ivar challenges: how often identities were stopped by a challenge, without a success between them
    :ivar stats: the stats that count the health of the identities, None before the crawl has any
    :ivar holding: which identities this process may use now
    :ivar waiting: number of requests that wait to be sent
    """

    def __init__(
        self,
        service: Service,
        config: ConfigFile,
        clock: Callable[[], float] = time.monotonic,
        challenge_stop: int = 0,
        is_long_lived: bool = False,
    ):
        self.service = service
        self._announced: set[tuple[str, float]] = set()
        self.identities: list[Identity] = []
        self.stats: StatsCollector | None = None
        self.holding: Holding = InMemory()
        self.waiting = 0
        self.challenges, self._challenge_stop = 0, challenge_stop
        self._ended: Verdict | None = None
        self._is_long_lived = is_long_lived
        self._config, self._clock = config, clock
        self._rotation = IdentityChoice()
        self._in_flight: defaultdict[str, InFlight] = defaultdict(InFlight)
        self._build()

    @property
    def headers(self) -> dict[str, str]:
        return self._config.loaded.headers

    @property
    def delay_s(self) -> float:
        return self._config.loaded.pace.delay_s

    @property
    def concurrency(self) -> int:
        return self._config.loaded.pace.concurrency

    @property
    def pace(self) -> Pace:
        return self._config.loaded.pace

    @property
    def quiet_hours(self) -> QuietHours:
        return self._config.loaded.quiet_hours

    @property
    def impersonate(self) -> bool:
        return self._config.loaded.impersonate

    def refresh(self) -> bool:
        """Load the configuration if it changed; return whether it did.

        An identity that did not change keeps its cookies and its health.
        """
        is_changed = self._config.reload()
        if is_changed:
            self._build()
        return is_changed

    def choose(self, list_id: str) -> Identity:
        """Return the identity for a list: the same for all of its pages, as long as it works.

        If none that works is held, requests are made for any of them, and wait until one is held.

        :raises Refused: if none is left
        """
        self._release_rested()
        if not (usable := self._usable()):
            raise Refused(self._none_left())
        return self._rotation.choose(list_id, usable)

    def assign(self, list_id: str) -> Identity:
        """Return the identity for a list; if none is left, the first one, whose requests will be refused."""
        try:
            return self.choose(list_id)
        except Refused:
            return self.identities[0]

    def reassign(self, name: str, list_id: str, is_bound: bool) -> Identity:
        """Return the identity that sends a request now.

        This is the one it was made for, as long as that works. If it must wait and another one is ready, the other.

        :param name: the identity that the request was made for
        :param is_bound: whether it must wait for that identity, because it continues a list
        :raises Refused: if none is left
        """
        self._release_rested()
        usable = self._usable()
        own = next((identity for identity in usable if identity.credentials.name == name), None)
        if own and (is_bound or own.is_ready or not any(identity.is_ready for identity in usable)):
            return own
        self.forget(list_id)
        return self.choose(list_id)

    def forget(self, list_id: str) -> None:
        """Let any identity request a list."""
        self._rotation.forget(list_id)

    def has_login(self, list_id: str) -> bool:
        """Return whether a list would be requested with the cookie of a logged-in session."""
        usable = self._usable()
        return (self._rotation.preview(list_id, usable) if usable else self.identities[0]).login_cookie

    def _release_rested(self) -> None:
        """Release the identities whose rest is over, if another one still works or the crawl has no end."""
        if self._ended or not (self._is_long_lived or self._well()):
            return
        for identity in self.identities:
            if identity.stopped and self._clock() >= identity.rested_at:
                logger.info("%s is tried again after its pause", identity.slot)
                identity.release()

    def _well(self) -> list[Identity]:
        """Return the identities that are not stopped."""
        if self._ended:
            return []
        return [identity for identity in self.identities if not identity.stopped]

    def _usable(self) -> Sequence[Identity]:
        """Return those that are not stopped and held; if none of them is held, all that are not stopped."""
        well = self._well()
        return self.holding.held(well) or well

    def _none_left(self) -> Verdict:
        """Return why no request can be sent: the reason of the identity that was stopped last."""
        if self._ended:
            return self._ended
        stopped = [identity for identity in self.identities if identity.stopped]
        last = max(stopped, key=lambda identity: identity.rested_at, default=None)
        why = (last and last.stopped) or Verdict(Outcome.UPSTREAM, "no identity")
        if self._is_long_lived and stopped:
            first = min(identity.rested_at for identity in stopped)
            why = why._replace(retry_after=max(0.0, first - self._clock()))
        if len(stopped) < 2:
            return why.unasked()
        reasons = ", ".join(f"{identity.credentials.name}: {_outcome(identity)}" for identity in stopped)
        message = f"not requested, because all {len(stopped)} identities were stopped ({reasons}): {why.message}"
        return why.unasked()._replace(message=message)

    def stop(self, identity: Identity, verdict: Verdict) -> None:
        """Stop using an identity: for a rest if another one works or the crawl has no end, else to its end."""
        if identity.stopped:
            return
        if verdict.outcome is Outcome.CHALLENGE:
            self._note_challenge(verdict)
        rest = identity.stop(verdict)
        self.holding.stop(identity, verdict)
        self.note(identity.hash, "stopped")
        others = not self._ended and any(not other.stopped for other in self.identities)
        if self._is_long_lived and not self._ended:
            how = f"paused for {rest:.0f} s"
        else:
            how = (
                f"paused for {rest:.0f} s, other identities continue" if others else "stopped for the rest of the crawl"
            )
        logger.error("%s %s: %s, %s", identity.slot, how, verdict.outcome.name, verdict.message)

    def limit(self, identity: Identity, seconds: float | None, base: float) -> float:
        """Pause an identity after a rate limit, and return the seconds left; see `RateLimits.note`."""
        left = identity.wait(seconds, base)
        self.holding.pause(identity, left)
        return left

    def pause(self, identity: Identity, seconds: float) -> float:
        """Pause an identity as the platform asks, and return the seconds left."""
        left = identity.pause(seconds)
        self.holding.pause(identity, left)
        return left

    def _note_challenge(self, verdict: Verdict) -> None:
        """Count a challenge. After too many in a row, no identity of the service is used again in this crawl."""
        self.challenges += 1
        if self._ended or not 0 < self._challenge_stop <= self.challenges:
            return
        name, count = self.service.name, self.challenges
        message = f"not requested, because {name} was challenged {count} times in a row (CHALLENGE_STOP)"
        self._ended = verdict._replace(message=f"{message}: {verdict.message}", data=None, final=True)
        logger.error("%s stopped for the rest of the crawl: %d challenges in a row (CHALLENGE_STOP)", name, count)

    def note(self, identity: str, what: str) -> None:
        """Count an event of an identity in the stats, by its hash."""
        if self.stats is not None:
            self.stats.inc_value(f"identities/{self.service.name}/{identity}/{what}")

    def next_allowed(self, identity: Identity, now: float) -> float:
        """Return when the quiet hours and the number of requests per hour allow a request: `now`, or later.

        :param now: epoch seconds, as the result
        """
        pace = self._config.loaded.pace
        if pace.per_hour is None and not pace.quiet_hours:
            return now
        return self.quiet_hours.next_allowed(identity.hourly.next_allowed(now))

    def quiet_text(self, now: float) -> str:
        """Return until when nothing is sent because of quiet hours, "" if something may be sent now."""
        until = self.quiet_hours.next_allowed(now)
        return f"{datetime.fromtimestamp(until):%Y-%m-%d %H:%M} (pace.quiet_hours)" if until > now else ""

    def announce_wait(self, identity: Identity, now: float) -> None:
        """Log that an identity waits: once for each quiet period, and once when its requests per hour are spread."""
        quiet_until = self.quiet_hours.next_allowed(now)
        is_quiet = quiet_until > now
        if (key := (identity.slot, quiet_until if is_quiet else 0.0)) in self._announced:
            return
        self._announced.add(key)
        if is_quiet:
            logger.info("%s sends nothing until %s", identity.slot, self.quiet_text(now))
        else:
            until = f"{datetime.fromtimestamp(self.next_allowed(identity, now)):%H:%M:%S}"
            per_hour = identity.hourly.per_hour
            message = "%s spreads its requests from now on: at most %s an hour (pace.per_hour); the next one at %s"
            logger.info(message, identity.slot, per_hour, until)

    def take(self, identity: Identity, budget: RequestBudget) -> None:
        """Count a request that an identity sends now.

        :param budget: of the crawl that sends it
        :raises Closing: if the budget of the crawl is used up
        """
        budget.take()
        identity.hourly.note_sent(time.time())
        identity.last_sender, identity.last_sent = budget, self._clock()

    def turn_left_s(self, identity: Identity, budget: RequestBudget) -> float:
        """Return the seconds that an identity has to wait since another crawl, which shares it, sent a request.

        The requests of one crawl keep the pace by their download slot.
        """
        if identity.last_sender in (None, budget):
            return 0.0
        return identity.last_sent + self.delay_s - self._clock()

    def in_flight(self, identity: Identity) -> InFlight:
        """Return the requests of an identity that are in flight. They survive changes of the configuration."""
        return self._in_flight[identity.slot]

    def leave(self, request: object) -> None:
        """Note that a request's answer was processed."""
        for requests in self._in_flight.values():
            requests.leave(request)

    def get(self, name: str) -> Identity:
        """Return an identity by its name; the first one if there is none."""
        return next((identity for identity in self.identities if identity.credentials.name == name), self.identities[0])

    def other_than(self, identity: str) -> bool:
        """Return whether another identity than this hash, or the same one with a new cookie, can be tried."""
        self.refresh()
        self._release_rested()
        return any(candidate.hash != identity for candidate in self._usable())

    def _build(self) -> None:
        known = {identity.credentials.name: identity for identity in self.identities}
        self.identities = []
        for credentials in self._config.loaded.credentials:
            same = known.get(credentials.name)
            if same is None or same.credentials != credentials:
                self.challenges, self._ended = 0, None
                hourly = same.hourly if same else HourlyLimit()
                same = Identity(credentials, self.service, self._clock)
                same.hourly = hourly
            same.hourly.per_hour = self.pace.per_hour
            self.identities.append(same)


def _outcome(identity: Identity) -> str:
    return identity.stopped.outcome.name if identity.stopped else ""
