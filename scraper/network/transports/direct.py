"""Plain HTTPS with verified certificates, over one connection pool.

We use aiohttp directly: Scrapy's default handler costs a third more CPU per request, and its aiohttp handler is
experimental and sends `Content-Length: 0` with every GET, which no browser does.
"""

import asyncio
import socket
import ssl
import time
from contextlib import AbstractAsyncContextManager, suppress
from weakref import WeakSet

import aiohttp
import certifi
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from yarl import URL

from scraper.network.private_apis import disable_resend
from scraper.responses.exceptions import CertificateError, ProxyError, TooLargeError

_AIOHTTP_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_PROXY_STATUSES = (401, 403, 407)
_LOOP_TURNS = 20  # more than a connection needs to notice that its socket was shut down


class Direct(BaseDownloadHandler):
    """Send a request as it is: no redirects, no retries, no cookies of its own."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._largest = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._connections = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._session: aiohttp.ClientSession | None = None
        self._sockets: WeakSet[socket.socket] = WeakSet()

    async def download_request(self, request: Request) -> Response:
        started = time.monotonic()
        try:
            async with self._request(request) as answer:
                body = await self._read(answer)
        except aiohttp.ClientError as error:
            raise _translated(error) from error
        except TimeoutError as error:
            raise DownloadTimeoutError(f"no answer in {self._timeout:.0f} s") from error
        request.meta["download_latency"] = time.monotonic() - started
        headers = Headers(list(answer.raw_headers))  # raw bytes, which need not be UTF-8
        response_class = responsetypes.from_args(headers=headers, url=request.url, body=body)
        return response_class(request.url, status=answer.status, headers=headers, body=body, protocol="HTTP/1.1")

    def _request(self, request: Request) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = request.headers.copy()
        credentials = headers.pop(b"Proxy-Authorization", None)
        return self._open_session().request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body or None,
            headers=headers.to_tuple_list(),
            proxy=request.meta.get("proxy"),
            proxy_headers={"Proxy-Authorization": credentials[0].decode("latin-1")} if credentials else None,
            allow_redirects=False,
        )

    def _open_session(self) -> aiohttp.ClientSession:
        """Return the session, created at the first request, when the event loop is running."""
        if self._session is None:
            resolver = aiohttp.ThreadedResolver()  # aiodns, if installed, would leave a thread behind
            connector = aiohttp.TCPConnector(
                limit=self._connections,
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
                timeout=aiohttp.ClientTimeout(total=self._timeout),
            )
            disable_resend(self._session)
        return self._session

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        """Return the complete body.

        :raises TooLargeError: if it exceeds DOWNLOAD_MAXSIZE
        """
        chunks, size = [], 0
        async for chunk in answer.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > self._largest:
                answer.close()
                raise TooLargeError(f"the answer is larger than {self._largest} bytes")
        return b"".join(chunks)

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


def _ssl_context() -> ssl.SSLContext:
    """Return a verifying context that trusts SSL_CERT_FILE, else the system's authorities, else certifi's."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if paths.cafile is None and paths.capath is None:
        context.load_verify_locations(certifi.where())
    return context


def _translated(error: aiohttp.ClientError) -> Exception:
    """Convert to Scrapy's or our own exception. aiohttp's text is dropped: it may contain a proxy's password."""
    if isinstance(error, aiohttp.ClientPayloadError):
        return ResponseDataLossError("the answer was truncated")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        refused = error.status in _PROXY_STATUSES
        return (ProxyError if refused else DownloadFailedError)(f"the proxy answered with HTTP {error.status}")
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ProxyError("no connection to it")
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        cause = getattr(error, "certificate_error", None) or error.__cause__
        return CertificateError(getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "TLS failed")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return CannotResolveHostError("the host name could not be resolved")
    if isinstance(error, aiohttp.ClientConnectorError):
        return DownloadConnectionRefusedError("the connection was refused")
    return DownloadFailedError(type(error).__name__)
