"""Plain HTTPS with verified certificates, over one connection pool.

We use aiohttp directly: Scrapy's default handler costs a third more CPU per request, and its aiohttp handler is
experimental and sends `Content-Length: 0` with every GET, which no browser does.
"""

import time
from contextlib import AbstractAsyncContextManager

import aiohttp
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

from scraper.network.connections import Connections
from scraper.network.headers import raw_items
from scraper.responses.exceptions import CertificateError, ProxyError, TooLargeError

_PROXY_STATUSES = (401, 403, 407)


class Direct(BaseDownloadHandler):
    """Send a request as it is: no redirects, no retries, no cookies of its own."""

    lazy = True

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._largest = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        limit = crawler.settings.getint("CONCURRENT_REQUESTS")
        self._connections = Connections(limit, aiohttp.ClientTimeout(total=self._timeout))

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
        response = response_class(request.url, status=answer.status, body=body, protocol="HTTP/1.1")
        response.headers = headers  # its constructor would copy them
        return response

    def _request(self, request: Request) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = dict(raw_items(request.headers))
        credentials = headers.pop(b"Proxy-Authorization", None)
        return self._connections.session.request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body or None,
            headers=[(name.decode(), value.decode()) for name, values in headers.items() for value in values],
            proxy=request.meta.get("proxy"),
            proxy_headers={"Proxy-Authorization": credentials[0].decode("latin-1")} if credentials else None,
            allow_redirects=False,
        )

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

    async def close(self) -> None:
        await self._connections.close()


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
