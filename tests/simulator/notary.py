"""The server's side of the pages' signatures: it knows the sessions, the version, and who broke which rule."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from tests.simulator.messages import Request
from tests.simulator.randomness import hex_of
from tests.simulator.seal import Scheme, parts, sign
from tests.simulator.signing import Signing

# Verdicts of `Notary.check`, beside "" for what is taken.
MISSING, ORDER, TOKEN, SESSION, VERSION, SEAL = "missing", "order", "token", "session", "version", "seal"
LOGIN, LIMIT = "login", "limit"


@dataclass(slots=True)
class Session:
    """What one visitor did: pages loaded, signed requests by verdict, names of browsers, cookies as last sent.

    Number 0 stands for all whose token no page gave.
    """

    number: int
    visitor: str
    token: str
    pages: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    cookies: dict[str, str] = field(default_factory=dict)
    times: deque[float] = field(default_factory=deque)


class Notary:
    """Gives tokens to sessions and compares what their pages sign; `verdicts` counts the outcomes of all sessions."""

    def __init__(self, scheme: Scheme, seed: int, signing: Signing) -> None:
        self.scheme = scheme
        self.signing = signing
        self.version = 1
        self.verdicts: Counter[str] = Counter()
        self._seed = seed
        self._nobody = Session(0, "", "")
        self._sessions: dict[str, Session] = {}
        self._since = 0

    @property
    def sessions(self) -> list[Session]:
        """All that a page opened, in order."""
        return list(self._sessions.values())

    @property
    def key(self) -> str:
        """What the script of a page loaded now signs with."""
        return self._key(self.version)

    def rotate(self) -> None:
        """Change the version: what earlier pages sign is refused from now on."""
        self.version += 1
        self._since = 0

    def admit(self, request: Request) -> Session:
        """The session of a visitor whose page loads its script; a new one where the cookies do not fit together."""
        visitor = request.cookies.get("ttwid", "")
        session = self._of(request)
        if session.number == 0 or session.visitor != visitor:
            session = self.open(visitor)
        session.pages += 1
        session.agents.add(request.headers.get("user-agent", ""))
        return session

    def open(self, visitor: str) -> Session:
        """A new session."""
        number = len(self._sessions) + 1
        token = "".join(hex_of(self._seed, "token", number, part) for part in range(5))[:148]
        self._sessions[token] = Session(number, visitor, token)
        return self._sessions[token]

    def sign(self, query: str, agent: str, token: str) -> str:
        """What a page loaded now makes of the query."""
        return sign(self.scheme, self.key, query, agent, token)

    def check(self, request: Request, *, login: bool) -> str:
        """Why a request of a signed path is refused, or "" where it is taken; counted either way.

        :param login: whether it carries a good login
        """
        session = self._of(request)
        verdict = self._verdict(request, session, login)
        for counter in (self.verdicts, session.verdicts):
            counter[verdict or "accepted"] += 1
        session.agents.add(request.headers.get("user-agent", ""))
        session.cookies.update(request.cookies)
        if not verdict and self.signing.rotate_after is not None:
            self._since += 1
            if self._since >= self.signing.rotate_after:
                self.rotate()
        return verdict

    def made(self, request: Request) -> bool:
        """Whether a page of any version made the seal of a request."""
        return self._made_in(request) > 0

    def _verdict(self, request: Request, session: Session, login: bool) -> str:
        refused = "" if self.signing.open else self._sealed(request, session)
        if refused:
            return refused
        if "api" in self.signing.wall and not login:
            return LOGIN
        return LIMIT if self._too_fast(session) else ""

    def _sealed(self, request: Request, session: Session) -> str:
        signature = parts(self.scheme, request.raw_query)
        if signature is None:
            return ORDER if any(name in request.query for name in self.scheme.seals) else MISSING
        if signature.token != request.cookies.get(self.scheme.token):
            return TOKEN
        if session.number == 0 or session.visitor != request.cookies.get("ttwid", ""):
            return SESSION
        made_in = self._made_in(request)
        return SEAL if not made_in else VERSION if made_in != self.version else ""

    def _made_in(self, request: Request) -> int:
        """The version that the seal is of, 0 where it is of none."""
        sent = parts(self.scheme, request.raw_query)
        if sent is None:
            return 0
        agent = request.headers.get("user-agent", "")
        versions = range(self.version, 0, -1)
        made = (v for v in versions if sign(self.scheme, self._key(v), sent.asked, agent, sent.token) == sent.whole)
        return next(made, 0)

    def _too_fast(self, session: Session) -> bool:
        if self.signing.limit is None:
            return False
        most, window = self.signing.limit
        now = time.monotonic()
        while session.times and session.times[0] <= now - window:
            session.times.popleft()
        if len(session.times) >= most:
            return True
        session.times.append(now)
        return False

    def _of(self, request: Request) -> Session:
        return self._sessions.get(request.cookies.get(self.scheme.token, ""), self._nobody)

    def _key(self, version: int) -> str:
        return hex_of(self._seed, "seal", version)
