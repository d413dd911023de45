"""Who a request claims to be: cookies, user agent, proxy and signing keys, which must change together."""

import asyncio
import logging
import time
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

from scraper.config import ConfigFile, Credentials
from scraper.cookies import Jar
from scraper.faults import Refused
from scraper.outcomes import Outcome
from scraper.platform import Service
from scraper.verdicts import Verdict

logger = logging.getLogger(__name__)

_LONGEST_WAIT_S = 3600.0


class Sent(NamedTuple):
    """How a request was sent: what its answer is judged by, and what its records say of themselves.

    :param identity: a short hash, never the cookie
    :param keys: names the signing keys that were in use
    """

    identity: str
    login_cookie: bool
    logged_in: bool | None
    user_agent: str
    keys: str


class Identity:
    """One session of the user with one platform.

    :ivar logged_in: what the platform says of the session, None before it was asked
    :ivar resume_at: no request goes out before this, on the clock of `time.monotonic`
    :ivar limits: how often it was rate limited since it was last served
    :ivar stopped: why it is used no more
    """

    def __init__(self, credentials: Credentials, service: Service):
        self.credentials = credentials
        self.service = service
        self.jar = Jar(service.cookie_domains, credentials.cookies)
        self.session = service.session()
        self.login_cookie = any(credentials.cookies.get(name) for name in service.login_cookies)
        self.logged_in: bool | None = None if self.login_cookie else False
        self.resume_at = 0.0
        self.stopped: Verdict | None = None
        self.lock = asyncio.Lock()
        self.limits = 0
        secret = f"{service.name}|{credentials.name}|{sorted(credentials.cookies.items())}"
        self.hash = sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]

    @property
    def slot(self) -> str:
        """The name of its download slot: its pace is its own."""
        return f"{self.service.name}:{self.credentials.name}"

    def sent(self) -> Sent:
        """Return how a request of this moment is sent."""
        return Sent(self.hash, self.login_cookie, self.logged_in, self.credentials.user_agent, self.session.keys)

    def wait(self, seconds: float | None, base: float) -> float:
        """Hold all requests back after a rate limit, longer with each further one, and return the seconds left.

        Refusals of requests that were under way together are one rate limit.

        :param seconds: what the platform asks for, or None
        :param base: what the first wait takes where it asks for nothing
        """
        left = self.resume_at - time.monotonic()
        if left <= 0:
            self.limits += 1
        if left <= 0 or seconds is not None:
            wait = base * 2 ** (self.limits - 1) if seconds is None else seconds
            left = max(left, min(wait, _LONGEST_WAIT_S))
            self.resume_at = time.monotonic() + left
            logger.warning("Rate limited: %s waits %.1f s", self.slot, left)
        return left

    def served(self) -> None:
        """Note that the platform served it, so that the next wait starts small again."""
        self.limits = 0

    def stop(self, verdict: Verdict) -> None:
        """Use it no more in this crawl, or until its cookie changes."""
        if not self.stopped:
            self.stopped = verdict
            logger.error("%s is used no more: %s, %s", self.slot, verdict.outcome.name, verdict.message)


class Pool:
    """The identities of one service."""

    def __init__(self, service: Service, config: ConfigFile):
        self.service = service
        self._config = config
        self.identities: list[Identity] = []
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

    def refresh(self) -> None:
        """Take up a changed configuration. An identity that did not change keeps its cookies and its health."""
        if self._config.reload():
            self._build()

    def choose(self, key: str) -> Identity:
        """Return the identity for a listing: the same for all of its pages, as long as it is well.

        :raises Refused: where none is left
        """
        well = [each for each in self.identities if not each.stopped]
        if not well:
            why = self.identities[0].stopped or Verdict(Outcome.UPSTREAM, "no identity")
            raise Refused(why.unasked())
        return well[crc32(key.encode()) % len(well)]

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

    def has_login(self, key: str) -> bool:
        """Say whether a listing would be asked for with the cookie of a logged-in session."""
        well = [each for each in self.identities if not each.stopped] or self.identities
        return well[crc32(key.encode()) % len(well)].login_cookie

    def get(self, name: str) -> Identity:
        """Return an identity by its name."""
        return next((each for each in self.identities if each.credentials.name == name), self.identities[0])

    def other_than(self, sent: Sent) -> bool:
        """Say whether another identity, or this one with a new cookie, can be tried."""
        self.refresh()
        return any(not each.stopped and each.hash != sent.identity for each in self.identities)

    def _build(self) -> None:
        known = {each.credentials.name: each for each in self.identities}
        self.identities = []
        for credentials in self._config.loaded.credentials:
            same = known.get(credentials.name)
            keep = same is not None and same.credentials == credentials
            self.identities.append(same if keep else Identity(credentials, self.service))
