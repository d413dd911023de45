"""Translate Bilibili's codes, headers and pages into outcomes; see "Failures" in docs/wire/bilibili.md."""

from collections.abc import Mapping
from typing import Any

from scraper.responses import Answer, Reading, Verdicts
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import Shape
from scraper.responses.values import dig, integer
from spiders.bilibili.ids import bvid_of

_GONE = Reading(Outcome.NOT_FOUND, "it does not exist or was deleted")
_TOO_FAST = Reading(Outcome.RATE_LIMITED, "Bilibili currently refuses requests from this address")
_RISK = Reading(Outcome.CHALLENGE, "Bilibili's risk control requires a captcha", stale=True)
_OVERLOADED = Reading(Outcome.UPSTREAM, "Bilibili is overloaded")
_PAID = Reading(Outcome.LOGIN_REQUIRED, "members or buyers only: use the cookie of such an account")
_REVIEW = Reading(Outcome.PRIVATE, "under review, or rejected")
_OK = Reading(Outcome.OK, "")

_CODES = {
    0: _OK,
    1: Reading(Outcome.NOT_FOUND, "the live room does not exist"),
    -3: Reading(Outcome.SIGNATURE_REJECTED, "the signature was refused", stale=True),
    -101: Reading(Outcome.LOGIN_REQUIRED, "a login is needed", login_marker=True),
    -102: Reading(Outcome.LOGIN_REQUIRED, "the account of this cookie is banned: use another one"),
    -110: Reading(Outcome.LOGIN_REQUIRED, "the account of this cookie needs a verified phone number"),
    -113: Reading(Outcome.LOGIN_REQUIRED, "the account of this cookie needs a verified real name"),
    -352: _RISK,
    -401: _RISK,
    -400: Reading(Outcome.BAD_INPUT, "Bilibili rejected the parameters", from_input=True),
    -404: _GONE,
    -412: _TOO_FAST,
    -500: _OVERLOADED,
    -503: _OVERLOADED,
    -504: _OVERLOADED,
    -509: _TOO_FAST,
    -626: Reading(Outcome.NOT_FOUND, "the user does not exist"),
    -688: Reading(Outcome.GEO_BLOCKED, "not available in this region"),
    -689: Reading(Outcome.GEO_BLOCKED, "not available for copyright reasons"),
    -799: Reading(Outcome.RATE_LIMITED, "too many requests"),
    -1200: Reading(Outcome.BAD_INPUT, "Bilibili rejected the search type", from_input=True),
    -8888: Reading(Outcome.UPSTREAM, "temporary failure of Bilibili"),
    11010: _GONE,
    12002: Reading(Outcome.NOT_FOUND, "the comments are closed"),
    12006: Reading(Outcome.NOT_FOUND, "the comment does not exist or is hidden"),
    12022: Reading(Outcome.NOT_FOUND, "the comment was deleted"),
    12061: Reading(Outcome.NOT_FOUND, "the uploader closed the comments"),
    22115: Reading(Outcome.PRIVATE, "the user hides the following list"),
    22118: Reading(Outcome.PRIVATE, "the user hides the follower list"),
    22007: Reading(Outcome.INCOMPLETE, "Bilibili shows no more of this list"),
    53013: Reading(Outcome.PRIVATE, "the user hides this list"),
    60004: Reading(Outcome.NOT_FOUND, "the live room does not exist"),
    62002: Reading(Outcome.NOT_FOUND, "the video is not visible: deleted, locked or hidden"),
    62003: _REVIEW,
    62004: _REVIEW,
    62012: Reading(Outcome.PRIVATE, "visible to its uploader only"),
    87007: _PAID,
    87008: _PAID,
    1002002: Reading(Outcome.BAD_INPUT, "Bilibili rejected the parameters", from_input=True),
    4101139: _GONE,
    19002003: Reading(Outcome.NOT_FOUND, "the live room does not exist"),
}


def _page(answer: Answer) -> Reading | None:
    """Recognise answers that are unambiguous regardless of the status."""
    if "x-bili-gaia-vvoucher" in answer.headers:
        return _RISK
    if answer.status == 304 and answer.decode is not None:  # a segment without danmaku
        return _OK
    if answer.status in (301, 302, 303, 307, 308) and "passport.bilibili.com" in answer.headers.get("location", ""):
        return _CODES[-101]
    start = answer.body[:4096].lstrip()
    if start[:1] == b"<" and answer.status != 429 and start.lower().startswith((b"<!doctype html", b"<html")):
        blocked = answer.status == 412 or "错误号:412".encode() in answer.body or "错误号：412".encode() in answer.body
        return (
            _TOO_FAST if blocked else _RISK._replace(message="an HTML page instead of data: risk control", guessed=True)
        )
    return None


def _shape(code: int, data: Mapping[str, Any], answer: Answer) -> Reading | None:
    """Recognise answers whose code is ambiguous."""
    if code == 0:
        payload = data.get("data")
        has_voucher = dig(payload, "v_voucher") if isinstance(payload, dict | Shape) else None
        return _RISK if has_voucher and not (dig(payload, "dash.video") or dig(payload, "durl")) else None
    if code == -307 and (forward := integer(dig(data, "data.forward"))):
        link = f"https://www.bilibili.com/video/{bvid_of(forward)}"
        return Reading(Outcome.NOT_FOUND, f"it was merged into {link}", advice=f"crawl {link} instead")
    if code == -307:
        return Reading(Outcome.NOT_FOUND, "it was merged into a video that Bilibili does not name")
    if code == -403:
        if answer.signed:
            return Reading(Outcome.SIGNATURE_REJECTED, "Bilibili refused the signed request", stale=True)
        return Reading(Outcome.PRIVATE, "this session may not see it")
    if code == -10403:
        return Reading(Outcome.GEO_BLOCKED, "not available in this region") if "地区" in _message(data) else _PAID
    return None


def _message(data: Mapping[str, Any]) -> str:
    message = dig(data, "message") or dig(data, "msg") or ""
    return message if isinstance(message, str) and message.lstrip("-").isdigit() is False else ""


VERDICTS = Verdicts(
    codes=_CODES,
    code=lambda data: data.get("code"),
    message=_message,
    page=_page,
    shape=_shape,
    statuses={412: _TOO_FAST},
)
