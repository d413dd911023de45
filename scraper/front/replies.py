"""What a call is answered with: envelopes, encoded as in a feed."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from scraper.output.emitter import masked
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Failure
from scraper.responses.outcomes import Outcome

_SENT_AS_OK = (Outcome.INCOMPLETE.value,)  # what there is of the list is in the body


class Refusal(Exception):
    """A call that is not answered with data.

    :param status: the HTTP status, and the `code` of the envelope
    :param name: the name of an outcome, or of what the front itself refuses; see docs/http.md
    :param remedy: what the caller can do
    :param given: the input that it is about
    :param retry_after: seconds until another trial may succeed
    """

    def __init__(
        self,
        status: int,
        name: str,
        message: str,
        remedy: str,
        *,
        given: str = "",
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message)
        self.status, self.name, self.message, self.remedy = status, name, masked(message), remedy
        self.given, self.retry_after = masked(given), retry_after
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, round(retry_after)))

    def envelope(self, router: str) -> dict[str, Any]:
        """Return the envelope of the refusal, as plain values."""
        error = {
            "name": self.name,
            "message": self.message,
            "remedy": self.remedy,
            "retryable": self.retry_after is not None,
            "retry_after": self.retry_after,
            "input": self.given,
        }
        return {"code": self.status, "router": router, "data": {"error": error}}


def bad_input(message: str, *, given: str = "", remedy: str = "") -> Refusal:
    """Return the refusal of an argument."""
    outcome = Outcome.BAD_INPUT
    return Refusal(outcome.value, outcome.name, message, remedy or outcome.advice(""), given=given)


def reply(envelope: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of an envelope: its bytes are those of a line of a feed.

    :param envelope: an `Envelope`, or plain values
    """
    code = envelope["code"] if isinstance(envelope, Mapping) else envelope.code
    body = to_lines([envelope]).rstrip(b"\n")
    return Response(body, 200 if code in _SENT_AS_OK else code, headers, "application/json")


def refused(refusal: Refusal, router: str) -> Response:
    """Return the response of a refusal."""
    return reply(refusal.envelope(router), refusal.headers)


def page_of_list(
    router: str, envelopes: Sequence[Envelope], cursor: str | int | None, *, has_more: bool
) -> dict[str, Any]:
    """Return the envelope of one page of a list: `{items, cursor, has_more}`, and `errors` if something is missing.

    :param cursor: what the caller passes back for the next page, None if there is none
    """
    items = [envelope.data for envelope in envelopes if not isinstance(envelope.data, Failure)]
    errors = [envelope.data.error for envelope in envelopes if isinstance(envelope.data, Failure)]
    data: dict[str, Any] = {"items": items, "cursor": cursor, "has_more": has_more}
    if errors:
        data["errors"] = errors
    code = Outcome.INCOMPLETE if errors else Outcome.OK
    return {"code": code.value, "router": router, "data": data}
