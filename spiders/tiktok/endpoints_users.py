"""Endpoints of profiles, handles and secUids. The page comes first, then the API, then the page in a browser."""

from dataclasses import replace
from typing import Any

from scraper.platform import Endpoint, Follow, Route
from scraper.platform.targets import Target
from spiders.tiktok import embedded_data, parse_user
from spiders.tiktok.endpoints_common import PAGE, SEC_USER_ID, UNIQUE_ID, WEB, api, either, user_page
from spiders.tiktok.ids import PLATFORM, user
from spiders.tiktok.lookups import sec_uid, user_query


def _profile(parse: Any, serves: Any = None) -> list[Route]:
    shared = {"raw": parse_user.user_info, "path": "userInfo", "parse": parse, "is_requested": serves}
    by_page = Route(
        name="page", surface="page", url=lambda context: user_page(context.target), decode=embedded_data.user_data, headers=PAGE,
        **shared,
    )  # fmt: skip
    return [by_page, *either(api("user/detail"), user_query, "user", referer=user_page, **shared)]


def _made_by(video: Any, given: str) -> list[Target]:
    named, known = video.author.unique_id or video.author.sec_uid, {"sec_uid": video.author.sec_uid or ""}
    return [Target("user", user(named), given, (), PLATFORM).with_hints(known)] if named else []


def _helpers(name: str, summary: str, **more: Any) -> list[Endpoint]:
    """Return the two routers of a helper: for one input and for many, which work the same."""
    return [
        Endpoint(
            router=f"{WEB}/{prefix}_{name}", kind="user", record="id", params=[], summary=f"{summary}{of_many}", **more
        )
        for prefix, of_many in (("get", ""), ("get_all", ", of many inputs"))
    ]


USERS = [
    Endpoint(
        router=f"{WEB}/fetch_user_profile", kind="user", record="author", login="more", 
        params=[UNIQUE_ID, replace(SEC_USER_ID, optional=True)],
        summary="a creator's profile and counts", routes=_profile(parse_user.parse_author, parse_user.is_asked),
        follow=Follow(name="author", record="video", targets=_made_by, ident=sec_uid),
    ),
    *_helpers("unique_id", "a user's handle", seed=parse_user.seed_handle, routes=_profile(parse_user.parse_handle)),
    *_helpers(
        "sec_user_id", "a user's secUid, from the profile page", seed=parse_user.seed_sec_uid,
        routes=_profile(parse_user.parse_sec_uid),
    ),
]  # fmt: skip
