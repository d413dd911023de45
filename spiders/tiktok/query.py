"""Query parameters that every request to TikTok's web or app API carries.

`common` is constant, with the ids of one device, which keeps URLs stable. `describe` is added when a request is sent,
since it must match the identity's user agent. Only TikTok's own page adds tokens and signatures.
"""

import time
from collections.abc import Mapping
from random import Random
from typing import Any

from scraper.identities import user_agents

_WEB_DEVICE = 7318517321748022791
_DEVICES = (7_250_000_000_000_000_000, 7_325_099_899_999_994_577)
_DAY_S = 86_400
CREATOR_PAGE = 15
"""Posts on a page of `creator/item_list`; other sizes are not known to work."""
_SYSTEMS = {"Windows": "windows", "Mac OS": "mac", "iOS": "ios", "Android": "android", "Linux": "linux"}
_REFUSED_FROM, _REFUSED_TO = 140, 149  # versions of Chrome

APP_DEVICE = {
    "iid": "7318518857994389254", "device_id": "7318517321748022790", "channel": "googleplay", "app_name": "musical_ly",
    "version_code": "300904", "device_platform": "android", "device_type": "SM-ASUS_Z01QD", "os_version": "9",
}  # fmt: skip

VOLATILE = frozenset({"iid", "device_id", "odinId", "WebIdLastTime", "msToken", "X-Bogus", "X-Gnarly"})


def common(from_page: str, logged_in: bool = False) -> dict[str, Any]:
    """Return the constant parameters.

    :param from_page: the kind of page: user, video, search, fyp or live
    """
    return {
        "WebIdLastTime": _WEB_DEVICE >> 32,
        "aid": 1988,
        "app_language": "en",
        "app_name": "tiktok_web",
        "browser_language": "en-US",
        "browser_online": "true",
        "channel": "tiktok_web",
        "cookie_enabled": "true",
        "data_collection_enabled": "true",
        "device_id": _WEB_DEVICE,
        "device_platform": "web_pc",
        "focus_state": "true",
        "from_page": from_page,
        "history_len": 4,
        "is_fullscreen": "false",
        "is_page_visible": "true",
        "language": "en",
        "odinId": _WEB_DEVICE + 77,
        "priority_region": "",
        "referer": "",
        "region": "US",
        "root_referer": "",
        "screen_height": 1080,
        "screen_width": 1920,
        "tz_name": "America/New_York",
        "user_is_login": "true" if logged_in else "false",
        "webcast_language": "en",
    }


def device(name: str, tries: int) -> dict[str, int]:
    """Return the parameters of a device, which differs per list, day and try.

    Some devices get the same page of an unsigned list again and again; another device may get the next.

    :param name: the name of the list
    """
    chosen = Random(f"{name} {int(time.time()) // _DAY_S} {tries}").randrange(*_DEVICES)
    return {"device_id": chosen // 10 * 10 + 1, "WebIdLastTime": chosen >> 32}


def creator(who: str, before_ms: int, tries: int) -> dict[str, Any]:
    """Return the query for a user's posts before a time, one page.

    :param who: the user's secUid
    :param tries: number of earlier tries
    """
    return {**device(who, tries), "secUid": who, "type": 1, "count": CREATOR_PAGE, "cursor": before_ms}


def describe(user_agent: str) -> Mapping[str, Any]:
    """Return the parameters that describe the browser, as its `navigator` does.

    >>> found = describe("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36")
    >>> found["browser_version"]
    '5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36'
    >>> found["browser_platform"], found["os"]
    ('Win32', 'windows')
    """
    agent = user_agents.read(user_agent)
    return {
        "browser_name": "Mozilla",
        "browser_platform": agent.platform,
        "browser_version": user_agent.removeprefix("Mozilla/"),
        "os": _SYSTEMS[agent.system],
    }


def refused_agent(user_agent: str) -> str:
    """Return why TikTok refuses a user agent, or "" if no reason is known. Observed since August 2026.

    >>> refused_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36")
    'TikTok refuses Chrome 140 to 149 and shows its page Site Under Maintenance'
    >>> refused_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/150.0.0.0 Safari/537.36")
    ''
    """
    agent = user_agents.read(user_agent)
    if agent.name != "Chrome" or not _REFUSED_FROM <= agent.major <= _REFUSED_TO:
        return ""
    return "TikTok refuses Chrome 140 to 149 and shows its page Site Under Maintenance"
