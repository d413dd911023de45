"""An identity: the cookies, user agent, proxy and signing keys of a request, which must change together."""

import asyncio
import logging
import time
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from typing import NamedTuple

from scraper.identities.cookie_jar import Jar
from scraper.identities.hourly_limit import HourlyLimit
from scraper.identities.masking import SECRETS, secret_cookie
from scraper.identities.rate_limits import LONGEST_WAIT_S, RateLimits
from scraper.identities.request_budget import RequestBudget
from scraper.identities.service_config import Credentials
from scraper.platform.service import Service
from scraper.responses import Verdict

logger = logging.getLogger(__name__)

_MOST_RENEWALS = 2
_SERIALS = count()
FIRST_REST_S, LONGEST_REST_S = 60.0, 6 * 3600.0


class Sent(NamedTuple):
    """How a request was sent: the facts that its verdict and its records' metadata depend on.

    :param identity: a short hash, never the cookie
    :param keys: identifies the signing keys that were used
    :param generation: how often the keys had been renewed
    """

    identity: str
    login_cookie: bool
    logged_in: bool | None
    user_agent: str
    keys: str
    generation: int = 0


class Identity:
    """One session of the user with one platform.

    :ivar logged_in: whether the platform considers the session logged in, None if unknown
    :ivar rate_limits: the waits after rate limits
    :ivar hourly: its requests of the last 60 minutes
    :ivar generation: how often its signing keys were renewed because they were refused
    :ivar unproven: the number of renewals since a signed request last succeeded
    :ivar key: the same on all machines whose configuration has this cookie, whatever its name; never the cookie
    :ivar serial: distinguishes it from an identity of the same name made from a later configuration
    :ivar stopped: why it is not used any more, temporarily or for the rest of the crawl
    :ivar stops: how often it was stopped
    :ivar rested_at: when it may be tried again, if another identity still works
    :ivar last_sender: the budget of the crawl that sent its last request
    :ivar last_sent: when that was: once there was a connection
    """

    def __init__(self, credentials: Credentials, service: Service, clock: Callable[[], float] = time.monotonic):
        self.clock = clock
        self.credentials = credentials
        self.service = service
        hidden = (*service.login_cookies, *service.expiry_cookies)
        self.jar = Jar(service.cookie_domains, credentials.cookies, hidden, self._received)
        self.session = service.session()
        self.login_cookie = any(credentials.cookies.get(name) for name in service.login_cookies)
        self.logged_in: bool | None = None if self.login_cookie else False
        self.rate_limits = RateLimits(clock)
        self.hourly = HourlyLimit()
        self.stopped: Verdict | None = None
        self.stops, self.rested_at = 0, 0.0
        self.last_sender: RequestBudget | None = None
        self.last_sent = 0.0
        self.lock = asyncio.Lock()
        self.generation = self.unproven = 0
        self.serial = next(_SERIALS)
        secret = f"{service.name}|{credentials.name}|{sorted(credentials.cookies.items())}"
        self.hash = sha256(secret.encode("utf-8", "replace")).hexdigest()[:8]
        self.key = _key(credentials, service)

    def _received(self, name: str, value: str) -> None:
        """Keep a cookie as a secret, if it is one."""
        if secret := secret_cookie(name, value, self.service.credentials):
            SECRETS.receive(secret)

    @property
    def slot(self) -> str:
        """The name of its download slot, so that each identity has its own pace."""
        return f"{self.service.name}:{self.credentials.name}"

    def sent(self) -> Sent:
        """Return how a request sent now is sent."""
        return Sent(
            self.hash,
            self.login_cookie,
            self.logged_in,
            self.credentials.user_agent,
            self.session.keys,
            self.generation,
        )

    @property
    def is_ready(self) -> bool:
        """Whether its rate limits, and its number of requests per hour, allow a request now."""
        if self.rate_limits.left_s > 0:
            return False
        return self.hourly.per_hour is None or self.hourly.next_allowed(now := time.time()) <= now

    def wait(self, seconds: float | None, base: float) -> float:
        """Pause all its requests after a rate limit, and return the seconds left; see `RateLimits.note`."""
        is_new = self.rate_limits.left_s <= 0 or seconds is not None
        left = self.rate_limits.note(seconds, base)
        if is_new:
            logger.warning("Rate limited: %s waits %.1f s%s", self.slot, left, _more_than_allowed(seconds))
        return left

    def pause(self, seconds: float) -> float:
        """Pause all its requests, as the platform asks in an answer that is no rate limit. Return the seconds left."""
        left = self.rate_limits.pause(seconds)
        logger.warning("%s waits %.1f s, as the platform asks%s", self.slot, left, _more_than_allowed(seconds))
        return left

    def served(self, signed: bool) -> None:
        """Note a success, so that the next wait starts small again."""
        self.rate_limits.count = 0
        if signed:
            self.unproven = 0

    def can_renew(self, sent: Sent) -> bool:
        """Return whether renewing the signing keys may help. It cannot if new keys were refused too."""
        return sent.generation != self.generation or self.unproven < _MOST_RENEWALS

    def renew(self, sent: Sent) -> bool:
        """Discard the signing keys, or the pages that sign, and return whether new ones may help."""
        if not self.can_renew(sent):
            return False
        if sent.generation != self.generation:  # they were renewed in the meantime
            return True
        self.session.renew(sent.keys)
        self.generation, self.unproven = self.generation + 1, self.unproven + 1
        return True

    def stop(self, verdict: Verdict) -> float:
        """Stop using it until its cookie changes or its rest is over. Each rest is longer. Return its seconds."""
        rest: float = min(FIRST_REST_S * 2**self.stops, LONGEST_REST_S)
        self.stopped, self.stops, self.rested_at = verdict, self.stops + 1, self.clock() + rest
        return rest

    def release(self) -> None:
        """Use it again after its rest."""
        self.stopped, self.rate_limits.count = None, 0


def _key(credentials: Credentials, service: Service) -> str:
    """Return a hash of the cookies; without any, of the name and the proxy."""
    own = sorted(credentials.cookies.items()) or (credentials.name, credentials.proxy)
    return sha256(f"{service.name}|{own}".encode("utf-8", "replace")).hexdigest()[:32]


def _more_than_allowed(asked_s: float | None) -> str:
    """Return what to add to a message if the platform asks for a longer wait than an identity makes."""
    return f" (the platform asks for {asked_s:.0f} s)" if asked_s is not None and asked_s > LONGEST_WAIT_S else ""
