"""What every page of a site has: its signing script and what it shows; and what may stand before the home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import orjson

from tests.simulator import files
from tests.simulator.messages import HTML_TYPE, Answer, Request, json_answer, redirect_answer
from tests.simulator.notary import Notary

SCRIPT = "/sdk/signer.js"
DECOR = "/decor/"
ICON = "/favicon.ico"
TAG = f'<script src="{SCRIPT}"></script>'
PASSPORT = "/passport/web/login/"
LOGIN = "/login?redirect_url=%2F"
KINDS = {"jpg": "image/jpeg", "mp4": "video/mp4", "woff2": "font/woff2"}


class Front:
    """Answers what belongs to the pages as such.

    :param domain: whose cookies the session's are
    :param cookie: that of a login
    :param challenges: what is shown instead of the home page, by the names in `Signing.challenge`
    """

    def __init__(
        self, notary: Notary, domain: str, cookie: str, challenges: Mapping[str, Callable[[], Answer]]
    ) -> None:
        self._notary = notary
        self._domain = domain
        self._cookie = cookie
        self._challenges = challenges

    def answer(self, request: Request, *, login: bool) -> Answer | None:
        """The answer if the request is for a part of a page, or if the home page is barred.

        :param login: whether the request carries a good login
        """
        path, signing = request.path, self._notary.signing
        if path == SCRIPT:
            return self._script(request, login)
        if path == PASSPORT and request.method == "POST":
            return json_answer({"message": "success"}, headers=self._login())
        if path.startswith(DECOR):
            return files.ranged(request, KINDS.get(path.rpartition(".")[2], HTML_TYPE))
        if path == ICON:
            return files.picture(request)
        if path != "/":
            return None
        if signing.challenges > 0:
            signing.challenges -= 1
            return self._challenges[signing.challenge]()
        return redirect_answer(LOGIN) if "home" in signing.wall and not login else None

    def _login(self) -> list[tuple[str, str]]:
        """All but the visitor's id, which remains."""
        shared = f"Path=/; Domain={self._domain}; Max-Age=5184000; HttpOnly; Secure"
        pairs = self._cookie.split("; ")
        return [("Set-Cookie", f"{pair}; {shared}") for pair in pairs if not pair.startswith("ttwid=")]

    def _script(self, request: Request, login: bool) -> Answer:
        notary = self._notary
        session = notary.admit(request)
        config = {
            "token": notary.scheme.token,
            "seals": notary.scheme.seals,
            "prefixes": notary.scheme.prefixes,
            "key": notary.key,
            "decor": DECOR,
            "readyAfter": notary.signing.ready_after,
            "leaveAfter": notary.signing.leave_after,
            "login": PASSPORT,
            "loginAfter": notary.signing.login_after,
            "loggedIn": login,
            "leaveTo": notary.signing.leave_to,
            "watched": notary.signing.watched,
        }
        headers = [("Cache-Control", "no-store")]
        if request.cookies.get(notary.scheme.token) != session.token:
            shared = f"Path=/; Domain={self._domain}; Max-Age=864000; Secure"
            headers.append(("Set-Cookie", f"{notary.scheme.token}={session.token}; {shared}"))
        body = _source().replace(b"(CONFIG)", b"(%s)" % orjson.dumps(config))
        return Answer(body, kind="text/javascript; charset=utf-8", headers=headers)


def scripted(answer: Answer) -> Answer:
    """The page with the script in its head."""
    answer.body = answer.body.replace(b"<head>", f"<head>{TAG}".encode(), 1)
    return answer


@cache
def _source() -> bytes:
    return Path(__file__).with_name("signer.js").read_bytes()
