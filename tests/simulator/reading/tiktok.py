"""What a page and an answer of TikTok hold."""

from __future__ import annotations

import base64
import re
from typing import Any

import orjson

from tests.simulator.browser import Reply
from tests.simulator.worlds.tiktok import TiktokWorld

SITE = "https://www.tiktok.com"
FEED = "https://api22-normal-c-alisg.tiktokv.com/aweme/v1/feed/"
MULTI = "https://api16-normal-c-useast1a.tiktokv.com/aweme/v1/multi/aweme/detail/"
LIST = f"{SITE}/api/creator/item_list/"
APP = {"User_Agent": "com.zhiliaoapp.musically/2023501030 (Linux; U; Android 13; en_US; Pixel 7)", "x_ladon": "any"}
DEVICE = "7250000000000000007"


def body(reply: Reply) -> Any:
    """The JSON of an answer."""
    return orjson.loads(reply.body)


def page(ident: str) -> str:
    """The page of a work."""
    return f"{SITE}/@_/video/{ident}"


def script(reply: Reply, name: str = "__UNIVERSAL_DATA_FOR_REHYDRATION__") -> dict[str, Any]:
    """The data of a page: its scopes, or what an older script holds."""
    match = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', reply.body.decode())
    assert match is not None, reply.body[:200]
    data: dict[str, Any] = orjson.loads(match[1])
    return data.get("__DEFAULT_SCOPE__", data)


def detail(reply: Reply) -> dict[str, Any]:
    """The scope of a work."""
    data: dict[str, Any] = script(reply)["webapp.video-detail"]
    return data


def feed(ident: str) -> str:
    """The feed of the app, asked for a work."""
    return f"{FEED}?aweme_id={ident}&device_id={DEVICE}&iid=1&aid=1180"


def listing(world: TiktokWorld, name: str | int, cursor: int, device: str = DEVICE, count: int = 15) -> str:
    """The list of a creator, given by special name or number."""
    maker = world.creator(name) if isinstance(name, int) else world.special_creator(name)
    return f"{LIST}?secUid={maker.sec_uid}&type=1&count={count}&cursor={cursor}&device_id={device}"


LOOKS = {
    "waf": lambda reply: b"Please wait..." in reply.body and b'id="cs"' in reply.body,
    "captcha_json": lambda reply: body(reply)["code"] == "10000",
    "captcha_page": lambda reply: b"captcha-verify-container" in reply.body,
    "captcha_header": lambda reply: orjson.loads(base64.b64decode(reply.headers["bdturing-verify"])) != {},
    "login_redirect": lambda reply: reply.headers["location"].startswith(f"{SITE}/login?"),
    "notfound_redirect": lambda reply: reply.headers["location"].startswith(f"{SITE}/notfound"),
    "empty_body": lambda reply: (reply.status, reply.body) == (200, b""),
    "no_item": lambda reply: detail(reply) == {"statusCode": 0, "statusMsg": ""},
    "no_scope": lambda reply: "webapp.video-detail" not in script(reply),
    "geo_page": lambda reply: b"discontinued operating TikTok in your region" in reply.body,
    "content_classified": lambda reply: (
        detail(reply)["itemInfo"]["itemStruct"]["isContentClassified"]
        and "video" not in detail(reply)["itemInfo"]["itemStruct"]
    ),
    "short_drama": lambda reply: (
        b"short-drama-login-gated-surface" in reply.body
        and detail(reply)["itemInfo"]["itemStruct"]["video"]["playAddr"] == ""
    ),
}
