"""What a request must bring before TikTok answers it."""

from __future__ import annotations

import re

from tests.simulator import notary
from tests.simulator.front import Front, scripted
from tests.simulator.messages import Answer, Request, busy_answer, redirect_answer
from tests.simulator.notary import Notary
from tests.simulator.platforms.tiktok import failures
from tests.simulator.randomness import hex_of
from tests.simulator.seal import Scheme
from tests.simulator.worlds.realm import Work
from tests.simulator.worlds.tiktok import TiktokWorld

SUSPECT = re.compile(r"python|curl|scrapy|wget|aiohttp|httpx", re.IGNORECASE)
SCHEME = Scheme("msToken", ("X-Bogus", "X-Gnarly"), ("/api/", "/api-live/"))
CHALLENGES = {"captcha": failures.captcha_page, "waf": failures.waf}


class Gate:
    """Tells browsers from others, hands out cookies, and checks the page's own seal."""

    def __init__(self, world: TiktokWorld) -> None:
        self._world = world
        self._visitors = 0
        self.notary = Notary(SCHEME, world.seed, world.signing)
        self.front = Front(self.notary, ".tiktok.com", world.login_cookie, CHALLENGES)

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

    def refuse(self, request: Request) -> Answer | None:
        """The refusal of what no page of the session has signed."""
        if not self._world.strict:
            return None
        match self.notary.check(request, login=self.logged_in(request)):
            case "":
                return None
            case notary.LOGIN:
                return redirect_answer(failures.LOGIN)
            case notary.LIMIT:
                return busy_answer()
        return failures.unsigned()

    def viewer(self, request: Request) -> int:
        """Return the visitor's number: from the token in the request, or the next free one."""
        token = request.cookies.get("tt_chain_token", "")
        return int(token[18:22]) if self._world.is_chain_token(token) else (self._visitors + 1) % 10**4

    def visited(self, request: Request, answer: Answer) -> Answer:
        """The page with its script and the cookies that every page sets."""
        number = self.viewer(request)
        self._visitors += 1
        fresh = {
            "ttwid": self._world.ttwid(number),
            "tt_csrf_token": hex_of(self._world.seed, "csrf", number)[:20],
            "tt_chain_token": self._world.chain_token(number),
        }
        for name, value in fresh.items():
            if name not in request.cookies:
                shared = "Path=/; Domain=.tiktok.com; Max-Age=15552000; HttpOnly; Secure"
                answer.headers.append(("Set-Cookie", f"{name}={value}; {shared}"))
        return scripted(answer)
