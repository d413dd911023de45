"""Endpoints of followers and following."""

from collections.abc import Callable, Mapping
from typing import Any

from scraper.platform import END, Context, Endpoint, NextPage, Pagination, Param, Relation
from scraper.responses.outcomes import Outcome
from scraper.responses.values import integer, obj
from spiders.tiktok import lookups, pagination
from spiders.tiktok.endpoints_common import SEC_USER_ID, WEB, api, either, starts, user_page
from spiders.tiktok.lookups import has_sec_uid, known_total, sec_uid
from spiders.tiktok.parse_user import parse_listed_author

_FANS, _FOLLOWED = 67, 21  # values of `scene`
_PAGE = 30
_WALL = NextPage(stop=Outcome.LOGIN_REQUIRED, login_marker=True, message="followers and following need a login")
_HIDDEN = NextPage(stop=Outcome.PRIVATE, message="the user hides this list")


def _next_page(name: str) -> pagination.NextPageOf:
    """Return the pagination of a list of users: from the older end of a page. An empty first page despite a count is a wall.

    :param name: the profile's count of this list
    """

    by_older = pagination.next_page_by("minCursor", "hasMore", "userList")

    def next_page(data: Any, context: Context, cursor: str) -> NextPage:
        page = obj(data)
        declared = integer(page.get("total")) or known_total(context.target, name)
        if not cursor and not page.get("userList") and declared:
            return _HIDDEN if context.target.hint(lookups.VIEWER) == "1" else _WALL
        following = by_older(data, context, cursor)
        is_empty = following == END and not cursor and not page.get("userList")
        return pagination.empty(context.target) if is_empty else following

    return next_page


def _send(cursor: str, context: Context) -> Mapping[str, Any]:
    return {"maxCursor": cursor or 0, "minCursor": cursor or 0}


def _query(scene: int) -> Callable[[Context], Mapping[str, Any]]:
    return lambda context: {"secUid": sec_uid(context.target), "scene": scene, "count": context.size(_PAGE, _PAGE)}


def _people(router: str, scene: int, counted_as: str, outward: bool, summary: str) -> Endpoint:
    shown = {
        "raw": pagination.works("userList"),
        "path": "userList",
        "parse": parse_listed_author,
        "is_available": has_sec_uid,
    }
    params: list[Param] = [SEC_USER_ID, starts("minCursor"), starts("maxCursor")]
    return Endpoint(
        router=f"{WEB}/{router}", kind="user", record="author", login="needed", params=params, summary=summary,
        routes=[*lookups.user(), *either(api("user/list"), _query(scene), "user", referer=user_page, **shown)],
        pagination=Pagination(cursor_params=_send, next_page=_next_page(counted_as), total="total"),
        relation=Relation("follows", "author", outward, sec_uid),
    )  # fmt: skip


PEOPLE = [
    _people("fetch_user_fans", _FANS, lookups.FOLLOWERS, False, "a user's followers"),
    _people("fetch_user_follow", _FOLLOWED, lookups.FOLLOWING, True, "accounts that a user follows"),
]
