"""What a call is answered with: envelopes, encoded as in a feed."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from scraper.output.emitter import masked
from scraper.output.encoding import to_lines
from scraper.output.envelope import Envelope, Error, Failure
from scraper.records import Meta
from scraper.responses.clock import present_text
from scraper.responses.outcomes import DEFINITE, Outcome

_SENT_AS_OK = (Outcome.INCOMPLETE.value,)  # what there is of the list is in the body

REFUSALS: Mapping[str, int] = {
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "OLD_FORM": 403,
    "DROPPED": 404,
    "NO_PAGE": 404,
    "NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "PAGE_EXPIRED": 410,
    "TOO_LARGE": 413,
    "NOT_WRITTEN": 500,
    "NOT_OFFERED": 501,
    "NOT_READ": 503,
    "STOPPING": 503,
    "NO_SPACE": 507,
}
"""Why the server itself refuses a call, in addition to the outcomes, and the status. docs/http.md explains them."""


class Refusal(Exception):
    """A call that is not answered with data.

    :param status: the HTTP status, and the `code` of the envelope
    :param name: the name of an outcome, or one of REFUSALS
    :param remedy: what the caller can do
    :param given: the input that it is about
    :param retry_after: seconds until another attempt may succeed
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

    def envelope(self, router: str) -> Envelope:
        """Return the envelope of the refusal."""
        error = Error(
            name=self.name,
            message=self.message,
            remedy=self.remedy,
            retryable=self.retry_after is not None,
            retry_after=self.retry_after,
            input=self.given,
        )
        return Envelope(self.status, router, Failure(error=error, meta=Meta(fetched_at=present_text(), router=router)))


def bad_input(message: str, *, given: str = "", remedy: str = "") -> Refusal:
    """Return the refusal of an argument."""
    outcome = Outcome.BAD_INPUT
    return Refusal(outcome.value, outcome.name, message, remedy or outcome.advice(""), given=given)


def dropped() -> Refusal:
    """Return the refusal of a call whose answer a user's pipeline dropped."""
    name = "DROPPED"
    return Refusal(REFUSALS[name], name, "a pipeline of this server dropped it", "change ITEM_PIPELINES to get it")


def stopping(error: Exception) -> Refusal:
    """Return the refusal of a call that came while the crawler was stopped."""
    remedy = "send the call again when the server has started again"
    return Refusal(503, "STOPPING", str(error), remedy, retry_after=5)


def bug(error: Exception) -> Refusal:
    """Return the refusal of a call that met an error in this program."""
    outcome, message = Outcome.BUG, f"an error in this program: {type(error).__name__}"
    return Refusal(outcome.value, outcome.name, message, outcome.advice(""))


def reply(envelope: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of an envelope: its bytes are those of a line of a feed.

    :param envelope: an `Envelope`, or plain values
    """
    plain = isinstance(envelope, Mapping)
    code, data = (envelope["code"], envelope["data"]) if plain else (envelope.code, envelope.data)
    body = to_lines([envelope]).rstrip(b"\n")
    more = dict(headers or {})
    if isinstance(data, Failure) and data.error.retry_after is not None:
        more["Retry-After"] = str(max(1, round(data.error.retry_after)))
    return Response(body, 200 if code in _SENT_AS_OK else code, more, "application/json")


def refused(refusal: Refusal, router: str) -> Response:
    """Return the response of a refusal."""
    return reply(refusal.envelope(router), refusal.headers)


def page_of_list(
    router: str, envelopes: Sequence[Any], cursor: str | int | None = None, *, name: str = "cursor", has_more: bool
) -> dict[str, Any]:
    """Return the envelope of one page of a list: `{items, cursor, has_more}`, and `errors` if something is missing.

    :param envelopes: `Envelope`, or posts in a dialect as plain values
    :param cursor: what the caller passes back for the next page, None if there is none
    :param name: of the parameter that takes it, under which the cursor is given too
    """
    parts = [envelope["data"] if isinstance(envelope, Mapping) else envelope.data for envelope in envelopes]
    items = [part for part in parts if not isinstance(part, Failure)]
    errors = [part.error for part in parts if isinstance(part, Failure)]
    data: dict[str, Any] = {"items": items, "cursor": cursor, name: cursor, "has_more": has_more}
    if errors:
        data["errors"] = errors
    is_incomplete = any(error.name not in _DEFINITE for error in errors)
    return {"code": (Outcome.INCOMPLETE if is_incomplete else Outcome.OK).value, "router": router, "data": data}


_DEFINITE = {outcome.name for outcome in DEFINITE}
