"""The internal APIs and pages of TikTok that are known. To add one, add a row, a parser and a fixture."""

from collections.abc import Mapping
from typing import Any

from scraper.endpoint import Context, Endpoint, Param, Route, at
from scraper.read import MissingError, dig, ident, obj
from scraper.records import Video
from scraper.targets import Target
from spiders.tiktok import page, parse_user
from spiders.tiktok.ids import HANDLE, HOME, NUMBER, SEC_UID, WORK, created, is_sec_uid, user
from spiders.tiktok.parse_app import parse_aweme
from spiders.tiktok.parse_web import parse_item
from spiders.tiktok.verdicts import is_shown

WEB, APP = "/api/tiktok/web", "/api/tiktok/app"
APP_SERVICE = "tiktok_app"
FEED = "https://api22-normal-c-alisg.tiktokv.com/aweme/v1/feed/"
PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

# Ordinary parameters of the app, with the ids of one public device. Wire contract of the app, section 2.1.
DEVICE = {
    "iid": "7318518857994389254", "device_id": "7318517321748022790", "channel": "googleplay", "app_name": "musical_ly",
    "version_code": "300904", "device_platform": "android", "device_type": "SM-ASUS_Z01QD", "os_version": "9",
}  # fmt: skip
# Those of a browser. Wire contract, section 2.1.
BROWSER = {
    "aid": 1988, "app_language": "en", "app_name": "tiktok_web", "browser_language": "en-US", "browser_name": "Mozilla",
    "browser_online": "true", "browser_platform": "Win32", "browser_version": "5.0 (Windows)", "channel": "tiktok_web",
    "cookie_enabled": "true", "device_platform": "web_pc", "focus_state": "true", "from_page": "user",
    "is_fullscreen": "false", "is_page_visible": "true", "language": "en", "os": "windows", "region": "US",
    "screen_height": 1080, "screen_width": 1920, "webcast_language": "en",
}  # fmt: skip

_LISTING_DEVICE = "7318517321748022791"
_MARGIN_S = 3600  # a work is dated some seconds after its id

VOLATILE = frozenset({"iid", "device_id", "msToken", "X-Bogus", "X-Gnarly"})

_ITEM = Param(name="itemId", regex=WORK, example="7300000000000000002", kind="video")
_AWEME = Param(name="aweme_id", regex=WORK, example="7300000000000000002", kind="video")
_UNIQUE = Param(
    name="uniqueId", regex=rf"@?(?:{SEC_UID}|{HANDLE}|{NUMBER})", example="sample.user", kind="user", optional=True,
    make=lambda name: user(name.removeprefix("@")),
)  # fmt: skip
_SEC = Param(name="secUid", regex=SEC_UID, example="MS4wLjABAAAAsample0000000000000000", kind="user", optional=True)


def _work_page(context: Context) -> str:
    return f"{HOME}@_/video/{context.target.id}"


def _profile_page(context: Context) -> str:
    return f"{HOME}@{context.target.id}"


def _is_asked(record: Any, context: Context) -> bool:
    """Say whether a work is the one that was asked for: the feed shows another where it has not got it."""
    return record.video_id == context.target.id


def _user_query(context: Context) -> Mapping[str, Any]:
    asked = context.target.id
    named = {"uniqueId": "", "secUid": asked} if is_sec_uid(asked) else {"uniqueId": asked, "secUid": ""}
    return {**BROWSER, **named}


def _creator_query(context: Context) -> Mapping[str, Any]:
    """Ask for the works just older than a moment after the one that is asked for: it is on this page, or on none."""
    moment = (created(context.target.id) or 0) + _MARGIN_S
    listing = {"secUid": context.target.hint("sec_uid"), "type": 1, "count": 15, "cursor": moment * 1000}
    return {**BROWSER, "device_id": _LISTING_DEVICE, **listing}


def _is_listable(target: Target) -> bool:
    return bool(target.hint("sec_uid")) and created(target.id) is not None


def _is_nameable(target: Target) -> bool:
    return bool(target.hint("handle")) and not target.hint("sec_uid") and created(target.id) is not None


def _author_page(target: Target) -> str:
    return f"{HOME}@{user(target.hint('handle') or target.hint('sec_uid'))}"


def _sec_uid_of(data: Any) -> Mapping[str, str]:
    found = dig(data, "userInfo.user.secUid")
    if not isinstance(found, str) or not is_sec_uid(found):
        raise MissingError("userInfo.user.secUid")
    return {"sec_uid": found}


def _works(data: Any) -> list[Any]:
    """Return the works in a list, which the answer of an account that shows none leaves out."""
    return [] if dig(data, "itemList") is None else at("itemList")(data)


def _parse_listed(raw: Any, context: Context) -> Video | None:
    """Read a work of a list where it is the one that is asked for; the others need not be readable."""
    is_it = ident(obj(raw).get("id")) == context.target.id and is_shown(raw)
    return parse_item(raw, context) if is_it else None


def _by_creator() -> list[Route]:
    """Return the way by a list of the creator's works, and before it the way to his secUid where there is but a handle."""
    return [
        Route(
            name="profile", url=lambda context: _author_page(context.target), decode=page.user_data, headers=PAGE,
            fits=_is_nameable, learn=_sec_uid_of, spare=True,
        ),
        Route(
            name="creator", url=f"{HOME}api/creator/item_list/", query=_creator_query, referer=_author_page,
            raw=_works, path="itemList", parse=_parse_listed, serves=_is_asked, fits=_is_listable, spare=True,
        ),
    ]  # fmt: skip


def _feed() -> Route:
    return Route(
        name="feed", service=APP_SERVICE, url=FEED, query=lambda context: {**DEVICE, "aweme_id": context.target.id},
        headers={"x-ladon": "unsigned"}, raw=at("aweme_list"), path="aweme_list", parse=parse_aweme, serves=_is_asked,
    )  # fmt: skip


def _profile(parse: Any, serves: Any = None) -> list[Route]:
    shared = {"raw": parse_user.user_info, "path": "userInfo", "parse": parse, "serves": serves}
    return [
        Route(name="page", surface="page", url=_profile_page, decode=page.user_data, headers=PAGE, **shared),
        Route(name="api", url=f"{HOME}api/user/detail/", query=_user_query, referer=lambda target: f"{HOME}@{target.id}", **shared),
    ]  # fmt: skip


def _helpers(name: str, kind: str, summary: str, **more: Any) -> list[Endpoint]:
    """Return the helper for one input and the one for many: here each takes many, and gives a line for each."""
    return [
        Endpoint(router=f"{WEB}/{prefix}_{name}", kind=kind, record="id", summary=f"{summary}{of_many}", **more)
        for prefix, of_many in (("get", ""), ("get_all", ", of many inputs"))
    ]


ENDPOINTS = [
    Endpoint(
        router=f"{WEB}/fetch_one_video", kind="video", record="video", natural=True, login="more", params=[_ITEM],
        summary="a video or image post with its counts and streams",
        routes=[
            Route(
                name="page", surface="page", url=_work_page, decode=page.video_data, headers=PAGE,
                raw=at("itemInfo.itemStruct"), path="itemInfo.itemStruct", parse=parse_item, serves=_is_asked,
            ),
            _feed(),
            *_by_creator(),
        ],
    ),
    Endpoint(
        router=f"{APP}/fetch_one_video", kind="video", record="video", params=[_AWEME], routes=[_feed()],
        summary="a video or image post, as the app shows it",
    ),
    Endpoint(
        router=f"{WEB}/fetch_user_profile", kind="user", record="author", login="more", params=[_UNIQUE, _SEC],
        summary="a creator's profile and counts", routes=_profile(parse_user.parse_author, parse_user.is_asked),
    ),
    *_helpers("aweme_id", "video", "the id in a link to a work", params=[], seed=parse_user.seed_work),
    *_helpers(
        "unique_id", "user", "a user's handle", params=[], seed=parse_user.seed_handle,
        routes=_profile(parse_user.parse_handle),
    ),
    *_helpers(
        "sec_user_id", "user", "a user's secUid, from his page", params=[], seed=parse_user.seed_sec_uid,
        routes=_profile(parse_user.parse_sec_uid),
    ),
]  # fmt: skip
