"""Classify a platform's answer as one of the outcomes.

The signals are read in this order: no answer or 5xx, unmistakable pages, the message if the code is ambiguous, the
code, the shape of the payload, and the HTTP status last. Each platform's `verdicts.py` supplies its own signals.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scraper.responses.decoding import Content, UnreadableError
from scraper.responses.outcomes import Outcome
from scraper.responses.values import integer, json_type
from scraper.responses.verdict import Answer, Reading, Verdict

_HOST = re.compile(r"(?:https?:)?//(?:[^/?#@\\\s]{0,100}@)?([\w.-]{1,100})", re.I | re.ASCII)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds of a Retry-After header, which holds seconds or a date.

    >>> retry_after({"retry-after": "120"}), retry_after({"retry-after": "soon"}), retry_after({})
    (120.0, None, None)
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 8 else None
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # not a date, or a year out of range
        return None
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds()) if when.tzinfo else None


def login_outcome(login_cookie: bool) -> Outcome:
    """Return the outcome of a login marker: COOKIE_EXPIRED if a login cookie was sent, else LOGIN_REQUIRED."""
    return Outcome.COOKIE_EXPIRED if login_cookie else Outcome.LOGIN_REQUIRED


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """The signals of one platform, and the outcomes they stand for.

    :param codes: the platform's own status codes
    :param code: extracts the code from a decoded body
    :param message: extracts the platform's own message, which is quoted to the user
    :param page: recognises answers that are unmistakable whatever their status, else returns None
    :param shape: overrules the code of a body whose code is ambiguous or wrong, else returns None
    :param statuses: HTTP statuses with a meaning of their own
    :param error_page: like `page`, but also consulted for 5xx answers
    """

    codes: Mapping[int, Reading]
    code: Callable[[Mapping[str, Any]], Any]
    message: Callable[[Mapping[str, Any]], str]
    page: Callable[[Answer], Reading | None]
    shape: Callable[[int, Mapping[str, Any], Answer], Reading | None]
    statuses: Mapping[int, Reading] = field(default_factory=dict)
    error_page: Callable[[Answer], Reading | None] = lambda answer: None

    def classify(self, answer: Answer) -> Verdict:
        """Return the verdict on an answer to a request."""
        reading = None if answer.from_cdn else self.error_page(answer)
        if reading is not None:
            return self._verdict(reading, answer, None)
        if answer.status >= 500:
            wait = retry_after(answer.headers)
            return Verdict(Outcome.UPSTREAM, f"the platform answered with HTTP {answer.status}", retry_after=wait)
        reading = None if answer.from_cdn else self.page(answer)
        if reading is None and answer.status == 429:
            reading = Reading(Outcome.RATE_LIMITED, "too many requests (HTTP 429)")
        if answer.from_cdn and reading is None and answer.status >= 300:
            reading = Reading(Outcome.NOT_FOUND, f"the file is gone, or its address expired (HTTP {answer.status})")
        if reading is not None:
            return self._verdict(reading, answer, None)
        try:
            data = answer.data()
        except ValueError as error:
            return self._undecodable(answer, "cannot be read" if isinstance(error, UnreadableError) else "is not JSON")
        if isinstance(data, Content):
            return Verdict(Outcome.OK, "", data.data) if answer.status < 300 else self.statuses_alone(answer)
        if not isinstance(data, dict):
            return Verdict(Outcome.UPSTREAM_CHANGED, f"the answer is {json_type(data)}, not an object")
        return self._by_code(data, answer)

    def of_page(self, answer: Answer, asked: str, url: str) -> Verdict | None:
        """Return the verdict on an HTML page opened in a browser, or None if it is the requested page.

        Verification pages and login walls get a verdict.

        :param asked: the URL that the browser was sent to
        :param url: the URL after redirects
        """
        reading = self.page(answer)
        if url != asked and (reading is None or reading.guessed):
            moved = self.page(answer._replace(status=302, headers={"location": url}, body=b""))
            reading = moved if moved and moved.login_marker else reading
        return self._verdict(reading, answer, None) if reading and not reading.guessed else None

    def _by_code(self, data: dict[str, Any], answer: Answer) -> Verdict:
        code = integer(self.code(data))
        if code is None:
            return Verdict(Outcome.UPSTREAM_CHANGED, "the answer has no code", data)
        reading = self.shape(code, data, answer) or self.codes.get(code)
        if reading is None:
            message = self.message(data)
            return Verdict(Outcome.UPSTREAM_CHANGED, f"unknown code {code} ({message})", data)
        if reading.outcome is Outcome.OK and answer.status >= 400:
            return self.statuses_alone(answer)
        if reading.outcome is not Outcome.OK and (message := self.message(data)) and message not in reading.message:
            reading = reading._replace(message=f"{reading.message} (code {code}: {message})")
        return self._verdict(reading, answer, data)

    def _undecodable(self, answer: Answer, how: str) -> Verdict:
        if answer.status in self.statuses or answer.status >= 400 or 300 <= answer.status < 400:
            return self.statuses_alone(answer)
        what = f"{how}, or was truncated" if answer.body.strip() else "is empty"
        return Verdict(Outcome.UPSTREAM, f"the answer {what}")

    def statuses_alone(self, answer: Answer) -> Verdict:
        """Return the verdict on an answer of which only the HTTP status is meaningful."""
        if reading := self.statuses.get(answer.status):
            return self._verdict(reading, answer, None)
        if answer.status == 401:
            return self._verdict(
                Reading(Outcome.LOGIN_REQUIRED, "a login is needed (HTTP 401)", login_marker=True), answer, None
            )
        to = _HOST.match(answer.headers.get("location", ""))  # its path and query may hold tokens
        elsewhere = f", a redirect to {to[1]}," if to else ""
        return Verdict(Outcome.UPSTREAM_CHANGED, f"HTTP {answer.status}{elsewhere} instead of JSON")

    def _verdict(self, reading: Reading, answer: Answer, data: Any) -> Verdict:
        outcome = login_outcome(answer.login_cookie) if reading.login_marker else reading.outcome
        wait = retry_after(answer.headers) if outcome in (Outcome.RATE_LIMITED, Outcome.UPSTREAM) else None
        return Verdict(
            outcome,
            reading.message,
            data,
            wait,
            stale=reading.stale and answer.signed,
            from_input=reading.from_input,
            once_more=reading.once_more,
            guessed=reading.guessed,
            soft=reading.soft,
            advice=reading.advice,
        )
