"""Look up why a list is empty: Douyin often sends the same answer if there is nothing, if it is hidden, or gone."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import END, Context, NextPage, Route, empty_lists
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, count, dig, flag, ident, obj
from spiders.douyin import camel_case, embedded_data
from spiders.douyin.authors import likes_public
from spiders.douyin.endpoints_common import API, PAGE, Query, plain, user_page
from spiders.douyin.pagination import WALL

_EXISTS, _PRIVATE, _BANNED, _LIKES_PUBLIC, _POSTS, _LIKES = (
    "exists", "private", "banned", "likes_public", "posts", "likes"
)  # fmt: skip
_COUNTS_OF = {
    "mix": ("mix_info", "mix_id", "statis.updated_to_episode"),
    "music": ("music_info", "id_str", "user_count"),
    "challenge": ("ch_info", "cid", ""),
}


def of_profile(data: Any) -> Mapping[str, str]:
    """Return the hints in a profile: private or banned account, public likes, counts.

    :raises MissingError: the answer has no profile
    """
    user = camel_case.user(obj(dig(data, "user")))
    if not ident(user.get("uid")):
        raise MissingError("user.uid")
    flags = {
        _PRIVATE: flag(user.get("secret")),
        _BANNED: flag(user.get("is_ban")),
        _LIKES_PUBLIC: likes_public(user),
    }
    counts = {_POSTS: count(user.get("aweme_count")), _LIKES: count(user.get("favoriting_count"))}
    known = {name: str(int(value)) for name, value in {**flags, **counts}.items() if value is not None}
    return {_EXISTS: "1", **known}


def explaining() -> Route:
    """Return the route that is requested if a list is empty: the user's page, with the profile."""
    return Route(
        name="profile", url=lambda context: user_page(context.target), surface="page", headers=PAGE, best_effort=True,
        decode=embedded_data.decode_profile_page, lookup=of_profile, explains_empty=True, authoritative=True,
    )  # fmt: skip


def explaining_thing(what: str, query: Query, referer: Callable[[Target], str]) -> Route:
    """Return the route that is asked if the list of a mix, sound or hashtag is empty: its detail.

    :param what: its name in the path of the detail
    """
    name, key, counter = _COUNTS_OF[what]

    def lookup(data: Any) -> Mapping[str, str]:
        thing = obj(dig(data, name))
        return empty_lists.existing(thing.get(key), dig(thing, counter) if counter else None, f"{name}.{key}")

    explains: dict[str, Any] = {"lookup": lookup, "explains_empty": True, "authoritative": True}
    return plain(f"{API}/{what}/detail/", query, name="detail", referer=referer, **explains)


def nothing(context: Context) -> NextPage:
    """Return what it means that a user's list without a count is empty."""
    if hidden := _account(context.target):
        return hidden
    message = "nothing is listed, and Douyin did not show the profile that tells why"
    return END if context.target.hint(_EXISTS) else NextPage(stop=Outcome.INCOMPLETE, message=message)


def no_posts(context: Context) -> NextPage:
    """Explain an empty list of a user's posts."""
    target = context.target
    if hidden := _account(target):
        return hidden
    if (posted := count(target.hint(_POSTS))) is None:
        return NextPage(stop=Outcome.PRIVATE, message="no posts: the user has none or hides them; a login may tell")
    if posted and not context.logged_in:
        return WALL
    message = f"the profile counts {posted} posts, but Douyin shows none"
    return NextPage(stop=Outcome.INCOMPLETE, message=message) if posted else END


def no_likes(context: Context) -> NextPage:
    """Explain an empty list of a user's likes: most users hide it."""
    target = context.target
    if hidden := _account(target):
        return hidden
    if target.hint(_LIKES) == "0" or target.hint(_LIKES_PUBLIC) == "1":
        return END
    known = target.hint(_LIKES_PUBLIC) == "0"
    message = "the user hides their likes" if known else "no posts: the user hides their likes, as most do, or has none"
    return NextPage(stop=Outcome.PRIVATE, message=message)


def _account(target: Target) -> NextPage | None:
    """Return why all lists of an account are empty, None if there is no such reason."""
    if target.hint(_BANNED) == "1":
        return NextPage(stop=Outcome.NOT_FOUND, message="the account is banned")
    if target.hint(_PRIVATE) == "1":
        return NextPage(stop=Outcome.PRIVATE, message="the account is private")
    return None
