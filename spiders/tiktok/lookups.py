"""Look up what some routes need first: a user's secUid, a hashtag's number. Pure.

It comes from the page of the thing, else from the API by TikTok's own page, and is kept as hints of the target.
"""

from collections.abc import Mapping
from typing import Any

from scraper.platform import Context, Route
from scraper.platform.targets import Target
from scraper.responses.values import MissingError, any_true, count, dig, flag, obj
from spiders.tiktok import page
from spiders.tiktok.ids import is_sec_uid
from spiders.tiktok.table import PAGE, api, in_page, user_page

PRIVATE, LIKES, VIEWER = "private", "likes", "viewer"  # "1" or "0"; the last is whether the session is logged in
VIDEOS, FOLLOWERS, FOLLOWING = "videos", "followers", "following"
_COUNTS = {VIDEOS: "videoCount", FOLLOWERS: "followerCount", FOLLOWING: "followingCount"}


def sec_uid(target: Target) -> str:
    """Return a user's secUid, "" where it is not known yet."""
    return target.id if is_sec_uid(target.id) else target.hint("sec_uid")


def has_sec_uid(target: Target) -> bool:
    return bool(sec_uid(target))


def known_total(target: Target, name: str) -> int | None:
    """Return how many the profile counts, None where it was not read."""
    return count(target.hint(name))


def user_query(context: Context) -> Mapping[str, Any]:
    """Name a user by what is known of him."""
    asked = context.target.id
    return {"uniqueId": "", "secUid": asked} if is_sec_uid(asked) else {"uniqueId": asked, "secUid": ""}


def of_user(data: Any) -> Mapping[str, str]:
    """Return what a profile tells of a user: his secUid, whether he is private and shows likes, and his counts.

    A page tells whether the session that looks at it is logged in as well.

    :raises MissingError: where it does not name him
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
    known = {name: str(int(each)) for name, each in {**flags, **numbers}.items() if each is not None}
    return {"sec_uid": named, **known}


def profile(**more: Any) -> Route:
    """Return the way to a user's secUid by his page."""
    given = {"url": lambda context: user_page(context.target), **more}
    return Route(name="profile", decode=page.user_data, headers=PAGE, lookup=of_user, best_effort=True, **given)


def user() -> list[Route]:
    """Return the ways to what is known of the user whose list is asked for: his page, else the API."""
    return [
        profile(authoritative=True),
        in_page(
            api("user/detail"), user_query, "user", name="profile in a browser", lookup=of_user, referer=user_page,
            is_available=lambda target: not has_sec_uid(target),
        ),
    ]  # fmt: skip
