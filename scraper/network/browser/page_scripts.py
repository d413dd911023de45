"""What runs in a page, and what comes back of it. Pure."""

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

# Runs before any script of the page: it remembers what is native, and tells when the page's script has changed it.
# What a script put in the place of `fetch` may look native, so nothing but the comparison is sure.
WATCH = """(name => {
  const {fetch} = window, {open, send} = XMLHttpRequest.prototype;
  const value = () => window.fetch !== fetch
    || XMLHttpRequest.prototype.open !== open || XMLHttpRequest.prototype.send !== send;
  Object.defineProperty(window, name, {value});
})"""

READY = "name => Boolean(window[name] && window[name]())"

# `window.fetch` is that of the page's script, which signs. A redirect is followed, since where one leads that is not
# followed cannot be read.
FETCH = """async ({url, method, headers, body, referrer, limit, largest}) => {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), limit);
  try {
    const options = {method, headers, body, referrer, credentials: "include", signal: stop.signal};
    const answer = await window.fetch(url, options);
    const found = {status: answer.status, url: answer.url, redirected: answer.redirected, headers: [...answer.headers]};
    const whole = await answer.blob();
    if (whole.size > largest) return {error: "size"};
    found.body = await new Promise((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.onerror = () => failed(reader.error);
      reader.readAsDataURL(whole);
    });
    return found;
  } catch (error) {
    return {error: stop.signal.aborted ? "time" : "network"};
  } finally {
    clearTimeout(timer);
  }
}"""

PASSED_ON = ("Accept", "Content-Type")
"""The configured headers that a request in a page has; the others are the browser's own."""

_UNPACKED = {"content-encoding", "content-length", "transfer-encoding"}
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


def asked(request: Request, limit_s: float, largest: int) -> dict[str, Any]:
    """Return the argument of `FETCH` for a request. What a page may not set, the browser sets by itself."""
    headers = {name: (request.headers[name] or b"").decode("latin-1") for name in PASSED_ON if name in request.headers}
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


def answered(request: Request, found: Mapping[str, Any], limit_s: float, failure: str) -> Response:
    """Return the response that a page got.

    :param failure: what the browser says of the request, where there was no answer
    :raises Exception: Scrapy's or our own, where there was none
    """
    if error := found.get("error"):
        if error == "size":
            raise TooLargeError("the answer is implausibly large")
        if error == "time":
            raise DownloadTimeoutError(f"no answer in {limit_s:.0f} s")
        raise translated(failure)
    if found["redirected"]:
        return Response(request.url, status=302, headers={"Location": found["url"]})
    headers = Headers([(name, value) for name, value in found["headers"] if name.lower() not in _UNPACKED])
    body = _body(found["body"])
    made = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return made(request.url, status=found["status"], headers=headers, body=body)


def _body(data_url: str) -> bytes:
    """Return the bytes of a `data:` URL."""
    try:
        return base64.b64decode(data_url.partition("base64,")[2], validate=True)
    except binascii.Error:
        raise ResponseDataLossError("the answer was truncated") from None


def translated(said: str) -> Exception:
    """Return Scrapy's or our own exception for the browser's word. None of its text is kept: it may hold the URL.

    >>> translated("net::ERR_TUNNEL_CONNECTION_FAILED at https://site.test/")
    ProxyError('no connection through it')
    """
    for names, kind, words in _NET_ERRORS:
        if any(name in said for name in names):
            return kind(words)
    return DownloadFailedError("the connection of the page broke")
