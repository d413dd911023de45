"""An aiohttp session with verified certificates, of which nothing is left open at its end."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

import aiohttp
import certifi

from scraper.identities.holding import check_sender
from scraper.network.private_apis import disable_resend

_AIOHTTP_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_LOOP_TURNS = 20  # more than a connection needs to notice that its socket was shut down


class _CheckedRequest(aiohttp.ClientRequest):
    """A request that is sent only if its identity is still held once there is a connection."""

    async def send(self, conn: Any) -> aiohttp.ClientResponse:
        check_sender()
        return await super().send(conn)


class Connections:
    """
    :param limit: the number of connections
    :param timeout: of each request
    :param options: further arguments of `aiohttp.ClientSession`
    """

    def __init__(self, limit: int, timeout: aiohttp.ClientTimeout, **options: Any):
        self._limit, self._timeout, self._options = limit, timeout, options
        self._session: aiohttp.ClientSession | None = None
        self._sockets: WeakSet[socket.socket] = WeakSet()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session, created at the first request, when the event loop is running."""
        if self._session is None:
            resolver = aiohttp.ThreadedResolver()  # aiodns, if installed, would leave a thread behind
            connector = aiohttp.TCPConnector(
                limit=self._limit,
                limit_per_host=0,
                ssl=_ssl_context(),
                resolver=resolver,
                socket_factory=self._open_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_AIOHTTP_HEADERS,
                timeout=self._timeout,
                request_class=_CheckedRequest,
                **self._options,
            )
            disable_resend(self._session)
        return self._session

    def _open_socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        opened = socket.socket(*address[:3])
        self._sockets.add(opened)
        return opened

    async def close(self) -> None:
        """Close every connection, also those of requests that timed out.

        Those wait up to 30 s for the peer to end the TLS session, and a peer that stopped reading never does.
        """
        if self._session is not None:
            await self._session.close()
        for opened in list(self._sockets):
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        for _ in range(_LOOP_TURNS):
            if all(opened.fileno() < 0 for opened in self._sockets):
                break
            await asyncio.sleep(0)


def environment_proxy(url: str) -> str | None:
    """Return the proxy for a URL from the environment, or None. A proxy without a scheme is an HTTP proxy."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if not proxy or proxy_bypass(parts.hostname or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _ssl_context() -> ssl.SSLContext:
    """Return a verifying context that trusts SSL_CERT_FILE, else the system's authorities, else certifi's."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        context.load_verify_locations(certifi.where())
    return context
