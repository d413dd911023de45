"""Who may call, and how much: checks before any route is reached."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scraper.front.front import Access
from scraper.front.replies import Refusal, refused

_OPEN = ("/healthz",)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_URL = 16 * 1024  # characters
LARGEST_BODY = 1024 * 1024  # bytes


class Gate:
    """Refuses foreign hosts and origins, callers without the token, and calls that are too large."""

    def __init__(self, app: ASGIApp, access: Access):
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope, Headers(scope=scope))
        except Refusal as refusal:
            await refused(refusal, scope["path"])(scope, receive, send)
            return
        await self._app(scope, _limited(receive), send)

    def _check(self, scope: Scope, headers: Headers) -> None:
        """
        :raises Refusal: if the call is not to be answered
        """
        host = headers.get("host", "")
        if not self._is_own(host):
            remedy = "call the server by its address, or start it with --allowed-host and this name"
            raise Refusal(403, "FORBIDDEN", f"the Host header names {host or 'nothing'}", remedy)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            raise Refusal(
                403, "FORBIDDEN", f"a page of {origin} may not call this server", "call it without a browser's page"
            )
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST_URL:
            raise Refusal(414, "TOO_LARGE", f"the URL has more than {_LONGEST_URL:,} characters", "shorten it")
        if int(headers.get("content-length") or 0) > LARGEST_BODY:
            raise too_large()
        if scope["path"] not in _OPEN and not self._has_token(headers):
            raise Refusal(
                401,
                "UNAUTHORIZED",
                "this server takes calls with its token only",
                "send the header `Authorization: Bearer …` with the token that was shown when it started",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _is_own(self, host: str) -> bool:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        if name in _LOOPBACK or name == self._access.host or name in self._access.allowed_hosts:
            return True
        return self._access.host not in _LOOPBACK and _is_address(name)  # a page of another site has a name

    def _has_token(self, headers: Headers) -> bool:
        if not self._access.token:
            return True
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._access.token.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def too_large() -> Refusal:
    """Return the refusal of a body."""
    return Refusal(413, "TOO_LARGE", f"the body has more than {LARGEST_BODY:,} bytes", "send less at a time")


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
