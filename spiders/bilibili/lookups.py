"""Look up what an empty list means: Bilibili answers the lists of a missing user as empty ones. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import END, LISTED_TOTAL, Context, NextPage, Route
from scraper.platform.targets import Target
from scraper.responses.outcomes import Outcome
from scraper.responses.values import MissingError, count, dig, ident, integer, obj
from spiders.bilibili.endpoints_common import API, space_page

VIDEOS, FOLLOWERS, FOLLOWING = "videos", "followers", "following"  # hints: counts of the user's card
_EXISTS, _BANNED = "exists", "banned"
_BANNED_STATE = -2
_OWNER, _GONE = "owner", "0"
_OWNER_UNKNOWN = NextPage(
    stop=Outcome.INCOMPLETE, message="Bilibili lists nothing, and did not say whether the owner of the list exists"
)


def of_card(data: Any) -> Mapping[str, str]:
    """Return the hints in a user's card: that the user exists, a ban, counts.

    :raises MissingError: the answer has no card
    """
    card = obj(dig(data, "data.card"))
    if not ident(card.get("mid")):
        raise MissingError("data.card.mid")
    numbers = {
        VIDEOS: count(dig(data, "data.archive_count")),
        FOLLOWERS: count(card.get("fans")),
        FOLLOWING: count(card.get("attention")),
    }
    is_banned = integer(card.get("spacesta")) == _BANNED_STATE
    known = {name: str(number) for name, number in numbers.items() if number is not None}
    return {_EXISTS: "1", _BANNED: str(int(is_banned)), **known}


def explaining() -> Route:
    """Return the route that is asked if a list of a user is empty: the user's card."""
    return Route(
        name="card",
        url=f"{API}/x/web-interface/card",
        referer=space_page,
        query=lambda context: {"mid": context.target.id, "photo": "false"},
        lookup=of_card,
        explains_empty=True,
        authoritative=True,
        best_effort=True,
    )


def nothing(counted: str = "") -> Callable[[Context], NextPage]:
    """Return what says why a list of a user is empty.

    :param counted: the hint that counts what the list should show
    """

    def means(context: Context) -> NextPage:
        if stop := _account(context.target):
            return stop
        declared = count(context.target.hint(counted)) if counted else None
        message = f"the user's card counts {declared}, but Bilibili shows none"
        return NextPage(stop=Outcome.INCOMPLETE, message=message) if declared else END

    return means


def no_folders(context: Context) -> NextPage:
    """Say why a user shows no folders: the answer is null, without a count, if they are hidden."""
    if stop := _account(context.target):
        return stop
    hidden = NextPage(stop=Outcome.PRIVATE, message="the user has no folders or hides them")
    return END if context.target.hint(LISTED_TOTAL) else hidden


def _account(target: Target) -> NextPage | None:
    """Return why all lists of an account are empty, None if there is no such reason."""
    if not target.hint(_EXISTS):
        return _OWNER_UNKNOWN
    banned = NextPage(stop=Outcome.NOT_FOUND, message="the account is banned")
    return banned if target.hint(_BANNED) == "1" else None


def of_series(data: Any) -> Mapping[str, str]:
    """Return the hints in the metadata of a series: its owner, and how many videos it has; "0" as its owner if gone."""
    meta = obj(dig(data, "data.meta"))
    if not ident(meta.get("series_id")):
        return {_OWNER: _GONE}
    total = count(meta.get("total"))
    return {_OWNER: ident(meta.get("mid")) or "", **({} if total is None else {VIDEOS: str(total)})}


def explaining_series() -> Route:
    """Return the route that is asked if a series is empty: its metadata."""
    return Route(
        name="series",
        url=f"{API}/x/series/series",
        query=lambda context: {"series_id": context.target.id},
        lookup=of_series,
        explains_empty=True,
        authoritative=True,
        best_effort=True,
    )


def empty_series(context: Context) -> NextPage:
    """Say why a series is empty: it does not exist, or belongs to another user, or has no videos."""
    target, owner = context.target, context.target.hint(_OWNER)
    if not owner:
        return _OWNER_UNKNOWN
    if owner == _GONE:
        return not_owned("series", "season")
    if owner != target.get("uid", owner):
        return not_owned("series", "season", owner)
    declared = count(target.hint(VIDEOS))
    message = f"the series counts {declared} videos, but Bilibili shows none"
    return NextPage(stop=Outcome.INCOMPLETE, message=message) if declared else END


def not_owned(kind: str, other: str, owner: str = "") -> NextPage:
    """Return the stop of a list that is not among the user's lists.

    :param other: the other kind of list, which may have this number
    """
    reason = f"it belongs to user {owner}" if owner else "it does not exist"
    hint = f"if this is the number of a {other}, write type={other} into the link"
    return NextPage(stop=Outcome.NOT_FOUND, message=f"the user has no such {kind}: {reason}; {hint}")
