"""Look up what some routes need first: a user's secUid, a hashtag's number. Pure.

The page is tried first, then the API in TikTok's own page. Results are kept as hints of the target.
"""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Route
from scraper.platform.targets import Target
from scraper.responses.values import MissingError, any_true, count, dig, flag, obj
from spiders.tiktok import embedded_data
from spiders.tiktok.endpoints_common import PAGE, api, in_page, user_page
from spiders.tiktok.ids import is_sec_uid

EXISTS = "exists"
PRIVATE, LIKES, VIEWER = "private", "likes", "viewer"  # "1" or "0"; VIEWER: whether the session is logged in
VIDEOS, FOLLOWERS, FOLLOWING = "videos", "followers", "following"
_COUNTS = {VIDEOS: "videoCount", FOLLOWERS: "followerCount", FOLLOWING: "followingCount"}


def sec_uid(target: Target) -> str:
    """Return a user's secUid, or "" if unknown."""
    return target.id if is_sec_uid(target.id) else target.hint("sec_uid")


def has_sec_uid(target: Target) -> bool:
    return bool(sec_uid(target))


def known_total(target: Target, name: str) -> int | None:
    """Return the profile's count, or None if the profile was not read."""
    return count(target.hint(name))


def user_query(context: Context) -> Mapping[str, Any]:
    """Return the query that names a user."""
    asked = context.target.id
    return {"uniqueId": "", "secUid": asked} if is_sec_uid(asked) else {"uniqueId": asked, "secUid": ""}


def of_user(data: Any) -> Mapping[str, str]:
    """Return the hints in a profile: secUid, private account, public likes, counts.

    A page also tells whether the session is logged in.

    :raises MissingError: the answer has no secUid
    """
    user = obj(dig(data, "userInfo.user"))
    named = user.get("secUid")
    if not isinstance(named, str) or not is_sec_uid(named):
        raise MissingError("userInfo.user.secUid")
    flags = {
        PRIVATE: any_true([flag(user.get("privateAccount")), flag(user.get("secret"))]),
        LIKES: flag(user.get("openFavorite")),
        VIEWER: bool(data["viewer"]) if "viewer" in data else None,
    }
    stats = {**obj(dig(data, "userInfo.stats")), **obj(dig(data, "userInfo.statsV2"))}
    numbers = {name: count(stats.get(key)) for name, key in _COUNTS.items()}
    known = {name: str(int(value)) for name, value in {**flags, **numbers}.items() if value is not None}
    return {"sec_uid": named, EXISTS: "1", **known}


def profile(**more: Any) -> Route:
    """Return the lookup route through a user's page."""
    given = {"url": lambda context: user_page(context.target), **more}
    return Route(
        name="profile", decode=embedded_data.user_data, headers=PAGE, lookup=of_user, best_effort=True, **given
    )


def user() -> list[Route]:
    """Return the lookup routes for a user: page first, then API."""
    return [
        profile(authoritative=True),
        in_page(
            api("user/detail"), user_query, "user", name="profile in a browser", lookup=of_user, referer=user_page,
            is_available=lambda target: not has_sec_uid(target),
        ),
    ]  # fmt: skip
