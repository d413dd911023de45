"""Plain HTTPS with a browser's handshake: the TLS and HTTP/2 fingerprint of the browser in the user agent.

Built on the curl_cffi handler by Scrapy's developers, which keeps connections alive. Both are an optional extra, so
this module is imported only if a service needs it.
"""

import base64
import re
import ssl
import time
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import certifi
from curl_cffi import AsyncSession, CurlECode, CurlOpt
from curl_cffi import Response as CurlResponse
from curl_cffi.requests.exceptions import RequestException
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Request, Response
from scrapy_download_handlers_incubator.handlers.curl_cffi import CurlCffiDownloadHandler

from scraper.identities.holding import check_sender
from scraper.identities.user_agents import hints
from scraper.network.transports.curl_session import Session
from scraper.network.transports.tls_handshakes import nearest
from scraper.responses.exceptions import NO_ANSWER, CertificateError, ProxyError, TooLargeError

_NO_ANSWER: tuple[type[Exception], ...] = (*NO_ANSWER, UnsupportedURLSchemeError)

_PROXY_STATUSES = (401, 403, 407)
_TUNNEL = re.compile(r"CONNECT tunnel failed, response (\d+)")
_TRUNCATED = (CurlECode.PARTIAL_FILE, CurlECode.HTTP2_STREAM)
_PROXY_ERRORS = (CurlECode.COULDNT_RESOLVE_PROXY, CurlECode.PROXY)
_UNTRUSTED = (CurlECode.PEER_FAILED_VERIFICATION, CurlECode.SSL_CACERT_BADFILE, CurlECode.SSL_ISSUER_ERROR)
_REASON = re.compile(r"verify result: ([^.(]+)|OPENSSL_internal:(\w+)|SSL: (no alternative [\w ]+)")


class Impersonate(CurlCffiDownloadHandler):
    """Send a request as it is: no redirects, no retries, no cookies of its own."""

    experimental = False  # True would log a warning in every crawl

    def __init__(self, crawler: Crawler):
        super().__init__(crawler)
        self._limit_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")

    async def download_request(self, request: Request) -> Response:
        started = time.monotonic()
        agent = (request.headers.get("User-Agent") or b"").decode("latin-1")
        request.meta["curl_cffi_impersonate"] = nearest(agent)
        for name, value in hints(agent).items():
            request.headers.setdefault(name, value)
        request.meta.update(download_timeout=self._limit_s, download_warnsize=0)
        try:
            response = await super().download_request(request)
        except ValueError:  # a Content-Length that is not a number
            raise DownloadFailedError("not a valid HTTP response") from None
        except _NO_ANSWER as error:
            check_sender()  # for this reason, curl may not have sent it
            if not isinstance(error.__cause__, RequestException):
                raise
            raise self._translated(error.__cause__, bool(request.meta.get("proxy"))) from None
        if not response.status:
            raise DownloadFailedError("not a valid HTTP response")
        request.meta["download_latency"] = time.monotonic() - started
        return response

    def _make_session(self, proxy_headers: Any = ()) -> Session:
        options = {
            CurlOpt.PATH_AS_IS: 1,
            CurlOpt.TIMEOUT_MS: int(self._limit_s * 1000),  # the handler's own timeouts ignore slow trickles
        }
        return Session(
            allow_redirects=False,
            discard_cookies=True,
            trust_env=False,
            verify=_ca_file(),  # type: ignore[arg-type]  # curl_cffi accepts a path as well
            max_clients=self._pool_size_total,
            curl_options=options,
        )

    def _get_session(
        self, proxy_url: str | None, proxy_headers: Any = (), impersonate: Any = None
    ) -> AsyncSession[CurlResponse]:
        """Return the session for one browser's handshake: browsers must not share connections."""
        if impersonate not in self._sessions:
            self._sessions[impersonate] = self._make_session()
        return self._sessions[impersonate]

    def _extract_proxy_url_with_creds(self, request: Request) -> str | None:
        """Return the proxy URL for curl, fully quoted. The handler's own version does not quote slashes."""
        proxy, credentials = self._extract_proxy(request)
        if proxy is None or credentials is None:
            return proxy
        user_and_password = base64.b64decode(credentials.partition(" ")[2]).decode(self._proxy_auth_encoding)
        user, _, password = user_and_password.partition(":")
        parts = urlsplit(proxy)
        return parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}").geturl()

    @staticmethod
    def _cancel_maxsize(size: int, limit: int, request: Request, *, expected: bool) -> NoReturn:
        raise TooLargeError(f"the answer is larger than {limit} bytes")

    @staticmethod
    def _is_dataloss_exception(exc: Exception) -> bool:
        return False  # _translated decides

    def _translated(self, error: RequestException, proxied: bool) -> Exception:
        """Convert to Scrapy's or our own exception. curl's text is dropped, except why a certificate was rejected."""
        code, curl_text = error.code, str(error)
        if tunnel := _TUNNEL.search(curl_text):
            refused = int(tunnel[1]) in _PROXY_STATUSES
            return (ProxyError if refused else DownloadFailedError)(f"the proxy answered with HTTP {tunnel[1]}")
        if code in _PROXY_ERRORS or (proxied and code == CurlECode.COULDNT_CONNECT):
            return ProxyError("no connection to it")
        reason = _REASON.search(curl_text)
        if code in _UNTRUSTED or (code == CurlECode.SSL_CONNECT_ERROR and reason):
            return CertificateError(reason[reason.lastindex or 0].strip() if reason else "TLS failed")
        if code == CurlECode.OPERATION_TIMEDOUT:
            return DownloadTimeoutError(f"no answer in {self._limit_s:.0f} s")
        if code in _TRUNCATED:
            return ResponseDataLossError("the answer was truncated")
        if code == CurlECode.COULDNT_RESOLVE_HOST:
            return CannotResolveHostError("the host name could not be resolved")
        if code == CurlECode.COULDNT_CONNECT:
            return DownloadConnectionRefusedError("the connection was refused")
        return DownloadFailedError(f"curl {code}")


def _ca_file() -> str:
    """Return the path in SSL_CERT_FILE, else the system's CA file, else certifi's."""
    return ssl.get_default_verify_paths().cafile or certifi.where()
