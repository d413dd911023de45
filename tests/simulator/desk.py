"""Where people log in: a form on each platform's login page, and a person who presses its button."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.simulator.messages import Answer, Request, redirect_answer
from tests.simulator.platforms import Platform

PATH = "/passport/sign-in"
FORM = '<form method="post" action="{}"><button id="sign-in">Log in</button></form>'
PRESS = "<script>setTimeout(() => document.forms[0].submit(), {})</script>"
LIFE_S = 5_184_000


@dataclass(slots=True, kw_only=True)
class Desk:
    """The switches may be turned while it serves.

    :param presses_after: seconds from a login page's load until the person presses the button; None: never
    """

    presses_after: float | None = None

    def answer(self, platform: Platform, request: Request) -> Answer:
        """The platform's answer, with the form on the login page of who is not logged in."""
        page = urlsplit(platform.login_page)
        if request.host != page.hostname:
            return platform.handle(request)
        if request.path == PATH and request.method == "POST":
            return _logged_in(platform)
        answer = platform.handle(request)
        known = any(value in platform.secrets() for value in request.cookies.values())
        if request.path == page.path and answer.status == 200 and not known:
            press = "" if self.presses_after is None else PRESS.format(self.presses_after * 1000)
            answer.body = answer.body.replace(b"</body>", f"{FORM.format(PATH)}{press}</body>".encode(), 1)
        return answer


def _logged_in(platform: Platform) -> Answer:
    """Back home, with the cookies of the account."""
    domain = platform.cookie_domains[0]
    answer = redirect_answer(f"https://www.{domain}/")
    shared = f"Path=/; Domain=.{domain}; Max-Age={LIFE_S}; HttpOnly; Secure"
    answer.headers += [("Set-Cookie", f"{cookie}; {shared}") for cookie in platform.login_cookie.split("; ")]
    return answer
