"""Translate TikTok's codes, headers and pages into outcomes; see "Failures" in docs/wire/tiktok.md."""

import re
from collections.abc import Mapping
from typing import Any

from scraper.responses import Answer, Reading, Verdicts, decode
from scraper.responses.outcomes import Outcome
from scraper.responses.shapes import Shape, as_shape
from scraper.responses.values import dig, integer, obj, objs
from spiders.tiktok.embedded_data import has_data
from spiders.tiktok.shapes import AppPost, ImagePost, Post, WebFile

_OK = Reading(Outcome.OK, "")
_GONE = Reading(Outcome.NOT_FOUND, "it does not exist or was deleted")
_NO_USER = Reading(Outcome.NOT_FOUND, "the user does not exist or is banned")
_NO_ROOM = Reading(Outcome.NOT_FOUND, "the user does not exist or was never live")
_UNAVAILABLE = Reading(Outcome.NOT_FOUND, "TikTok no longer shows it")
_PRIVATE = Reading(Outcome.PRIVATE, "visible to its owner or friends only")
_FRIENDS = Reading(Outcome.PRIVATE, "visible to its author's friends only")
_REVIEW = Reading(Outcome.PRIVATE, "under review, or rejected")
_GEO = Reading(Outcome.GEO_BLOCKED, "not available in this region")
_AGE = Reading(Outcome.LOGIN_REQUIRED, "age-restricted: use the cookie of a logged-in adult account")
_PREVIEW = Reading(Outcome.LOGIN_REQUIRED, "only a preview: use the cookie of an account that may see it")
_LOGIN = Reading(Outcome.LOGIN_REQUIRED, "a login is needed", login_marker=True)
_CAPTCHA = Reading(Outcome.CHALLENGE, "TikTok requires a captcha")
_EMPTY = Reading(Outcome.CHALLENGE, "empty answer: TikTok refuses this session", stale=True)
_UNSIGNED = Reading(Outcome.SIGNATURE_REJECTED, "TikTok refused the request as unsigned", stale=True)
_TOO_FAST = Reading(Outcome.RATE_LIMITED, "TikTok currently refuses requests from this address")
_FAILED = Reading(Outcome.UPSTREAM, "temporary failure of TikTok")
_PARAMETERS = Reading(Outcome.BAD_INPUT, "TikTok rejected the parameters", from_input=True)
_HIDDEN = Reading(Outcome.NOT_FOUND, "TikTok does not show it now")
_REFUSED_AGENT = Reading(
    Outcome.CHALLENGE,
    "TikTok refuses this user agent or address: it shows its page Site Under Maintenance",
    advice="set `user_agent` to the user agent of the browser that you copied the cookie from, and update that browser"
    " if it is old; if TikTok still refuses, use another IP address (`proxy:` in the configuration)",
)
_NOTHING = Reading(Outcome.NOT_FOUND, "it does not exist or is not shown to this session", soft=True)

_CODES = {
    0: _OK,
    5: _PARAMETERS,
    8: _LOGIN,
    450: _FAILED,
    2053: Reading(Outcome.NOT_FOUND, "the video was removed"),
    2065: _NO_USER,
    2096: Reading(Outcome.PRIVATE, "the user hides this list"),
    2149: _TOO_FAST,
    2150: _TOO_FAST,
    10000: _CAPTCHA,
    10011: _PARAMETERS,
    10037: _FAILED,
    10101: Reading(Outcome.UPSTREAM, "temporary failure of TikTok, or a login is needed"),
    10102: _LOGIN,
    10111: _FAILED,
    10113: _CAPTCHA,
    10114: _CAPTCHA,
    10119: _LOGIN,
    10201: _PARAMETERS,
    10202: _NO_USER,
    10203: Reading(Outcome.NOT_FOUND, "the sound does not exist"),
    10204: _GONE,
    10205: Reading(Outcome.NOT_FOUND, "the hashtag does not exist"),
    10208: Reading(Outcome.NOT_FOUND, "the effect does not exist"),
    10209: Reading(Outcome.NOT_FOUND, "TikTok does not show this hashtag"),
    10210: Reading(Outcome.NOT_FOUND, "the live room does not exist"),
    10213: _AGE,
    10214: _AGE,
    10215: _UNAVAILABLE,
    10216: _PRIVATE,
    10217: _REVIEW,
    10218: _UNAVAILABLE,
    10219: Reading(Outcome.GEO_BLOCKED, "not available for copyright reasons"),
    10220: _UNAVAILABLE,
    10221: _NO_USER,
    10222: Reading(Outcome.PRIVATE, "the account is private"),
    10223: _UNAVAILABLE,
    10225: _UNAVAILABLE,
    10227: _REVIEW,
    10228: _AGE,
    10229: _AGE,
    10230: _AGE,
    10231: _GEO,
    10404: _FAILED,
    100002: _GONE,
    205001: _PARAMETERS,
    209002: _LOGIN,
    4001038: _HIDDEN,
    4003110: _AGE,
    19881007: _NO_ROOM,
}

# Messages that decide between the meanings of ambiguous codes, in this order.
_BY_TEXT = [
    (re.compile(r"cross_border|geo_fenc|geo_filter|person_geo", re.I), _GEO),
    (re.compile(r"content_classification", re.I), _AGE),
    (re.compile(r"status_deleted|doesn'?t exist|does not exist", re.I), _GONE),
    (re.compile(r"self_see|author_secret|privacy|friend_see", re.I), _PRIVATE),
    (re.compile(r"reviewing|audit_not_pass", re.I), _REVIEW),
]
_AMBIGUOUS = {10204, 10215, 10216, 10217, 10231}
_PREVIEW_TYPE = 4
_NO_FILE, _NO_IMAGES = WebFile(), ImagePost()
_NAMES = ("status_code", "statusCode", "error_code")
_APP_LISTS = ("aweme_list", "aweme_details", "aweme_detail")
_MAINTENANCE = b"site under maintenance"
_LARGEST_MAINTENANCE = 262_144  # bytes of a page that says nothing else
_WAITING, _GATED = b"Please wait", b"short-drama-login-gated-surface"
_LARGEST_WAIT = 16_384  # bytes; "Please wait" pages are small
_PAYLOADS = (
    "itemInfo.itemStruct", "userInfo.user", "aweme_list.0", "aweme_details.0", "itemList.0", "comments.0", "playList.0",
    "userList.0", "item_list.0", "user_list.0", "challengeInfo.challenge", "musicInfo.music", "mixInfo.mixId",
)  # fmt: skip


def _page(answer: Answer) -> Reading | None:
    """Recognise answers that are unambiguous regardless of the status."""
    if "bdturing-verify" in answer.headers or "x-vc-bdturing-parameters" in answer.headers:
        return _CAPTCHA
    if answer.status in (301, 302, 303, 307, 308):
        return _redirect(answer.headers.get("location", "").lower())
    if answer.status == 200 and not answer.body.strip():
        return _UNSIGNED if answer.headers.get("tt_orcas_res", "0").strip() not in ("", "0") else _EMPTY
    if answer.status != 429 and answer.body[:4096].lstrip()[:1] == b"<":
        return _html(answer)
    if answer.status in (200, 403) and len(answer.body) <= _LARGEST_WAIT and _WAITING in answer.body:
        return None if _is_json(answer.body) else _CAPTCHA
    return None


def _error_page(answer: Answer) -> Reading | None:
    """Recognise the HTML page that refuses a user agent, whatever its status."""
    body = answer.body
    if len(body) > _LARGEST_MAINTENANCE or body[:4096].lstrip()[:1] != b"<" or has_data(body):
        return None
    return _REFUSED_AGENT if _MAINTENANCE in b" ".join(body.lower().split()) else None


def _is_json(body: bytes) -> bool:
    """Return whether a body is JSON or the beginning of it."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b'"')


def _redirect(location: str) -> Reading | None:
    if re.match(r"(?:https://[^/]+)?/login\b", location):
        return _LOGIN
    return (
        _GONE._replace(message="it does not exist or is not available in this region")
        if "notfound" in location
        else None
    )


def _html(answer: Answer) -> Reading | None:
    """Read an HTML page without embedded data."""
    body = answer.body
    if has_data(body):
        return _PREVIEW if _GATED in body and _tells_nothing(answer) else None
    if _GATED in body:
        return _PREVIEW
    if _WAITING in body or b"_wafchallengeid" in body or b"captcha-verify" in body or b"slardar_us_waf" in body:
        return _CAPTCHA
    if b"discontinued operating" in body:
        return Reading(Outcome.GEO_BLOCKED, "TikTok does not operate in this region")
    return None


def _tells_nothing(answer: Answer) -> bool:
    """Return whether a page's data lacks its main object."""
    try:
        return (answer.decode or decode)(answer.body) == {}
    except ValueError:
        return False


def _code(data: Mapping[str, Any]) -> Any:
    """Return the code that is not 0 among several names; a payload without a code means success."""
    codes: list[int | None] = [code for name in _NAMES if (code := integer(data.get(name))) is not None]
    if data.get("type") == "verify" or not codes:
        codes.append(integer(data.get("code")) if "code" in data else None)
    known = [code for code in codes if code is not None]
    if not known and _has_payload(data):
        return 0
    return next((code for code in known if code), known[0] if known else None)


def _has_payload(data: Mapping[str, Any]) -> bool:
    return any(_is_filled(dig(data, path)) for path in _PAYLOADS)


def _is_filled(value: Any) -> bool:
    """Return whether a value is an object that is not empty."""
    return value != type(value)() if isinstance(value, dict | Shape) else False


def _shape(code: int, data: Mapping[str, Any], answer: Answer) -> Reading | None:
    """Recognise answers whose code is ambiguous."""
    message = _message(data)
    if "url doesn't match" in message.lower():
        return _UNSIGNED
    if message == "user_not_found":
        return _NO_ROOM
    if code in _AMBIGUOUS:
        return next((reading for pattern, reading in _BY_TEXT if pattern.search(message)), None)
    if code == 10222 and _has_payload(data):
        counted = [dig(data, f"userInfo.{name}.videoCount") for name in ("statsV2", "stats")]
        return _OK if any((integer(number) or 0) > 0 for number in counted) else None
    if code == 0:
        return _unshown(data)
    return None if code in _CODES or not _has_payload(data) else _OK


def _unshown(data: Mapping[str, Any]) -> Reading | None:
    """Read a success without content."""
    item = dig(data, "itemInfo.itemStruct")
    if _is_filled(item) and (hidden := of_item(as_shape(Post, item))):
        return hidden
    if room := _unshown_room(obj(data.get("data"))):
        return room
    filtered = [obj(data.get("filter_detail")), *objs(data.get("filter_list"))]
    reason = next((text for entry in filtered if (text := entry.get("filter_reason") or entry.get("reason"))), None)
    empty = any(name in data and not data[name] for name in _APP_LISTS)
    if reason and not _has_payload(data):
        return next((reading for pattern, reading in _BY_TEXT if pattern.search(str(reason))), _GONE)
    return _NOTHING if empty else of_status(as_shape(AppPost, dig(data, "aweme_list.0")))


def of_item(item: Post) -> Reading | None:
    """Read why the web does not show a post, alone or in a list; None if it is shown or no reason is given."""
    if is_shown(item):
        return None
    if item.isContentClassified is True:
        return _AGE
    return _PREVIEW if item.isPreview is True or item.previewType == _PREVIEW_TYPE else None


def _unshown_room(room: Mapping[str, Any]) -> Reading | None:
    """Read an answer that has only a warning instead of a live room."""
    if "prompts" in room and not room.get("id_str"):
        return _AGE
    return None


def of_status(post: AppPost) -> Reading | None:
    """Read the flags of an app post. A post with media is a record unless it was removed."""
    status = post.status
    if status is None:
        return None
    if status.is_delete:
        return _GONE
    if status.is_prohibited:
        return _UNAVAILABLE
    if _can_be_seen(post):
        return None
    if status.in_reviewing:
        return _REVIEW
    if status.self_see or status.is_private:
        return _PRIVATE
    return {1: _PRIVATE, 2: _FRIENDS}.get(status.private_status or 0)


def _can_be_seen(post: AppPost) -> bool:
    """Return whether an app post has images or a video; `play_addr` of images is their sound."""
    video, images = post.video, post.image_post_info
    played = video.play_addr if video else None
    return bool((images and images.images) or (video and video.bit_rate) or (played and played.url_list))


def is_shown(item: Post) -> bool:
    """Return whether a post has a video or images."""
    video = item.video
    if video and (video.playAddr or video.bitrateInfo or video.PlayAddrStruct not in (None, _NO_FILE)):
        return True
    return item.imagePost not in (None, _NO_IMAGES)


def _message(data: Mapping[str, Any]) -> str:
    names = ("statusMsg", "status_msg", "message", "data.prompts", "data.message")
    messages = (dig(data, name) for name in names)
    return next((words for words in messages if isinstance(words, str) and words), "")


VERDICTS = Verdicts(
    codes=_CODES,
    code=_code,
    message=_message,
    page=_page,
    shape=_shape,
    statuses={403: _TOO_FAST},
    error_page=_error_page,
)
