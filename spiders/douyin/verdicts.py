"""Translate Douyin's codes, headers and pages into outcomes; see "Failures" in docs/wire/douyin.md."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from scraper.responses import Answer, Reading, Verdicts
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import as_shape
from scraper.responses.values import dig, integer, obj, text
from spiders.douyin.embedded_data import REFUSED, STATE, TRACE, adjacent_owner, nil_of
from spiders.douyin.hidden_reasons import of_filter, of_status
from spiders.douyin.shapes import Post

_OK = Reading(Outcome.OK, "")
_LOGIN = Reading(Outcome.LOGIN_REQUIRED, "a login is needed", login_marker=True)
_CHALLENGE = Reading(Outcome.CHALLENGE, "Douyin requires a captcha")
# On browser routes, an outdated page may be the cause.
_EMPTY = Reading(
    Outcome.CHALLENGE, "Douyin sent an empty answer, as it does to sessions that it does not trust", stale=True
)
_WITHOUT = Reading(Outcome.CHALLENGE, "Douyin omitted the requested data without a reason", stale=True)
_SIGNATURE = Reading(
    Outcome.SIGNATURE_REJECTED, "Douyin refused the request as unsigned or from an unknown device", stale=True
)
_UNSIGNED = Reading(
    Outcome.SIGNATURE_REJECTED,
    "Douyin answers this only if its own page signed the request, or to logged-in sessions",
)
_PARAMETERS = Reading(Outcome.BAD_INPUT, "Douyin rejected the parameters", from_input=True)
_GONE = Reading(Outcome.NOT_FOUND, "it does not exist or was deleted")
_NO_USER = Reading(Outcome.NOT_FOUND, "the user does not exist")
_NO_ROOM = Reading(Outcome.NOT_FOUND, "the room does not exist, or its last broadcast ended long ago")
_TOO_FAST = Reading(Outcome.RATE_LIMITED, "too many requests")

_CODES = {
    0: _OK,
    4: _PARAMETERS,
    5: _PARAMETERS,
    8: _LOGIN,
    2053: _GONE,
    2065: _NO_USER,
    2096: Reading(Outcome.PRIVATE, "the user hides this list"),
    2149: Reading(Outcome.PRIVATE, "this session may not see it"),
    2154: _CHALLENGE,
    2156: _CHALLENGE,
    2483: _LOGIN,
    2863: _TOO_FAST,
    30003: Reading(Outcome.NOT_FOUND, "the broadcast has ended or never existed"),
    4003110: Reading(Outcome.PRIVATE, "the room is restricted to certain viewers"),
    10000: _CHALLENGE,
    10001: _CHALLENGE,
    10011: _PARAMETERS,
    10037: Reading(Outcome.UPSTREAM, "Douyin is overloaded"),
    4001038: Reading(Outcome.NOT_FOUND, "Douyin does not show it now"),
}

_STATUSES = {
    403: Reading(Outcome.CHALLENGE, "Douyin's firewall currently refuses this session (HTTP 403)"),
    405: Reading(Outcome.CHALLENGE, "Douyin's firewall currently refuses this session (HTTP 405)"),
    412: Reading(Outcome.CHALLENGE, "Douyin's firewall currently refuses this session (HTTP 412)"),
    444: Reading(Outcome.RATE_LIMITED, "Douyin currently drops requests from this address (HTTP 444)"),
}

# Reasons for a refused search.
_NIL = {"verify_check": _CHALLENGE, "anonymous": _LOGIN, "invalid_app": _SIGNATURE, "params_check": _SIGNATURE}
_CODE_NAMES = ("status_code", "statusCode", "error_code", "errorCode")
_VERIFY_HEADERS = ("bdturing-verify", "x-vc-bdturing-parameters", "x-tt-verify-passport-decision")
_VERIFY_KEYS = ("verify_ticket", "verify_data", "verify_event", "verify_center_decision_conf", "captcha", "verify_page")
_REFUSALS = ("uifid not found", "signature not found", "sign invalid", "sign expired", "url doesn't match")
_LOGIN_WORDS = ("未登录", "请先登录", "强制登录")
_NAPPING = "打瞌睡"  # risk control disguised as a server error
_PAYLOADS = ("aweme_detail", "aweme_details", "item_list", "user", "mix_info", "music_info", "ch_info")
_SHORT = 1024  # refusals are short


def _page(answer: Answer) -> Reading | None:
    """Recognise answers that are unambiguous regardless of the status."""
    body, headers = answer.body.lstrip(), answer.headers
    if len(body) < _SHORT and any(word in body.decode("utf-8", "replace").lower() for word in _REFUSALS):
        return _SIGNATURE
    if any(name in headers for name in _VERIFY_HEADERS):
        return _CHALLENGE
    if 300 <= answer.status < 400:
        return _redirect(body, answer)
    if not body:
        return _nothing(answer)
    if body.startswith(b"<"):
        return _html(body, answer)
    return _CHALLENGE if answer.status < 400 and body[:7].lower() == b"blocked" else None


def _redirect(body: bytes, answer: Answer) -> Reading | None:
    """Read a redirect: to a login, or elsewhere, which counts as an empty answer."""
    location = answer.headers.get("location", "")
    if "passport" in location.lower() or "/login" in location.lower():
        return _LOGIN
    if body and not body.startswith(b"<"):
        return None
    silent = _of_payload(answer.decode(b"")) if answer.decode and not body else None
    where = f"redirected to {re.split('[?#]', location)[0]}" if location else "redirected without a location"
    outcome = silent.outcome if silent else Outcome.UPSTREAM_CHANGED
    return Reading(outcome, f"Douyin {where} (HTTP {answer.status})")


def _nothing(answer: Answer) -> Reading | None:
    """Read an empty answer; a header may give the reason."""
    abort_data = answer.headers.get("x-whale-throughput-abort-data", "")
    try:
        abort_data = base64.b64decode(abort_data).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        abort_data = ""
    if "不存在" in abort_data:
        return _NO_USER
    if "anonymous" in abort_data or "登录" in abort_data:
        return _LOGIN
    return _EMPTY if answer.status == 200 and answer.decode is None else None


def _html(body: bytes, answer: Answer) -> Reading | None:
    """Read an HTML page: data, a captcha, or an error."""
    if "验证码中间页".encode() in body or (b"__ac_nonce" in body and not _holds_state(body)):
        return _CHALLENGE._replace(message="Douyin shows a captcha page")
    if answer.status >= 400 or (answer.decode is not None and _holds_state(body)):
        return None
    return _CHALLENGE._replace(message="an HTML page instead of data: risk control", guessed=True)


def _holds_state(body: bytes) -> bool:
    return any(marker in body for marker in STATE)


def _shape(code: int, data: Mapping[str, Any], answer: Answer) -> Reading | None:
    """Recognise answers whose code is ambiguous."""
    message = _message(data)
    if any(data.get(key) for key in _VERIFY_KEYS) or integer(data.get("code")) == 10000:
        return _CHALLENGE
    if any(word in message for word in _LOGIN_WORDS):
        return _LOGIN
    if any(word in message.lower() for word in _REFUSALS):
        return _SIGNATURE
    if code == 4 and _NAPPING in message:
        return _CHALLENGE
    if code or (answer.status >= 400 and not answer.body.strip()):
        return None
    return _of_payload(data)


def _of_payload(data: Mapping[str, Any]) -> Reading | None:
    """Read an answer whose code reports success."""
    for work in _works(data):
        return of_status(work)
    if not data.get("aweme_list") and (reading := of_filter(data)):
        return reading
    user = data.get("user")
    if isinstance(user, dict) and user:
        known = {"uid", "sec_uid", "secUid", "nickname"}
        return None if any(user.get(name) not in (None, "", "0", 0) for name in known) else _NO_USER
    if data.get(REFUSED):
        return _UNSIGNED
    room = obj(data.get("data"))
    if room.get("data") == []:
        return None if adjacent_owner(room) else _NO_ROOM
    if nil := nil_of(data):
        return _NIL[nil]
    if set(data) <= TRACE or any(name in data and not data[name] for name in _PAYLOADS):
        return _WITHOUT
    return None


def _works(data: Mapping[str, Any]) -> Iterator[Post]:
    """Yield the requested post."""
    listed = (value if isinstance(value := data.get(name), list) else () for name in ("aweme_details", "item_list"))
    for raw in (data.get("aweme_detail") or None, *chain.from_iterable(listed)):
        if isinstance(raw, dict | Post):
            yield as_shape(Post, raw)


def _code(data: Mapping[str, Any]) -> Any:
    """Return the code that is not 0 among several names; 0 if there is none."""
    codes = [data[name] for name in _CODE_NAMES if data.get(name) is not None]
    return next((code for code in codes if integer(code) != 0), 0)


def _message(data: Mapping[str, Any]) -> str:
    names = ("status_msg", "statusMsg", "message", "data.prompts", "data.message")
    messages = (text(dig(data, name)) for name in names)
    return next((message for message in messages if message), "")


VERDICTS = Verdicts(codes=_CODES, code=_code, message=_message, page=_page, shape=_shape, statuses=_STATUSES)
