"""A Bilibili session: the device id, which Bilibili hands out, and the WBI signing keys."""

import logging
import re
import time

from scraper.platform.session import Fetch, Session, SessionOwner
from scraper.responses import Answer, Verdict
from scraper.responses.exceptions import Refused
from scraper.responses.outcomes import Outcome, Remedy
from scraper.responses.values import MissingError, dig, flag, text
from spiders.bilibili import sign
from spiders.bilibili.verdicts import VERDICTS

logger = logging.getLogger(__name__)

NAV = "https://api.bilibili.com/x/web-interface/nav"
SPI = "https://api.bilibili.com/x/frontend/finger/spi"
_KEYS_LAST_S = 3600.0  # they rotate about daily
_LOGGED_OUT = -101
_DEVICE_TRIES = 3
_DEVICE = re.compile(r"[\w.%+/=-]{1,200}", re.A)


class BilibiliSession(Session):
    """Fetches the device id once if the cookie has none, and the keys every hour or after a refusal."""

    scheme = "WBI"

    def __init__(self) -> None:
        self.keys = ""
        self._renew_at = 0.0
        self._device_tries = _DEVICE_TRIES

    async def ready(self, identity: SessionOwner, signed: bool, fetch: Fetch) -> None:
        if self._device_tries:
            self._device_tries -= 1
            if "buvid3" not in identity.jar.names():
                await self._obtain_device(identity, fetch)
            self._device_tries = 0
        if signed and time.monotonic() >= self._renew_at:
            self._take_keys(identity, await fetch(NAV))

    def sign(self, url: str, now: float) -> str:
        return sign.sign(url, self.keys, now)

    def renew(self, keys: str) -> None:
        if keys == self.keys:
            self._renew_at = 0.0

    async def _obtain_device(self, identity: SessionOwner, fetch: Fetch) -> None:
        """Store Bilibili's device id in the jar; some requests work without it.

        A temporary failure is raised, except on the last try.
        """
        try:
            verdict = VERDICTS.classify(await fetch(SPI))
        except Refused as refused:
            verdict = refused.verdict
        if self._device_tries and verdict.outcome.remedy in (Remedy.RETRY, Remedy.WAIT):
            raise Refused(verdict._replace(message=f"no device id: {verdict.message}"))
        device = {name: text(dig(verdict.data, f"data.{key}")) for name, key in (("buvid3", "b_3"), ("buvid4", "b_4"))}
        for name, value in device.items():
            if value and _DEVICE.fullmatch(value):
                identity.jar.put(name, value)
        if "buvid3" not in identity.jar.names():
            logger.warning("Bilibili returned no device id: %s %s", verdict.outcome.name, verdict.message)

    def _take_keys(self, identity: SessionOwner, answer: Answer) -> None:
        verdict = VERDICTS.classify(answer)
        code = dig(verdict.data, "code")
        if code != _LOGGED_OUT and verdict.outcome is not Outcome.OK:
            raise Refused(verdict._replace(message=f"no signing keys: {verdict.message}"))
        try:
            self.keys = sign.mixin_key(verdict.data)
        except MissingError as error:
            raise Refused(Verdict(Outcome.UPSTREAM_CHANGED, f"{error} is missing in the answer of nav")) from None
        self._renew_at = time.monotonic() + _KEYS_LAST_S
        identity.logged_in = code == 0 and flag(dig(verdict.data, "data.isLogin")) is not False
        if identity.login_cookie and not identity.logged_in:
            logger.warning("The cookie of %s is not accepted (expired?); continuing without a login", identity.slot)
