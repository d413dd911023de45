"""JavaScript that runs in a page, and the conversion of its arguments and results. Pure."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from scraper.responses.exceptions import CertificateError, ProxyError, TooLargeError

# Runs before any script of the page. It remembers the native functions, to detect when the page's script replaces
# them. A replacement may look native, so only a comparison is reliable.
WATCH = """(name => {
  const {fetch} = window, {open, send} = XMLHttpRequest.prototype;
  const value = () => window.fetch !== fetch
    || XMLHttpRequest.prototype.open !== open || XMLHttpRequest.prototype.send !== send;
  Object.defineProperty(window, name, {value});
})"""

READY = "name => Boolean(window[name] && window[name]())"

# `window.fetch` has been replaced by the page's script, which signs. Redirects are followed, because the target of one
# that is not followed cannot be read.
FETCH = """async ({url, method, headers, body, referrer, limit, largest}) => {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), limit);
  try {
    const options = {method, headers, body, referrer, credentials: "include", signal: stop.signal};
    const answer = await window.fetch(url, options);
    const {status, url: finalUrl, redirected} = answer;
    const result = {status, url: finalUrl, redirected, headers: [...answer.headers]};
    const whole = await answer.blob();
    if (whole.size > largest) return {error: "size"};
    result.body = await new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = () => failed(reader.error);
      reader.readAsDataURL(whole);
    });
    return result;
  } catch (error) {
    return {error: stop.signal.aborted ? "time" : "network"};
  } finally {
    clearTimeout(timer);
  }
}"""

SENT_HEADERS = ("Accept", "Content-Type")
"""The configured headers that a request in a page has; the browser sets the others itself."""

_TRANSFER_HEADERS = {"content-encoding", "content-length", "transfer-encoding"}
_NET_ERRORS: list[tuple[tuple[str, ...], type[Exception], str]] = [
    (
        ("socks5 proxy authentication",),
        ProxyError,
        "browsers support no password for a SOCKS proxy; use an HTTP proxy",
    ),
    (("ERR_PROXY", "ERR_TUNNEL", "ERR_NO_SUPPORTED_PROXIES"), ProxyError, "no connection through it"),
    (("ERR_CERT", "ERR_SSL"), CertificateError, "the browser does not accept it"),
    (("ERR_NAME_NOT_RESOLVED", "ERR_NAME_RESOLUTION"), CannotResolveHostError, "the host name could not be resolved"),
    (("ERR_CONNECTION_REFUSED",), DownloadConnectionRefusedError, "the connection was refused"),
    (("ERR_TIMED_OUT", "ERR_CONNECTION_TIMED_OUT", "Timeout"), DownloadTimeoutError, "no answer in time"),
    (("ERR_CONTENT_LENGTH", "ERR_INCOMPLETE"), ResponseDataLossError, "the answer was truncated"),
]


def fetch_argument(request: Request, limit_s: float, largest: int) -> dict[str, Any]:
    """Return the argument of `FETCH` for a request. The browser sets the headers that a page may not set.

    :param limit_s: seconds until the page gives up
    :param largest: maximum size of the body in bytes
    """
    headers = {
        name: (request.headers[name] or b"").decode("latin-1") for name in SENT_HEADERS if name in request.headers
    }
    referrer = request.headers.get("Referer")
    return {
        "url": request.url,
        "method": request.method,
        "headers": headers,
        "body": request.body.decode("latin-1") or None,
        "referrer": referrer.decode("latin-1") if referrer else "about:client",
        "limit": limit_s * 1000,
        "largest": largest,
    }


def to_response(request: Request, result: Mapping[str, Any], limit_s: float, failure: str) -> Response:
    """Convert the result of `FETCH` to a response.

    :param failure: the browser's error text, if there was no answer
    :raises Exception: Scrapy's or our own, if there was no answer
    """
    if error := result.get("error"):
        if error == "size":
            raise TooLargeError("the answer is implausibly large")
        if error == "time":
            raise DownloadTimeoutError(f"no answer in {limit_s:.0f} s")
        raise to_exception(failure)
    if result["redirected"]:
        return Response(request.url, status=302, headers={"Location": result["url"]})
    headers = Headers([(name, value) for name, value in result["headers"] if name.lower() not in _TRANSFER_HEADERS])
    body = _body(result["body"])
    response_class = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return response_class(request.url, status=result["status"], headers=headers, body=body)


def _body(data_url: str) -> bytes:
    """Return the bytes of a `data:` URL."""
    try:
        return base64.b64decode(data_url.partition("base64,")[2], validate=True)
    except binascii.Error:
        raise ResponseDataLossError("the answer was truncated") from None


def to_exception(browser_error: str) -> Exception:
    """Convert a browser's error text to Scrapy's or our own exception. The text is dropped: it may contain the URL.

    >>> to_exception("net::ERR_TUNNEL_CONNECTION_FAILED at https://site.test/")
    ProxyError('no connection through it')
    """
    for names, kind, message in _NET_ERRORS:
        if any(name in browser_error for name in names):
            return kind(message)
    return DownloadFailedError("the page lost its connection")
