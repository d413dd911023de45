"""From an answer to its outcome. The order is: no answer or 5xx, unmistakable pages, the message where the code is
ambiguous, the code, the shape, the status alone. Each platform's `verdicts.py` holds the words of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from scraper.responses.decoding import Content, UnreadableError, decode
from scraper.responses.outcomes import Outcome
from scraper.responses.values import integer
from scraper.responses.verdict import Answer, Reading, Verdict


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
    except (ValueError, OverflowError):  # it is no date, or a year that no clock knows
        return None
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds()) if when.tzinfo else None


def login_outcome(login_cookie: bool) -> Outcome:
    """Return what a login marker means."""
    return Outcome.COOKIE_EXPIRED if login_cookie else Outcome.LOGIN_REQUIRED


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """How one platform says each outcome.

    :param codes: its own codes, and what they mean
    :param code: from a decoded body to its code
    :param message: from a decoded body to its own message, which is quoted
    :param page: reads an answer that is unmistakable whatever its status, or returns None
    :param shape: reads a decoded body whose code is ambiguous or lies, or returns None
    :param statuses: HTTP statuses that mean something on their own
    :param error_page: reads a page that is unmistakable even if its status is that of a server error, or returns None
    """

    codes: Mapping[int, Reading]
    code: Callable[[Mapping[str, Any]], Any]
    message: Callable[[Mapping[str, Any]], str]
    page: Callable[[Answer], Reading | None]
    shape: Callable[[int, Mapping[str, Any], Answer], Reading | None]
    statuses: Mapping[int, Reading] = field(default_factory=dict)
    error_page: Callable[[Answer], Reading | None] = lambda answer: None

    def classify(self, answer: Answer) -> Verdict:
        """Return the verdict on an answer."""
        if reading := self.error_page(answer):
            return self._verdict(reading, answer, None)
        if answer.status >= 500:
            return Verdict(Outcome.UPSTREAM, f"the platform answered with HTTP {answer.status}")
        reading = self.page(answer)
        if reading is None and answer.status == 429:
            reading = Reading(Outcome.RATE_LIMITED, "too many requests (HTTP 429)")
        if reading is not None:
            return self._verdict(reading, answer, None)
        try:
            data = (answer.decode or decode)(answer.body)
        except ValueError as error:
            return self._undecodable(answer, "cannot be read" if isinstance(error, UnreadableError) else "is not JSON")
        if isinstance(data, Content):
            return Verdict(Outcome.OK, "", data.data) if answer.status < 300 else self.statuses_alone(answer)
        if not isinstance(data, dict):
            return Verdict(Outcome.UPSTREAM_CHANGED, f"the answer is a JSON {type(data).__name__}, not an object")
        return self._by_code(data, answer)

    def of_page(self, answer: Answer, asked: str, url: str) -> Verdict | None:
        """Return what a page for people says, where it is not the one that was asked for: a check, or a login.

        :param asked: the URL that a browser was sent to
        :param url: where it ended
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
            said = self.message(data)
            return Verdict(Outcome.UPSTREAM_CHANGED, f"unknown code {code} ({said})", data)
        if reading.outcome is Outcome.OK and answer.status >= 400:
            return self.statuses_alone(answer)
        said = self.message(data)
        if reading.outcome is not Outcome.OK and said and said not in reading.message:
            reading = reading._replace(message=f"{reading.message} (code {code}: {said})")
        return self._verdict(reading, answer, data)

    def _undecodable(self, answer: Answer, how: str) -> Verdict:
        if answer.status in self.statuses or answer.status >= 400 or 300 <= answer.status < 400:
            return self.statuses_alone(answer)
        what = f"{how}, or was truncated" if answer.body.strip() else "is empty"
        return Verdict(Outcome.UPSTREAM, f"the answer {what}")

    def statuses_alone(self, answer: Answer) -> Verdict:
        """Return the verdict where nothing but the HTTP status tells."""
        if reading := self.statuses.get(answer.status):
            return self._verdict(reading, answer, None)
        if answer.status == 401:
            return self._verdict(
                Reading(Outcome.LOGIN_REQUIRED, "a login is needed (HTTP 401)", login_marker=True), answer, None
            )
        return Verdict(Outcome.UPSTREAM_CHANGED, f"HTTP {answer.status} instead of JSON")

    def _verdict(self, reading: Reading, answer: Answer, data: Any) -> Verdict:
        outcome = login_outcome(answer.login_cookie) if reading.login_marker else reading.outcome
        wait = retry_after(answer.headers) if outcome is Outcome.RATE_LIMITED else None
        stale = reading.stale and answer.signed
        verdict = Verdict(outcome, reading.message, data, wait, stale, reading.from_input)
        return verdict._replace(
            once_more=reading.once_more, guessed=reading.guessed, soft=reading.soft, advice=reading.advice
        )
