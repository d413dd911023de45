"""Exceptions for requests that got no usable answer, and the verdicts they become in the spider."""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from scraper.responses import Verdict
from scraper.responses.outcomes import Outcome


class ArgumentError(ValueError):
    """A wrong argument or setting. The message names it and shows the right form."""


class MissingBrowserError(RuntimeError):
    """No browser can be started. The message says how to install one."""


class ProxyError(DownloadFailedError):
    """The user's proxy does not answer, or refuses."""


class CertificateError(DownloadFailedError):
    """The certificate could not be verified."""


class TooLargeError(DownloadFailedError):
    """The answer is implausibly large."""


class Refused(IgnoreRequest):
    """The request was not sent: the platform refused a prerequisite, or the identity was stopped. See `verdict`."""

    def __init__(self, verdict: Verdict):
        super().__init__(verdict.message)
        self.verdict = verdict


class Skipped(Refused):
    """The request was not sent, because its list is not to be walked now. The verdict has the reason."""


class Closing(IgnoreRequest):
    """The crawl is being stopped."""


_DECOMPRESSORS = {"zlib", "brotli", "backports", "compression"}
_WORDS: list[tuple[type[Exception], str]] = [
    (CannotResolveHostError, "the host name could not be resolved"),
    (DownloadConnectionRefusedError, "the connection was refused"),
    (DownloadTimeoutError, "no answer in time"),
    (ResponseDataLossError, "the answer was truncated"),
    (DownloadFailedError, "the connection broke"),
    (OSError, "the connection broke"),
]
NO_ANSWER: tuple[type[Exception], ...] = (*(kind for kind, _ in _WORDS), IgnoreRequest, EOFError)
"""Exceptions of requests that got no answer, or an unreadable one."""


def verdict_of(error: BaseException) -> Verdict:
    """Return the verdict on a failed request. Unexpected exceptions are a BUG."""
    if isinstance(error, Refused):
        return error.verdict
    if isinstance(error, ProxyError):
        return Verdict(Outcome.PROXY, f"the proxy does not work: {error}")
    if isinstance(error, CertificateError):
        reason = f"the TLS certificate was not accepted ({error})"
        return Verdict(
            Outcome.UPSTREAM, f"{reason}; if a proxy has its own CA, set SSL_CERT_FILE to its file", final=True
        )
    if isinstance(error, TooLargeError):
        return Verdict(Outcome.UPSTREAM_CHANGED, str(error))
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return Verdict(Outcome.UPSTREAM, words)
    if isinstance(error, EOFError) or type(error).__module__.partition(".")[0] in _DECOMPRESSORS:
        return Verdict(Outcome.UPSTREAM, "the answer could not be decompressed")
    if isinstance(error, IgnoreRequest):
        return _ignored(error)
    return bug(error)


def _ignored(error: IgnoreRequest) -> Verdict:
    """Return the verdict on a request that a middleware dropped: the user's, or Scrapy's if the answer is too large."""
    if "DOWNLOAD_MAXSIZE" in str(error):
        return Verdict(Outcome.UPSTREAM_CHANGED, "the answer was dropped: it decompresses to an implausible size")
    message = f"a middleware dropped the request: {str(error) or type(error).__name__}"
    advice = "change the middleware or the setting that drops it"
    return Verdict(Outcome.BAD_INPUT, message, final=True, advice=advice)


def bug(error: BaseException) -> Verdict:
    """Return the verdict on an error in this program. The error's text may quote secrets, so only the log has it."""
    return Verdict(Outcome.BUG, f"an error in this program: {type(error).__name__}", final=True)
