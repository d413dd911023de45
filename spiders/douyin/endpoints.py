"""The internal APIs of Douyin that are known. To add one, add a row, a parser and a fixture.

Nothing here is signed: pages first, then the API calls that Douyin answers without a signature. Wire contract, 4.4.
"""

from collections.abc import Mapping
from typing import Any

from scraper.endpoint import Context, Endpoint, Param, Route, at
from scraper.targets import Target
from spiders.douyin import pages, parse
from spiders.douyin.authors import parse_author
from spiders.douyin.ids import ROOM, SEC_UID, WORK

ROUTER = "/api/douyin/web"
WEB = "https://www.douyin.com"
_SHARE = "https://www.iesdouyin.com"
_AID = 6383
VOLATILE = frozenset({"msToken", "a_bogus", "X-Bogus", "verifyFp", "fp"})

# What a phone's browser says of itself: the share page holds its data for phones only.
MOBILE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
_PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_PHONE = {"User-Agent": MOBILE_AGENT}
_EMBEDDED = {
    "Referer": "https://open.douyin.com/",
    "Origin": "https://open.douyin.com",
    "sec-fetch-site": "same-site",
    "sec-fetch-mode": "cors",
    "sec-fetch-dest": "empty",
}

_WORK = Param(name="aweme_id", regex=WORK, example="7412345678901234567", kind="video")
_USER = Param(name="sec_user_id", regex=SEC_UID, example="MS4wLjABAAAA" + "sample-0_" * 4 + "sample1", kind="user")
_ROOM = Param(name="webcast_id", regex=ROOM, example="123456789012", kind="live room")


def _user_page(target: Target) -> str:
    return f"{WEB}/user/{target.id}"


def _share_page(target: Target) -> str:
    return f"{_SHARE}/share/video/{target.id}/"


def _profile(context: Context) -> Mapping[str, Any]:
    return {
        "device_platform": "webapp", "aid": _AID, "channel": "channel_pc_web", "sec_user_id": context.target.id,
        "source": "channel_pc_web", "publish_video_strategy_type": 2, "personal_center_strategy": 1,
        "profile_other_record_enable": 1, "land_to": 1,
    }  # fmt: skip


def _is_asked(record: Any, context: Context) -> bool:
    return record.video_id == context.target.id


def _is_asked_user(record: Any, context: Context) -> bool:
    return record.sec_uid == context.target.id


def _ids(name: str, param: Param, kind: str, what: str) -> list[Endpoint]:
    """Return the two routers of a helper: of one link, and of many, which is the same here."""
    return [
        Endpoint(
            router=f"{ROUTER}/{router}", kind=param.kind, record="id", params=[param], seed=parse.seed_id(kind),
            summary=f"the id of {what}, from any link; only a short link is asked for",
        )
        for router in (f"get_{name}", f"get_all_{name}")
    ]  # fmt: skip


ENDPOINTS = [
    Endpoint(
        router=f"{ROUTER}/fetch_one_video", kind="video", record="video", natural=True, params=[_WORK],
        summary="a video, note or live photo with its counts and media",
        routes=[
            Route(
                name="share page", url=lambda context: _share_page(context.target), surface="page", headers=_PAGE | _PHONE,
                decode=pages.decode_share, raw=at("item_list"), path="item_list", parse=parse.parse_work, serves=_is_asked,
            ),
            Route(
                name="slidesinfo", url=f"{_SHARE}/web/api/v2/aweme/slidesinfo/", headers=_PHONE, referer=_share_page,
                query=lambda context: {"aweme_ids": f"[{context.target.id}]", "request_source": 200},
                raw=at("aweme_details"), path="aweme_details", parse=parse.parse_work, serves=_is_asked,
            ),
            Route(
                name="detail", url=f"{WEB}/aweme/v1/web/aweme/detail/", headers=_EMBEDDED,
                query=lambda context: {"aweme_id": context.target.id, "aid": _AID},
                raw=at("aweme_detail"), path="aweme_detail", parse=parse.parse_work, serves=_is_asked,
            ),
        ],
    ),
    Endpoint(
        router=f"{ROUTER}/handler_user_profile", kind="user", record="author", login="more", params=[_USER],
        summary="a creator's profile and counts",
        routes=[
            Route(
                name="page", url=lambda context: _user_page(context.target), surface="page", headers=_PAGE,
                decode=pages.decode_profile_page, raw=at("user"), path="user", parse=parse_author, serves=_is_asked_user,
            ),
            Route(
                name="profile", url=f"{WEB}/aweme/v1/web/user/profile/other/", query=_profile, referer=_user_page,
                decode=pages.decode_unsigned, raw=at("user"), path="user", parse=parse_author, serves=_is_asked_user,
            ),
        ],
    ),
    *_ids("aweme_id", _WORK, "aweme_id", "a work"),
    *_ids("sec_user_id", _USER, "sec_user_id", "a user"),
    *_ids("webcast_id", _ROOM, "webcast_id", "a live room"),
]  # fmt: skip
