"""What a page and an answer of Douyin hold."""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import unquote

import orjson

from tests.simulator import Simulator
from tests.simulator.browser import Reply, visit
from tests.simulator.worlds.douyin import SHARE

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
    "Mobile/15E148 Safari/604.1"
)
SITE = "https://www.douyin.com"
DETAIL = f"{SITE}/aweme/v1/web/aweme/detail/"
PROFILE = f"{SITE}/aweme/v1/web/user/profile/other/"
SLIDES = "https://www.iesdouyin.com/web/api/v2/aweme/slidesinfo/"
PLAYER = {"Referer": "https://open.douyin.com/", "Origin": "https://open.douyin.com"}
KNOWN = {"Cookie": "ttwid=1"}


def body(reply: Reply) -> Any:
    """The JSON of an answer."""
    return orjson.loads(reply.body)


def share(ident: str, kind: str = "video") -> str:
    """The share page of a work."""
    return f"{SHARE}/{kind}/{ident}/"


def router_data(reply: Reply) -> dict[str, Any]:
    """The data of a share page."""
    match = re.search(r"window\._ROUTER_DATA = (\{.*\})</script>", reply.body.decode())
    assert match is not None
    pages: dict[str, Any] = orjson.loads(match[1])["loaderData"]
    [name] = [name for name in pages if name.endswith("/page")]
    data: dict[str, Any] = pages[name]
    return data


def flight(reply: Reply) -> Any:
    """The data in the chunks of a page."""
    chunks = re.findall(r"self\.__pace_f\.push\((\[.*?\])\)</script>", reply.body.decode())
    name, _, text = orjson.loads(chunks[-1])[1].partition(":")
    assert name.isdigit()
    return orjson.loads(text)[3]


def slides(ident: str) -> str:
    """The route that needs nothing, for one id or several with commas."""
    return f"{SLIDES}?aweme_ids=%5B{ident}%5D&request_source=200"


def player(ident: str) -> str:
    """The detail as the open platform asks for it; its headers are in PLAYER."""
    return f"{DETAIL}?aweme_id={ident}&aid=6383"


def seen(sim: Simulator, ident: str) -> list[Any]:
    """What the three unsigned routes show of a work, or None for each that shows nothing."""
    [page] = visit(sim, share(ident), User_Agent=PHONE)
    [some] = visit(sim, slides(ident))
    [one] = visit(sim, player(ident), **PLAYER)
    items = router_data(page).get("videoInfoRes", {}).get("item_list") if b"_ROUTER_DATA" in page.body else None
    return [items and items[0], (body(some)["aweme_details"] or [None])[0], one.body and body(one)["aweme_detail"]]


def user_of(reply: Reply) -> Any:
    """The creator in the data of a page, of either form."""
    text = reply.body.decode()
    match = re.search(r'<script id="RENDER_DATA" type="application/json">([^<]*)</script>', text)
    if match is None:
        return flight(reply)["user"]["user"]
    return next(part for key, part in orjson.loads(unquote(match[1])).items() if key != "1")["user"]["user"]


LOOKS = {
    "captcha_json": lambda reply: body(reply)["code"] == "10000",
    "captcha_page": lambda reply: "验证码中间页" in reply.body.decode(),
    "captcha_header": lambda reply: orjson.loads(base64.b64decode(reply.headers["bdturing-verify"])) != {},
    "ac_nonce": lambda reply: b"__ac_nonce" in reply.body and "__ac_nonce=" in reply.headers["set-cookie"],
    "argus": lambda reply: (reply.status, reply.body[:24]) == (403, b"Blocked by ArgusSecurity"),
    "uifid": lambda reply: reply.body == b"Uifid Not Found",
    "signature_text": lambda reply: reply.body == b"Signature Not Found",
    "blocked_text": lambda reply: reply.body == b"blocked",
    "close_444": lambda reply: reply.status == 444,
    "empty_body": lambda reply: (reply.status, reply.body) == (200, b""),
    "empty_object": lambda reply: body(reply) == {},
    "status_only": lambda reply: body(reply) == {"status_code": 0},
    "null_detail": lambda reply: body(reply) == {"status_code": 0, "aweme_detail": None},
    "no_info": lambda reply: body(reply) == {"status_code": 0, "aweme_detail": None},
}
