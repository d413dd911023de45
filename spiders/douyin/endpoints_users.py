"""Endpoints of followers and following. In practice they need a login."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import END, Context, Endpoint, NextPage, Pagination, Relation, listed
from scraper.responses.outcomes import Outcome
from scraper.responses.values import integer, obj
from spiders.douyin import lookups
from spiders.douyin.authors import parse_listed_author
from spiders.douyin.endpoints_common import API, ROUTER, USER_ID, listing, size, starts, user_page
from spiders.douyin.pagination import WALL, next_page_by

_HIDDEN = NextPage(stop=Outcome.PRIVATE, message="the user hides this list")


def _next_page(items: str) -> Callable[[Any, Context, str], NextPage]:
    """Return the pagination of a list of users: by the time of the last one, in seconds."""
    by_time = next_page_by("min_time", items)

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        next_page, page = by_time(data, context, cursor), obj(data)
        if next_page != END or cursor or page.get(items) or not integer(page.get("total")):
            return next_page
        return _HIDDEN if context.logged_in else WALL

    return next_page


def _query(context: Context) -> Mapping[str, Any]:
    return {
        "user_id": context.target.id, "sec_user_id": context.target.id, "offset": 0, "min_time": 0, "count": size(context),
        "gps_access": 0, "address_book_access": 0, "is_top": 1,
    }  # fmt: skip


def _follows(router: str, path: str, items: str, sources: tuple[int, int], outward: bool, summary: str) -> Endpoint:
    """Return the endpoint of followers or following.

    :param sources: `source_type` for the first page, and for further pages
    :param outward: whether the user follows the listed accounts, or they follow the user
    """
    return Endpoint(
        router=f"{ROUTER}/{router}", kind="user", record="author", login="needed", summary=summary,
        params=[USER_ID, starts("cursor", "1790000000")], relation=Relation("follows", "author", outward),
        routes=[
            *listing(
                f"{API}/user/{path}/list/", _query, raw=listed(items), path=items, parse=parse_listed_author, referer=user_page
            ),
            lookups.explaining(),
        ],
        pagination=Pagination(
            why_empty=lookups.nothing,
            cursor_params=lambda cursor, context: {"max_time": cursor or 0, "source_type": sources[bool(cursor)]},
            next_page=_next_page(items), total="total",
        ),
    )  # fmt: skip


USERS = [
    _follows("fetch_user_followers", "follower", "followers", (2, 1), False, "a user's followers, if public"),
    _follows(
        "fetch_user_following", "following", "followings", (1, 1), True, "accounts that a user follows, if public"
    ),
]
