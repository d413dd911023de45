"""Send JSON to a webhook, such as the report of a run to RUN_WEBHOOK, whose failure is only a warning."""

import logging
import time
from base64 import b64encode
from collections.abc import Callable
from functools import partial
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scraper.identities.masking import SECRETS, keep_url, mask
from scraper.responses.exceptions import ArgumentError

logger = logging.getLogger(__name__)
_TRIES, _TIMEOUT_S, _PAUSE_S = 3, 10.0, 1.0
_LEAST = 8  # characters of a path that may be a secret


class _NoRedirect(HTTPRedirectHandler):
    """Follows no redirect, since the report is for the configured host only."""

    def redirect_request(self, *args: object, **named: object) -> None:
        return None


def check_webhook(url: str | None, name: str = "RUN_WEBHOOK") -> None:
    """Check the URL of a webhook, without showing it: it may contain secrets.

    :param name: of the setting
    :raises ArgumentError: if it is not the URL of a web server
    """
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_sound = False
    if not is_sound or not url.isascii() or any(letter.isspace() for letter in url):
        raise ArgumentError(f"{name}: give an http:// or https:// URL")
    keep_url(url)
    if len(secret := url.partition(parts.netloc)[2].strip("/")) >= _LEAST:
        SECRETS.keep(secret)


def post_report(url: str | None, body: bytes) -> None:
    """Send a report, at most three times.

    :param url: None sends nothing
    """
    if not url:
        return
    host, problem = urlsplit(url).hostname, ""
    for trial in range(_TRIES):
        if trial:
            time.sleep(_PAUSE_S * trial)
        problem, is_final = post(url, body)
        if not problem:
            logger.info("The report of the run was sent to %s", host)
            return
        if is_final:
            break
    logger.warning("The report of the run was not sent to RUN_WEBHOOK (%s): %s", host, mask(problem))


def post(url: str, body: bytes) -> tuple[str, bool]:
    """Send JSON once. Return why it was not taken, "" if it was, and whether a further try cannot help."""
    return _within_time(partial(_post, url, body))


def _within_time(attempt: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
    """Make an attempt in a thread: a server that sends a byte now and then never exceeds the timeout of a socket."""
    results: list[tuple[str, bool]] = []
    thread = Thread(target=lambda: results.append(attempt()), daemon=True)
    thread.start()
    thread.join(2 * _TIMEOUT_S)
    return results[0] if results else ("no answer in time", False)


def _post(url: str, body: bytes) -> tuple[str, bool]:
    """Do the same, for as long as the server keeps sending."""
    parts = urlsplit(url)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    request = Request(plain, body, {"Content-Type": "application/json", "User-Agent": "scraper"}, method="POST")
    if authorization := _authorization(url):
        request.add_unredirected_header("Authorization", authorization)
    try:
        with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_S):
            return "", True
    except HTTPError as error:
        error.close()
        return f"the answer was {error.code}", error.code < 500 and error.code != 429
    except OSError as error:
        return str(error) or type(error).__name__, False
    except (HTTPException, ValueError) as error:  # their messages may contain the URL
        return type(error).__name__, False


def _authorization(url: str) -> str:
    """Return the header for the user and password in a URL, "" if it has none."""
    parts = urlsplit(url)
    if parts.username is None:
        return ""
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(credentials.encode()).decode()}"
