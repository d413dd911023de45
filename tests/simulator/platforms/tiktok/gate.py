"""What a request must bring before TikTok answers it."""

from __future__ import annotations

import re

from tests.simulator.messages import Answer, Request
from tests.simulator.platforms.tiktok import failures
from tests.simulator.randomness import hex_of
from tests.simulator.worlds.realm import Work
from tests.simulator.worlds.tiktok import TiktokWorld

SUSPECT = re.compile(r"python|curl|scrapy|wget|aiohttp|httpx", re.IGNORECASE)


class Gate:
    """Tells browsers from others, hands out cookies, and checks the page's own seal."""

    def __init__(self, world: TiktokWorld) -> None:
        self._world = world
        self._visitors = 0

    def browser(self, request: Request) -> Answer | None:
        """The firewall: a refusal for what does not look like a browser."""
        agent = request.headers.get("user-agent", "")
        if self._world.strict and (not agent.startswith("Mozilla/5.0") or SUSPECT.search(agent)):
            return failures.unsigned() if failures.api(request) else failures.waf()
        return None

    def telephone(self, request: Request) -> bool:
        """Whether it looks like the app."""
        return not self._world.strict or request.headers.get("user-agent", "").startswith("com.")

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
        return self.sealed(request)

    def sealed(self, request: Request) -> bool:
        """Whether the page itself signed it."""
        query, _, seal = request.raw_query.rpartition("&X-Gnarly=")
        return seal == self._world.seal(query, request.headers.get("user-agent", ""))

    def visited(self, request: Request, answer: Answer) -> Answer:
        """The answer with the cookies that every page sets."""
        self._visitors += 1
        number = self._visitors % 10**4
        fresh = {
            "ttwid": self._world.ttwid(number),
            "tt_csrf_token": hex_of(self._world.seed, "csrf", number)[:20],
            "tt_chain_token": self._world.chain_token(number),
        }
        for name, value in fresh.items():
            if name not in request.cookies:
                shared = "Path=/; Domain=.tiktok.com; Max-Age=15552000; HttpOnly; Secure"
                answer.headers.append(("Set-Cookie", f"{name}={value}; {shared}"))
        return answer
