"""What a request must bring before Douyin answers it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.douyin import failures
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Work

SUSPECT = re.compile(r"python|curl|scrapy|wget|aiohttp|httpx", re.IGNORECASE)
MOBILE = re.compile(r"iPhone|Android.*Mobile|Mobile.*Safari")
APID, OLD_APID = "6383", "1128"
OPEN = "https://open.douyin.com"


class Gate:
    """Tells browsers from others, and what is signed from what is not."""

    def __init__(self, world: DouyinWorld) -> None:
        self._world = world
        self._visitors = 0

    def browser(self, request: Request) -> Answer | None:
        """The firewall: a refusal for what does not look like a browser."""
        agent = request.headers.get("user-agent", "")
        if self._world.strict and (not agent.startswith("Mozilla/5.0") or SUSPECT.search(agent)):
            return failures.refused("argus")
        return None

    def visitor(self) -> str:
        """A new visitor id."""
        self._visitors += 1
        return self._world.ttwid(self._visitors)

    def known(self, request: Request) -> bool:
        """Whether the visitor has been here before, or is logged in."""
        if not self._world.strict or self.logged_in(request):
            return True
        return "ttwid" in request.cookies or "__ac_nonce" in request.cookies

    def logged_in(self, request: Request) -> bool:
        """Whether the request carries the account's session."""
        return request.cookies.get("sessionid", "") in self._world.secrets()

    def find(self, request: Request, ident: str) -> Work | None:
        """The work with this id, as this visitor may see it."""
        return self._world.shown_to(self.logged_in(request), ident)

    def signed(self, request: Request) -> bool:
        """Whether the last parameter is the seal over what precedes it."""
        if not self._world.strict:
            return True
        return self.sealed(request) and "ttwid" in request.cookies

    def sealed(self, request: Request) -> bool:
        """Whether the page itself signed it."""
        query, _, seal = request.raw_query.rpartition("&a_bogus=")
        return seal == self._world.seal(query, request.headers.get("user-agent", ""))

    def embedded(self, request: Request) -> bool:
        """Whether it comes from the open platform's player, which needs no signature."""
        origin = request.headers.get("origin", "")
        referer = urlsplit(request.headers.get("referer", ""))
        return origin == OPEN and f"{referer.scheme}://{referer.hostname}" == OPEN and "aid" in request.query

    def unsigned(self, request: Request) -> Answer:
        """The refusal of a request without a good signature; it depends on what else was sent."""
        query = request.query
        if "a_bogus" in query:
            return failures.text("sign invalid")
        if "aid" in query and "device_platform" not in query:
            return failures.refused("status_only") or Answer()
        return Answer()


def mobile(request: Request) -> bool:
    """Whether the browser is a telephone's."""
    return MOBILE.search(request.headers.get("user-agent", "")) is not None
