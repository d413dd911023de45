"""What a request must bring before it is answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.bilibili import envelope
from tests.simulator.platforms.bilibili.wbi import Keys
from tests.simulator.randomness import uuid_of
from tests.simulator.world import World

BUVID3 = re.compile(r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}\d{5}infoc", re.IGNORECASE)
SUSPECT = re.compile(r"python|curl|scrapy|wget|aiohttp|httpx", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one route wants; `sign` is how it refuses a bad signature: voucher, risk or forbid."""

    referer: bool = False
    buvid: bool = False
    sign: str = ""


OPEN = Rules()


class Gate:
    """Checks requests and hands out vouchers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._vouchers = 0
        self._buvids = 0
        self.keys = Keys(world.seed, world.rotate_keys_after)

    def logged_in(self, request: Request) -> bool:
        """Whether the request carries the account's session, still percent-encoded."""
        return request.cookies.get("SESSDATA") == self._world.sessdata

    def voucher(self) -> str:
        """A new voucher."""
        self._vouchers += 1
        return f"voucher_{uuid_of(self._world.seed, 'voucher', self._vouchers).lower()}"

    def buvid3(self) -> str:
        """A new device id."""
        self._buvids += 1
        return f"{uuid_of(self._world.seed, 'buvid3', self._buvids)}{10000 + self._buvids % 89999}infoc"

    def buvid4(self) -> str:
        """The longer device id that belongs to the last short one."""
        return f"{uuid_of(self._world.seed, 'buvid4', self._buvids)}{10000 + self._buvids % 89999}-026101012-abCD%2B%3D"

    def browser(self, request: Request) -> Answer | None:
        """The firewall: a refusal for what does not look like a browser."""
        agent = request.headers.get("user-agent", "")
        if self._world.strict and (not agent.startswith("Mozilla/5.0") or SUSPECT.search(agent)):
            return envelope.banned_page()
        return None

    def refuse(self, request: Request, rules: Rules) -> Answer | None:
        """The refusal of an API route, or None."""
        if not self._world.strict:
            return None
        if rules.referer and not _own_page(request.headers.get("referer", "")):
            return envelope.refusal(-403)
        if rules.buvid and not BUVID3.fullmatch(request.cookies.get("buvid3", "")):
            return envelope.risk(self.voucher())
        if rules.sign:
            verdict = self.keys.check(request.query)
            if verdict != "good":
                return self._unsigned(rules.sign, verdict)
        return None

    def _unsigned(self, way: str, verdict: str) -> Answer:
        if way == "voucher":
            return envelope.disguised(self.voucher())
        if way == "risk" and verdict == "missing":
            return envelope.risk(self.voucher())
        return envelope.refusal(-403)


def _own_page(referer: str) -> bool:
    url = urlsplit(referer)
    host = url.hostname or ""
    return url.scheme in {"http", "https"} and (host == "bilibili.com" or host.endswith(".bilibili.com"))
