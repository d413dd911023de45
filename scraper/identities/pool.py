"""The identities of one service: which one asks for a listing, how many requests are under way, which ones rest."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from scrapy.statscollectors import StatsCollector

from scraper.identities.identity import Identity
from scraper.identities.service_config import ConfigFile
from scraper.platform.service import Service
from scraper.responses import Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome

logger = logging.getLogger(__name__)

_MOST_REMEMBERED = 50_000  # listings; one that is forgotten gets the identity whose turn it is


class Pool:
    """The identities of one service. A listing keeps its identity; new ones go round among those that are well.

    :ivar stats: where the health of the identities is counted, None before the crawl has any
    """

    def __init__(self, service: Service, config: ConfigFile, clock: Callable[[], float] = time.monotonic):
        self.service = service
        self.identities: list[Identity] = []
        self.stats: StatsCollector | None = None
        self._config, self._clock = config, clock
        self._turns = 0
        self._chosen: OrderedDict[str, str] = OrderedDict()
        self._gates: dict[str, tuple[int, asyncio.Semaphore]] = {}
        self._inside: dict[object, asyncio.Semaphore] = {}
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
    def impersonate(self) -> bool:
        return self._config.loaded.impersonate

    def refresh(self) -> None:
        """Take up a changed configuration. An identity that did not change keeps its cookies and its health."""
        if self._config.reload():
            self._build()

    def choose(self, listing: str) -> Identity:
        """Return the identity for a listing: the same for all of its pages, as long as it is well.

        :raises Refused: where none is left
        """
        if not (well := self._well()):
            raise Refused(self._none_left())
        if len(self.identities) == 1:
            return well[0]
        name = self._chosen.get(listing)
        chosen = next((each for each in well if each.credentials.name == name), None) or self._next(well)
        self._chosen[listing] = chosen.credentials.name
        self._chosen.move_to_end(listing)
        if len(self._chosen) > _MOST_REMEMBERED:
            self._chosen.popitem(last=False)
        return chosen

    def assign(self, listing: str) -> Identity:
        """Return the identity for a listing; if none is left, the first one, whose requests will be refused."""
        try:
            return self.choose(listing)
        except Refused:
            return self.identities[0]

    def preview(self, listing: str) -> Identity:
        """Return the identity that `assign` would return now, without taking its turn."""
        well = [each for each in self.identities if not each.stopped]
        name = self._chosen.get(listing)
        kept = next((each for each in well if each.credentials.name == name), None)
        return kept or (self._up_next(well) if well else self.identities[0])

    def forget(self, listing: str) -> None:
        """Let a listing be asked by whichever identity need not wait."""
        self._chosen.pop(listing, None)

    def _next(self, well: list[Identity]) -> Identity:
        """Return the identity whose turn it is, one that need not wait where there is one."""
        chosen = self._up_next(well)
        self._turns += 1
        return chosen

    def _up_next(self, well: list[Identity]) -> Identity:
        now = self._clock()
        ready = [each for each in well if each.resume_at <= now] or well
        return ready[self._turns % len(ready)]

    def _well(self) -> list[Identity]:
        """Return the identities that may be used. One that has rested is tried again, beside one that serves."""
        well = [each for each in self.identities if not each.stopped]
        if not well or len(well) == len(self.identities):
            return well
        for each in self.identities:
            if each.stopped and self._clock() >= each.rested_at:
                logger.info("%s has rested, and is tried again", each.slot)
                each.release()
        return [each for each in self.identities if not each.stopped]

    def _none_left(self) -> Verdict:
        """Return why nothing is asked any more: the reason of the one that was stopped last."""
        stopped = [each for each in self.identities if each.stopped]
        last = max(stopped, key=lambda each: each.rested_at, default=None)
        why = (last and last.stopped) or Verdict(Outcome.UPSTREAM, "no identity")
        if len(stopped) < 2:
            return why.unasked()
        each_of = "; ".join(f"{each.credentials.name} {_outcome(each)}" for each in stopped)
        message = f"not asked, since none of its {len(stopped)} identities is left ({each_of}): {why.message}"
        return why.unasked()._replace(message=message)

    def stop(self, identity: Identity, verdict: Verdict) -> None:
        """Use an identity no more: for a while as long as another one serves, else to the end of the crawl."""
        if identity.stopped:
            return
        rest = identity.stop(verdict)
        self.note(identity.hash, "stopped")
        others = any(not each.stopped for each in self.identities)
        how = f"rests for {rest:.0f} s, others go on" if others else "is used no more"
        logger.error("%s %s: %s, %s", identity.slot, how, verdict.outcome.name, verdict.message)

    def note(self, identity: str, what: str) -> None:
        """Count what happened to an identity, by its hash."""
        if self.stats is not None:
            self.stats.inc_value(f"identities/{self.service.name}/{identity}/{what}")

    async def enter(self, request: object, identity: Identity) -> None:
        """Wait until the identity may have one more request under way."""
        places, gate = self._gates.get(identity.slot, (0, asyncio.Semaphore()))
        if places != self.concurrency:
            gate = asyncio.Semaphore(self.concurrency)
            self._gates[identity.slot] = self.concurrency, gate
        await gate.acquire()
        self._inside[request] = gate

    def leave(self, request: object) -> None:
        """Note that a request's answer was read, and what it says of the identity noted."""
        if gate := self._inside.pop(request, None):
            gate.release()

    def has_login(self, listing: str) -> bool:
        """Say whether a listing would be asked for with the cookie of a logged-in session. Nobody's turn is taken."""
        return self.preview(listing).login_cookie

    def get(self, name: str) -> Identity:
        """Return an identity by its name."""
        return next((each for each in self.identities if each.credentials.name == name), self.identities[0])

    def other_than(self, identity: str) -> bool:
        """Say whether another identity than that of a hash, or this one with a new cookie, can be tried."""
        self.refresh()
        return any(each.hash != identity for each in self._well())

    def _build(self) -> None:
        known = {each.credentials.name: each for each in self.identities}
        self.identities = []
        for credentials in self._config.loaded.credentials:
            same = known.get(credentials.name)
            if same is None or same.credentials != credentials:
                same = Identity(credentials, self.service, self._clock)
            self.identities.append(same)


def _outcome(identity: Identity) -> str:
    return identity.stopped.outcome.name if identity.stopped else ""
