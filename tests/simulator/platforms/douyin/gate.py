"""What a request must bring before Douyin answers it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tests.simulator import notary
from tests.simulator.front import LOGIN, Front, scripted
from tests.simulator.messages import Answer, Request, busy_answer, json_answer, redirect_answer
from tests.simulator.notary import Notary
from tests.simulator.platforms.douyin import failures
from tests.simulator.seal import Scheme
from tests.simulator.worlds.douyin import DouyinWorld
from tests.simulator.worlds.realm import Work

SUSPECT = re.compile(r"python|curl|scrapy|wget|aiohttp|httpx", re.IGNORECASE)
MOBILE = re.compile(r"iPhone|Android.*Mobile|Mobile.*Safari")
APID, OLD_APID = "6383", "1128"
OPEN = "https://open.douyin.com"
EMBEDDED = "/aweme/v1/web/aweme/detail/"  # what the player of the open platform asks for, unsigned
SCHEME = Scheme("msToken", ("a_bogus",), ("/aweme/v1/web/", "/webcast/", "/live/promotions/"))
CHALLENGES = {"captcha": failures.captcha_page, "waf": failures.nonce_page}


class Gate:
    """Tells browsers from others, and what is signed from what is not."""

    def __init__(self, world: DouyinWorld) -> None:
        self._world = world
        self._visitors = 0
        self.notary = Notary(SCHEME, world.seed, world.signing)
        self.front = Front(self.notary, ".douyin.com", world.login_cookie, CHALLENGES)

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

    def visited(self, request: Request, answer: Answer) -> Answer:
        """The page with its script, and with an id for a new visitor."""
        if "ttwid" not in request.cookies:
            shared = "Path=/; Domain=.douyin.com; Max-Age=31536000; HttpOnly; Secure"
            answer.headers.append(("Set-Cookie", f"ttwid={self.visitor()}; {shared}"))
        return scripted(answer)

    def refuse(self, request: Request) -> Answer | None:
        """The refusal of what no page of the session has signed."""
        if not self._world.strict or (request.path == EMBEDDED and self.embedded(request)):
            return None
        verdict = self.notary.check(request, login=self.logged_in(request))
        return self._worded(verdict, request) if verdict else None

    def embedded(self, request: Request) -> bool:
        """Whether it comes from the open platform's player, which needs no signature."""
        origin = request.headers.get("origin", "")
        referer = urlsplit(request.headers.get("referer", ""))
        return origin == OPEN and f"{referer.scheme}://{referer.hostname}" == OPEN and "aid" in request.query

    def _worded(self, verdict: str, request: Request) -> Answer:
        match verdict:
            case notary.MISSING:
                bare = request.path == EMBEDDED and "aid" in request.query and "device_platform" not in request.query
                return json_answer({"status_code": 0}) if bare else Answer()
            case notary.VERSION:
                return failures.text("Signature Not Found", 403)
            case notary.LOGIN:
                return redirect_answer(LOGIN)
            case notary.LIMIT:
                return busy_answer()
        return failures.text("sign invalid")


def mobile(request: Request) -> bool:
    """Whether the browser is a telephone's."""
    return MOBILE.search(request.headers.get("user-agent", "")) is not None
