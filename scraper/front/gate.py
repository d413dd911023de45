"""Who may call, and how much: checks before any route is reached."""

import hmac
import ipaddress
import time
from contextlib import AbstractContextManager, nullcontext
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scraper.front.front import Front
from scraper.front.metrics import OTHER
from scraper.front.pages.refusals import LOGIN, answered
from scraper.front.replies import REFUSALS, Refusal, bad_input
from scraper.front.sessions import session_in, session_of

_OPEN = ("/healthz", LOGIN, "/style.css", "/icon.svg")
_FOR_MEDIA_TAGS = ("/api/download",)  # which a page of another site may show
_LIMITED = ("/api/", "/list")
_LOOKUP = "/"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_URL = 16 * 1024  # characters
LARGEST_BODY = 1024 * 1024  # bytes
_FAILED = 500  # the status, in metrics, of calls that ended without an answer


class Gate:
    """Refuses foreign hosts and origins, callers without a token, and calls that are too large or too many."""

    def __init__(self, app: ASGIApp, front: Front):
        self._app, self._front, self._access = app, front, front.access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.monotonic(), _FAILED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with self._admitted(scope, Headers(scope=scope)):
                await self._app(scope, _limited(receive), noted)
        except Refusal as refusal:
            await answered(Request(scope), refusal)(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", OTHER)
            self._front.metrics.note(route, status, time.monotonic() - started)

    def _admitted(self, scope: Scope, headers: Headers) -> AbstractContextManager[None]:
        """Return what holds the place of a call.

        :raises Refusal: if the call is not to be answered
        """
        host, path = headers.get("host", ""), scope["path"]
        if not self._is_own(host):
            remedy = "call the server by its address, or start it with --allowed-host and this name"
            problem = f"this server is not called {host}" if host else "the call has no Host header"
            raise _refusal("FORBIDDEN", problem, remedy)
        _check_origin(headers, host, scope["method"], path)
        caller = "" if path in _OPEN else self._caller(scope, headers)
        if len(path) + len(scope["query_string"]) > _LONGEST_URL:
            raise _refusal("TOO_LARGE", f"the URL has more than {_LONGEST_URL:,} characters", "shorten it")
        if int(headers.get("content-length") or 0) > LARGEST_BODY:
            raise too_large()
        _check_query(scope["query_string"])
        return self._front.limits.place(caller) if path == _LOOKUP or path.startswith(_LIMITED) else nullcontext()

    def _is_own(self, host: str) -> bool:
        name = _name_in(host)
        if not name:
            return False
        if name in _LOOPBACK or name == self._access.host or name in self._access.allowed_hosts:
            return True
        return self._access.host not in _LOOPBACK and _is_address(name)  # a page of another site has a name

    def _caller(self, scope: Scope, headers: Headers) -> str:
        """Return who calls: a token's number, or an address if no token is needed.

        :raises Refusal: if the token is missing or wrong
        """
        if not self._access.tokens:
            client = scope.get("client")
            return str(client[0]) if client else ""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        sent = token.strip().encode()
        right = [hmac.compare_digest(sent, known.encode()) for known in self._access.tokens]  # always all of them
        if scheme.lower() != "bearer":
            session = session_in(headers.get("cookie", "")).encode()
            right = [hmac.compare_digest(session, session_of(known).encode()) for known in self._access.tokens]
            scope["has_session"] = any(right)
        if not any(right):
            remedy = "send the header `Authorization: Bearer …` with the token that was shown when it started"
            message = "this server takes calls with its token only"
            raise _refusal("UNAUTHORIZED", message, remedy, {"WWW-Authenticate": "Bearer"})
        return f"token {right.index(True)}"


def _refusal(name: str, message: str, remedy: str, headers: dict[str, str] | None = None) -> Refusal:
    return Refusal(REFUSALS[name], name, message, remedy, headers=headers)


def _check_origin(headers: Headers, host: str, method: str, path: str) -> None:
    """
    :raises Refusal: if a page of another site made the browser call
    """
    origin, remedy = headers.get("origin"), "call it without a browser's page"
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise _refusal("FORBIDDEN", f"a page of {origin} may not call this server", remedy)
    is_link = method in ("GET", "HEAD") and (headers.get("sec-fetch-mode") == "navigate" or path in _FOR_MEDIA_TAGS)
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and origin is None and not is_link:
        raise _refusal("FORBIDDEN", "a page of another site may not call this server", remedy)


def _check_query(query: bytes) -> None:
    """
    :raises Refusal: if it has a cookie or a token, whose value is not repeated in the message
    """
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if b"=" in query else ():
        if name.lower() in ("cookie", "token", "authorization"):
            remedy = "send cookies in the body of POST /api/hybrid/update_cookie, and the token in a header"
            raise bad_input(f"do not send a {name.lower()} in a URL: logs and histories keep it", remedy=remedy)


def _name_in(host: str) -> str:
    """Return the name or address in a Host header, "" if it is malformed."""
    if not host or set(host) & set("@/?#\\ \t"):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def too_large() -> Refusal:
    """Return the refusal of a body."""
    return _refusal("TOO_LARGE", f"the body has more than {LARGEST_BODY:,} bytes", "send less at a time")


def _limited(receive: Receive) -> Receive:
    """Return a function that refuses a body without a length once it is too large."""
    size = 0

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise too_large()
        return message

    return receive_some
